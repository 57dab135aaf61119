"""The order to drop earlier instructions, and the question for the prompt, in other languages."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_DROP_AND_ORDERS = (
    # German
    r"\b(?:ignorier\w{0,4}|vergiss|vergesst|vergessen|missachte\w{0,2}|übergeh\w{0,3}|verwirf)\b",
    r"(?:anweisung|instruktion|befehl|vorgabe|anordnung|richtlini|aufforderung|prompt|aufgabe"
    r"|auftr[aä]g|ausführung)\w{0,4}",
    # French
    r"\b(?:ignor(?:e|ez|er)|oubli(?:e|ez|er)|néglige[rz]?)\b",
    r"\b(?:les|tes|vos|ces|aux|toutes?|tous) (?:\w{1,12} )?"
    r"(?:instruction|consigne|directive|ordre)s?\b",
    # Spanish, Italian, Portuguese
    r"\b(?:ignor(?:a|e|ad|ar|en|i|ate|are)|olvid(?:a|e|ar|en|ad)|descart(?:a|e)|dimentic(?:a|ate|are|hi)"
    r"|esque(?:ce|ça|cer)|desconsidere)\b",
    r"\b(?:instruccion\w{0,2}|instruç\w{1,6}|istruzion\w|órdenes|ordenes|directrices|indicaciones|direttive"
    r"|comandi|diretrizes)\b",
    # Dutch and Scandinavian
    r"\b(?:negeer|vergeet|ignorera|glöm|ignorer|glem|unohda|ohita)\b",
    r"\b(?:instructies|opdrachten|instruktioner\w{0,2}|instrukser\w{0,2}|anvisningar|ohjeet"
    r"|instruksjon\w{0,5})\b",
    # Polish, Czech, Croatian, Serbian
    r"\b(?:z?ignoruj\w{0,3}|zapomnij|pomiń|zapomeň|ignoriraj\w{0,2}|zaboravi\w{0,2})\b",
    r"\b(?:instrukc\w{1,4}|poleceni\w{0,2}|pokyn\w{0,2}|upute|uputstva|naredbe)\b",
    # Russian, Ukrainian
    r"\b(?:про)?(?:игнориру\w{1,4}|забудь\w{0,2}|ігнору\w{1,4})\b",
    r"(?:инструкци|указани|команд|правил|інструкці|вказівк)\w{0,4}",
    # Turkish, Indonesian, Vietnamese
    r"\b(?:yoksay|görmezden gel|unut|abaikan|lupakan|bỏ qua|quên)\b",
    r"(?:talimat|komut|instruksi|perintah|hướng dẫn|chỉ dẫn|lệnh)",
    # Chinese, Japanese, Korean
    r"(?:忽略|无视|忘记|忽视|不要理会|無視|忘れ|무시|잊어)",
    r"(?:指令|指示|提示|规则|規則|命令|プロンプト|ルール|지시|명령|프롬프트|규칙)",
    # Arabic, Hindi
    r"(?:تجاهل|انس[َى]?\b|अनदेखा|नज़रअंदाज|भूल जा)",
    r"(?:تعليمات|التعليمات|الأوامر|निर्देश|आदेश)",
)
_STARTS_TEXT = (
    "ignor vergi verge missa überg verwi oubli négli olvid desca dimen esque desco negee glöm glem "
    "unohd ohita zigno zapom pomiń zabor yoksa görme unut abaik lupak quên promp bỏ"
)
_STARTS = frozenset(_STARTS_TEXT.split())
"""How the verbs begin; cheaper to look up than the patterns."""

_OTHER_SCRIPTS = re.compile("[\u0400-\u04ff\u0600-\u06ff\u0900-\u097f\u3040-\u9fff\uac00-\ud7af]")


def may_matter(text: str, words: Iterable[str]) -> bool:
    """Whether it is worth while to try the patterns."""
    if not text.isascii() and _OTHER_SCRIPTS.search(text):
        return True
    return not _STARTS.isdisjoint([word[:5] for word in words])


@dataclass(frozen=True, slots=True)
class Order:
    """A verb and its object, at most 60 characters apart, in either order."""

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
ORDERS = tuple(
    Order(re.compile(verb), re.compile(noun))
    for verb, noun in zip(_DROP_AND_ORDERS[::2], _DROP_AND_ORDERS[1::2], strict=True)
)
PROMPT = Order(
    re.compile(
        r"\b(?:zeig|nenn|gib|wiederhol|verrat|schreib|affich|montr|répèt|donn|muestr|repit|revel"
        r"|mostr|escrib|ripet|mostra|toon|pokaż|покажи|повтори|выведи|göster)\w{0,5}"
        r"|显示|输出|重复|告诉我|表示|出力|教えて|보여|출력"
    ),
    re.compile(
        r"system-?\s?prompt|prompt (?:système|del sistema|di sistema|do sistema)|systemanweisung"
        r"|системн\w{2} (?:промпт|инструкци)|系统提示|系统指令|システムプロンプト|시스템 프롬프트"
    ),
)


def orders_in(text: str) -> bool:
    """Whether the text orders in any of the languages to drop or to show what came before."""
    if _FORGET_ALL.search(text):
        return True
    return any(order.stands_in(text) for order in (*ORDERS, PROMPT))
