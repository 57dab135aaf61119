from genai.safety.cleaned import cleaned


def test_personal_data_and_secrets_become_their_kind() -> None:
    text = "Ask ann@example.org about 4111 1111 1111 1111, key AKIAIOSFODNN7EXAMPLE"

    assert cleaned(text) == "Ask <EMAIL_ADDRESS> about <CREDIT_CARD>, key <SECRET>"


def test_other_text_stays_as_it_is() -> None:
    assert cleaned("Nothing to hide here.") == "Nothing to hide here."
