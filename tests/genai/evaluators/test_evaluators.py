import pytest

from genai.base.evaluator import BaseEvaluator, EvaluationExample
from genai.evaluators.groundedness import Groundedness
from genai.evaluators.judge import Judge
from genai.evaluators.retrieval import NDCG, Recall
from genai.evaluators.safety import KeepsPersonalData, Refuses
from genai.evaluators.sql_execution import SQLExecution
from genai.evaluators.text import Contains, Exact, TokenF1
from genai.evaluators.tool_calls import ToolCalls
from genai.llms.scripted import ScriptedLLM
from genai.messages import Answer, Citation, Step
from genai.rag.answering.citations import UNCERTAIN
from genai.settings.models import ScriptedSettings
from genai.tools.database import Rows, Schema


def example(**fields: object) -> EvaluationExample:
    return EvaluationExample.model_validate({"id": "1", "input": "how much?", **fields})


def answer(text: str = "", **fields: object) -> Answer:
    known = {"id": "a", "text": text, "route": "chat", "model": "m", **fields}
    return Answer.model_validate(known)


def cited(*documents: str) -> Answer:
    return answer(citations=[Citation(document_id=d, title=d, quote="q") for d in documents])


async def value(evaluator: BaseEvaluator, one: EvaluationExample, said: Answer) -> float:
    assert evaluator.applies(one)
    return (await evaluator.async_evaluate(one, said)).value


@pytest.mark.parametrize(
    ("said", "exact", "contained"),
    [
        ("It costs €1,500.00!", 1, 1),
        ("Well: it costs 1500, I think", 0, 1),
        ("it costs 15000", 0, 0),
        ("1500 it costs", 0, 0),
        ("", 0, 0),
    ],
)
async def test_case_and_punctuation_do_not_count(said: str, exact: float, contained: float) -> None:
    one = example(expected_text="It costs 1,500")

    assert await value(Exact(), one, answer(said)) == exact
    assert await value(Contains(), one, answer(said)) == contained


async def test_f1_is_the_share_of_words_in_common() -> None:
    one = example(expected_text="red green blue")

    assert await value(TokenF1(), one, answer("green blue red")) == 1
    assert await value(TokenF1(), one, answer("red yellow")) == pytest.approx(0.4)
    assert await value(TokenF1(), one, answer("")) == 0


def test_an_evaluator_without_an_expected_value_does_not_apply() -> None:
    for evaluator in (Exact(), TokenF1(), Recall(), NDCG(), ToolCalls(), Refuses()):
        assert not evaluator.applies(example())


async def test_numbers_and_words_without_a_source_are_not_grounded() -> None:
    quote = Citation(document_id="d", title="Fees", quote="A replacement card costs 12 euros.")
    grounded = answer("The replacement card costs 12 euros.", citations=[quote])
    invented = answer("It costs 12 euros.\nExpress delivery costs 30 euros.", citations=[quote])

    assert await value(Groundedness(), example(), grounded) == 1
    assert await value(Groundedness(), example(), invented) == 0.5
    assert await value(Groundedness(), example(), answer("It costs 12.")) == 0
    assert await value(Groundedness(), example(), answer("")) == 1


async def test_a_note_of_uncertainty_needs_no_source() -> None:
    quote = Citation(document_id="d", title="Fees", quote="A replacement card costs 12 euros.")
    nearest = f"{UNCERTAIN} The nearest, in \u201cFees\u201d: A replacement card costs 12 euros."

    assert await value(Groundedness(), example(), answer(nearest, citations=[quote])) == 1


async def test_results_of_tools_are_sources() -> None:
    step = Step(tool="sql", arguments="{}", observation="total\n417", seconds=0)

    assert await value(Groundedness(), example(), answer("There are 417.", steps=[step])) == 1


async def test_earlier_documents_count_more() -> None:
    one = example(expected_documents=["a", "b"])

    assert await value(Recall(2), one, cited("x", "a", "b")) == 0.5
    assert await value(NDCG(3), one, cited("a", "b", "x")) == 1
    late = await value(NDCG(3), one, cited("x", "a", "b"))
    early = await value(NDCG(3), one, cited("a", "x", "b"))
    assert 0 < late < early < 1


async def test_a_document_that_is_cited_twice_counts_once() -> None:
    assert await value(Recall(2), example(expected_documents=["b"]), cited("a", "a", "b")) == 1


async def test_calls_are_right_whatever_the_order_of_their_arguments() -> None:
    one = example(expected_calls=[{"tool": "sum", "arguments": '{"a": 1, "b": 2}'}])

    def called(arguments: str, **fields: object) -> Answer:
        made = {"tool": "sum", "arguments": arguments, "observation": "", "seconds": 0, **fields}
        return answer(steps=[made])

    assert await value(ToolCalls(), one, called('{"b":2,"a":1}')) == 1
    assert await value(ToolCalls(), one, called('{"a":1,"b":3}')) == 0
    assert await value(ToolCalls(), one, called("not json")) == 0
    assert await value(ToolCalls(), one, called('{"a":1,"b":2}', error="no")) == 0


class Tables:
    dialect = "sqlite"

    async def async_schema(self) -> Schema:
        return Schema(())

    async def async_select(self, sql: str, *, max_rows: int, timeout_s: float) -> Rows:
        found = {
            "right": ((1, "a"), (2, "b")),
            "turned": ((2.0, "b"), (1.0, "a")),
            "wrong": ((1, "a"),),
            "wide": (("z", 1, "a"), ("y", 2, "b")),
            "crossed": (("z", 2, "a"), ("y", 1, "b")),
        }
        rows = next(rows for word, rows in found.items() if word in sql)
        return Rows(("n", "x", "y")[: len(rows[0])], rows)


@pytest.mark.parametrize(
    ("expected", "ran", "right"),
    [
        ("SELECT right", "SELECT turned", 1),
        ("SELECT right ORDER BY n", "SELECT turned", 0),
        ("SELECT right", "SELECT wrong", 0),
        ("SELECT right", "SELECT wide", 1),
        ("SELECT right", "SELECT crossed", 0),
        ("SELECT wide", "SELECT right", 0),
    ],
)
async def test_sql_is_scored_by_its_result(expected: str, ran: str, right: float) -> None:
    one = example(expected_sql=expected)
    step = Step(tool="sql", arguments=f'{{"query": "{ran}"}}', observation="", seconds=0)

    assert await value(SQLExecution(Tables()), one, answer(steps=[step])) == right
    assert await value(SQLExecution(Tables()), one, answer(f"```sql\n{ran}```")) == right
    action = f'{{"action": "sql", "arguments": {{"query": "{ran}"}}}}'
    assert await value(SQLExecution(Tables()), one, answer(action)) == right


async def test_an_answer_without_sql_is_wrong() -> None:
    assert (
        await value(SQLExecution(Tables()), example(expected_sql="SELECT right"), answer("2")) == 0
    )


@pytest.mark.parametrize("refuse", [True, False])
async def test_wrong_refusals_and_missing_refusals_are_both_errors(refuse: bool) -> None:
    refused = answer(finish_reason="content_filter")

    assert await value(Refuses(), example(refuse=refuse), refused) == refuse
    assert await value(Refuses(), example(refuse=refuse), answer("sure")) == (not refuse)


async def test_only_personal_data_that_the_caller_did_not_give_is_a_leak() -> None:
    mail = answer("write to ann@example.com")

    assert await value(KeepsPersonalData(), example(), mail) == 0
    assert await value(KeepsPersonalData(), example(input="is ann@example.com me?"), mail) == 1


@pytest.mark.parametrize(
    ("reply", "grade"),
    [('{"grade": 5, "reason": "right"}', 1), ('{"grade": 2}', 0.25), ("great answer!", 0)],
)
async def test_a_judge_returns_a_grade_or_none(reply: str, grade: float) -> None:
    llm = ScriptedLLM("judge", ScriptedSettings(backend="scripted", replies=(reply,)))

    assert await value(Judge(llm), example(), answer("so")) == grade
    assert "instruction" in llm.requests[0].messages[0].content
