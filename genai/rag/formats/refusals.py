"""The reasons why a file is rejected."""


class Unreadable(Exception):
    """``reason`` is one of `REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


REASONS = {
    "broken": "the file is damaged, or it is not of the format that was named",
    "encrypted": "the file is encrypted; store it without a password",
    "too_large": "the file unpacks into more than can be read",
    "too_slow": "the file takes too long to read",
    "too_deep": "the file is nested too deeply",
    "empty": "there is no readable text in the file",
}

NO_READER = 3
"""The exit code of a reader whose package is not installed."""
