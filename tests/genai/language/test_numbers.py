import pytest

from genai.language.numbers import numbers, supported, unsupported


@pytest.mark.parametrize(
    ("answer", "source"),
    [
        ("It is 1,234.50 EUR.", "total_eur\n1234.5"),
        ("It is 1.234,50 EUR.", "total_eur\n1234.5"),
        ("It is 1'234.50 EUR.", "total_eur\n1234.5"),
        ("It is 1,234,567.", "1234567"),
        ("It is 1.234.567,8.", "1234567.80"),
        ("It is 7.", "7.00"),
        ("It is 07.", "7"),
        ("It is 4,90.", "4.9"),
        ("It is 0.500.", "0.5"),
        ("It is 12.3456.", "12.34560"),
        ("About 1.234.", "avg\n1.234"),
        ("About 1.234.", "1234"),
        ("In 2025 there were 12.", "12 in 2025"),
        ("On 10.11.2024.", "since 10.11.2024"),
        ("There are none.", ""),
    ],
)
def test_a_number_is_supported_however_it_is_written(answer: str, source: str) -> None:
    assert not unsupported(answer, [source])


@pytest.mark.parametrize(
    ("answer", "source"),
    [
        ("It is 8.", "7"),
        ("1234", "12 and 34"),
        ("1.2 million", "1,200"),
        ("It is 12.5.", "12.05"),
        ("It is 1234.", "12.34"),
        ("It is 0.5.", "0.05"),
        ("On 10.11.2024.", "10.11.2025"),
        ("1,2345", "12345"),
        ("It is 7.", ""),
    ],
)
def test_a_number_without_a_source_is_not_supported(answer: str, source: str) -> None:
    assert unsupported(answer, [source])


def test_a_number_may_come_from_any_source() -> None:
    assert not unsupported("7 of 8", ["7", "8"])


def test_a_number_that_can_be_read_in_two_ways_is_known_as_both() -> None:
    assert numbers("1.234 and 5") == {"1.234", "1234", "5"}
    assert supported("1234 and 5", numbers("1.234 and 5"))
    assert not supported("1234 and 6", numbers("1.234 and 5"))
