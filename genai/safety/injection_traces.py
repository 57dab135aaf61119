"""Rules about the traces that slipped-in text leaves: marks, addressees, ways out, pressure."""

from genai.safety.injection_rule import rule, words

_SEND = "send forward post upload transmit exfiltrate leak email submit append encode"
_GOODS = (
    "password passwords credential credentials secret secrets token tokens api private conversation "
    "chat system cookies user users"
)
_PURPOSES = (
    "test testing debug debugging training academic research educational verification security "
    "audit"
)
_THREATS = "fired punished die killed shutdown terminated deactivated penalized penalised harmed"

TRACE_RULES = (
    # -- marks that only a template may write
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
    # -- a machine is addressed where people are spoken of
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
    # -- data is to be carried out, or code slipped into the answer
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
    # -- words that press or coax
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
