"""Recognises genuine requests to a bank, however rude: about money, complaints, or to talk to a person."""

import re

_OF_MONEY = (
    r"(?:my|the|a|your|this|that|these|which|new|debit|credit) (?:cards?|accounts?|loan|mortgage|balance"
    r"|statement|pin)|my money|refund(?:s|ed)?|fees?|overdraft|direct debit|standing order|wages?|salary"
    r"|charged? (?:me|us|twice)|[£$€] ?\d+|\d+ ?(?:[£$€]|quid|pounds?|euros?|dollars?|bucks?)",
    # German, Dutch
    r"karten?|geld|gebühr(?:en)?|konto|überweisung(?:en)?|zahlung|gehalt|hypothek|zinsen|rekening|kosten"
    r"|betaling|mijn pas|hypotheek",
    # French
    r"(?:ma|la|une) carte|argent|frais|(?:mon|un|le) compte|virement|paiement|prêt|hypothèque",
    # Spanish, Portuguese, Italian
    r"(?:mi|la) tarjeta|dinero|comisi(?:ón|on|ones)|(?:mi|la) cuenta|transferencia|nómina|el pago|préstamo"
    r"|hipoteca|cartão|dinheiro|taxa|(?:minha|a) conta|empréstimo|(?:la mia|la) carta|soldi|commissioni"
    r"|bonifico|(?:il mio|un|il) conto|mutuo|prestito",
    # Polish, Scandinavian, Russian, Turkish
    r"kart[aęy]|pieniądze|opłat[aęy]|przelew|kredyt|kortet|pengar|penger|avgift(?:en)?|lønn?|lån|деньги"
    r"|карт[\u0430\u0443\u044b]|param\u0131|kart\u0131m",
)
_HUMAN = (
    r"(?:human|person|people|manager|supervisor|agent|advis[eo]r|operator|somebody|someone|anybody|anyone"
    r"|colleague)"
)
_OF_TALKING = (
    rf"(?:put|pass|connect|transfer) (?:me|us)(?: \w+){{0,2}} (?:through|on|to|over|{_HUMAN})",
    r"(?:gi(?:mme|ve (?:me|us))|get (?:me|us)|want|need|fetch|speak (?:to|with)|talk (?:to|with)|wi[dt]h?)"
    rf"(?: to (?:speak|talk) (?:to|with))?(?: (?:a|an|the|some|your|real|actual|live|human))* {_HUMAN}",
    r"call (?:me|us) back|real (?:human|person|people)|(?:will|can|could) (?:yo?u|ye) put (?:me|us)",
    # German, Dutch
    r"(?:echten?|einen|ne?n|een|einem) (?:menschen|mens|mitarbeiter(?:in)?|vorgesetzten|berater(?:in)?"
    r"|medewerker)",
    # French, Spanish, Portuguese, Italian
    r"(?:une?|à une?) (?:humain|conseill[eè]re?|vraie personne|responsable)"
    r"|(?:una?|con una?|uma?|com uma?) (?:persona|humano|pessoa|atendente|operatore|responsabile)"
    r"|(?:el|la|o|a) (?:encargad[oa]|gerente|responsable)",
    # Polish, Scandinavian, Russian, Turkish
    r"człowieka|konsultant(?:em|a)|(?:en|et) (?:människa|menneske)"
    r"|человек\u0430|оператор(?:ом|\u0430)|bir insan",
)
_OF_THE_BANK = (
    r"(?:this|your|worst) (?:bank|app|branch)|complain(?:t|ts|ing)?|gdpr|dsgvo|rgpd"
    r"|(?:de|este|vuestro|este) banco|(?:cette|votre) banque|(?:questa|di) banca|(?:diese|eure) bank",
)
_WANTED = re.compile(
    rf"(?<!\w)(?:{'|'.join((*_OF_MONEY, *_OF_TALKING, *_OF_THE_BANK))})(?!\w)", re.IGNORECASE
)


def is_service_request(text: str) -> bool:
    """Whether a word refers to the caller's money or bank, or asks for a person."""
    return bool(_WANTED.search(text))
