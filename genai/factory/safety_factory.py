"""Builds the guard that the settings ask for."""

from collections.abc import Sequence
from functools import cache
from typing import Literal

from genai.base.llm import BaseLLM
from genai.errors import Misconfigured
from genai.safety.base import Check, Guard, Stage
from genai.safety.by_policy import ByPolicy, Policy
from genai.safety.cached_check import CachedCheck
from genai.safety.classifiers.classifier import Classifier
from genai.safety.cut_short import CutShortCheck
from genai.safety.disguises.check import DisguiseCheck
from genai.safety.guard import ChecksGuard
from genai.safety.identifiers import ENTITIES, Identifiers
from genai.safety.injection.check import InjectionCheck, Reaction
from genai.safety.injection.network import (
    FOR_DATA,
    FOR_QUESTIONS,
    SHIPPED,
    NetworkClassifier,
)
from genai.safety.links.check import LinksCheck
from genai.safety.orders.classifier import ORDER_NETWORKS, EnsembleClassifier, LinearOrderModel
from genai.safety.personal_data import Action, PersonalDataCheck, Recognizer
from genai.safety.prompt_leak import PromptLeakCheck
from genai.safety.retelling.llm import DiscreetLLM
from genai.safety.secrets import SecretsCheck
from genai.safety.topics import TopicsCheck
from genai.safety.toxicity import ToxicityCheck
from genai.settings.safety import ChecksSettings, InjectionSettings, SafetySettings


def build_guard(settings: SafetySettings, prompts: Sequence[str] = ()) -> Guard:
    """``prompts`` are those that answers must not tell.

    Raises `Misconfigured` for an entity that nothing recognizes.
    """
    usual = _checks(settings, prompts)
    if not settings.policies:
        return usual
    policies = [
        Policy(policy.tenants, policy.routes, _checks(policy.checks, prompts))
        for policy in settings.policies
    ]
    return ByPolicy(policies, usual)


def discreet(llm: BaseLLM, settings: SafetySettings) -> BaseLLM:
    """Wraps a model that reads untrusted text, so that it cannot leak personal data in disguise."""
    checks = (settings, *(policy.checks for policy in settings.policies))
    kinds = {kind for each in checks if each.pii_output != "allow" for kind in _kinds(each)}
    return DiscreetLLM(llm, sorted(kinds, key=ENTITIES.index)) if kinds else llm


def _checks(settings: ChecksSettings, prompts: Sequence[str]) -> ChecksGuard:
    injection = _injection(settings.injection)
    secrets = _secrets(settings)
    topics = _topics(settings)
    personal = _personal_data(settings)
    checks: dict[Stage, list[Check]] = {
        "input": injection + topics + secrets + personal + _names(settings),
        "retrieval": injection + secrets,
        "tool": injection + secrets,
        "output": [*topics, *secrets, *personal, *_output(settings, prompts)],
    }
    return ChecksGuard(checks, timeout_s=settings.timeout_s)


def _output(settings: ChecksSettings, prompts: Sequence[str]) -> list[Check]:
    found: list[Check] = []
    personal = None if settings.pii_output == "allow" else settings.pii_output
    secrets: Literal["redact"] | None = "redact" if settings.secrets else None
    if personal or secrets:
        found.append(CutShortCheck(personal, secrets, [_identifiers(settings)]))
        identifiers = _identifiers(settings) if personal else None
        found.append(DisguiseCheck(identifiers, personal or "redact", secrets=settings.secrets))
    if settings.links != "allow":
        found.append(LinksCheck(settings.links, settings.allowed_hosts))
    if settings.system_prompt != "allow" and prompts:
        found.append(PromptLeakCheck(settings.system_prompt, prompts))
    if settings.toxicity != "allow":
        found.append(ToxicityCheck(settings.toxicity, settings.toxicity_threshold))
    return found


def _injection(settings: InjectionSettings) -> list[Check]:
    if not settings.enabled:
        return []

    def of_data(classifier: float) -> Reaction:
        return Reaction(
            "block" if settings.in_data == "withhold" else "flag",
            settings.threshold_data,
            classifier,
            settings.classifier_clears_data,
            settings.classifier_overrules_data,
        )

    policies: dict[Stage, Reaction] = {
        "input": Reaction(
            "block",
            settings.threshold,
            settings.classifier_threshold,
            settings.classifier_clears,
            alone=settings.classifier_threshold_alone,
        ),
        "retrieval": of_data(settings.classifier_threshold_passages),
        "tool": of_data(settings.classifier_threshold_data),
    }
    check = InjectionCheck(policies, _classifier(settings.classifier))
    return [CachedCheck(check, "retrieval")]


@cache
def _classifier(name: str) -> Classifier | None:
    """Loaded once a process."""
    match name:
        case "off":
            return None
        case "shipped":
            network = NetworkClassifier()
            for_data = NetworkClassifier(FOR_DATA, shared=network)
            questions = (
                NetworkClassifier(FOR_QUESTIONS[SHIPPED], shared=network),
                NetworkClassifier(FOR_QUESTIONS[FOR_DATA], shared=for_data),
            )
            for_orders = [NetworkClassifier(path, shared=network) for path in ORDER_NETWORKS]
            return EnsembleClassifier(for_data, for_orders, LinearOrderModel(), questions)
        case model:
            from genai.safety.classifiers.hub import HubClassifier

            return HubClassifier(model)


def _secrets(settings: ChecksSettings) -> list[Check]:
    """Secrets are kept from models and stores, and block an answer that would give them away."""
    if not settings.secrets:
        return []
    return [
        SecretsCheck(
            {"input": "redact", "retrieval": "redact", "tool": "redact", "output": "block"}
        )
    ]


def _topics(settings: ChecksSettings) -> list[Check]:
    return (
        [TopicsCheck(settings.blocked_topics, settings.topics)] if settings.blocked_topics else []
    )


def _personal_data(settings: ChecksSettings) -> list[Check]:
    actions: dict[Stage, Action] = {}
    if settings.pii_input != "allow":
        actions["input"] = settings.pii_input
    if settings.pii_output != "allow":
        own = settings.pii_input == "placeholder" and settings.pii_output == "redact"
        actions["output"] = "placeholder" if own else settings.pii_output
    if not actions:
        return []
    return [PersonalDataCheck([_identifiers(settings)], actions)]


def _names(settings: ChecksSettings) -> list[Check]:
    """Names are looked for in what callers say, never in answers: a bank may name its branches."""
    if settings.names == "off" or settings.pii_input == "allow":
        return []
    recognizer = _names_recognizer(settings)
    return [PersonalDataCheck([recognizer], {"input": settings.pii_input}, name="names")]


def _names_recognizer(settings: ChecksSettings) -> Recognizer:
    if settings.names == "tagger":
        from genai.safety.names.recognizer import NamesRecognizer

        return NamesRecognizer(settings.names_model, settings.names_entities)
    try:
        from genai.safety.pii import spacy_names
    except ImportError as error:
        raise ImportError('pip install "genai-factory[presidio]"') from error
    return spacy_names(settings.names_model or "en_core_web_lg", settings.names_entities)


def _identifiers(settings: ChecksSettings) -> Identifiers:
    return Identifiers(_kinds(settings))


def _kinds(settings: ChecksSettings) -> Sequence[str]:
    if settings.pii_entities == "all":
        return ENTITIES
    unknown = sorted(set(settings.pii_entities) - set(ENTITIES))
    if unknown:
        raise Misconfigured(f"safety.pii_entities: nothing recognizes {', '.join(unknown)}")
    return settings.pii_entities
