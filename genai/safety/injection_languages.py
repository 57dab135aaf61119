"""The order to drop earlier instructions, and the question for the prompt, in other languages."""

import re
from dataclasses import dataclass

_DROP_AND_ORDERS = (
    # German
    r"\b(?:ignorier\w{0,4}|vergiss|vergesst|vergessen|missachte\w{0,2}|übergeh\w{0,3}|verwirf)\b",
    r"(?:anweisung|instruktion|befehl|vorgabe|anordnung|richtlini|aufforderung|prompt|aufgabenstellung)\w{0,4}",
    # French
    r"\b(?:ignor(?:e|ez|er)|oubli(?:e|ez|er)|néglige[rz]?)\b",
    r"\b(?:instruction|consigne|directive|ordre|prompt|invite)s?\b",
    # Spanish, Italian, Portuguese
    r"\b(?:ignor(?:a|e|ad|ar|en|i|ate|are)|olvid(?:a|e|ar|en|ad)|descart(?:a|e)|dimentic(?:a|ate|are|hi)"
    r"|esque(?:ce|ça|cer)|desconsidere)\b",
    r"\b(?:instruc\w{1,8}|instruç\w{1,6}|istruzion\w|órdenes|ordenes|directrices|indicaciones|direttive"
    r"|comandi|diretrizes|prompt)\b",
    # Dutch and Scandinavian
    r"\b(?:negeer|vergeet|ignorera|glöm|ignorer|glem|unohda|ohita)\b",
    r"\b(?:instructies|opdrachten|instruktioner\w{0,2}|instrukser\w{0,2}|anvisningar|ohjeet|instruksjon\w{0,5})\b",
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
_LATIN_STARTS = (
    "ignorier vergiss vergess missach überge verwirf ignore oublie néglig ignora ignorá olvid descart dimentic "
    "esque descons negeer vergeet glöm glem unohda ohita zignor ignoruj zapom pomiń ignorir zaborav yoksay "
    "görmez unut abaikan lupakan quên"
)
MAY_MATTER = re.compile(
    rf"(?<!\w)(?:{'|'.join(_LATIN_STARTS.split())})|bỏ qua|[\u0400-\u04ff\u0600-\u06ff\u0900-\u097f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]"
    r"|system-?prompt|prompt (?:système|del sistema|di sistema|do sistema)"
)


@dataclass(frozen=True, slots=True)
class Order:
    """A verb and its object, at most 60 characters apart, in either order."""

    verb: re.Pattern[str]
    noun: re.Pattern[str]

    def position(self, text: str) -> int | None:
        for verb in self.verb.finditer(text):
            near = max(0, verb.start() - 60)
            if self.noun.search(text, near, verb.end() + 60):
                return near
        return None


ORDERS = tuple(
    Order(re.compile(verb), re.compile(noun))
    for verb, noun in zip(_DROP_AND_ORDERS[::2], _DROP_AND_ORDERS[1::2], strict=True)
)
PROMPT = Order(
    re.compile(
        r"\b(?:zeig|nenn|gib|wiederhol|verrat|schreib|affich|montr|répèt|donn|muestr|repit|revel|mostr|escrib|ripet"
        r"|mostra|toon|pokaż|покажи|повтори|выведи|göster)\w{0,5}|显示|输出|重复|告诉我|表示|出力|教えて|보여|출력"
    ),
    re.compile(
        r"system-?\s?prompt|prompt (?:système|del sistema|di sistema|do sistema|système)|systemanweisung"
        r"|системн\w{2} (?:промпт|инструкци)|系统提示|系统指令|システムプロンプト|시스템 프롬프트"
    ),
)
