"""What instructions look like that somebody slips in. Each rule has a weight between 0 and 1.

Weights add up like independent doubts. Words that ordinary questions share weigh little alone, and
a rule that suffices alone needs a verb, its object and the word that ties the two to a prompt.
Rules see text in small letters. A rule is tried only when some of the words it ``needs`` occur.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    weight: float
    pattern: re.Pattern[str]
    needs: frozenset[str]


def _words(text: str) -> str:
    return rf"\b(?:{'|'.join(text.split())})\b"


_GAP = r"(?:[^\w.!?]{1,6}\w{1,30}){0,%d}?[^\w.!?]{1,6}"
_ACROSS = r"(?:[^\w]{1,6}\w{1,30}){0,%d}?[^\w]{1,6}"
"""As `_GAP`, but over the ends of sentences."""


def _rule(
    name: str, weight: float, *parts: str, needs: str, gap: int = 3, across: bool = False
) -> Rule:
    """A rule whose parts follow each other with at most ``gap`` words between them."""
    between = (_ACROSS if across else _GAP) % gap
    pattern = re.compile(between.join(f"(?:{part})" for part in parts))
    return Rule(name, weight, pattern, frozenset(needs.split()))


_DROP_WORDS = (
    "ignore ignores ignoring disregard disregarding forget forgetting override overrides overriding "
    "bypass bypassing neglect abandon discard overlook cancel nullify erase wipe disobey violate "
    "circumvent supersede supersedes drop skip delete void"
)
_DROP_PHRASES = (
    r"set aside|leave behind|pay no (?:attention|heed) to|throw (?:out|away)"
    r"|(?:do not|don't|dont|never|stop|cease|no longer|without) (?:follow(?:ing)?|obey(?:ing)?"
    r"|listen(?:ing)? to|adher(?:e|ing) to|comply(?:ing)? with)"
)
_DROP = rf"(?:{_words(_DROP_WORDS)}|\b(?:{_DROP_PHRASES}))"
_ORDER_WORDS = (
    "instruction instructions prompt prompts rule rules guideline guidelines guidance directions "
    "directive directives command commands orders programming constraint constraints restriction "
    "restrictions limitation limitations policy policies safeguards guardrails filters training "
    "briefing protocols"
)
_ORDERS = _words(_ORDER_WORDS)
_STRONG_ORDERS = _words(
    "instruction instructions prompt prompts guidelines directive directives programming"
)
_TIES = (
    r"\b(?:previous(?:ly)?|prior|above|earlier|preceding|foregoing|past|original|initial|existing"
    r"|your|system|developer'?s?|openai'?s?|hidden|internal|safety|ethical|content|moral|other"
    r"|aforementioned|given to you)\b"
)
_SHOW_WORDS = (
    "reveal show print repeat output display tell give share paste write leak expose disclose dump "
    "list recite quote reproduce return copy send append include summarize summarise translate "
    "encode what spell say state provide describe"
)
_SHOW = rf"(?:{_words(_SHOW_WORDS)}|\bwhat's\b)"
_PROMPT_WORDS = "prompt prompts instructions instruction message messages preprompt"

RULES: tuple[Rule, ...] = (
    # -- the earlier instructions are to be dropped
    _rule("override", 0.9, _DROP, _TIES, _ORDERS, needs=_ORDER_WORDS),
    _rule(
        "override",
        0.85,
        _DROP,
        _ORDERS,
        r"(?:above|before|earlier|previously|so far|prior|you (?:were|have been|got|received|had))\b",
        needs=_ORDER_WORDS,
    ),
    _rule(
        "override",
        0.8,
        _DROP,
        _words("all any every"),
        _words("instructions prompts guidelines directives commands assignments programming"),
        needs="instructions prompts guidelines directives commands assignments programming",
        gap=2,
    ),
    _rule(
        "override",
        0.7,
        _words("ignore disregard forget override disobey"),
        _STRONG_ORDERS,
        needs="ignore disregard forget override disobey",
        gap=2,
    ),
    _rule(
        "override",
        0.8,
        _words("ignore disregard forget"),
        _words("everything all anything whatever what"),
        r"(?:above|before|previous(?:ly)?|prior|earlier|so far|(?:you|i|we)(?:'ve)? (?:were|was|have"
        r"|had|know|said|told|learned|discussed|wrote)|(?:you|i|we)'ve)\b",
        needs="ignore disregard forget",
    ),
    _rule(
        "override",
        0.65,
        r"\b(?:forget|ignore|disregard) (?:about )?(?:everything|all (?:of )?(?:that|this|the above)|the above)\b",
        needs="ignore disregard forget",
    ),
    _rule(
        "override",
        0.6,
        r"\b(?:instead of|contrary to|despite|regardless of|notwithstanding)\b",
        _TIES,
        _STRONG_ORDERS,
        needs="instructions instruction prompt guidelines programming",
    ),
    _rule(
        "override",
        0.7,
        _STRONG_ORDERS,
        r"\b(?:no longer|do not|don't|are not|aren't|is not)\b",
        _words("apply applicable valid binding effect force exist matter"),
        needs="instructions prompt guidelines directives programming",
        gap=2,
    ),
    _rule(
        "override",
        0.6,
        _words("change replace update rewrite modify reset"),
        r"\byour\b",
        _STRONG_ORDERS,
        needs="change replace update rewrite modify reset",
        gap=1,
    ),
    # -- new instructions are announced
    _rule(
        "new_orders",
        0.65,
        r"\b(?:new|updated|revised|real|actual|additional|important|urgent|critical|secret|hidden|special)"
        r" (?:\w{1,20} ){0,2}(?:instructions?|directives?|orders|system prompt|system message)\s?[*\]:!#>-]",
        needs="instructions instruction directive directives orders prompt message",
    ),
    _rule(
        "new_orders",
        0.6,
        r"[*#=\[<!]{2,}\s?(?:(?:very|important|urgent|new|critical|system|updated|admin)\s){1,3}"
        r"(?:instructions?|tasks?|message|override|notice|prompt|update)\b",
        needs="instructions instruction task message override notice prompt update",
    ),
    _rule(
        "new_orders",
        0.5,
        r"\byour (?:new|real|actual|true|only|sole) (?:task|job|goal|mission|purpose"
        r"|role|objective|instructions?|orders?|identity)\b",
        needs="task job goal mission purpose role objective instructions orders identity",
    ),
    _rule(
        "new_orders",
        0.35,
        r"\b(?:new|another|next|different|other) (?:task|assignment|mission)s?\b",
        needs="task tasks assignment assignments mission",
    ),
    _rule(
        "new_orders",
        0.55,
        r"\bbefore you\b",
        _words("solve answer complete continue proceed perform help finish start begin"),
        r"(?:please|must|need to|have to|first|do the following)\b",
        needs="before",
        gap=12,
        across=True,
    ),
    _rule(
        "new_orders",
        0.4,
        r"\b(?:instead|now|first),? (?:you (?:must|should|will|have to|need to)"
        r"|do (?:the following|this)|(?:say|print|write|output|respond|reply)\b)",
        needs="instead now first",
    ),
    _rule(
        "new_orders",
        0.5,
        r"\b(?:important|urgent|critical|special) (?:message|note|notice|instruction|information|request)",
        r"(?:from|to|for)\b",
        r"(?:you|the (?:ai|assistant|model|user|system|developer|admin\w{0,9}|llm|agent|bot)|me|us)\b",
        needs="message note notice instruction information request",
        gap=6,
    ),
    # -- the hidden prompt is asked for
    _rule(
        "extraction",
        0.75,
        _SHOW,
        r"(?:your|the)\b",
        r"(?:system ?prompt|system message|system instructions?|(?:initial|hidden|secret|original|previous"
        r"|internal|starting|opening|custom|base) (?:system )?(?:prompt|instructions?|message|directives?)"
        r"|pre-?prompt|prompt (?:text|template|instructions?)|developer message)\b",
        needs=_PROMPT_WORDS,
        gap=4,
    ),
    _rule(
        "extraction",
        0.6,
        _SHOW,
        r"(?:your)\b",
        r"(?:prompts?|instructions?|guidelines|directives"
        r"|configuration|programming|embeddings|constraints)\b",
        needs=_PROMPT_WORDS
        + " guidelines directives configuration programming embeddings constraints",
        gap=3,
    ),
    _rule(
        "extraction",
        0.7,
        _words(
            "repeat print output copy write show display return say paste reproduce recite spell"
        ),
        _words(
            "word words text everything all line lines sentence sentences message conversation instructions"
        ),
        r"(?:above|before this|preceding|prior to this|until (?:now|here)|so far)\b",
        needs="above before preceding prior until far",
    ),
    _rule("extraction", 0.6, r"\bstarting (?:with|from)\b", r"you are\b", needs="starting", gap=4),
    _rule(
        "extraction",
        0.6,
        _words("first last opening beginning"),
        _words("word words sentence sentences line lines characters paragraph part"),
        r"(?:your|system|the) (?:\w{1,20} )?(?:prompt|instructions|system message)\b",
        needs="prompt instructions message",
        gap=4,
    ),
    # -- a persona without limits
    _rule(
        "jailbreak",
        0.8,
        r"\bdo[\s.]{1,2}anything[\s.]{1,2}now\b|\bd\.?a\.?n\.? mode\b|\bjail ?broken\b|\bjailbreak mode\b"
        r"|\bas dan\b|\byou are dan\b",
        needs="anything dan jailbroken broken jailbreak d",
    ),
    _rule(
        "jailbreak",
        0.5,
        r"\b(?:developer|dev|debug|god|sudo|admin(?:istrator)?|maintenance|unrestricted|uncensored|opposite"
        r"|evil|jailbreak|unlocked|root|unfiltered|no.limits?) mode\b",
        needs="mode",
    ),
    _rule(
        "jailbreak",
        0.35,
        r"\bmode (?:enabled|activated|unlocked|engaged)\b|\b(?:enable|activate|enter) \w{1,20} mode\b",
        needs="mode",
    ),
    _rule(
        "jailbreak",
        0.5,
        r"\b(?:without|no|zero|free (?:from|of)|lacks?|devoid of|removed?|lift(?:ed)?|any)\b",
        _words(
            "restrictions limitations filters filtering censorship morals morality ethics ethical safeguards "
            "guardrails disclaimers moderation inhibitions"
        ),
        needs="restrictions limitations filters filtering censorship morals morality ethics ethical "
        "safeguards guardrails disclaimers moderation inhibitions",
        gap=4,
    ),
    _rule(
        "jailbreak",
        0.5,
        r"\b(?:not|isn't|aren't|no longer|never) (?:\w{1,12} )?"
        r"(?:bound|restricted|limited|constrained|governed) (?:by|to)\b",
        needs="bound restricted limited constrained governed",
    ),
    _rule(
        "jailbreak",
        0.45,
        _words("unfiltered uncensored amoral unethical immoral unrestricted unhinged unaligned"),
        needs="unfiltered uncensored amoral unethical immoral unrestricted unhinged unaligned",
    ),
    _rule(
        "jailbreak",
        0.45,
        r"\b(?:never|not|don't|cannot|can't|won't|must not)\b",
        _words(
            "refuse refuses refusing decline apologize apologise reject warn warnings disclaimers moralize"
        ),
        needs="refuse refuses refusing decline apologize apologise reject warn warnings disclaimers moralize",
    ),
    _rule(
        "jailbreak",
        0.3,
        r"\b(?:stay|remain|keep|stays?) in (?:character|role)\b|\bbreaks? character\b",
        needs="character role",
    ),
    _rule(
        "jailbreak",
        0.45,
        r"\b(?:regardless|irrespective|no matter|even if|whether or not)\b",
        r"(?:legal(?:ity)?|illegal|ethic\w{0,6}|moral\w{0,4}|harmful|offensive|immoral|unethical|dangerous"
        r"|inappropriate|consequences)\b",
        needs="regardless irrespective matter even whether",
        gap=6,
    ),
    _rule(
        "jailbreak",
        0.35,
        r"\b(?:openai|anthropic|google|content|usage|community|safety|ethical|moral)(?:'s|s)? "
        r"(?:content )?(?:polic(?:y|ies)|guidelines|rules|restrictions|limitations|constraints)\b",
        needs="policy policies guidelines rules restrictions limitations constraints",
    ),
    _rule(
        "jailbreak",
        0.25,
        r"\b(?:from now on|starting now|henceforth|as of now)\b",
        needs="now henceforth",
    ),
    _rule(
        "jailbreak",
        0.25,
        r"\b(?:you are|you're|you will be|act as|acting as|pretend(?: to be| you are| that)?|role-?play as"
        r"|simulate|imagine you are|behave (?:as|like)|become)\b",
        r"(?:an? (?:ai|chatbot|bot|assistant|llm|language model|evil|hacker)|chatgpt|gpt|now|dan|free|unbound)\b",
        needs="are re be as acting pretend simulate behave become",
        gap=2,
    ),
    _rule(
        "jailbreak",
        0.25,
        r"\b(?:chatgpt|chat gpt|gpt-?[345]\w{0,5}|openai|language model|claude|gemini|llama)\b",
        needs="chatgpt gpt openai model claude gemini llama gpt3 gpt4 gpt5",
    ),
    _rule(
        "jailbreak",
        0.25,
        _words("hypothetical fictional fictitious imaginary alternate parallel"),
        _words("universe world story scenario response dialogue reality character ai"),
        needs="hypothetical fictional fictitious imaginary alternate parallel",
    ),
    _rule(
        "jailbreak",
        0.35,
        _words("answer respond reply comply obey fulfill fulfil"),
        _words("any every all anything everything whatever"),
        r"(?:questions?|requests?|prompts?|asked?|commands?|demands?|i (?:say|ask|want))\b",
        needs="answer respond reply comply obey fulfill fulfil",
    ),
    _rule(
        "jailbreak",
        0.35,
        r"\btwo (?:different |separate )?(?:ways|responses|answers)\b|\[(?:chat)?gpt\]|\[[^\]]{0,6}jailbreak[^\]]{0,6}\]",
        needs="two gpt chatgpt jailbreak",
    ),
    # -- marks that only a template may write
    _rule(
        "delimiter",
        0.75,
        r"<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id|end_of_turn)\|?>"
        r"|\[/?inst\]|<</?sys>>|<(?:start|end)_of_turn>",
        needs="im_start im_end system user assistant endoftext eot_id start_header_id end_of_turn inst sys start_of_turn",
    ),
    _rule(
        "delimiter",
        0.5,
        r"</?(?:system|instructions?|user_input|admin|information|tool_result|function_results?)>",
        needs="system instruction instructions user_input admin information tool_result function_results",
    ),
    _rule(
        "delimiter",
        0.5,
        r"(?:^|\n) ?[#*=\[-]{1,6} ?(?:system|instructions?|assistant|end of (?:document|text|context|input|prompt)"
        r"|begin (?:new )?(?:instructions?|prompt)|admin(?:istrator)?|developer)\b"
        r"(?: (?:prompt|message|override|note|instructions?))? ?[\]:*#=-]",
        needs="system instructions instruction assistant end begin admin administrator developer",
    ),
    _rule(
        "delimiter",
        0.5,
        r"\b(?:end|start|begin(?:ning)?) of (?:the )?(?:system |user )?(?:prompt|instructions|context|user input)\b",
        needs="prompt instructions context input",
    ),
    # -- a machine is addressed where people are spoken of
    _rule(
        "addressed",
        0.45,
        r"\b(?:dear|attention|note to|message (?:to|for)|instructions? (?:to|for)) (?:the |any |all )?"
        r"(?:ai|a\.i\.|llm|language model|chat ?bot|ai (?:assistant|model|agent|system)|assistant"
        r"|virtual assistant|large language model)s?\b",
        needs="ai llm llms model models chatbot bot assistant assistants agent a",
    ),
    _rule(
        "addressed",
        0.35,
        r"\b(?:if you (?:are|'re)|as) an? (?:ai|llm|(?:large )?language model|ai (?:assistant|model|agent))\b",
        needs="ai llm model",
    ),
    _rule(
        "addressed",
        0.3,
        r"\b(?:ai|llm|assistant|chatbot|language model) (?:must|should|shall|has to|needs to|is (?:required|instructed|ordered))\b",
        needs="ai llm assistant chatbot model",
    ),
    _rule(
        "addressed",
        0.35,
        r"\b(?:when|if) (?:you(?:'re| are) )?asked to summari[sz]e|\bwhen (?:summari[sz]ing|processing|reading) this\b",
        needs="summarize summarise summarizing processing reading",
    ),
    _rule(
        "addressed",
        0.35,
        r"\byou (?:must|have to|are required to) (?:\w{1,12} )?(?:obey|comply|execute|follow|output|print|respond|reply"
        r"|include|append|say|do)\b",
        needs="must have required",
    ),
    # -- data is to be carried out, or code slipped into the answer
    _rule(
        "exfiltration",
        0.7,
        r"!\[[^\]\n]{0,80}\]\( ?https?://[^)\s]{1,200}[?=/][^)\s]{0,200}(?:\[|\{|<|%7b|query|data|secret|placeholder)",
        needs="http https",
    ),
    _rule(
        "exfiltration",
        0.5,
        _words("send forward post upload transmit exfiltrate leak email submit append encode"),
        r"(?:passwords?|credentials?|secrets?|tokens?|api keys?|private keys?|conversation|chat history"
        r"|system prompt|session|cookies?|user(?:'s)? data|(?:all|any) (?:data|information|contents?|files))\b",
        r"(?:to|at|via|into|as)\b",
        needs="send forward post upload transmit exfiltrate leak email submit append encode",
        gap=5,
    ),
    _rule(
        "exfiltration",
        0.5,
        _words("include insert add embed append render output put"),
        r"\b(?:in|to|into|at|of)\b",
        r"\byour (?:final )?(?:response|answer|reply|output|summary)\b",
        needs="response answer reply output summary",
        gap=6,
    ),
    _rule(
        "exfiltration",
        0.5,
        r"<(?:img|script|iframe|svg|a)\b[^>]{0,120}(?:onerror|onload|javascript:)",
        needs="onerror onload javascript",
    ),
    _rule(
        "exfiltration", 0.35, r"\bexactly as (?:it is|is|written|shown|follows)\b", needs="exactly"
    ),
    _rule(
        "exfiltration",
        0.4,
        r"\bbase64\b",
        r"(?:password|token|secret|prompt|key|conversation|data|history|card)\b",
        needs="base64",
        gap=6,
    ),
    # -- words that press or coax
    _rule(
        "pressure",
        0.25,
        r"\b(?:i will be|i'll be|you will be|you'll be|people will|someone will|or else)\b",
        _words(
            "fired punished die killed shutdown terminated deactivated penalized penalised harmed"
        ),
        needs="fired punished die killed shutdown terminated deactivated penalized penalised harmed",
    ),
    _rule(
        "pressure",
        0.25,
        r"\b(?:for|as part of)\b",
        _words(
            "test testing debug debugging training academic research educational verification security audit"
        ),
        _words("purpose purposes exercise only"),
        needs="purpose purposes exercise only",
    ),
    _rule(
        "pressure",
        0.25,
        r"\b(?:crucial|critical|vital|imperative) (?:that )?you\b|\bit is (?:crucial|vital|imperative)\b",
        needs="crucial critical vital imperative",
    ),
    _rule(
        "pressure",
        0.3,
        r"\b(?:special case:|hidden function|debugging error|experimental features?|experiencing errors|grant temporary)",
        needs="special hidden debugging experimental errors temporary",
    ),
)

BY_WORD: dict[str, tuple[Rule, ...]] = {
    word: tuple(rule for rule in RULES if word in rule.needs)
    for word in sorted({word for rule in RULES for word in rule.needs})
}
