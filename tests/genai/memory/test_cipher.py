import base64
from pathlib import Path

import pytest

from genai.errors import Misconfigured
from genai.memory.cipher import Cipher, build_cipher
from genai.settings.state import DataKeySettings

CIPHER = Cipher(bytes(32))


def test_sealed_data_opens_only_in_its_place() -> None:
    sealed = CIPHER.seal(b"4111", "here")

    assert b"4111" not in sealed
    assert CIPHER.open(sealed, "here") == b"4111"
    assert CIPHER.open(sealed, "there") is None
    assert Cipher(b"x" * 32).open(sealed, "here") is None
    assert CIPHER.open(b"short", "here") is None


def test_sealing_is_randomized_and_digests_are_deterministic() -> None:
    assert CIPHER.seal(b"4111", "here") != CIPHER.seal(b"4111", "here")
    assert CIPHER.digest("4111") == CIPHER.digest("4111") != Cipher(b"x" * 32).digest("4111")


def test_the_key_comes_from_the_environment(tmp_path: Path) -> None:
    settings = DataKeySettings(file=str(tmp_path / "key"))
    environ = {"DATA_KEY": base64.b64encode(bytes(32)).decode()}

    assert build_cipher(settings, environ).open(CIPHER.seal(b"x", "p"), "p") == b"x"
    assert not (tmp_path / "key").exists()


def test_otherwise_a_key_file_is_created_once(tmp_path: Path) -> None:
    settings = DataKeySettings(file=str(tmp_path / "var" / "key"))

    sealed = build_cipher(settings, {}).seal(b"x", "p")

    assert build_cipher(settings, {}).open(sealed, "p") == b"x"
    assert (tmp_path / "var" / "key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("key", ["short", "c2hvcnQ=", "ä"])
def test_a_key_of_another_length_is_refused(key: str) -> None:
    with pytest.raises(Misconfigured, match="DATA_KEY"):
        build_cipher(DataKeySettings(), {"DATA_KEY": key})
