"""Regular expressions for the formats of JSON schema: common forms, each of bounded length."""

import functools
from collections.abc import Mapping
from typing import Final

from genai.llms.json_schema.patterns.parsing import parse
from genai.llms.json_schema.patterns.tree import Node

DATE: Final = (
    r"[12]\d{3}-((0[13578]|1[02])-(0[1-9]|[12]\d|3[01])"
    r"|(0[469]|11)-(0[1-9]|[12]\d|30)|02-(0[1-9]|1\d|2[0-8]))"
)
TIME: Final = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?(Z|[+-](0\d|1[0-3]):[0-5]\d)"
LABEL: Final = r"[a-z0-9]{1,24}(-[a-z0-9]{1,16})?"
HOST: Final = rf"({LABEL}\.){{1,3}}[a-z]{{2,8}}"
EMAIL: Final = rf"[A-Za-z0-9]{{1,24}}([._+-][A-Za-z0-9]{{1,24}}){{0,2}}@{HOST}"
STEPS: Final = r"(/[A-Za-z0-9_.~-]{1,24}){0,4}"
REST: Final = rf"{STEPS}/?(\?[A-Za-z0-9_.~=&-]{{1,40}})?(#[A-Za-z0-9_-]{{1,24}})?"
URI: Final = rf"https?://{HOST}(:[1-9]\d{{1,3}})?{REST}"
BYTE: Final = r"(25[0-5]|2[0-4]\d|1\d\d|[1-9]\d|\d)"
GROUP: Final = r"[0-9a-f]{1,4}"
HEX: Final = r"[0-9a-f]"

PATTERNS: Final[Mapping[str, str]] = {
    "date": DATE,
    "time": TIME,
    "date-time": f"{DATE}T{TIME}",
    "duration": r"P(\d{1,3}W|[1-9]\d{0,2}D(T\d{1,3}H)?|T[1-9]\d{0,3}[HMS])",
    "email": EMAIL,
    "idn-email": EMAIL,
    "hostname": HOST,
    "idn-hostname": HOST,
    "ipv4": rf"({BYTE}\.){{3}}{BYTE}",
    "ipvanyaddress": rf"({BYTE}\.){{3}}{BYTE}",
    "ipv6": rf"({GROUP}:){{7}}{GROUP}",
    "uri": URI,
    "iri": URI,
    "uri-template": URI,
    "uri-reference": rf"/[A-Za-z0-9_~-]{{1,24}}{REST}",
    "iri-reference": rf"/[A-Za-z0-9_~-]{{1,24}}{REST}",
    "uuid": rf"{HEX}{{8}}-{HEX}{{4}}-4{HEX}{{3}}-[89ab]{HEX}{{3}}-{HEX}{{12}}",
    "json-pointer": r"(/[A-Za-z0-9_.-]{1,24}){0,4}",
    "relative-json-pointer": r"(0|[1-9]\d?)(/[A-Za-z0-9_.-]{1,24}){0,4}",
    "regex": r"[A-Za-z0-9 _-]{0,40}",
}
"""Any other format is a mere annotation: every string is valid."""


@functools.cache
def format_pattern(name: str) -> Node | None:
    """`None` for a format that is not checked."""
    pattern = PATTERNS.get(name)
    return parse(f"^{pattern}$") if pattern is not None else None
