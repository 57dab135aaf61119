import base64
from pathlib import Path

import pytest

from genai.errors import Misconfigured
from genai.memory.cipher import Cipher, build_cipher
from genai.settings.state import DataKeySettings

CIPHER = Cipher(bytes(32))


def test_what_is_sealed_opens_in_its_place_alone() -> None:
    sealed = CIPHER.seal(b"4111", "here")

    assert b"4111" not in sealed
    assert CIPHER.open(sealed, "here") == b"4111"
    assert CIPHER.open(sealed, "there") is None
    assert Cipher(b"x" * 32).open(sealed, "here") is None
    assert CIPHER.open(b"short", "here") is None


def test_the_same_text_is_never_sealed_the_same_but_digested_the_same() -> None:
    assert CIPHER.seal(b"4111", "here") != CIPHER.seal(b"4111", "here")
    assert CIPHER.digest("4111") == CIPHER.digest("4111") != Cipher(b"x" * 32).digest("4111")


def test_the_key_comes_from_the_environment(tmp_path: Path) -> None:
    settings = DataKeySettings(file=str(tmp_path / "key"))
    environ = {"DATA_KEY": base64.b64encode(bytes(32)).decode()}

    assert build_cipher(settings, environ).open(CIPHER.seal(b"x", "p"), "p") == b"x"
    assert not (tmp_path / "key").exists()


def test_without_it_a_key_is_made_once_for_this_machine(tmp_path: Path) -> None:
    settings = DataKeySettings(file=str(tmp_path / "var" / "key"))

    sealed = build_cipher(settings, {}).seal(b"x", "p")

    assert build_cipher(settings, {}).open(sealed, "p") == b"x"
    assert (tmp_path / "var" / "key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("key", ["short", "c2hvcnQ=", "ä"])
def test_a_key_of_another_length_is_a_mistake(key: str) -> None:
    with pytest.raises(Misconfigured, match="DATA_KEY"):
        build_cipher(DataKeySettings(), {"DATA_KEY": key})
