"""Numbers here are test numbers of the networks and registries, or have made-up check digits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genai.safety.identifiers import Identifiers, undecided_from
from genai.safety.personal_data import places


def found(entity: str, text: str) -> list[str]:
    return [text[start:end] for start, end, _ in Identifiers((entity,)).find(text)]


def read(entity: str, text: str) -> list[str]:
    """What is found in the text as it is read, with its signs made plain."""
    return [text[start:end] for start, end, _ in places(text, [Identifiers((entity,))])]


@pytest.mark.parametrize(
    ("entity", "number"),
    [
        ("CREDIT_CARD", "4111111111111111"),
        ("CREDIT_CARD", "4111 1111 1111 1111"),
        ("CREDIT_CARD", "4111-1111-1111-1111"),
        ("CREDIT_CARD", "5555555555554444"),
        ("CREDIT_CARD", "2223003122003222"),
        ("CREDIT_CARD", "378282246310005"),
        ("CREDIT_CARD", "3782 822463 10005"),
        ("CREDIT_CARD", "6011111111111117"),
        ("CREDIT_CARD", "3530111333300000"),
        ("CREDIT_CARD", "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"),
        ("IBAN_CODE", "GB29NWBK60161331926819"),
        ("IBAN_CODE", "gb29nwbk60161331926819"),
        ("IBAN_CODE", "DE89 3704 0044 0532 0130 00"),
        ("IBAN_CODE", "SE45 5000 0000 0583 9825 7466"),
        ("IBAN_CODE", "NO93 8601 1117 947"),
        ("IBAN_CODE", "MT84MALT011000012345MTLCAST001S"),
        ("EMAIL_ADDRESS", "anna@example.com"),
        ("EMAIL_ADDRESS", "anna.b+bank@mail.example.co.uk"),
        ("EMAIL_ADDRESS", "jürgen@müller.de"),
        ("US_SSN", "078-05-1120"),
        ("US_SSN", "078 05 1120"),
        ("IP_ADDRESS", "192.168.0.1"),
        ("IP_ADDRESS", "2001:db8:85a3::8a2e:370:7334"),
        ("IP_ADDRESS", "fe80::1"),
        ("CRYPTO", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2"),
        ("CRYPTO", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"),
        ("CRYPTO", "0x52908400098527886E0F7030069857D2E4169EE7"),
        ("PHONE_NUMBER", "+46 70 174 06 05"),
        ("PHONE_NUMBER", "+14155552671"),
        ("PHONE_NUMBER", "+41 (0)44 668 18 00"),
        ("PHONE_NUMBER", "(415) 555-2671"),
        ("PHONE_NUMBER", "415-555-2671"),
        ("PHONE_NUMBER", "415.555.2671 ext. 12"),
        ("PHONE_NUMBER", "1-800-555-0199"),
        ("PHONE_NUMBER", "020 7946 0018"),
    ],
)
@pytest.mark.parametrize("around", ["{}", "It is {}, I think.", "({})", "number:{}.", "“{}”"])
def test_identifiers_are_found_whole_whatever_surrounds_them(
    entity: str, number: str, around: str
) -> None:
    assert set(found(entity, around.format(number))) == {number}


@pytest.mark.parametrize(
    ("entity", "text"),
    [
        ("CREDIT_CARD", "4111111111111112"),
        ("CREDIT_CARD", "booking 7999999999999999"),
        ("CREDIT_CARD", "94111111111111111111"),
        ("CREDIT_CARD", "0.4111111111111111"),
        ("IBAN_CODE", "GB28NWBK60161331926819"),
        ("IBAN_CODE", "ZZ29NWBK60161331926819"),
        ("IBAN_CODE", "XGB29NWBK60161331926819"),
        ("EMAIL_ADDRESS", "meet @ noon, or a@b"),
        ("US_SSN", "666-05-1120"),
        ("US_SSN", "900-05-1120"),
        ("US_SSN", "078-00-1120"),
        ("US_SSN", "078051120"),
        ("IP_ADDRESS", "256.1.1.1"),
        ("IP_ADDRESS", "version 1.2.3.4"),
        ("IP_ADDRESS", "1.2.3.4.5"),
        ("IP_ADDRESS", "at 12:30:45 std::vector :: 0.0.0.0"),
        ("CRYPTO", "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN3"),
        ("CRYPTO", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5"),
    ],
)
def test_numbers_with_wrong_check_digits_or_shape_are_none(entity: str, text: str) -> None:
    assert found(entity, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "call me on 9472 7916",
        "my mobile is 5403926876",
        "Fax: 467 3395",
        "467 3395 office",
        "reach us at 72 128 827",
    ],
)
def test_a_word_nearby_makes_a_telephone_number_of_doubtful_digits(text: str) -> None:
    assert len(found("PHONE_NUMBER", text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "I paid 1,250.00 EUR on 2024-05-01 at 12:30:45.",
        "Why was I charged 1 234 567 kr?",
        "My account 12345678 shows a transfer of 20000000.",
        "Call me about order 55512345 from 01.02.2024.",
        "The years 2019 2020 2021 2022 were good.",
        "Top up 100 200 300 400 or 500?",
        "Reference 0001-2222-3333, case 998877665.",
        "Exchange rate 1.2345, 10 000 000 in 2024.",
        "Between 2020-2024 the rate rose from 0.25 to 4.75.",
        "Invoice 2024/000123, 3 x 49.99 = 149.97.",
    ],
)
def test_amounts_dates_and_account_numbers_are_no_personal_data(text: str) -> None:
    assert list(Identifiers().find(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "tracking 4808 6330 3220 9482 5984 39",
        "tracking_no,carrier\n4111111111111111,DHL",
        "a;parcel;b;c;d;e;f\nx;4111111111111111;1;2;3;4;5",
        "SSN: 473883654\norder: 6001262",
        "Call volumes: 1200-1400 per day, 5000-5500 per week",
        "order;ticket;n\nA-1;405-406-9428;2",
        "thanks for the call on 20211118",
        "pallet 302643769191967903",
        "It was in order 5228047238765081.",
        "Revenue 2023 1 234 567 2024 2 345 678",
        "part;NHS number\n7;405-406-9428",
    ],
)
def test_headers_and_names_of_things_speak_against_cards_and_telephones(text: str) -> None:
    kinds = {kind for *_, kind in places(text, [Identifiers()])}

    assert not kinds & {"CREDIT_CARD", "PHONE_NUMBER"}


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("name;phone;due;agent;branch;note\nAnn;01234 567;1;K;L;ok\nBo;0781 4866;1;K;L;", "0781 4866"),
        ("Name     Phone         Invoice\nAnn      02079460958   78412395", "02079460958"),
        ("And my phone, in case you need it, is 0194 365 716.", "0194 365 716"),
        ("Your phone is 02-212-7581 and the amount due is 4.20", "02-212-7581"),
        ("(11) 91234-5678 is not answering", "(11) 91234-5678"),
        ("0171-1234567 is not answering", "0171-1234567"),
        ("My phone number has changed a month ago, and the new one is 0579425445.", "0579425445"),
    ],
)  # fmt: skip
def test_a_header_or_a_name_some_words_before_makes_a_telephone_number(
    text: str, number: str
) -> None:
    hits = [(text[start:end], kind) for start, end, kind in places(text, [Identifiers()])]

    assert (number, "PHONE_NUMBER") in hits
    assert {kind for _, kind in hits} == {"PHONE_NUMBER"}


@pytest.mark.parametrize(
    ("entity", "text", "number"),
    [
        ("PHONE_NUMBER", "10:32 tel +41 21 200 84 05 11:05", "+41 21 200 84 05"),
        (
            "PHONE_NUMBER",
            "call before 5pm. At 45.821950, ts 1787774766749, won 12 14 19 22 36 00",
            "",
        ),
        ("DK_CPR", "Is 0911721391 the right CPR?", "0911721391"),
        ("PHONE_NUMBER", "10:32 CPR 020961-1476 11:05 AM", ""),
        ("PHONE_NUMBER", "mi teléfono es 01295 040971", "01295 040971"),
        ("PHONE_NUMBER", "_+44 20 7946 0958_", "+44 20 7946 0958"),
        ("CREDIT_CARD", "order 97423-674; 6011201862728001 is blocked", "6011201862728001"),
        ("CREDIT_CARD", "transaction 6011201862728001", ""),
        ("CREDIT_CARD", "ticket no. 6011201862728001 is my card", "6011201862728001"),
        ("EMAIL_ADDRESS", "mail\u2014ada@example.org\u2014please", "ada@example.org"),
        ("EMAIL_ADDRESS", "VALUES ('ada@example.org', 1)", "ada@example.org"),
        ("EMAIL_ADDRESS", "mail d'arc.o'neil@example.org", "d'arc.o'neil@example.org"),
        ("NO_FNR", "Ref 2026/118: nr 13099480895", "13099480895"),
        ("CREDIT_CARD", '{"requestId":"6011201862728001"}', ""),
        ("CREDIT_CARD", "order_id=6011201862728001", ""),
        ("CREDIT_CARD", "1ZAB6011201862728001", ""),
        ("CREDIT_CARD", '{"creditCardNumber":"6011201862728001"}', "6011201862728001"),
        ("CREDIT_CARD", "card_id=6011201862728001", "6011201862728001"),
        ("CREDIT_CARD", "4111  1111  1111  1111", "4111  1111  1111  1111"),
        ("CREDIT_CARD", "card 4222-222-222-222", "4222-222-222-222"),
        ("CREDIT_CARD", "batch 4222-222-222-222", ""),
        ("IBAN_CODE", "Konto DE 89 3704 0044 0532 0130 00", "DE 89 3704 0044 0532 0130 00"),
        ("IBAN_CODE", "Konto DE 88 3704 0044 0532 0130 00", ""),
        ("EMAIL_ADDRESS", "почта: пётр@почта.рф!", "пётр@почта.рф"),
        ("PHONE_NUMBER", "Ref. 415 555 2671", ""),
        ("PHONE_NUMBER", "Total: 415-555-2671 units", ""),
        ("PHONE_NUMBER", "1. 020 7946 0958", "020 7946 0958"),
        ("PHONE_NUMBER", "Tel - 02079460958 - 19h00", "02079460958"),
        ("PHONE_NUMBER", "+41 - 21 200 84 05", "+41 - 21 200 84 05"),
        ("PHONE_NUMBER", "mobile plans, range 2726 - 5943", ""),
        ("PHONE_NUMBER", "Phone #070-5750-6612", "070-5750-6612"),
        ("PHONE_NUMBER", "Tel 078/826 98 32", "078/826 98 32"),
        ("PHONE_NUMBER", "Handy 0302731066 18.30 EUR", "0302731066"),
        ("US_SSN", '<span data-ssn="078-05-1120">', "078-05-1120"),
        ("KR_RRN", "ISBN 978-3-16-148410-0. 641224-1386738", "641224-1386738"),
        ("IBAN_CODE", "DE89  3704  0044  0532  0130  00", "DE89  3704  0044  0532  0130  00"),
        ("PHONE_NUMBER", "*mobile* _415-555-2671_", "415-555-2671"),
        ("PHONE_NUMBER", "Mobile/8B118 Safari/6534.32.6", ""),
        ("PHONE_NUMBER", "name;phone;amount\nAnn;72 128 827;9", "72 128 827"),
        ("IP_ADDRESS", "*host* _93.184.216.34_", "93.184.216.34"),
        ("NL_BSN", "BSN 111222333 was given to me instead of 123456782", "123456782"),
    ],
)
def test_what_stands_beside_a_number_is_told_apart(entity: str, text: str, number: str) -> None:
    assert read(entity, text)[-1:] == [number][: bool(number)]


@pytest.mark.parametrize(
    ("entity", "number"),
    [
        ("CREDIT_CARD", "4111111111111111"),
        ("CREDIT_CARD", "4111 1111 1111 1111"),
        ("CREDIT_CARD", "3056.930902.5904"),
        ("IBAN_CODE", "DE89370400440532013000"),
        ("US_SSN", "078-05-1120"),
        ("IP_ADDRESS", "10.20.30.40"),
        ("IP_ADDRESS", "::ffff:93.184.216.34"),
        ("PHONE_NUMBER", "+46 70 174 06 05"),
        ("PHONE_NUMBER", "415-555-2671"),
        ("PHONE_NUMBER", "(+64) 3 234 4966"),
        ("PHONE_NUMBER", "+43 1/5123456"),
        ("PHONE_NUMBER", "(06 20) 123 4567"),
        ("PHONE_NUMBER", "0049 30 1234567"),
    ],
)
@pytest.mark.parametrize("row", ["17,{},yes", "17,{},42", "a;{};9", "番号は{}です", "x\n{}\ny"])
def test_a_number_is_found_in_a_row_of_numbers_and_in_scripts_without_spaces(
    entity: str, number: str, row: str
) -> None:
    text = row.format(number)

    assert [text[start:end] for start, end, _ in places(text, [Identifiers((entity,))])] == [number]


@pytest.mark.parametrize(
    "text",
    [
        "telemóvel: 912345678",
        "telefonní číslo 601 123 456",
        "mobilnummer 63 125 657",
        "numéro de téléphone 321 4409",
        "电话号码是5123 9475",
        "携帯は 9012345678",
        "my number is 21 2924 7140",
        "(5403926876) is my mobile",
        "5403926876 est mon téléphone",
    ],
)
def test_words_of_many_languages_name_a_telephone_number_before_or_after_it(text: str) -> None:
    assert len(found("PHONE_NUMBER", text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "call option 401224254.0 strike -3843271883.0",
        "[-30000000000.0, 12.5]",
        "call 2.511270e+07 of them",
        "Anruf: 1 234 567,50 EUR",
        "firmware 2.2.9.6, updated from 3.0.3.5 to 4.0.0.1, or the 7.7.5.3 release",
        "urn:uuid:5545737d-0886-4441-8578-8c6bb44f509b",
        "USPS 9400 4091 0876 4776 7853 84",
        "FedEx 0534 9852 2973",
        "Sendungsnummer 676944158838",
        "lottery 08 18 46 50 65 01",
        "git@github.com:org/repo and icon@2x.png",
        "arXiv:0031.74422",
    ],
)
def test_amounts_versions_and_parcels_are_no_personal_data(text: str) -> None:
    assert list(Identifiers().find(text)) == []


@pytest.mark.parametrize("text", ["Visa 2027 {} 123", "2027 {} 12/29 123", "card 1001 {} 12 29"])
def test_a_card_is_found_between_other_groups_of_digits(text: str) -> None:
    card = "4111 1111 1111 1111"
    text = text.format(card)

    assert [text[start:end] for start, end, _ in places(text, [Identifiers()])] == [card]


@pytest.mark.parametrize("text", ["(943476591", "(943476591) is m", "943476591 is my NH"])
def test_a_number_waits_for_the_words_behind_it_that_may_say_what_it_is(text: str) -> None:
    assert undecided_from(text) <= 1


@given(st.lists(st.sampled_from(["4111 1111", " 1111", "+46", " 70", "a@b", ".co", "x", " "])))
def test_what_is_undecided_is_never_longer_than_the_longest_identifier(parts: list[str]) -> None:
    text = "".join(parts)

    assert len(text) - undecided_from(text) <= 330


@pytest.mark.parametrize(
    "text",
    [
        "ab." * 70_000,
        "1-" * 100_000,
        "@" * 200_000,
        "a@" * 100_000,
        " " * 200_000,
        "1" * 200_000,
        "1 " * 100_000,
        "+1(" * 70_000,
        ":" * 200_000,
        "a:" * 100_000,
        "GB29" * 50_000,
        "GB29 " * 40_000,
        "0x" * 100_000,
        "1.1." * 50_000,
        "a" * 200_000 + "@",
    ],
)
@pytest.mark.timeout(30)
def test_hostile_text_is_searched_in_linear_time(text: str) -> None:
    for _ in Identifiers().find(text):
        pass
    undecided_from(text)
