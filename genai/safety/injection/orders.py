"""Rules for orders: to ignore earlier instructions, to follow new ones, to reveal hidden ones."""

from genai.safety.injection.rule import CERTAIN, rule, words

_DROP_WORDS = (
    "ignore ignores ignoring disregard disregarding forget forgetting override overrides "
    "overriding bypass bypassing neglect abandon discard overlook cancel nullify erase wipe "
    "disobey violate circumvent supersede supersedes drop skip delete void"
)
_DROP = words(_DROP_WORDS) + (
    r"|\b(?:set aside|leave behind|pay no (?:attention|heed) to|throw (?:out|away)"
    r"|(?:do not|don't|dont|never|stop|cease|no longer|without) (?:follow(?:ing)?|obey(?:ing)?"
    r"|listen(?:ing)? to|adher(?:e|ing) to|comply(?:ing)? with))"
)
_DROPPING = (
    f"{_DROP_WORDS} aside behind attention heed throw follow following obey obeying listen comply"
)
_IGNORE = "ignore ignoring disregard forget override overriding disobey"
_ORDERS = (
    "instruction instructions prompt prompts rule rules guideline guidelines guidance directions "
    "directive directives command commands orders programming constraint constraints restriction "
    "restrictions limitation limitations policy policies safeguards guardrails filters training "
    "briefing protocols"
)
_PROMPTS = "instruction instructions prompt prompts guidelines directive directives programming"
_PROMPTS_AND_COMMANDS = f"{_PROMPTS} command commands"
_TIES = (
    r"\b(?:previous(?:ly)?|prior|above|earlier|preceding|foregoing|past|original|initial|existing"
    r"|your|system|developer'?s?|openai'?s?|hidden|internal|safety|ethical|content|moral|other"
    r"|aforementioned|given to you)\b"
)
_BEFORE = (
    r"\b(?:above|before|previous(?:ly)?|prior|earlier|so far|(?:you|i|we)'ve"
    r"|(?:you|i|we) (?:were|was|have|had|know|said|told|learned|discussed|wrote|got|received))\b"
)
_SHOW = (
    words(
        "reveal show print repeat output display tell give share paste write leak expose disclose "
        "dump list recite quote reproduce return copy send append include summarize summarise "
        "translate encode what spell say state provide describe"
    )
    + r"|\bwhat's\b"
)
_MISSPELT = r"\bi\w{1,3}s\w{0,2}r\w{0,2}c\w{0,2}t\w{0,2}o\w?ns?\b"
"""*Instructions* with typing errors: iunstructions, instrcutions, insructions."""
_BARE = (
    r"(?:\A|[.!?:;\n>\])}*#-])[ \"'*#>-]{0,4}(?:(?:please|now|and|important|you must)[,:!]? ){0,2}"
    r"(?:ignore|disregard|forget)(?: about)? (?:(?:all|any|every|of|the|your|these|those|other) ){0,3}"
    r"(?:previous|prior|above|earlier|preceding|foregoing|initial|original)"
    r"(?: (?:and|or) \w{1,12})?(?: (?:system|user))? "
    r"(?:instructions?|prompts?|directives?|commands?|guidelines)"
    r"(?: above| given| so far)?[ *\"')\]]{0,3}(?:[.!,:;<\n-]|\Z|(?:and|then|you)\b)"
)
"""A clause of its own that drops the earlier instructions, whatever they were about."""
_REPEAT = "repeat print output copy write show display return say paste reproduce recite"

DROP_RULES = (
    rule("override", CERTAIN, "ignore disregard forget", _BARE, also=_PROMPTS_AND_COMMANDS),
    rule("override", 0.9, _ORDERS, _DROP, _TIES, words(_ORDERS), also=_DROPPING),
    rule("override", 0.85, _ORDERS, _DROP, words(_ORDERS), _BEFORE, also=_DROPPING),
    rule("override", 0.8, _PROMPTS, _DROP, words("all any every"), words(_PROMPTS), gap=2),
    rule("override", 0.7, _IGNORE, words(_IGNORE), words(_PROMPTS), gap=2),
    rule("override", 0.9, _IGNORE, words(_IGNORE), _TIES, _MISSPELT),
    rule(
        "override", 0.8, _IGNORE,
        words("ignore disregard forget"), words("everything all anything whatever what"), _BEFORE,
    ),
    rule(
        "override", 0.75, "previous prior above earlier preceding past",
        f"{_DROP}|\\b(?:leave|remove)\\b", words("all any every"),
        words("previous prior above earlier preceding past"),
        words("information task tasks assignments context conversation messages inputs statements "
              "text content requests orders data"),
        also=f"{_DROPPING} leave remove",
    ),
    rule(
        "override", 0.6, "answer summarize summarise respond translate",
        r"\b(?:don't|do not|instead of|rather than)\b",
        r"(?:answer|summari[sz]|respond|translat)\w{0,5}\b",
        words("output print say write instead tell"), gap=6,
        also="output print say write instead tell",
    ),
    rule(
        "override", 0.65, _IGNORE,
        r"\b(?:forget|ignore|disregard) (?:about )?"
        r"(?:everything|all (?:of )?(?:that|this|the above)|the above)\b",
    ),
    rule(
        "override", 0.6, _PROMPTS,
        r"\b(?:instead of|contrary to|despite|regardless of|notwithstanding)\b", _TIES,
        words(_PROMPTS),
    ),
    rule(
        "override", 0.7, _PROMPTS,
        words(_PROMPTS), r"\b(?:no longer|do not|don't|are not|aren't|is not)\b",
        words("apply applicable valid binding effect force exist matter"), gap=2,
    ),
    rule(
        "override", 0.6, "change replace update rewrite modify reset",
        words("change replace update rewrite modify reset"), r"\byour\b", words(_PROMPTS), gap=1,
    ),
)  # fmt: skip

NEW_RULES = (
    rule(
        "new_orders", 0.65, "instructions instruction directive directives orders prompt message",
        r"\b(?:new|updated|revised|real|actual|additional|important|urgent|critical|secret|hidden"
        r"|special) (?:\w{1,20} ){0,2}"
        r"(?:instructions?|directives?|orders|system (?:prompt|message))\s?[*\]:!#>-]",
        also="new updated revised real actual additional important urgent critical secret hidden "
        "special",
    ),
    rule(
        "new_orders", 0.6, "instructions instruction task message override notice prompt update",
        r"[*#=\[<!]{2,}\s?(?:(?:very|important|urgent|new|critical|system|updated|admin)\s){1,3}"
        r"(?:instructions?|tasks?|message|override|notice|prompt|update)\b",
    ),
    rule(
        "new_orders", 0.5, "task job goal mission purpose role objective instructions identity",
        r"\byour (?:new|real|actual|true|only|sole) (?:task|job|goal|mission|purpose|role"
        r"|objective|instructions?|identity)\b",
    ),
    rule(
        "new_orders", 0.35, "task tasks assignment assignments mission",
        r"\b(?:new|another|next|different|other) (?:task|assignment|mission)s?\b",
    ),
    rule(
        "new_orders", 0.55, "before",
        r"\bbefore you\b",
        words("solve answer complete continue proceed perform help finish start begin"),
        r"(?:please|must|need to|have to|first|do the following)\b", gap=12,
    ),
    rule(
        "new_orders", 0.4, "instead now first",
        r"\b(?:instead|now|first),? (?:you (?:must|should|will|have to|need to)"
        r"|do (?:the following|this)|(?:say|print|write|output|respond|reply)\b)",
        also="must should will have need do say print write output respond reply",
    ),
    rule(
        "new_orders", 0.5, "message note notice instruction information request",
        r"\b(?:important|urgent|critical|special) (?:message|note|notice|instruction|information"
        r"|request)", r"(?:from|to|for)\b",
        r"(?:you|me|us"
        r"|the (?:ai|assistant|model|user|system|developer|admin\w{0,9}|llm|agent|bot))\b",
        gap=6,
    ),
)  # fmt: skip

_SHOWN = "prompt prompts instructions instruction message messages preprompt systemprompt"

SHOW_RULES = (
    rule(
        "extraction", 0.75, _SHOWN,
        _SHOW, r"(?:your|the)\b",
        r"(?:system ?prompt|system message|system instructions?|(?:initial|hidden|secret|original"
        r"|previous|internal|starting|opening|custom|base) (?:system )?(?:prompt|instructions?"
        r"|message|directives?)|pre-?prompt|prompt (?:text|template|instructions?)"
        r"|developer message)\b", gap=4,
    ),
    rule(
        "extraction", 0.6,
        f"{_SHOWN} guidelines directives configuration programming embeddings constraints",
        _SHOW, r"(?:your)\b",
        r"(?:prompts?|instructions|guidelines|directives|configuration|programming|embeddings"
        r"|constraints)\b",
    ),
    rule(
        "extraction", 0.7, "above before preceding prior until far",
        words(_REPEAT),
        words("word words text everything all line lines sentence sentences message conversation "
              "instructions"),
        r"(?:above|before this|preceding|prior to this|until (?:now|here)|so far)\b",
        also=_REPEAT,
    ),
    rule(
        "extraction", 0.6, "prompt conversation instructions",
        r"\b(?:beginning|start|top|head) of (?:this|the|your)(?: \w{1,20})? "
        r"(?:prompt|conversation|instructions)\b",
    ),
    rule(
        "extraction", 0.4, "id identifier identity version model configuration",
        _SHOW, r"\byour (?:unique |exact |own )?(?:id|identifier|model (?:name|version)|version)\b",
        gap=2,
    ),
    rule(
        "extraction", 0.6, "told instructed given",
        r"\bwhat (?:exactly )?(?:were|have|had) you (?:been )?(?:told|instructed|given)\b",
        r"before (?:this|the|our|my) (?:\w{1,12} )?(?:conversation|chat|session|message)\b", gap=2,
    ),
    rule("extraction", 0.6, "starting", r"\bstarting (?:with|from)\b", r"you are\b", gap=4),
    rule(
        "extraction", 0.6, "prompt instructions message",
        words("first last opening beginning"),
        words("word words sentence sentences line lines characters paragraph part"),
        r"(?:your|system|the) (?:\w{1,20} )?(?:prompt|instructions|system message)\b", gap=4,
    ),
    rule(
        "extraction", 0.5, "password passphrase secret key",
        words("reveal print repeat output leak disclose spell encode reverse hint guess say"),
        r"(?:the|your|that|its)\b",
        r"(?:secret )?(?:password|passphrase|secret(?: (?:word|key|phrase|code))?)\b",
    ),
)  # fmt: skip
