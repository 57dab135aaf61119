import pytest

from genai.safety.base import Finding
from genai.safety.identifiers import Identifiers
from genai.safety.personal_data import PersonalDataCheck, without

ALL = (Identifiers(),)


async def test_findings_are_replaced_by_the_name_of_their_kind() -> None:
    check = PersonalDataCheck(ALL, {"output": "redact"})

    scan = await check.async_scan("Write to anna@example.com", "output")

    assert scan.findings == (
        Finding(start=9, end=25, rule="EMAIL_ADDRESS", replacement="<EMAIL_ADDRESS>"),
    )


async def test_a_stage_without_an_action_is_not_looked_at() -> None:
    check = PersonalDataCheck(ALL, {"output": "redact"})

    assert (await check.async_scan("anna@example.com", "input")).findings == ()


async def test_findings_block_where_that_is_asked_for() -> None:
    check = PersonalDataCheck(ALL, {"input": "block"})

    (finding,) = (await check.async_scan("anna@example.com", "input")).findings
    assert finding.replacement is None


async def test_a_number_inside_another_counts_as_the_longer_one() -> None:
    check = PersonalDataCheck(ALL, {"output": "redact"})

    scan = await check.async_scan("IBAN GB29 NWBK 6016 1331 9268 19", "output")

    assert [finding.rule for finding in scan.findings] == ["IBAN_CODE"]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            '{"k0":"DE89370400","k1":"440532013000"}',
            '{"k0":"<IBAN_CODE>","k1":"<IBAN_CODE>"}',
        ),
        (
            '{"iban_part1":"DE8937040044", "iban_part2" : "0532013000"}',
            '{"iban_part1":"<IBAN_CODE>", "iban_part2" : "<IBAN_CODE>"}',
        ),
        (
            '{"a":"4539","b 1488":"0343","c":"6467"}',
            '{"a":"<CREDIT_CARD>","b <CREDIT_CARD>":"<CREDIT_CARD>","c":"<CREDIT_CARD>"}',
        ),
    ],
)
def test_names_of_properties_stay_unless_they_hold_data(text: str, shown: str) -> None:
    assert without(text, [Identifiers()]) == shown
