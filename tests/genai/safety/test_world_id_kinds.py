"""Numbers here are examples that authorities or encyclopedias publish, or have made-up digits."""

import pytest

from genai.safety.identifiers import Identifiers
from genai.safety.personal_data import places
from genai.safety.world_id_kinds import WORLD_KINDS

ALONE = (
    ("DE_PENSION_NUMBER", "15070649C103"),
    ("DE_PENSION_NUMBER", "15 070649 C 103"),
    ("CZ_BIRTH_NUMBER", "710319/2745"),
    ("RU_SNILS", "112-233-445 95"),
    ("CL_RUT", "12.531.909-2"),
    ("AR_CUIL", "20-05536168-2"),
    ("MX_RFC", "GODE561231GR8"),
    ("TH_TNIN", "1-1014-00123-45-1"),
    ("MY_NRIC", "770305-02-1234"),
    ("TW_ID", "A123456789"),
    ("HK_ID", "A123456(3)"),
    ("PK_CNIC", "34201-0891231-8"),
    ("AE_EMIRATES_ID", "784-1980-1234567-8"),
    ("US_MBI", "1EG4-TE5-MK73"),
    ("US_MBI", "1EG4TE5MK73"),
)
NAMED = (
    ("AT_SVNR", "SV-Nummer", "1237 010180"),
    ("CZ_BIRTH_NUMBER", "rodné číslo", "7103192745"),
    ("RO_CNP", "CNP", "1630615123457"),
    ("BG_EGN", "ЕГН", "7523169263"),
    ("GR_AMKA", "AMKA", "01013099997"),
    ("GR_AFM", "AFM", "094259216"),
    ("HR_OIB", "OIB", "33392005961"),
    ("EE_ISIKUKOOD", "isikukood", "36805280109"),
    ("LT_ASMENS_KODAS", "asmens kodas", "33309240064"),
    ("LV_PERSONAS_KODS", "personas kods", "161175-19997"),
    ("IS_KENNITALA", "kennitala", "120174-3399"),
    ("HU_TAJ", "TAJ szám", "111 111 110"),
    ("RS_JMBG", "JMBG", "0101006500006"),
    ("TR_TCKN", "TC Kimlik No", "10000000146"),
    ("RU_INN", "ИНН", "500100732259"),
    ("RU_PASSPORT", "паспорт", "4509 123456"),
    ("UA_RNOKPP", "РНОКПП", "1759013776"),
    ("CL_RUT", "RUT", "12531909-2"),
    ("AR_CUIL", "CUIL", "20055361682"),
    ("AR_DNI", "DNI", "20.123.456"),
    ("EC_CEDULA", "cédula", "1714307103"),
    ("CO_CEDULA", "cédula de ciudadanía", "52.123.456"),
    ("MX_NSS", "NSS", "12345678903"),
    ("TH_TNIN", "Thai ID", "1101400123451"),
    ("MY_NRIC", "MyKad", "770305021234"),
    ("ID_NIK", "NIK", "3171011708450001"),
    ("JP_MY_NUMBER", "マイナンバー", "6214 9832 0257"),
    ("HK_ID", "HKID", "A1234563"),
    ("IL_ID", "תעודת זהות", "039337423"),
    ("PK_CNIC", "CNIC", "3420108912318"),
    ("SA_ID", "Iqama", "2123456788"),
    ("IR_ID", "کد ملی", "0074127111"),
    ("EG_ID", "الرقم القومي", "29001011234567"),
    ("VN_CCCD", "CCCD", "001090012345"),
    ("NG_NIN", "NIN", "12345678901"),
    ("HU_TAX_ID", "adóazonosító", "8071923451"),
    ("KZ_IIN", "ИИН", "920719350196"),
    ("NZ_IRD", "IRD", "49-091-850"),
)


def kinds(text: str) -> list[tuple[str, str]]:
    return [(entity, text[start:end]) for start, end, entity in places(text, [Identifiers()])]


@pytest.mark.parametrize(("entity", "number"), ALONE)
@pytest.mark.parametrize("around", ["{}", "It is {}, I think.", "({})", '{{"id":"{}"}}'])
def test_a_distinctive_number_needs_no_name(entity: str, number: str, around: str) -> None:
    assert (entity, number) in kinds(around.format(number))


@pytest.mark.parametrize(("entity", "name", "number"), NAMED)
@pytest.mark.parametrize("form", ["{}: {}", "{} {}", "my {} is {} ok", "id;{};x\n1;{};2"])
def test_another_number_counts_if_it_is_named(
    entity: str, name: str, number: str, form: str
) -> None:
    assert kinds(form.format(name, number)) == [(entity, number)]


@pytest.mark.parametrize(("entity", "name", "number"), NAMED)
def test_without_its_name_it_is_not_taken_for_that_kind(
    entity: str, name: str, number: str
) -> None:
    assert entity not in {kind for kind, _ in kinds(f"The file has {number} in it")}


def test_every_kind_has_an_example() -> None:
    assert {kind.entity for kind in WORLD_KINDS} == {entity for entity, *_ in (*ALONE, *NAMED)}
