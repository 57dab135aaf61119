"""All rules about slipped-in instructions, and which of them a word calls for."""

from genai.safety.injection_orders import DROP_RULES, NEW_RULES, SHOW_RULES
from genai.safety.injection_personas import PERSONA_RULES
from genai.safety.injection_rule import Rule
from genai.safety.injection_traces import TRACE_RULES

RULES: tuple[Rule, ...] = (*DROP_RULES, *NEW_RULES, *SHOW_RULES, *PERSONA_RULES, *TRACE_RULES)

BY_WORD: dict[str, tuple[Rule, ...]] = {
    word: tuple(rule for rule in RULES if word in rule.needs)
    for word in sorted({word for rule in RULES for word in rule.needs})
}
