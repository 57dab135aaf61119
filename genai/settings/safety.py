"""The checks of what comes in and goes out."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import Field, model_validator

from genai.section import Section


class InjectionSettings(Section):
    """How instructions are found that somebody tries to slip in.

    ``classifier`` is ``shipped``, ``off``, or a folder or the name on a hub of a model for text
    classification. Thresholds are from 0 to 1. Those that end in ``data`` are for the results of tools
    and for passages, the others for what users write; passages come from documents that somebody with
    the role for it stored, so the classifier must be surer of them. To what users write, of which no
    rule has any doubt, it must give ``classifier_threshold_alone``. Where it gives less than what
    ``classifier_clears`` says, only the surest rules count; 0 lets all of them count always; below
    ``classifier_overrules_data`` none of them counts in data. ``in_data`` says whether a model may
    read data in which instructions were found, or it is withheld.
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
    """Which checks run, and what becomes of what they find.

    ``pii_input`` ``placeholder`` keeps personal data from models, tools, memory and logs, and puts it
    back in the answer to the one who gave it. Unless ``pii_output`` is ``allow``, models that read
    documents and results of tools cannot tell data of these in pieces, words or codes either.

    ``links`` are those of answers, by which data could be carried out, unless they lead to
    ``allowed_hosts`` (``bank.example``, or ``*.bank.example`` for all below it), or the caller gave
    them. ``system_prompt`` is what becomes of answers that tell one.

    ``names`` looks for names and places in questions, too: by the ``tagger`` of this project, or by
    ``presidio`` with a pipeline of spaCy's. ``names_model`` is the file or the pipeline.
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

    @property
    def light(self) -> bool:
        """Whether no check runs a model that takes longer than a call to another process."""
        return self.injection.classifier in ("off", "shipped") and self.names != "presidio"


class PolicySettings(Section):
    """Other checks for some. Empty ``tenants`` or ``routes`` means all of them.

    A route is where an answer comes from: ``chat``, ``rag``, ``agent``, ``plan``, or ``completions``
    for models that are called directly. While a question has none yet, its route is what was asked for, maybe
    ``auto``. What ``checks`` leaves out is as under ``safety``.
    """

    tenants: tuple[str, ...] = ()
    routes: tuple[Literal["auto", "chat", "rag", "agent", "plan", "completions"], ...] = ()
    checks: ChecksSettings


_NOT_OF_POLICIES = frozenset({"policies", "here_up_to_chars"})


class SafetySettings(ChecksSettings):
    """The checks, and those of ``policies``: the first that fits a request takes their place.

    A question of up to ``here_up_to_chars`` characters is checked by the process that it came to, as
    long as every check is light; longer ones go to the deployment of the checks.
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
        """Fills what a policy leaves out, before its keys and values are checked."""
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
    """The changes, with what only the base has; sections are merged, other values replaced."""
    merged = dict(base)
    for name, value in changes.items():
        before = base.get(name)
        if name != "blocked_topics" and isinstance(before, Mapping) and isinstance(value, Mapping):
            merged[name] = _over(before, value)
        else:
            merged[name] = value
    return merged
