import pytest

from genai.errors import InvalidInput
from genai.memory.cipher import Cipher
from genai.memory.session_ids import new_session_id
from genai.memory.session_names import SessionNames
from tests.support.vault import CIPHER

NAMES = SessionNames(CIPHER)


@pytest.mark.parametrize("chosen", ["4111111111111111", "GB29NWBK60161331926819", "ann.smith"])
def test_a_name_that_a_caller_chose_is_not_to_be_read(chosen: str) -> None:
    kept = NAMES.kept(chosen)

    assert chosen not in kept
    assert kept == NAMES.kept(chosen)
    assert kept != NAMES.kept(f"{chosen}0")
    assert kept != SessionNames(Cipher(b"x" * 32)).kept(chosen)


def test_a_name_that_the_service_gave_stays_and_so_does_what_it_is_called_in_redis() -> None:
    ours = new_session_id()

    assert NAMES.kept(ours) == ours
    assert NAMES.kept(NAMES.kept("order-1")) == NAMES.kept("order-1")


@pytest.mark.parametrize("bad", ["", "a b", "a|b", "{acme}", "x" * 129])
def test_what_is_no_name_is_refused(bad: str) -> None:
    with pytest.raises(InvalidInput):
        NAMES.kept(bad)
