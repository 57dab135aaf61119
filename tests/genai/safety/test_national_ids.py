"""Numbers here are examples that the authorities or their encyclopedias publish."""

import pytest

from genai.safety.identifiers import Identifiers
from genai.safety.national_ids import NATIONAL_IDS
from genai.safety.personal_data import places

EXAMPLES = (
    ("US_ITIN", "912-73-4567"),
    ("UK_NINO", "AB123456C"),
    ("UK_NINO", "AB 12 34 56 C"),
    ("UK_NINO", "AB 123456 C"),
    ("UK_NINO", "ab123456c"),
    ("DE_TAX_ID", "86095742719"),
    ("DE_TAX_ID", "65 929 970 489"),
    ("FR_NIR", "2 55 08 14 168 025 38"),
    ("FR_NIR", "255081416802538"),
    ("ES_NIF", "12345678Z"),
    ("ES_NIF", "12.345.678-Z"),
    ("ES_NIE", "X1234567L"),
    ("ES_NIE", "X-1234567-L"),
    ("ES_NIE", "X 1234567 L"),
    ("IT_FISCAL_CODE", "RSSMRA85T10A562S"),
    ("IT_FISCAL_CODE", "RSS MRA 85T10 A562S"),
    ("IT_FISCAL_CODE", "RSSMRA85T10A56NH"),
    ("IN_PAN", "AFZPK7190K"),
    ("IN_AADHAAR", "2341 2341 2346"),
    ("SG_NRIC_FIN", "S1234567D"),
    ("FI_PERSONAL_IDENTITY_CODE", "131052-308T"),
    ("SE_PERSONNUMMER", "811228-9874"),
    ("SE_PERSONNUMMER", "19811228-9874"),
    ("BR_CPF", "529.982.247-25"),
    ("BE_NRN", "85.07.30-033.28"),
    ("BE_NRN", "85073003328"),
    ("ZA_ID", "8001015009087"),
    ("ZA_ID", "800101 5009 08 7"),
    ("KR_RRN", "9001011234568"),
    ("CH_AHV", "756.9217.0769.85"),
    ("IE_PPS", "1234567T"),
    ("IE_PPS", "1234567FA"),
    ("CN_ID", "11010519491231002X"),
    ("MX_CURP", "HEGG560427MVZRRL04"),
    ("MX_CURP", "hegg560427mvzrrl04"),
    ("KR_RRN", "900101-1234568"),
)
TOLD = (
    ("UK_NHS", "NHS number", "943 476 5919"),
    ("UK_NHS", "NHS no:", "9434765919"),
    ("NL_BSN", "BSN", "111222333"),
    ("NL_BSN", "burgerservicenummer", "1112.22.333"),
    ("IN_AADHAAR", "Aadhaar", "234123412346"),
    ("AU_TFN", "TFN", "123 456 782"),
    ("AU_TFN", "tax file number", "123456782"),
    ("AU_MEDICARE", "Medicare", "2123 45670 1"),
    ("CA_SIN", "SIN:", "046 454 286"),
    ("CA_SIN", "social insurance number", "046-454-286"),
    ("PL_PESEL", "PESEL", "44051401359"),
    ("DK_CPR", "CPR", "070761-4285"),
    ("BR_CPF", "CPF", "52998224725"),
    ("PT_NIF", "NIF", "123 456 789"),
    ("ZA_ID", "ID number", "80 0101 5009 087"),
    ("US_SSN", "SSN", "123456789"),
    ("US_SSN", "social security number", "123.45.6789"),
    ("PASSPORT", "Passport no.", "C01X00T47"),
    ("PASSPORT", "passport", "912803456"),
    ("US_DRIVER_LICENSE", "driver's license", "F162823540116"),
)


def found(entity: str, text: str) -> list[str]:
    return [text[start:end] for start, end, _ in Identifiers((entity,)).find(text)]


@pytest.mark.parametrize(("entity", "number"), EXAMPLES)
@pytest.mark.parametrize("around", ["{}", "It is {}, I think.", "({})", '{{"id":"{}"}}', "|{}|"])
def test_a_number_with_a_shape_of_its_own_is_found_anywhere(
    entity: str, number: str, around: str
) -> None:
    assert found(entity, around.format(number)) == [number]


@pytest.mark.parametrize(("entity", "word", "number"), TOLD)
def test_a_number_of_a_common_shape_is_found_after_a_word_that_tells(
    entity: str, word: str, number: str
) -> None:
    assert found(entity, f"My {word} is {number}.") == [number]
    assert found(entity, f"{number} is what the machine says") == []


@pytest.mark.parametrize(("entity", "word", "number"), TOLD)
def test_the_word_that_tells_may_follow(entity: str, word: str, number: str) -> None:
    assert found(entity, f"({number}) is my {word}") == [number]
    assert found(entity, f"{number} is my lucky number") == []


@pytest.mark.parametrize(
    ("entity", "number"), [(entity, n) for entity, n in EXAMPLES if n[-1].isdigit()]
)
def test_a_number_is_found_in_a_row_of_cells_and_with_a_word_right_behind_it(
    entity: str, number: str
) -> None:
    assert found(entity, f"17,{number},42") == [number]
    assert found(entity, f"my id {number}and more") == [number]
    assert found(entity, f"my id {number}x7") == []


@pytest.mark.parametrize(
    ("entity", "text", "number"),
    [
        ("UK_NHS", "NHS: 94 34 765 919", "94 34 765 919"),
        ("NL_BSN", "BSN 1112.223.33", "1112.223.33"),
        ("CA_SIN", "SIN 046 454\n286", "046 454\n286"),
        ("BR_CPF", "CPF 529 982 247 25", "529 982 247 25"),
        ("IN_PAN", "PAN AFZPK 7190 K", "AFZPK 7190 K"),
        ("IE_PPS", "PPS no 1234567 FA", "1234567 FA"),
        ("KR_RRN", "주민번호 900101 1234567", "900101 1234567"),
    ],
)
def test_a_number_that_a_word_names_may_be_grouped_in_any_way(
    entity: str, text: str, number: str
) -> None:
    assert found(entity, text) == [number]


@pytest.mark.parametrize(
    "name", ["taxFileNumber", "employeeTfn", "tax_file_no", "T.F.N.", "TFN_NO", "EMPLOYEE_TFN"]
)
def test_names_of_fields_and_abbreviations_tell(name: str) -> None:
    assert found("AU_TFN", f"{name}=123456782") == ["123456782"]


@pytest.mark.parametrize("text", ["TFNX 123456782", "SINCE 046454286", "basin 046454286"])
def test_a_part_of_a_word_tells_nothing(text: str) -> None:
    assert found("AU_TFN", text) + found("CA_SIN", text) == []


@pytest.mark.parametrize(
    ("entity", "text"),
    [
        ("CA_SIN", "SIN unknown, order 046454286"),
        ("PT_NIF", "NIF, 12.11.2025 8 pages"),
        ("UK_NINO", "part no. AB123456C"),
        ("IN_PAN", "SKU: AFZPK7190K"),
        ("US_SSN", "Part number 123-45-6789"),
    ],
)
def test_a_date_or_the_number_of_a_thing_that_stands_nearer_is_none(entity: str, text: str) -> None:
    assert found(entity, text) == []


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("BSN 111222333, SIN 046454286", "CA_SIN"),
        ("SIN 046454286, SSN 046454286", "US_SSN"),
        ("046454286 = social insurance number", "CA_SIN"),
        ("PESEL: 78120259460", "PL_PESEL"),
        ("CPR 131190-0680", "DK_CPR"),
        ("CPR: 070740-1189", "DK_CPR"),
        ("NHS number 3056712718", "UK_NHS"),
        ("Rijksregisternummer\n65090469333", "BE_NRN"),
        ("NRIC/passport no.: S1234567D", "SG_NRIC_FIN"),
        ("rows: Fødselsnummer 65090469333", "NO_FNR"),
        ("CPR 230274-9930, HETU 251050-7177", "FI_PERSONAL_IDENTITY_CODE"),
        ("numéro AVS: 756.8030.9155.01\nCNIC: 7421565531854", "PK_CNIC"),
        ("TFN none, cell to 123456782", "PHONE_NUMBER"),
        ("UPDATE t SET tfn = '123 456 782', ssn = '828-39-9183'", "US_SSN"),
    ],
)
def test_of_two_kinds_the_one_that_a_word_names_counts(text: str, entity: str) -> None:
    *_, (_, _, kind) = places(text, [Identifiers()])

    assert kind == entity


SHEET = (
    "id;order_no;tfn;sin;date;status;agent;agent_email;branch;currency;NHS number;comment\n"
    "1;123456782;123456782;046454286;3 May;open;Kim Lee;no mail;Leeds North;EUR;943 476 5919;\n"
    "2;046454286;046454286;123456783;4 May;open;Kim Lee;no mail;Leeds North;EUR;943 476 5919;\n"
)


def test_the_header_of_a_column_says_what_its_numbers_are() -> None:
    hits = [(SHEET[start:end], entity) for start, end, entity in places(SHEET, [Identifiers()])]

    assert hits == [
        ("123456782", "AU_TFN"),
        ("046454286", "CA_SIN"),
        ("943 476 5919", "UK_NHS"),
        ("943 476 5919", "UK_NHS"),
    ]


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("Is 123 456 782 still the TFN you have?", "AU_TFN"),
        ("Both, 123456782 (T.F.N.) and the other one", "AU_TFN"),
        ("943 476 5919 was your NHS number", "UK_NHS"),
        ('"943 476 5919" is what she entered under NHS.', "UK_NHS"),
        ("Invoice 4411 again? And the TFN, in case you need it, is 123456782.", "AU_TFN"),
        ('So that is "123456782", correct? - Yes, that is my TFN.', "AU_TFN"),
        ("046 454 286, c'est bien mon numéro d'assurance sociale.", "CA_SIN"),
        ("123 456 782 belongs to my mother (TFN)", "AU_TFN"),
        ("Use 123456782 when they ask for my TFN.", "AU_TFN"),
        ("tax file number on the letter of September 11, 2012 reads 123 456 782", "AU_TFN"),
        ("My NINO is ZZ 12 34 56 T", "UK_NINO"),
        ("rodné číslo: 971131/988", "CZ_BIRTH_NUMBER"),
    ],
)
def test_a_question_or_brackets_behind_a_number_name_it(text: str, entity: str) -> None:
    assert [kind for *_, kind in places(text, [Identifiers()])] == [entity]


@pytest.mark.parametrize(
    "text",
    [
        "TFN: none\nInvoice: 123456782",
        "Q: TFN?\nA: none\nQ: order?\nA: 123456782",
        "TFN unknown, paid 1234567.82",
        "123456782 is the order that has no TFN",
        "DNI unknown, moved on 19860526",
        "tfn=n/a customer_no=123456782",
        '{"tfn": "", "customerNo": "123456782"}',
        "invoice=123456782 TFN=n/a",
        "{'barcode': '123456782', 'tfn': ''}",
        "TFN\nnone\nInvoice\n123456782",
        "sku;stock\nAB123456C;12",
        "Order 123456782 waits for your TFN.",
        "123456782 of them, TFN: none",
        "TFN on file: 000 000 000\nsigned again, see 123456782",
    ],
)
def test_another_name_that_stands_beside_a_number_decides(text: str) -> None:
    assert places(text, [Identifiers()]) == []


@pytest.mark.parametrize(
    ("entity", "number"),
    [e for e in EXAMPLES if e[0] not in ("UK_NINO", "IN_PAN", "MX_CURP", "KR_RRN", "US_ITIN")],
)
def test_another_check_digit_is_no_number(entity: str, number: str) -> None:
    places = [i for i, character in enumerate(number) if character.isdigit()]
    changed = [number[:i] + str((int(number[i]) + 1) % 10) + number[i + 1 :] for i in places[-2:]]

    assert [hit for text in changed for hit in found(entity, text)] == []


@pytest.mark.parametrize(
    "text",
    [
        "Order 12345678 of 2024-05-01, invoice INV-2024-000123, total 1,234,567.89 EUR",
        "Tracking 1Z999AA10123456784, ISBN 978-3-16-148410-0, version 10.4.2",
        "uuid 550e8400-e29b-41d4-a716-446655440000, sha 9e107d9d372bb6826bd81d3542a419d6",
        "FedEx 6276 2496 3959, ref RF62 5018 6239 8564, USPS 9400 7349 7825 6000 1689 81",
        "Article 4006381333931, batch 20240501, seat 12A, room B204, flight LH1234",
        "a passport must be valid for 6 months; a driving licence costs 34.00",
    ],
)
def test_other_numbers_are_no_national_ids(text: str) -> None:
    assert list(Identifiers(tuple(number.entity for number in NATIONAL_IDS)).find(text)) == []
