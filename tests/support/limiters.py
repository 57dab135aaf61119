"""A limiter whose sessions are called in Redis as in production."""

from typing import Any

from genai.access.limits import Limiter
from genai.memory.session_names import SessionNames
from genai.memory.store import Store
from genai.settings.access import BudgetSettings, LimitSettings
from tests.support.vault import CIPHER


def limiter_on(
    store: Store, settings: LimitSettings, budgets: BudgetSettings | None = None, **clocks: Any
) -> Limiter:
    """A limiter without budgets, unless given."""
    names = SessionNames(CIPHER)
    return Limiter(store, names, settings, budgets or BudgetSettings(), **clocks)
