import pytest

from genai.access.answer_ids import AnswerIds
from genai.access.principal import Principal
from genai.errors import NotFound
from genai.memory.cipher import Cipher

ADA = Principal(key_id="k1", tenant="acme", user="ada")
IDS = AnswerIds(Cipher(bytes(32)))


def test_who_got_an_answer_is_known_by_every_key_and_in_every_process() -> None:
    sealed = IDS.sealed("ans_1", ADA)

    AnswerIds(Cipher(bytes(32))).check(sealed, ADA.model_copy(update={"key_id": "k2"}))


@pytest.mark.parametrize(
    "other", [{"user": "bob"}, {"tenant": "rival"}, {"tenant": "acme\0ada", "user": ""}]
)
def test_nobody_else_got_it(other: dict[str, str]) -> None:
    with pytest.raises(NotFound):
        IDS.check(IDS.sealed("ans_1", ADA), ADA.model_copy(update=other))


def test_another_key_makes_other_ids() -> None:
    with pytest.raises(NotFound):
        AnswerIds(Cipher(bytes([1] * 32))).check(IDS.sealed("ans_1", ADA), ADA)
