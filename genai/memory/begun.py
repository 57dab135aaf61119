"""Names of the sessions that the service begins by itself, for questions that name none."""

import re
from uuid import uuid4

_OURS = re.compile(r"ses_[0-9a-f]{32}")


def new_session_id() -> str:
    return f"ses_{uuid4().hex}"


def is_begun(session_id: str) -> bool:
    """Whether it was the service that chose the name."""
    return _OURS.fullmatch(session_id) is not None
