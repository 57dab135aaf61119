"""Session ids that the service generates for questions that name no session."""

import re
from uuid import uuid4

_OURS = re.compile(r"ses_[0-9a-f]{32}")


def new_session_id() -> str:
    return f"ses_{uuid4().hex}"


def is_generated(session_id: str) -> bool:
    """Whether the service generated the id."""
    return _OURS.fullmatch(session_id) is not None
