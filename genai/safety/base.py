"""The interfaces of safety checks.

text ──▶ Guard ──▶ Verdict (allow, redact, block)
             └── Check, Check, Check   each looks for one kind of harm
"""

from typing import Literal, NamedTuple, Protocol

from pydantic import Field

from genai.messages import Decision, RequestContext, Value

Stage = Literal["input", "retrieval", "tool", "output"]

LOOKBEHIND = 64
"""How many characters to the left of a finding a check may take into account, as they are read."""


class Finding(NamedTuple):
    """A place in a text. ``replacement`` is what stands there after redaction; None blocks all.

    ``reversible`` keeps what stood there, for who may see it.
    """

    start: int
    end: int
    rule: str
    score: float = 1.0
    replacement: str | None = None
    reversible: bool = False


class Scan(NamedTuple):
    """What one check found in a text that may still grow.

    Characters before ``safe_upto`` can be released: no text to come can turn any of them into part
    of a finding that is not already in ``findings``. For a final text it is the length of the text.
    A finding that starts at ``safe_upto`` or later is not certain yet, and does not count.
    """

    safe_upto: int
    findings: tuple[Finding, ...] = ()


class Check(Protocol):
    """Looks for one kind of harm. Pure: the same text gives the same findings."""

    name: str

    async def async_scan(self, text: str, stage: Stage, *, final: bool = True) -> Scan:
        """Raises whatever goes wrong; the guard turns that into `GuardUnavailable`."""
        ...


class Original(Value):
    """What was taken out of a text: where its replacement stands, and what stood there before."""

    start: int
    end: int
    entity: str
    text: str = Field(repr=False)


class Verdict(Value):
    """The decision over a text. ``text`` is what may go on: redacted where something was found.

    For a text that may still grow (``final`` false), ``text`` holds only what can be released now,
    ``consumed`` says how many characters of the original it stands for, and ``decisions`` lists
    only checks that found something. ``originals`` lists in order what was taken out reversibly.
    """

    action: Literal["allow", "redact", "block"]
    text: str
    consumed: int
    decisions: tuple[Decision, ...] = ()
    originals: tuple[Original, ...] = ()

    @property
    def rule(self) -> str:
        """The rule that decided; empty when everything is allowed."""
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
        """Raises `GuardUnavailable` when any check could not run: no check, no text.

        Characters before ``start`` were decided earlier and are only context: the verdict's
        ``text`` and ``consumed`` begin at ``start``. `LOOKBEHIND` characters of context are enough.

        Never raises for harmful text: the verdict says ``block``, and the caller refuses.
        Has no effects; safe to call twice.
        """
        ...
