"""Says in plain words what a person changed in the arguments of an action."""

import json
from typing import Any


def edited(requested: str, approved: str) -> str:
    """The arguments that differ, by name, with their approved values. Empty if none does."""
    before, after = json.loads(requested), json.loads(approved)
    changed = [
        f"{_named(name)} {_shown(value)}"
        for name, value in after.items()
        if name not in before or before[name] != value
    ]
    left_out = [f"no {_named(name)}" for name in before if name not in after]
    return ", ".join(changed + left_out)


def _named(argument: str) -> str:
    return argument.replace("_", " ")


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return " ".join(text.split())
