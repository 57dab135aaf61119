import pytest

from genai.errors import InvalidInput
from genai.memory.cipher import Cipher
from genai.memory.session_ids import new_session_id
from genai.memory.session_names import SessionNames
from tests.support.vault import CIPHER

NAMES = SessionNames(CIPHER)


@pytest.mark.parametrize("chosen", ["4111111111111111", "GB29NWBK60161331926819", "ann.smith"])
def test_a_chosen_session_id_is_stored_as_a_digest(chosen: str) -> None:
    stored_id = NAMES.stored_id(chosen)

    assert chosen not in stored_id
    assert stored_id == NAMES.stored_id(chosen)
    assert stored_id != NAMES.stored_id(f"{chosen}0")
    assert stored_id != SessionNames(Cipher(b"x" * 32)).stored_id(chosen)


def test_generated_and_stored_ids_are_stored_unchanged() -> None:
    ours = new_session_id()

    assert NAMES.stored_id(ours) == ours
    assert NAMES.stored_id(NAMES.stored_id("order-1")) == NAMES.stored_id("order-1")


@pytest.mark.parametrize("bad", ["", "a b", "a|b", "{acme}", "x" * 129])
def test_an_invalid_session_id_is_refused(bad: str) -> None:
    with pytest.raises(InvalidInput):
        NAMES.stored_id(bad)
