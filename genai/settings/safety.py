"""Settings of the safety checks."""

import re
from collections.abc import Mapping
from typing import Any, Final, Literal

from pydantic import Field, field_validator, model_validator

from genai.section import Section

_BARE_HOST: Final = re.compile(r"(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)*", re.IGNORECASE | re.ASCII)


class InjectionSettings(Section):
    """Detection of prompt injection.

    ``classifier`` is ``shipped``, ``off``, or a text classification model: a folder or a name on a hub.
    Thresholds are from 0 to 1. Those with ``data`` apply to tool results and passages, the others to
    what users write. ``classifier_threshold_passages`` is higher: passages come from documents that an
    authorised person stored.

    User text without any match of a rule must reach ``classifier_threshold_alone``. If the classifier's
    score is below ``classifier_clears``, only the surest rules count (0: all rules always count); in
    data, only certain ones below ``classifier_overrules_data``. ``in_data`` says whether data with
    instructions is withheld from the model, or only flagged.
    """

    enabled: bool = True
    threshold: float = Field(default=0.5, gt=0, le=1)
    threshold_data: float = Field(default=0.5, gt=0, le=1)
    classifier: str = Field(default="shipped", min_length=1)
    classifier_threshold: float = Field(default=0.5, gt=0, le=1)
    classifier_threshold_alone: float = Field(default=0.55, ge=0, le=1)
    classifier_threshold_data: float = Field(default=0.5, gt=0, le=1)
    classifier_threshold_passages: float = Field(default=0.94, gt=0, le=1)
    classifier_clears: float = Field(default=0.05, ge=0, lt=1)
    classifier_clears_data: float = Field(default=0.33, ge=0, lt=1)
    classifier_overrules_data: float = Field(default=0.076, ge=0, lt=1)
    in_data: Literal["withhold", "flag"] = "withhold"


class ChecksSettings(Section):
    """The checks, and the action on each kind of finding.

    ``pii_input: placeholder`` hides personal data from models, tools, memory and logs, and restores it
    in the answer to its owner. Unless ``pii_output`` is ``allow``, models that read documents and tool
    results cannot leak such data in pieces, words or codes either.

    ``links`` applies to links in answers, which could exfiltrate data. Exempt are ``allowed_hosts``
    (``bank.example``, or ``*.bank.example`` for all below it) and links that the caller gave.
    ``system_prompt`` applies to answers that reveal one.

    ``names`` detects names and places in questions, too: with the project's ``tagger``, or with
    ``presidio`` and a spaCy pipeline. ``names_model`` is the file or the pipeline.
    """

    injection: InjectionSettings = InjectionSettings()
    pii_input: Literal["allow", "placeholder", "redact", "block"] = "placeholder"
    pii_output: Literal["allow", "redact", "block"] = "redact"
    pii_entities: tuple[str, ...] | Literal["all"] = "all"
    names: Literal["off", "tagger", "presidio"] = "off"
    names_model: str = ""
    names_entities: tuple[str, ...] = ("PERSON", "LOCATION", "ADDRESS")
    secrets: bool = True
    links: Literal["allow", "redact", "block"] = "redact"
    allowed_hosts: tuple[str, ...] = ()
    system_prompt: Literal["allow", "redact", "block"] = "block"
    toxicity: Literal["allow", "redact", "block"] = "block"
    toxicity_threshold: float = Field(default=0.2, gt=0, le=1)
    blocked_topics: dict[str, tuple[str, ...]] = {}
    topics: Literal["redact", "block"] = "block"
    timeout_s: float = Field(default=5.0, gt=0)

    @field_validator("allowed_hosts")
    @classmethod
    def hosts_are_bare(cls, hosts: tuple[str, ...]) -> tuple[str, ...]:
        """Others would match no link."""
        if others := [host for host in hosts if not _BARE_HOST.fullmatch(host)]:
            raise ValueError(
                f"{', '.join(map(repr, others))}: a host is wanted without scheme, port and path, "
                "such as bank.example or *.bank.example"
            )
        return hosts

    @property
    def light(self) -> bool:
        """Whether every check is cheaper than a call to another process."""
        return self.injection.classifier in ("off", "shipped") and self.names != "presidio"


class PolicySettings(Section):
    """Different checks for certain tenants and routes. Empty ``tenants`` or ``routes`` means all.

    A route is where an answer comes from: ``chat``, ``rag``, ``agent``, ``plan``, or ``completions``
    for direct calls of models. Before a question is routed, it is the requested route, such as
    ``auto``. What ``checks`` omits is as under ``safety``.
    """

    tenants: tuple[str, ...] = ()
    routes: tuple[Literal["auto", "chat", "rag", "agent", "plan", "completions"], ...] = ()
    checks: ChecksSettings


_NOT_OF_POLICIES = frozenset({"policies", "here_up_to_chars"})


class SafetySettings(ChecksSettings):
    """The checks, and ``policies`` for certain requests: the first that matches applies.

    Texts of up to ``here_up_to_chars`` characters are checked in the ingress process, if every check is
    light; longer ones in the Safety deployment.
    """

    policies: tuple[PolicySettings, ...] = ()
    here_up_to_chars: int = Field(default=2000, ge=0)

    @property
    def chars_here(self) -> int:
        every = (self, *(policy.checks for policy in self.policies))
        return self.here_up_to_chars if all(checks.light for checks in every) else 0

    @model_validator(mode="before")
    @classmethod
    def policies_inherit(cls, data: Any) -> Any:
        """Fills in what a policy omits, before validation."""
        if not isinstance(data, Mapping) or not data.get("policies"):
            return data
        base = {name: value for name, value in data.items() if name not in _NOT_OF_POLICIES}
        policies = [_inherited(policy, base) for policy in data["policies"]]
        return {**base, "policies": policies}


def _inherited(policy: Any, base: Mapping[str, Any]) -> Any:
    if not isinstance(policy, Mapping) or not isinstance(policy.get("checks"), Mapping):
        return policy
    return {**policy, "checks": _over(base, policy["checks"])}


def _over(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """``changes`` merged into ``base``, section by section."""
    merged = dict(base)
    for name, value in changes.items():
        before = base.get(name)
        if name != "blocked_topics" and isinstance(before, Mapping) and isinstance(value, Mapping):
            merged[name] = _over(before, value)
        else:
            merged[name] = value
    return merged
