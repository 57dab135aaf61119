import pytest

from genai.agents.numbers import unsupported


@pytest.mark.parametrize(
    ("answer", "source"),
    [
        ("It is 1,234.50 EUR.", "total_eur\n1234.5"),
        ("It is 7.", "7.00"),
        ("In 2025 there were 12.", "12 in 2025"),
        ("There are none.", ""),
    ],
)
def test_a_number_is_supported_however_it_is_written(answer: str, source: str) -> None:
    assert not unsupported(answer, [source])


@pytest.mark.parametrize(("answer", "source"), [("It is 8.", "7"), ("1234", "12 and 34")])
def test_a_number_without_a_source_is_not_supported(answer: str, source: str) -> None:
    assert unsupported(answer, [source])
