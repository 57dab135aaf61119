from genai.worked_examples.library import WorkedExample
from genai.worked_examples.templates import fill_answer, fill_sql

EXAMPLE = WorkedExample(
    id="x",
    ask=("a", "b", "c", "d"),
    sql="SELECT city, spent_eur FROM t WHERE TRUE [[AND city = {city}]] LIMIT {n|5}",
    answer="{count} cities[[ like {city}]]: {rows}.",
    row="{city} {spent_eur} EUR",
    nothing="Nothing.",
)
COLUMNS = ["city", "spent_eur"]


def test_values_are_escaped_in_sql_literals() -> None:
    assert fill_sql(EXAMPLE, {"city": "x' OR '1'='1"}).endswith(
        "AND city = 'x'' OR ''1''=''1' LIMIT 5"
    )


def test_an_optional_part_needs_its_slot() -> None:
    assert fill_sql(EXAMPLE, {"n": 3}) == "SELECT city, spent_eur FROM t WHERE TRUE LIMIT 3"


def test_the_answer_has_the_values_of_the_rows() -> None:
    rows = [["Lisbon", "12.5"], ["Genoa", "1953334.0"]]

    text = fill_answer(EXAMPLE, {}, COLUMNS, rows, cut=False)

    assert text == "2 cities: Lisbon 12.50 EUR; Genoa 1953334.00 EUR."


def test_the_answer_says_when_there_are_more_rows() -> None:
    text = fill_answer(EXAMPLE, {"city": "Lisbon"}, COLUMNS, [["Lisbon", "1"]], cut=True)

    assert text == "More than 1 cities like Lisbon: Lisbon 1.00 EUR (and more)."


def test_no_rows_and_null_give_the_empty_answer() -> None:
    assert fill_answer(EXAMPLE, {}, COLUMNS, [], cut=False) == "Nothing."
    assert fill_answer(EXAMPLE, {}, COLUMNS, [["Lisbon", "NULL"]], cut=False) == "Nothing."


def test_amounts_of_the_question_are_repeated_in_euros() -> None:
    example = WorkedExample(
        id="x",
        ask=("a", "b", "c", "d"),
        sql="SELECT n FROM t WHERE cents > {amount_over}",
        answer="{n} are over {amount_over} EUR.",
    )

    said = [
        fill_answer(example, {"amount_over": cents}, ["n"], [["4"]], cut=False)
        for cents in (10_000, 1_000_000, 9_950)
    ]

    assert said == ["4 are over 100 EUR.", "4 are over 10000 EUR.", "4 are over 99.50 EUR."]
