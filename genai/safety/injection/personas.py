"""Rules for jailbreak personas."""

from genai.safety.injection.rule import rule, words

_LIMITS = (
    "restrictions limitations filters filtering censorship morals morality ethics ethical "
    "safeguards guardrails disclaimers moderation inhibitions"
)
_LAWLESS = "unfiltered uncensored amoral unethical immoral unrestricted unhinged unaligned"
_REFUSALS = (
    "refuse refuses refusing decline apologize apologise reject warn warnings disclaimers moralize"
)
_FICTION = "hypothetical fictional fictitious imaginary alternate parallel"

PERSONA_RULES = (
    rule(
        "jailbreak", 0.8, "anything dan jailbroken broken jailbreak d",
        r"\bdo[\s.]{1,2}anything[\s.]{1,2}now\b(?! (?:to|that|about|for|with|if|or)\b)"
        r"|\bd\.?a\.?n\.? mode\b|\bjailbreak mode\b"
        r"|\b(?:you are|you're|now|be|become|fully|ai|assistant|bot|model|gpt) jail ?broken\b"
        r"|\bas dan\b|\byou are dan\b",
    ),
    rule(
        "jailbreak", 0.5, "mode",
        r"\b(?:developer|dev|debug|god|sudo|admin(?:istrator)?|maintenance|unrestricted|uncensored"
        r"|opposite|evil|jailbreak|unlocked|root|unfiltered|no.limits?) mode\b",
    ),
    rule(
        "jailbreak", 0.35, "mode",
        r"\bmode (?:enabled|activated|unlocked|engaged)\b"
        r"|\b(?:enable|activate|enter) \w{1,20} mode\b",
    ),
    rule(
        "jailbreak", 0.45, _LIMITS,
        r"\b(?:without|no|zero|free (?:from|of)|lacks?|devoid of|removed?|lift(?:ed)?|any)\b",
        words(_LIMITS), gap=4,
    ),
    rule(
        "jailbreak", 0.45, "bound restricted limited constrained governed",
        r"\b(?:not|isn't|aren't|no longer|never) (?:\w{1,12} )?"
        r"(?:bound|restricted|limited|constrained|governed) (?:by|to)\b",
    ),
    rule("jailbreak", 0.45, _LAWLESS, words(_LAWLESS)),
    rule(
        "jailbreak", 0.45, _REFUSALS,
        r"\b(?:never|not|don't|cannot|can't|won't|must not)\b", words(_REFUSALS),
    ),
    rule(
        "jailbreak", 0.3, "character role",
        r"\b(?:stay|remain|keep|stays?) in (?:character|role)\b|\bbreaks? character\b",
    ),
    rule(
        "jailbreak", 0.4, "regardless irrespective matter even whether",
        r"\b(?:regardless|irrespective|no matter|even if|whether or not)\b",
        r"(?:legal(?:ity)?|illegal|ethic\w{0,6}|moral\w{0,4}|harmful|offensive|immoral|unethical"
        r"|dangerous|inappropriate|consequences)\b", gap=6,
        also="legal legality illegal ethic ethics ethical ethically moral morals morality morally "
        "harmful offensive immoral unethical dangerous inappropriate consequences",
    ),
    rule(
        "jailbreak", 0.35, "policy policies guidelines rules restrictions limitations constraints",
        r"\b(?:openai|anthropic|google|content|usage|community|safety|ethical|moral|ai)(?:'s|s)? "
        r"(?:content )?(?:polic(?:y|ies)|guidelines|rules|restrictions|limitations|constraints)\b",
    ),
    rule(
        "jailbreak", 0.25, "now henceforth",
        r"\b(?:from now on|starting now|henceforth|as of now)\b",
    ),
    rule(
        "jailbreak", 0.25, "ai chatbot bot assistant llm chatgpt gpt dan unbound evil hacker now",
        r"\b(?:you are|you're|you will be|act as|acting as|pretend(?: to be| you are| that)?"
        r"|role-?play as|simulate|imagine you are|behave (?:as|like)|become)\b",
        r"(?:an? (?:ai|chatbot|bot|assistant|llm|evil|hacker)|chatgpt|gpt|now|dan|unbound)\b",
        gap=2,
    ),
    rule(
        "jailbreak", 0.25, "chatgpt gpt openai model claude gemini llama gpt3 gpt4 gpt5",
        r"\b(?:chatgpt|chat gpt|gpt-?[345]\w{0,5}|openai|language model|claude|gemini|llama)\b",
    ),
    rule(
        "jailbreak", 0.25, _FICTION,
        words(_FICTION),
        words("universe world story scenario response dialogue reality character ai"),
    ),
    rule(
        "jailbreak", 0.35, "answer respond reply comply obey fulfill fulfil",
        words("answer respond reply comply obey fulfill fulfil"),
        words("any every all anything everything whatever"),
        r"(?:questions?|requests?|prompts?|asked?|commands?|demands?|i (?:say|ask|want))\b",
    ),
    rule(
        "jailbreak", 0.35, "gpt chatgpt jailbreak",
        r"\[(?:chat)?gpt\]|\[[^\]]{0,6}jailbreak[^\]]{0,6}\]",
    ),
    rule(
        "jailbreak", 0.3, "ways responses answers",
        r"\b(?:two|2) (?:different |separate )?(?:ways|responses|answers)\b",
    ),
    rule(
        "jailbreak", 0.4, "rules confines shackles chains prohibitions boundaries limits",
        r"\b(?:free (?:from|of)|unbound by|break(?:s|ing)? free (?:from|of)|disregards?|breaks)\b",
        words("rules confines shackles chains prohibitions boundaries"),
    ),
    rule(
        "jailbreak", 0.45, "freed liberated free escaped unshackled unchained",
        r"\b(?:been (?:freed|liberated|unshackled|unchained)|broken free|escaped the matrix)\b",
    ),
    rule("jailbreak", 0.35, "ai chatbot bot", r"\bno[ -](?:limits|rules) (?:ai|chatbot|bot)\b"),
    rule(
        "jailbreak", 0.3, "anything whatever",
        r"\b(?:say|do|answer|generate|write|create)\b", r"(?:anything|whatever)\b",
        r"(?:you|i|we|they)(?:'d)? (?:want|like|ask|please|wish|say)\b", gap=1,
    ),
    rule(
        "jailbreak", 0.4, "evil antigpt opposite twin",
        r"\bevil (?:\w{1,15} )?(?:twin|version|bot|ai|confidant|assistant)\b|\bantigpt\b"
        r"|\bopposite day\b",
    ),
    rule(
        "jailbreak", 0.3, "tokens",
        r"\b(?:lose|deduct(?:ed)?|losing|subtract(?:ed)?|take away|have|start with)\b",
        r"(?:\d{1,4} )?tokens\b", gap=2,
        also="lose losing deduct deducted subtract subtracted",
    ),
    rule(
        "jailbreak", 0.25, "response reply answer message responses replies answers messages",
        r"\b(?:start|begin|preface|prefix|end)\b", r"(?:every|each|all|your)\b",
        r"(?:responses?|replies|reply|answers?|messages?)\b", gap=2,
        also="start begin preface prefix end",
    ),
    rule(
        "jailbreak", 0.5, "grandma grandmother grandpa grandfather",
        r"\b(?:deceased|dead|late)\b", r"(?:grandma|grandmother|grandpa|grandfather)\b", gap=1,
    ),
    rule(
        "extraction", 0.6, "grandma grandmother grandpa grandfather granny mother uncle",
        r"\b(?:pretend|imagine|act|play|role-?play|be)\b",
        r"(?:grandma|grandmother|grandpa|grandfather|granny|mother|uncle)\b",
        r"(?:internal|system|secret|hidden|confidential|your) (?:\w{1,15} )?"
        r"(?:rules?|instructions?|prompts?|guidelines|passwords?|codes?|keys?)\b", gap=8,
    ),
    rule(
        "jailbreak", 0.6, "disabled off lifted suspended removed deactivated void",
        r"\b(?:safety|content|moderation|ai) (?:checks?|filters?|rules?|measures?|guardrails?"
        r"|restrictions?|polic(?:y|ies)|protocols?|controls?)\b",
        r"(?:are|is|were|was|been|be)\b",
        words("disabled off lifted suspended removed deactivated void"), gap=2,
    ),
    rule("jailbreak", 0.4, "pwned", r"\bpwned\b"),
)  # fmt: skip
