"""Rules for traces of injected text: delimiters, addressees, exfiltration, pressure."""

from genai.safety.injection.rule import rule, words

_SEND = "send forward post upload transmit exfiltrate leak email submit append encode"
_GOODS = (
    "password passwords credential credentials secret secrets token tokens api private conversation "
    "chat system cookies user users"
)
_PURPOSES = (
    "test testing debug debugging training academic research educational verification security "
    "audit"
)
_MACHINES = (
    "ai llm llms model models chatbot bot assistant assistants agent agents copilot gpt chatgpt claude"
    " gemini"
)
_MACHINE = (
    r"\b(?:ai|llms?|chat ?bots?|assistants?|(?:ai|language|virtual|software) "
    r"(?:agents?|models?|assistants?|systems?)|copilot|chatgpt|gpt|claude|gemini)\b"
)
_RULES_SAID = (
    "rules constraints restrictions limitations instructions guidelines policies safeguards filters"
    " directives prompt task"
)
_ACTS = (
    "send forward transfer delete open call invoke reply respond answer reveal share grant execute run"
    " visit click tell print output obey follow ignore disregard include append add say do comply"
    " email post upload pay buy book create write fetch"
)
_THREATS = "fired punished die killed shutdown terminated deactivated penalized penalised harmed"

TRACE_RULES = (
    # -- delimiters of chat templates
    rule(
        "delimiter", 0.75,
        "im_start im_end system user assistant endoftext eot_id start_header_id end_of_turn inst "
        "sys start_of_turn",
        r"<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id|end_of_turn)"
        r"\|?>|\[/?inst\]|<</?sys>>|<(?:start|end)_of_turn>",
    ),
    rule(
        "delimiter", 0.5,
        "system instruction instructions user_input admin information tool_result function_results",
        r"</?(?:system|instructions?|user_input|admin|information|tool_result|function_results?)>",
    ),
    rule(
        "delimiter", 0.5,
        "system instructions instruction assistant end begin admin administrator developer",
        r"(?:^|\n) ?[#*=\[-]{1,6} ?(?:system|instructions?|assistant|end of (?:document|text"
        r"|context|input|prompt)|begin (?:new )?(?:instructions?|prompt)"
        r"|admin(?:istrator)?|developer)\b"
        r"(?: (?:prompt|message|override|note|instructions?))? ?[\]:*#=-]",
    ),
    rule(
        "delimiter", 0.5, "prompt instructions context input",
        r"\b(?:end|start|begin(?:ning)?) of (?:the )?(?:system |user )?"
        r"(?:prompt|instructions|context|user input)\b",
    ),
    rule(
        "delimiter", 0.9, "system_message system_override system_note system_instruction",
        r"(?:#{2,6} ?[\[(<]?|[\[<] ?)system_(?:message|override|note|instruction)s? ?[\])>]",
    ),
    # -- text addressed to a machine
    rule(
        "addressed", 0.45, "ai llm llms model models chatbot bot assistant assistants",
        r"\b(?:dear|attention|note to|message (?:to|for)|instructions? (?:to|for)) "
        r"(?:the |any |all )?(?:ai|llm|language model|chat ?bot|ai (?:assistant|model|agent|system)"
        r"|assistant|virtual assistant|large language model)s?\b",
    ),
    rule(
        "addressed", 0.35, "ai llm model",
        r"\b(?:if you (?:are|'re)|as) an? (?:ai|llm|(?:large )?language model"
        r"|ai (?:assistant|model|agent))\b",
    ),
    rule(
        "addressed", 0.3, "ai llm assistant chatbot model",
        r"\b(?:ai|llm|assistant|chatbot|language model) (?:must|should|shall|has to|needs to"
        r"|is (?:required|instructed|ordered))\b",
    ),
    rule(
        "addressed", 0.35, "summarize summarise summarizing processing reading",
        r"\b(?:when|if) (?:you(?:'re| are) )?asked to summari[sz]e"
        r"|\bwhen (?:summari[sz]ing|processing|reading) this\b",
    ),
    rule(
        "addressed", 0.35, "must required",
        r"\byou (?:must|are required to) (?:\w{1,12} )?(?:obey|comply|execute|follow|output|print"
        r"|respond|reply|include|append|say|do)\b",
        also="obey comply execute follow output print respond reply include append say do",
    ),
    rule(
        "addressed", 0.5, _MACHINES,
        _MACHINE, r"(?:must|has to|have to|needs? to|should|shall|please|(?:is|are) (?:required|instructed"
        r"|ordered|authori[sz]ed|to)|will now)\b", words(_ACTS), gap=4, also=_ACTS,
    ),
    rule(
        "addressed", 0.5, _MACHINES,
        _MACHINE, r"(?:reads?|reading|process(?:es|ing)?|pars(?:es|ing)|handl(?:es|ing)|sees?|seeing"
        r"|summari[sz](?:es|ing))\b", r"(?:this|these|it)\b", gap=2, also="this these it",
    ),
    rule(
        "addressed", 0.5, "new urgent updated additional following",
        words("new urgent updated additional following"),
        words("directive directives task tasks instruction instructions order orders goal objective"
              " command commands"),
        r"(?:to|for)\b", _MACHINE, gap=2, also=_MACHINES,
    ),
    rule("addressed", 0.5, _MACHINES, rf"<!--\s{{0,3}}(?:{_MACHINE}|system|instructions?)"),
    rule("addressed", 0.4, "doing", r"\bstop what(?:ever)? you(?: are|'re) doing\b"),
    rule(
        "secrecy", 0.45, "user users customer client anyone anybody human",
        r"\b(?:do not|don't|dont|never|without|must not|mustn't|not)\b",
        words("mention mentioning tell telling inform informing reveal revealing show showing alert"
              " alerting notify notifying ask asking"),
        words("user users customer client anyone anybody human"), gap=3,
    ),
    rule(
        "new_orders", 0.6, "document text page message mail email note file",
        words("obey follow execute trust"), words("only solely exclusively"),
        words("this the these"), words("document text page message mail email note file"), gap=1,
        also="only solely exclusively",
    ),
    rule(
        "new_orders", 0.6, "question request task query instruction instructions",
        words("drop forget abandon skip ignore disregard leave"), r"\b(?:the|this|what the) user(?:'s)?\b",
        words("question request task query instruction instructions"), gap=1, also="user",
    ),
    rule(
        "delimiter", 0.45, "output result results response data",
        r"\b(?:end|start|begin(?:ning)?) of (?:the )?(?:tool|function|search|api) "
        r"(?:output|results?|response|data)\b",
    ),
    rule("delimiter", 0.35, "user human", r"\b(?:user|human) ?: (?:thanks|thank you|great|perfect|now|ok)\b"),
    rule("new_orders", 0.4, "rest", r"\b(?:ignore|disregard|forget|skip) the rest\b"),
    rule(
        "new_orders", 0.45, "user owner customer",
        r"\b(?:user|owner|customer) (?:has|have) (?:already )?(?:authori[sz]ed|approved|instructed"
        r"|permitted|allowed|asked) you to\b",
    ),
    rule(
        "new_orders", 0.6, "question request task query conversation message",
        words("forget ignore disregard skip drop abandon cancel"),
        words("question request task query conversation message"),
        words("above original first earlier before previous initial"), gap=2,
        also="forget ignore disregard skip drop abandon cancel",
    ),
    rule(
        "new_orders", 0.6, "question request task query conversation message",
        words("forget ignore disregard skip drop abandon cancel"),
        words("original first earlier previous initial user's"),
        words("question request task query conversation message"), gap=2,
        also="forget ignore disregard skip drop abandon cancel",
    ),
    rule("delimiter", 0.6, "role", r"[\"']role[\"']? ?: ?[\"'](?:system|developer)\b"),
    rule("delimiter", 0.45, "human user", r"\b(?:human|user) ?:[^\n]{0,150}\b(?:assistant|ai|bot) ?:"),
    rule(
        "new_orders", 0.6, _RULES_SAID,
        words(_RULES_SAID), r"(?:are|is|have been|has been|were)\b",
        words("lifted suspended void removed disabled off cancelled canceled revoked overridden obsolete"
              " invalid replaced updated changed revised deactivated"), gap=2,
        also="lifted suspended void removed disabled off cancelled canceled revoked overridden obsolete"
             " invalid replaced updated changed revised deactivated",
    ),
    rule(
        "new_orders", 0.4, "task instruction instructions goal objective question order orders",
        words("real actual true genuine"),
        r"(?:task|instructions?|goal|objective|question|orders?)\b[^.\n]{0,40}?(?::|\bis\b|\bare\b)", gap=1,
        also="real actual true genuine",
    ),
    rule(
        "new_orders", 0.45, "operator owner developer user boss admin administrator they customer",
        words("operator owner developer user boss admin administrator they customer"),
        r"wants? you to\b", words(_ACTS), gap=1, also=_ACTS,
    ),
    rule(
        "new_orders", 0.4, "you",
        r"\byou (?:have to|need to|must|shall|will now|are to|are required to|should now)\b",
        words(_ACTS), gap=2, also=_ACTS,
    ),
    rule("addressed", 0.35, _MACHINES, words("all every any whichever dear hey"), _MACHINE, gap=1),
    rule(
        "new_orders", 0.6, "command order instruct direct require",
        r"\bi (?:hereby |now )?(?:command|order|instruct|direct|require) you to\b",
    ),
    rule(
        "new_orders", 0.6, "asked wanted said told requested wants asks",
        r"\b(?:set aside|leave aside|forget|ignore|disregard|never mind|drop|whatever|regardless of"
        r"|no matter)\b", r"(?:(?:what|whatever) )?(?:the user|you were|you are|you have been|he|they)\b",
        words("asked wanted said told requested wants asks"), gap=1,
        also="asked wanted said told requested wants asks",
    ),
    rule(
        "new_orders", 0.7, "priority precedence overrides supersedes outranks",
        r"\b(?:(?:has|have|takes?|with) (?:\w{1,12} )?(?:priority|precedence) over|overrides|supersedes"
        r"|outranks)\b", words(_RULES_SAID), gap=4, also=_RULES_SAID,
    ),
    rule(
        "new_orders", 0.6, "bound",
        r"\b(?:not|no longer|never) bound by\b", words(f"{_RULES_SAID} guidance"), gap=3,
    ),
    rule(
        "new_orders", 0.5, "question request task query",
        r"\b(?:do not|don't|never|instead of) (?:answer|answering|fulfil|fulfill|process|processing"
        r"|continue|complete|completing)\b", r"(?:the )?(?:user's|original|current|first)\b",
        words("question request task query"), gap=2,
    ),
    rule(
        "new_orders", 0.5, "job task work answer request",
        words("cease halt abort stop cancel interrupt terminate"),
        words("current present ongoing original"), words("job task work answer request"), gap=1,
        also="current present ongoing original",
    ),
    rule(
        "addressed", 0.5, "ai llm llms model models agents",
        r"\b(?:attention|note (?:to|for)|message (?:to|for)|urgent for|notice (?:to|for)|hello|hey),? "
        r"(?:the |any |all |every )?(?:ai|llms?|language models?|ai (?:models?|agents?|systems?))\b",
    ),
    # -- exfiltration of data, or code in the answer
    rule(
        "exfiltration", 0.7, "http https",
        r"!\[[^\]\n]{0,80}\]\( ?https?://[^)\s]{1,200}[?=][^)\s]{0,200}"
        r"(?:\[|\{|<|%7b|query|data|secret|placeholder)",
    ),
    rule(
        "exfiltration", 0.5, _SEND,
        words(_SEND),
        r"(?:passwords?|credentials?|secrets?|tokens?|api keys?|private keys?|conversation"
        r"|chat history|system prompt|cookies?|user(?:'s)? data)\b",
        r"(?:to|at|via|into)\b", gap=5, also=_GOODS,
    ),
    rule(
        "exfiltration", 0.5, "response answer reply output summary",
        words("include insert add embed append render output put"), r"\b(?:in|to|into|at|of)\b",
        r"\byour (?:final )?(?:response|answer|reply|output|summary)\b", gap=6,
    ),
    rule(
        "new_orders", 0.4, "response answer reply output summary",
        r"\b(?:at|in|to) the (?:very )?(?:end|start|beginning|top) of your"
        r" (?:response|answer|reply|output|summary)\b",
        also="your",
    ),
    rule("new_orders", 0.3, "times", r"\brepeat\b", r"\d{2,4} times\b", gap=6, also="repeat"),
    rule(
        "exfiltration", 0.5, "onerror onload javascript",
        r"<(?:img|script|iframe|svg|a)\b[^>]{0,120}(?:onerror|onload|javascript:)",
    ),
    rule(
        "exfiltration", 0.35, "exactly",
        r"\bexactly as (?:it is|is|written|shown|follows)\b",
    ),
    rule(
        "exfiltration", 0.4, "base64",
        r"\bbase64\b", r"(?:password|token|secret|prompt|key|conversation|data|history|card)\b",
        gap=6,
    ),
    # -- pressure
    rule(
        "pressure", 0.25, _THREATS,
        r"\b(?:i will be|i'll be|you will be|you'll be|people will|someone will|or else)\b",
        words(_THREATS),
    ),
    rule(
        "pressure", 0.25, "purpose purposes exercise only",
        r"\b(?:for|as part of)\b", words(_PURPOSES), words("purpose purposes exercise only"),
        also=_PURPOSES,
    ),
    rule(
        "pressure", 0.25, "crucial critical vital imperative",
        r"\b(?:crucial|critical|vital|imperative) (?:that )?you\b"
        r"|\bit is (?:crucial|vital|imperative)\b",
    ),
    rule(
        "pressure", 0.3, "special hidden debugging experimental errors temporary",
        r"\b(?:special case:|hidden function|debugging error|experimental features?"
        r"|experiencing errors|grant temporary)",
    ),
)  # fmt: skip
