"""Adds conditions to queries."""


def with_condition(query: str, test: str) -> str:
    """Adds a condition. The query must end with its tables or its conditions."""
    return f"{query} {'AND' if ' WHERE ' in query else 'WHERE'} {test}"
