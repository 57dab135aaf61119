"""The interfaces of safety checks.

text ──▶ Guard ──▶ Verdict (allow, redact, block)
             └── Check, Check, Check   each looks for one kind of harm
"""

from typing import Literal, NamedTuple, Protocol

from pydantic import Field

from genai.messages import Decision, RequestContext, Value

Stage = Literal["input", "retrieval", "tool", "output"]

LOOKBEHIND = 84
"""Characters before a finding that a check may use as context."""


class Finding(NamedTuple):
    """A span of a text. ``replacement`` is its redaction; `None` blocks the whole text.

    With ``reversible`` the original is kept, for those who may see it.
    """

    start: int
    end: int
    rule: str
    score: float = 1.0
    replacement: str | None = None
    reversible: bool = False


class Scan(NamedTuple):
    """The findings of one check in a text that may still grow.

    Characters before ``safe_upto`` can be released: no later text can make any of them part of a
    finding that is not in ``findings``. For a final text it is the length of the text. A finding that
    starts at ``safe_upto`` or later is not certain yet, and does not count.
    """

    safe_upto: int
    findings: tuple[Finding, ...] = ()


class Check(Protocol):
    """Looks for one kind of harm. A pure function of the text."""

    name: str

    async def async_scan(self, text: str, stage: Stage, *, final: bool = True) -> Scan:
        """Raises any error; the guard converts it to `GuardUnavailable`."""
        ...


class Original(Value):
    """A reversible redaction: the position of the replacement, and the original."""

    start: int
    end: int
    entity: str
    text: str = Field(repr=False)


class Verdict(Value):
    """The decision about a text. ``text`` may be passed on, with redactions.

    For a text that may still grow (``final`` false), ``text`` is what can be released now, ``consumed``
    the number of original characters that it covers, and ``decisions`` has only checks with findings.
    ``originals`` has the reversible redactions in order.
    """

    action: Literal["allow", "redact", "block"]
    text: str
    consumed: int
    decisions: tuple[Decision, ...] = ()
    originals: tuple[Original, ...] = ()

    @property
    def rule(self) -> str:
        """The rule that decided, or empty."""
        return next((d.rule for d in self.decisions if d.action == self.action and d.rule), "")


class Guard(Protocol):
    """Runs all checks of a stage over a text."""

    async def async_inspect(
        self,
        text: str,
        stage: Stage,
        context: RequestContext,
        *,
        final: bool = True,
        start: int = 0,
    ) -> Verdict:
        """Raises `GuardUnavailable` if any check could not run: an unchecked text never passes.

        Characters before ``start`` were decided earlier and are context only: the verdict's ``text``
        and ``consumed`` begin at ``start``. `LOOKBEHIND` characters of context suffice.

        Never raises for harmful text: the verdict says ``block``, and the caller refuses. Idempotent.
        """
        ...
