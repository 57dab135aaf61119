"""What to say to someone who wrote a name that does not exist."""

from collections.abc import Collection
from difflib import get_close_matches


def hint(name: str, known: Collection[str]) -> str:
    """The names that were probably meant, and all that there are."""
    near = get_close_matches(name, known)
    meant = f" (did you mean {' or '.join(near)}?)" if near else ""
    names = f"; known are {', '.join(sorted(known))}" if known else ""
    return f"{meant}{names}"
