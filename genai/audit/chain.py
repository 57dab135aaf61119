"""A chain of decisions: every entry holds the digest of the one before it.

    entry 1 ◀── entry 2 ◀── entry 3 ◀── head

Whoever changes, removes, adds or reorders an entry breaks the chain there, unless all later ones are
made anew. With a secret nobody can do that who does not have it. The head, kept elsewhere, betrays a
chain whose end was cut off.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping

from genai.messages import Value
from genai.settings.access import AuditSettings

GENESIS = ""


class Decision(Value):
    """What was decided, by whom, about what. Ids and names of ours, never a person or a text.

    ``actor`` is a key id. ``count`` stands for that many equal decisions in a row.
    """

    action: str
    actor: str
    target: str = ""
    reason: str = ""
    request_id: str = ""
    count: int = 1


class Entry(Value):
    """A decision in its place in the chain. ``at`` is Unix time."""

    number: int
    at: float
    decision: Decision
    previous: str
    digest: str


class Head(Value):
    """The end of a chain: how long it is, and the digest of its last entry."""

    number: int = 0
    digest: str = GENESIS


class Verdict(Value):
    """What a check of a chain found. ``broken_at`` is the number of the first entry that is wrong."""

    head: Head
    broken_at: int | None = None
    why: str = ""


class Seal:
    """Makes digests: HMAC-SHA256 with a ``secret``, and without one SHA-256, which anybody can."""

    def __init__(self, secret: bytes = b"") -> None:
        self._secret = secret

    @property
    def kind(self) -> str:
        return "hmac" if self._secret else "sha256"

    def entry(self, decision: Decision, at: float, head: Head) -> Entry:
        """The decision as the next entry after ``head``."""
        number = head.number + 1
        digest = self._digest(self.kind, number, at, decision, head.digest)
        return Entry(number=number, at=at, decision=decision, previous=head.digest, digest=digest)

    def holds(self, entry: Entry) -> bool:
        """Whether the digest of the entry is its own."""
        kind = entry.digest.partition(":")[0]
        if kind not in ("sha256", self.kind):
            return False
        made = self._digest(kind, entry.number, entry.at, entry.decision, entry.previous)
        return hmac.compare_digest(made, entry.digest)

    def _digest(self, kind: str, number: int, at: float, decision: Decision, previous: str) -> str:
        said = [number, at, decision.model_dump(), previous]
        text = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
        if kind == "hmac":
            return "hmac:" + hmac.new(self._secret, text, hashlib.sha256).hexdigest()
        return "sha256:" + hashlib.sha256(text).hexdigest()


def build_seal(settings: AuditSettings, environ: Mapping[str, str]) -> Seal:
    """With the secret that the environment holds, when there is one."""
    return Seal(environ.get(settings.key_env, "").encode())


class Check:
    """Reads a chain from its beginning, part by part, and remembers the first thing wrong."""

    def __init__(self, seal: Seal, *, anchors: Iterable[Head] = ()) -> None:
        self._seal = seal
        self._anchors = {anchor.number: anchor.digest for anchor in anchors}
        self._head = Head()
        self._sealed = False
        self._broken: tuple[int, str] | None = None

    def read(self, entries: Iterable[Entry | None]) -> None:
        """The next entries; None stands for one that cannot be read."""
        for entry in entries:
            if self._broken is None:
                self._judge(entry)

    def verdict(self, head: Head, length: int | None = None) -> Verdict:
        """After the last entry. ``head`` is where the chain is said to end, ``length`` where it does."""
        if self._broken is None and length is not None and length > head.number:
            self._broken = (head.number + 1, "it was not appended by the service")
        if self._broken is None and head != self._head:
            self._broken = (self._head.number + 1, "the end of the chain is missing")
        beyond = [number for number in self._anchors if number > self._head.number]
        if self._broken is None and beyond:
            self._broken = (self._head.number + 1, "entries that were seen before are missing")
        at, why = self._broken or (None, "")
        return Verdict(head=self._head, broken_at=at, why=why)

    def _judge(self, entry: Entry | None) -> None:
        number = self._head.number + 1
        why = "it cannot be read" if entry is None else self._fault(entry, number)
        if entry is None or why:
            self._broken = (number, why)
            return
        self._sealed = self._sealed or entry.digest.startswith("hmac:")
        self._head = Head(number=number, digest=entry.digest)

    def _fault(self, entry: Entry, number: int) -> str:
        if entry.number != number:
            return f"it says that it is number {entry.number}"
        if entry.previous != self._head.digest:
            return "it does not follow the one before it"
        if self._sealed and not entry.digest.startswith("hmac:"):
            return "it is not sealed, and those before it are"
        if not self._seal.holds(entry):
            return "it was changed, or sealed with another secret"
        if self._anchors.get(number, entry.digest) != entry.digest:
            return "it is not the one that was seen before"
        return ""
