"""Removes links from answers through which data could leak: clients load images without a click."""

from collections.abc import Iterable, Sequence
from typing import Literal

from genai.safety.base import Check, Finding, Scan, Stage
from genai.safety.folding import Folded, folded
from genai.safety.links.finders import Span, addresses, disguised, undecided_from
from genai.safety.links.hosts import AllowedHosts

LINK = "LINK"
_NOWHERE = AllowedHosts()


class LinksCheck(Check):
    """Allows only links to ``hosts``. The redaction of a link that the caller gave is reversible."""

    name = "links"
    waits = False

    def __init__(self, action: Literal["redact", "block"], hosts: Sequence[str] = ()) -> None:
        self._replacement = f"<{LINK}>" if action == "redact" else None
        self._hosts = AllowedHosts(hosts)

    async def async_scan(self, text: str, stage: Stage, *, final: bool = True) -> Scan:
        read = folded(text)
        safe_upto = len(text) if final else read.position(undecided_from(read.text))
        findings = tuple(
            Finding(start, end, LINK, replacement=self._replacement, reversible=True)
            for start, end in _elsewhere(text, read, self._hosts)
        )
        return Scan(findings=findings, safe_upto=safe_upto)


def links_in(texts: Iterable[str]) -> frozenset[str]:
    """All links in these texts, as the check finds them."""
    return frozenset(
        bare(text[start:end])
        for text in texts
        for start, end in _elsewhere(text, folded(text), _NOWHERE)
    )


def bare(link: str) -> str:
    """The link without surrounding brackets."""
    return link.strip("()<> ")


def _elsewhere(text: str, read: Folded, hosts: AllowedHosts) -> list[Span]:
    """The spans of forbidden links; judged by their spelling, not by their normalised form."""
    spelt = {read.place(*span) for span in addresses(read.text)}
    found = {span for span in spelt if not hosts.allow(text[slice(*span)])}
    found |= {read.place(*span) for span in disguised(read.text, hosts)}
    return _merged(found) if found else []


def _merged(spans: set[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
