"""What a principal may do by its roles."""

import pytest

from genai.access.principal import Principal, Role
from genai.errors import Forbidden


def test_one_of_the_roles_suffices() -> None:
    ann = Principal(key_id="k", tenant="acme", user="ann", roles=("user", "auditor"))

    ann.require("admin", "auditor")


@pytest.mark.parametrize(
    ("needed", "told"),
    [
        (("auditor",), "this needs a key with the role auditor"),
        (("operator", "admin"), "this needs a key with the role operator or admin"),
        (("user", "operator", "admin"), "this needs a key with the role user, operator or admin"),
    ],
)
def test_a_refusal_names_the_roles_that_would_do(needed: tuple[Role, ...], told: str) -> None:
    mere = Principal(key_id="k", tenant="acme", user="ann", roles=("contributor",))

    with pytest.raises(Forbidden) as refused:
        mere.require(*needed)

    assert refused.value.message == told
