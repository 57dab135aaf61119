import pytest
from pydantic import ValidationError

from genai.settings.safety import SafetySettings


@pytest.mark.parametrize("host", ["bank.example", "*.bank.example", "Bank.example", "localhost"])
def test_a_bare_host_can_be_allowed(host: str) -> None:
    assert SafetySettings(allowed_hosts=(host,)).allowed_hosts == (host,)


@pytest.mark.parametrize(
    "host",
    ["https://bank.example", "bank.example/x", "bank.example:443", "*", "a@bank.example", " ", ""],
)
def test_anything_else_is_refused_because_it_would_match_no_link(host: str) -> None:
    with pytest.raises(ValidationError, match=r"allowed_hosts[\s\S]*such as bank\.example"):
        SafetySettings(allowed_hosts=("bank.example", host))
