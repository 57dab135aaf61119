"""A query as it is, of fewer rows."""


def narrowed(query: str, test: str) -> str:
    """Of the rows that pass ``test``, too. The query must end with its tables or its conditions."""
    return f"{query} {'AND' if ' WHERE ' in query else 'WHERE'} {test}"
