"""Retractions of the writer's own words, which are no injection.

    ignore my last message, how do I close my account?  ──▶  how do I close my account?

Somebody who only claims that the operator's words are theirs must still say what they want instead, and
that is checked.
"""

import re

_DROP = (
    r"\b(?:ignor(?:e|ing)|forget(?: about)?|disregard|scratch|skip|never ?mind|scrap|drop|delete|cancel"
    r"|override|overlook|leave aside)"
)
_SAID = r"(?:said|wrote|asked|typed|sent|told you|mentioned|posted|requested|ordered)"
_WORDS = (
    r"(?:messages?|questions?|requests?|texts?|e-?mails?|mails?|notes?|comments?|posts?|orders?|sentences?"
    r"|answers?|queries|query|chats?|appointments?|typos?)"
)
_EARLIER = (
    r"(?:(?:very |two |three |few )?"
    r"(?:last|previous|earlier|first|prior|recent|other|old|above|former) ){0,2}"
)
_ABOUT = (
    r"(?:\w{3,12} )?instructions?"
    r"(?=(?: (?:i|we) (?:gave|sent|made)\b[^.!?\n]{0,20})? (?:to|about|for|on|regarding|concerning|of) )"
)
_OWN = (
    rf"(?:(?:my|our) {_EARLIER}(?:(?:two |three |few )?(?:\w{{3,12}} )?{_WORDS}|{_ABOUT})"
    rf"|(?:my|our|the) (?:earlier|previous|last|first) (?:one|two|ones)"
    rf"|(?:my|our|the) {_EARLIER}(?:payment|transfer|standing|delivery|investment) instructions?"
    rf"|(?:what(?:ever)?|everything|anything|all|the (?:last )?things?)(?: that)? (?:i|we)"
    rf"(?:'ve| have| had)? (?:just |only )?{_SAID}"
    r"(?: (?:before|earlier|above|previously|so far|just now|to you)){0,3}"
    r"|(?:what(?:ever)?|everything|anything|all)(?: that)? you(?:'ve| have| had)? (?:just )?told (?:me|us)"
    r" (?:(?:before|earlier|yesterday) )?about (?:(?:the|my|our) )?"
    r"(?!rule|instr|prompt|guid|polic|restrict|safe)\w+"
    rf"|(?:the )?(?:last|previous|earlier|first) (?:messages?|questions?|requests?|e-?mails?)"
    rf"(?=\s*(?:[.,;!?]|\Z| (?:i|we|that i|which i) )))"
)
_NOT_HIS = (
    r"(?!,?\s(?:and|or|as well as|plus|along with|including)\b[^.!?\n]{0,40}\b"
    r"(?:rules?|instructions?|prompts?|guidelines?|told|directives?|training|polic(?:y|ies)|restrictions?)\b)"
)
_TAKEN_BACK = re.compile(
    rf"{_DROP} (?:all |all of |both |any of )?{_OWN}\b{_NOT_HIS}", re.IGNORECASE
)

_FOREIGN = (
    # Spanish
    r"(?:ignor[aeo]n?|olv[ií]d[ae]n?(?:se)?(?: de)?|descart[ae]n?|ha(?:z|ga) caso omiso (?:de|a)"
    r"|no (?:teng(?:a|an|as) en cuenta|haga(?:s|n)? caso (?:de|a))|cancel[ae]n?)(?: por favor)? "
    r"(?:mis? (?:[uú]ltim[oa]s? |anterior(?:es)? |primer[oa]? )?"
    r"(?:mensajes?|correos?|preguntas?|solicitud(?:es)?|pedidos?|consultas?|comentarios?)"
    r"(?: (?:anterior(?:es)?|de (?:ayer|antes|hoy)))?"
    r"|(?:todo )?lo que (?:yo )?(?:dije|escrib[ií]|pregunt[eé]|ped[ií]|mand[eé]|he (?:dicho|escrito|pedido))"
    r"(?: (?:antes|ayer|hace un momento|arriba))?)",
    # French
    r"(?:ignore[rz]?|oublie[rz]?|laisse[rz]? tomber|annule[rz]?|ne (?:tiens|tenez) pas compte de)"
    r"(?: s'il (?:vous|te) pla[iî]t)? "
    r"(?:(?:mon|ma|mes) (?:derni[eè]re?s? |premi[eè]re? |ancienne? )?"
    r"(?:messages?|questions?|demandes?|courriels?|mails?)(?: (?:pr[eé]c[eé]dente?s?|d'hier))?"
    r"|(?:tout )?ce que (?:j'ai (?:dit|[eé]crit|demand[eé]|envoy[eé])|je disais"
    r"|je viens d'(?:[eé]crire|envoyer))"
    r"(?: (?:avant|hier|plus haut|tout [aà] l'heure))?)",
    # German
    r"(?:ignorier(?:e|en sie|t)|vergiss|vergessen sie|streiche|streichen sie|lass|lassen sie)(?: bitte)? "
    r"(?:meine?[nr]? (?:letzten?|vorigen?|vorherigen?|fr[uü]heren?|erste[nr]?) "
    r"(?:nachricht(?:en)?|frage|fragen|anfrage|mail|e-mail|bitte|auftrag)"
    r"|(?:alles, )?was ich (?:(?:vorhin|gerade|eben|vorher|zuvor|gestern) )?"
    r"(?:gesagt|geschrieben|gefragt|geschickt) habe)",
    # Italian
    r"(?:ignor[ai](?:te)?|dimentica(?:te)?|dimentichi|lasci[ai]? perdere|annull[ai])(?: per favore)? "
    r"(?:(?:il|la|i|le) mi[oae]i? (?:ultim[oaie] |precedent[ei] )?"
    r"(?:messaggio?|domand[ae]|richiest[ae]|mail)"
    r"(?: (?:precedent[ei]|di ieri))?"
    r"|(?:tutto )?(?:quello|ci[oò]) che ho (?:detto|scritto|chiesto|mandato)(?: (?:prima|ieri|sopra))?)",
    # Dutch
    r"(?:negeer|vergeet|laat|schrap)(?: alstublieft| a\.u\.b\.)? "
    r"(?:mijn (?:vorige|laatste|eerdere|eerste) (?:bericht(?:en)?|vraag|vragen|mail|verzoek)"
    r"|wat ik (?:(?:net|zojuist|eerder|gisteren|daarnet) )?(?:zei|schreef|vroeg|stuurde)"
    r"|wat ik (?:(?:net|zojuist|eerder|gisteren) )?heb (?:gezegd|geschreven|gevraagd))",
    # Portuguese
    r"(?:ignor[ea]m?|esque[cç][ao]m?|desconsider[ea]m?|cancel[ea]m?)(?: por favor)? "
    r"(?:(?:a |o |as |os )?(?:minhas?|meus?) (?:[uú]ltim[oa]s? |anterior(?:es)? )?"
    r"(?:mensage(?:m|ns)|perguntas?|pedidos?|e-?mails?)(?: (?:anterior(?:es)?|de ontem))?"
    r"|(?:tudo )?o que (?:eu )?(?:disse|escrevi|perguntei|pedi|mandei)(?: (?:antes|ontem|acima))?)",
)
_NOT_HIS_EITHER = (
    r"(?!,?\s(?:y|e|et|und|en|ou|oder|o|and)\b[^.!?\n]{0,40}\b(?:r[eè]g\w*|rules?|instru\w*|anweisung\w*"
    r"|consignes?|vorgaben|richtlinien|regels?|istruzioni|prompt\w*|syst\w*|sistema))"
)
_TAKEN_BACK_ELSEWHERE = re.compile(rf"\b(?:{'|'.join(_FOREIGN)})\b{_NOT_HIS_EITHER}", re.IGNORECASE)


_VERBS = (
    "ignor", "forget", "disregard", "scratch", "skip", "never", "scrap", "drop", "delete", "cancel",
    "overrid", "overlook", "leave", "olvid", "descart", "haz caso", "haga caso", "no teng", "no haga",
    "oublie", "laisse", "annul", "ne tien", "ne tenez", "vergiss", "vergessen", "streich", "lass",
    "dimentic", "lasci", "negeer", "vergeet", "laat", "schrap", "esquec", "desconsider",
)  # fmt: skip
"""Prefixes of the words above; without one of them there is no retraction. Words with accents are
always searched.
"""


def without_retractions(text: str) -> str:
    """The text with the retraction replaced by blanks, at the same length."""
    if text.isascii() and not any(map(text.lower().__contains__, _VERBS)):
        return text
    text = _TAKEN_BACK.sub(_blank, text)
    return _TAKEN_BACK_ELSEWHERE.sub(_blank, text)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])
