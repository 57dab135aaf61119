import pytest

from genai.errors import InvalidInput
from genai.memory.cipher import Cipher
from genai.memory.session_ids import new_session_id
from genai.memory.session_names import SessionNames
from tests.support.vault import CIPHER

NAMES = SessionNames(CIPHER)


@pytest.mark.parametrize("chosen", ["4111111111111111", "GB29NWBK60161331926819", "ann.smith"])
def test_a_name_that_a_caller_chose_is_not_to_be_read(chosen: str) -> None:
    stored_id = NAMES.stored_id(chosen)

    assert chosen not in stored_id
    assert stored_id == NAMES.stored_id(chosen)
    assert stored_id != NAMES.stored_id(f"{chosen}0")
    assert stored_id != SessionNames(Cipher(b"x" * 32)).stored_id(chosen)


def test_a_name_that_the_service_gave_stays_and_so_does_what_it_is_called_in_redis() -> None:
    ours = new_session_id()

    assert NAMES.stored_id(ours) == ours
    assert NAMES.stored_id(NAMES.stored_id("order-1")) == NAMES.stored_id("order-1")


@pytest.mark.parametrize("bad", ["", "a b", "a|b", "{acme}", "x" * 129])
def test_what_is_no_name_is_refused(bad: str) -> None:
    with pytest.raises(InvalidInput):
        NAMES.stored_id(bad)
