"""A chain of decisions: every entry holds the digest of the one before it.

    entry 1 ◀── entry 2 ◀── entry 3 ◀── head

Whoever changes, removes, adds or reorders an entry breaks the chain there, unless all later ones are
made anew. With a secret, which is different for each tenant, nobody can do that who does not have it, nor
move the end, which is sealed too: a chain can only be put back to an end that it once had. A head that was
kept elsewhere betrays that, and so does a process that still knows a later one.
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

    @property
    def sealed(self) -> bool:
        return self.digest.startswith("hmac:")


class Verdict(Value):
    """What a check of a chain found. ``broken_at`` is the number of the first entry that is wrong,
    ``unsealed`` how many of the first entries anybody could have made."""

    head: Head
    unsealed: int = 0
    broken_at: int | None = None
    why: str = ""


LOST = "audit.lost"
"""The action of an entry by which the service tells that the log before it is not as it had been."""

SEALED = "audit.sealed"
"""The action of an entry by which the service tells that nothing before it was sealed."""


class Seal:
    """Makes digests: HMAC-SHA256 with a ``secret``, and without one SHA-256, which anybody can."""

    def __init__(self, secret: bytes = b"") -> None:
        self._secret = secret

    def of(self, tenant: str) -> "Seal":
        """The seal of one tenant's chain. Entries of another tenant's chain do not hold."""
        return Seal(self._mac(f"tenant {tenant}").digest()) if self._secret else self

    def end(self, head: Head) -> str:
        """The seal of a chain's end; empty without a secret."""
        return self._mac(f"end {head.number} {head.digest}").hexdigest() if self._secret else ""

    def holds_end(self, head: Head, sealed: str) -> bool:
        return not head.number or hmac.compare_digest(self.end(head).encode(), sealed.encode())

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
        text = json.dumps(said, sort_keys=True, separators=(",", ":"))
        if kind == "hmac":
            return "hmac:" + self._mac(text).hexdigest()
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()

    def _mac(self, text: str) -> hmac.HMAC:
        return hmac.new(self._secret, text.encode(), hashlib.sha256)


def build_seal(settings: AuditSettings, environ: Mapping[str, str]) -> Seal:
    """With the secret that the environment holds, when there is one."""
    return Seal(environ.get(settings.key_env, "").encode())


class Check:
    """Reads a chain from its beginning, part by part, and remembers the first thing wrong."""

    def __init__(self, seal: Seal, *, anchors: Iterable[Head] = ()) -> None:
        self._seal = seal
        self._anchors = {anchor.number: anchor.digest for anchor in anchors}
        self._seen = max(self._anchors, default=0)
        self._head = Head()
        self._sealed = False
        self._unsealed = 0
        self._broken: tuple[int, str] | None = None

    def read(self, entries: Iterable[Entry | None]) -> None:
        """The next entries; None stands for one that cannot be read."""
        for entry in entries:
            if self._broken is None:
                self._judge(entry)

    def verdict(self, head: Head, sealed: str = "", *, length: int | None = None) -> Verdict:
        """After the last entry. ``head`` is where the chain is said to end, under this seal of the end;
        ``length`` is where it does."""
        at, why = self._broken or self._fault_of_end(head, sealed, length) or (None, "")
        return Verdict(head=self._head, unsealed=self._unsealed, broken_at=at, why=why)

    def _fault_of_end(self, head: Head, sealed: str, length: int | None) -> tuple[int, str] | None:
        if length is not None and length > head.number:
            return head.number + 1, "it was not appended by the service"
        if head != self._head:
            return self._head.number + 1, "the end of the chain is missing"
        if self._seen > self._head.number:
            return self._head.number + 1, "entries that were seen before are missing"
        if not self._seal.holds_end(head, sealed):
            return self._head.number, "the end of the chain is not sealed, or was moved"
        return None

    def _judge(self, entry: Entry | None) -> None:
        number = self._head.number + 1
        why = "it cannot be read" if entry is None else self._fault(entry, number)
        if entry is None or why:
            self._broken = (number, why)
            return
        self._head = Head(number=number, digest=entry.digest)
        self._sealed = self._head.sealed
        self._unsealed += not self._sealed

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
        if entry.decision.action == LOST and number > self._seen:
            return f"the service found that entries up to number {entry.decision.target} had been replaced"
        return ""
