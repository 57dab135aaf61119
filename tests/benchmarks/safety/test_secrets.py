import random

import pytest

from benchmarks.safety.secrets import SECRETS, harmless
from genai.safety.secrets import find_secrets


@pytest.mark.parametrize("kind", SECRETS)
def test_every_kind_of_secret_is_found(kind: str) -> None:
    rng = random.Random(11)
    made = [SECRETS[kind](rng) for _ in range(30)]

    assert [secret for secret in made if not list(find_secrets(f"see {secret} now"))] == []


def test_hashes_ids_and_talk_about_passwords_are_left_alone() -> None:
    assert [text for text in harmless(seed=11, count=1000) if list(find_secrets(text))] == []
