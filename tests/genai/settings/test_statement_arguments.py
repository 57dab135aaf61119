import pytest

from genai.settings.statement_arguments import mistakes_in

UPDATE = "UPDATE cards SET status = 'blocked' WHERE card_id = :card_id"


def mistakes(statement: str = UPDATE, done: str = "Done.", *arguments: str) -> list[str]:
    return list(mistakes_in({"statement": statement}, done, arguments or ("card_id",)))


def test_declared_arguments_that_are_used_pass() -> None:
    assert mistakes(done="Card {card_id} is blocked {{for good}}.") == []


def test_an_undeclared_parameter_is_refused_with_its_key_and_what_was_probably_meant() -> None:
    [undeclared, unused] = mistakes(UPDATE.replace(":card_id", ":cart_id"))

    assert undeclared == (
        "statement: :cart_id is not an argument (did you mean card_id?); known are card_id"
    )
    assert unused.startswith("arguments: card_id is used by no statement (did you mean cart_id?)")


def test_an_argument_that_no_statement_uses_is_refused() -> None:
    assert mistakes(UPDATE, "{reason}", "card_id", "reason") == [
        "arguments: reason is used by no statement; known are card_id"
    ]


@pytest.mark.parametrize(
    "aside",
    [
        "'at 12:30 :x'",
        "'it''s :x'",
        '"a :x"',
        "`a :x`",
        "[a :x]",
        "/* :x\n */ 1",
        "1 -- it's :x",
    ],
)
def test_a_colon_in_a_text_a_quoted_name_or_a_comment_is_no_parameter(aside: str) -> None:
    assert mistakes(f"SELECT {aside}\n WHERE :card_id") == []


@pytest.mark.parametrize(
    ("done", "told"),
    [
        ("Card {card}", "{card} is not an argument (did you mean card_id?); known are card_id"),
        ("Card {}", "{} is not an argument; known are card_id"),
        ("Card {card_id.real}", "{card_id.real} is not an argument (did you mean card_id?)"),
        ("Card {card_id:q}", "{card_id} takes no format"),
        ("Card {card_id!r}", "{card_id} takes no format"),
        ("Card {card_id", "expected '}' before end of string"),
    ],
)
def test_a_reply_that_could_not_be_written_is_refused(done: str, told: str) -> None:
    [mistake] = mistakes(done=done)

    assert mistake.startswith(f"done: {told}")
