"""Builds the guard that the settings ask for."""

from functools import cache

from genai.errors import Misconfigured
from genai.safety.base import Check, Stage
from genai.safety.classifier import Classifier
from genai.safety.guard import ChecksGuard
from genai.safety.identifiers import ENTITIES, Identifiers
from genai.safety.injection import InjectionCheck, Policy
from genai.safety.injection_classifier import LinearClassifier
from genai.safety.personal_data import Action, PersonalDataCheck, Recognizer
from genai.safety.secrets import SecretsCheck
from genai.safety.topics import TopicsCheck
from genai.settings import InjectionSettings, SafetySettings


def build_guard(settings: SafetySettings) -> ChecksGuard:
    """Raises `Misconfigured` for an entity that nothing recognizes."""
    injection = _injection(settings.injection)
    secrets = _secrets(settings)
    topics = _topics(settings)
    personal = _personal_data(settings)
    checks: dict[Stage, list[Check]] = {
        "input": injection + topics + secrets + personal + _names(settings),
        "retrieval": injection + secrets,
        "tool": injection + secrets,
        "output": topics + secrets + personal,
    }
    return ChecksGuard(checks, timeout_s=settings.timeout_s)


def _injection(settings: InjectionSettings) -> list[Check]:
    if not settings.enabled:
        return []
    data = Policy(
        "block" if settings.in_data == "withhold" else "flag",
        settings.threshold_data,
        settings.classifier_threshold_data,
    )
    policies: dict[Stage, Policy] = {
        "input": Policy("block", settings.threshold, settings.classifier_threshold),
        "retrieval": data,
        "tool": data,
    }
    return [InjectionCheck(policies, _classifier(settings.classifier))]


@cache
def _classifier(name: str) -> Classifier | None:
    """Loaded once a process."""
    match name:
        case "off":
            return None
        case "shipped":
            return LinearClassifier()
        case model:
            from genai.safety.hub_classifier import HubClassifier

            return HubClassifier(model)


def _secrets(settings: SafetySettings) -> list[Check]:
    """Secrets are kept from models and stores, and block an answer that would give them away."""
    if not settings.secrets:
        return []
    return [
        SecretsCheck(
            {"input": "redact", "retrieval": "redact", "tool": "redact", "output": "block"}
        )
    ]


def _topics(settings: SafetySettings) -> list[Check]:
    return [TopicsCheck(settings.blocked_topics)] if settings.blocked_topics else []


def _personal_data(settings: SafetySettings) -> list[Check]:
    actions: dict[Stage, Action] = {}
    if settings.pii_input != "allow":
        actions["input"] = settings.pii_input
    if settings.pii_output != "allow":
        own = settings.pii_input == "placeholder" and settings.pii_output == "redact"
        actions["output"] = "placeholder" if own else settings.pii_output
    if not actions:
        return []
    return [PersonalDataCheck([_identifiers(settings)], actions)]


def _names(settings: SafetySettings) -> list[Check]:
    """Names are looked for in what callers say, never in answers: a bank may name its branches."""
    if settings.names == "off" or settings.pii_input == "allow":
        return []
    recognizer = _names_recognizer(settings)
    return [PersonalDataCheck([recognizer], {"input": settings.pii_input}, name="names")]


def _names_recognizer(settings: SafetySettings) -> Recognizer:
    if settings.names == "tagger":
        from genai.safety.names.recognizer import NamesRecognizer

        return NamesRecognizer(settings.names_model, settings.names_entities)
    try:
        from genai.safety.pii import spacy_names
    except ImportError as error:
        raise ImportError('pip install "genai-factory[presidio]"') from error
    return spacy_names(settings.names_model or "en_core_web_lg", settings.names_entities)


def _identifiers(settings: SafetySettings) -> Identifiers:
    if settings.pii_entities == "all":
        return Identifiers()
    unknown = sorted(set(settings.pii_entities) - set(ENTITIES))
    if unknown:
        raise Misconfigured(f"safety.pii_entities: nothing recognizes {', '.join(unknown)}")
    return Identifiers(settings.pii_entities)
