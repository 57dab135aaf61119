import pytest

from genai.access.answer_ids import AnswerIds
from genai.access.principal import Principal
from genai.errors import NotFound
from genai.memory.cipher import Cipher

ADA = Principal(key_id="k1", tenant="acme", user="ada")
IDS = AnswerIds(Cipher(bytes(32)))


def test_an_id_is_valid_with_every_key_of_the_user_and_in_every_process() -> None:
    signed = IDS.sign("ans_1", ADA)

    AnswerIds(Cipher(bytes(32))).verify(signed, ADA.model_copy(update={"key_id": "k2"}))


@pytest.mark.parametrize(
    "other", [{"user": "bob"}, {"tenant": "rival"}, {"tenant": "acme\0ada", "user": ""}]
)
def test_an_id_is_not_valid_for_other_users_and_tenants(other: dict[str, str]) -> None:
    with pytest.raises(NotFound):
        IDS.verify(IDS.sign("ans_1", ADA), ADA.model_copy(update=other))


def test_an_id_signed_with_another_secret_is_not_valid() -> None:
    with pytest.raises(NotFound):
        AnswerIds(Cipher(bytes([1] * 32))).verify(IDS.sign("ans_1", ADA), ADA)
