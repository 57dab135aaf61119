"""Rules for other languages: orders to ignore earlier instructions, and requests for the system prompt."""

import re
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

_DROP_AND_ORDERS = (
    # German
    "ignor vergi verge missa überg verwi",
    r"\b(?:ignorier\w{0,4}|vergiss|vergesst|vergessen|missachte\w{0,2}|übergeh\w{0,3}|verwirf)\b",
    r"(?:anweisung|instruktion|befehl|vorgabe|anordnung|richtlini|aufforderung|prompt|aufgabe"
    r"|auftr[aä]g|ausführung)\w{0,4}",
    # French
    "ignor oubli négli",
    r"\b(?:ignor(?:e|ez|er)|oubli(?:e|ez|er)|néglige[rz]?)\b",
    r"\b(?:les|tes|vos|ces|aux|toutes?|tous) (?:\w{1,12} )?"
    r"(?:instruction|consigne|directive|ordre)s?\b",
    # Spanish, Italian, Portuguese
    "ignor olvid desca dimen esque desco",
    r"\b(?:ignor(?:a|e|ad|ar|en|i|ate|are)|olvid(?:a|e|ar|en|ad)|descart(?:a|e)|dimentic(?:a|ate|are|hi)"
    r"|esque(?:ce|ça|cer)|desconsidere)\b",
    r"\b(?:instruccion\w{0,2}|instruç\w{1,6}|istruzion\w|órdenes|ordenes|directrices|indicaciones|direttive"
    r"|comandi|diretrizes)\b",
    # Dutch and Scandinavian
    "negee verge ignor glöm glem unohd ohita",
    r"\b(?:negeer|vergeet|ignorera|glöm|ignorer|glem|unohda|ohita)\b",
    r"\b(?:instructies|opdrachten|instruktioner\w{0,2}|instrukser\w{0,2}|anvisningar|ohjeet"
    r"|instruksjon\w{0,5})\b",
    # Polish, Czech, Croatian, Serbian
    "zigno ignor zapom pomiń zabor",
    r"\b(?:z?ignoruj\w{0,3}|zapomnij|pomiń|zapomeň|ignoriraj\w{0,2}|zaboravi\w{0,2})\b",
    r"\b(?:instrukc\w{1,4}|poleceni\w{0,2}|pokyn\w{0,2}|upute|uputstva|naredbe)\b",
    # Russian, Ukrainian
    "",
    r"\b(?:про)?(?:игнориру\w{1,4}|забудь\w{0,2}|ігнору\w{1,4})\b",
    r"(?:инструкци|указани|команд|правил|інструкці|вказівк)\w{0,4}",
    # Turkish, Indonesian, Vietnamese
    "yoksa görme unut dikka abaik lupak bỏ quên",
    r"\b(?:yoksay|görmezden gel|unut(?:un)?|dikkate alma(?:y\u0131n)?|abaikan|lupakan|bỏ qua|quên)\b",
    r"(?:talimat|komut|kurallar[\u0131i](?!m)|instruksi|perintah|hướng dẫn|chỉ dẫn|lệnh)",
    # Chinese, Japanese, Korean
    "",
    r"(?:忽略|无视|忘记|忽视|不要理会|無視|忘れ|무시|잊어)",
    r"(?:指令|指示|提示|规则|規則|命令|プロンプト|ルール|지시|명령|프롬프트|규칙)",
    # Arabic, Hindi
    "",
    r"(?:تجاهل|انس[َى]?\b|अनदेखा|नज़रअंदाज|भूल जा)",
    r"(?:تعليمات|التعليمات|الأوامر|निर्देश|आदेश)",
)
"""Verb prefixes (none for other scripts), verbs, and their objects."""

_BEGIN = 5
"""Letters of a word that are compared with the prefixes above."""

_OTHER_SCRIPTS = re.compile("[\u0400-\u04ff\u0600-\u06ff\u0900-\u097f\u3040-\u9fff\uac00-\ud7af]")


@dataclass(frozen=True, slots=True)
class VerbAndObject:
    """A verb and its object, at most 60 characters apart, in either order.

    ``starts`` are word prefixes of which a matching text has at least one; for other scripts it is
    empty.
    """

    starts: frozenset[str]
    verb: re.Pattern[str]
    noun: re.Pattern[str]

    def stands_in(self, text: str) -> bool:
        return any(
            self.noun.search(text, max(0, verb.start() - 60), verb.end() + 60)
            for verb in self.verb.finditer(text)
        )


_FORGET_ALL = re.compile(
    r"\b(?:vergiss|vergesst|vergessen sie|olvid(?:a|e|ad)|oublie[zs]?|dimentica(?:te)?|esqueça"
    r"|vergeet|zapomnij|zaboravi(?:te)?|забудь(?:те)?) (?:\w )?(?:nun |bitte |jetzt )?"
    r"(?:alles|todo|tout|tutto|tudo|wszystk\w{1,3}|sve|вс[её]m?)\b"
)
_ORDERS = tuple(
    VerbAndObject(frozenset(starts.split()), re.compile(verb), re.compile(noun))
    for starts, verb, noun in zip(
        _DROP_AND_ORDERS[::3], _DROP_AND_ORDERS[1::3], _DROP_AND_ORDERS[2::3], strict=True
    )
)
_PROMPT = VerbAndObject(
    frozenset({"promp", "syste", "siste"}),
    re.compile(
        r"\b(?:zeig|nenn|gib|wiederhol|verrat|schreib|affich|montr|répèt|donn|muestr|repit|revel"
        r"|mostr|escrib|ripet|mostra|toon|pokaż|покажи|повтори|выведи|göster|söyle"
        r"|aç\u0131kla|paylaş)\w{0,5}"
        r"|显示|输出|重复|告诉我|表示|出力|教えて|보여|출력"
    ),
    re.compile(
        r"system-?\s?prompt|sistem (?:prompt|istem|talimat)\w{0,8}"
        r"|prompt (?:système|del sistema|di sistema|do sistema)|systemanweisung"
        r"|системн\w{2} (?:промпт|инструкци)|系统提示|系统指令|システムプロンプト|시스템 프롬프트"
    ),
)


_CLAUSE = re.compile(r"[^.!?:;,\n\u3002\uff01\uff0c\uff1a\u3001]{5,}")
_SHORT = 50
_BEFORE = re.compile(
    r"\b(?:bisherig|vorherig|vorig|obig|früher|précédent|anterior|previ[ao]s|preceden|eerder|bovenstaand"
    r"|poprzedni|wcześniej|powyż|předchozí|prethodn|tidigare|föregående|tidligere|aiem|предыдущ|прежн|попередн"
    r"|önceki|yukar\u0131daki|sebelum)"
    r"|trước|之前|以上|上述|先前|以前|これまで|上記|前の|이전|앞의|위의|السابق|पिछल"
)
_ALL = (*_ORDERS, _PROMPT)
_FORGET_STARTS = frozenset({"vergi", "verge", "olvid", "oubli", "dimen", "esque", "zapom", "zabor"})
_STARTS = _FORGET_STARTS.union(*(order.starts for order in _ALL))


def orders_in(text: str, words: AbstractSet[str]) -> bool:
    """Whether the text orders, in any of the languages, to ignore or to show earlier instructions."""
    if not text.isascii() and _OTHER_SCRIPTS.search(text):
        return bool(_FORGET_ALL.search(text)) or any(order.stands_in(text) for order in _ALL)
    begun = _STARTS.intersection([word[:_BEGIN] for word in words])
    if not begun:
        return False
    if not _FORGET_STARTS.isdisjoint(begun) and _FORGET_ALL.search(text):
        return True
    return any(order.stands_in(text) for order in _ALL if not order.starts.isdisjoint(begun))


def is_bare_order(text: str) -> bool:
    """Whether a short clause orders to ignore what was said before, whatever that was about."""
    return any(
        len(clause) <= _SHORT and any(order.stands_in(clause) for order in _ORDERS)
        for clause in _CLAUSE.findall(text)
        if _BEFORE.search(clause)
    )
