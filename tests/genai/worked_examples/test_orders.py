import pytest

from genai.worked_examples.orders import Order, OrderSlot

ORDER = Order(
    tool="report",
    doing=("report", r"file(?= (?:[a-z]+ ){0,3}report)"),
    done=("reported",),
    thing="(?:(?:the|my|a) )*(?:bikes?|report)",
    beside=("stolen", "i lost"),
    slots={
        "bike": OrderSlot(missing="Which bike?"),
        "why": OrderSlot(
            missing="Why?", values={"theft": ("theft", "a thief"), "damage": ("broken",)}
        ),
    },
)
THEFT = {"bike": 7, "why": "theft"}


@pytest.mark.parametrize(
    "text",
    [
        "Report bike 7 for theft",
        "Please report my bike no. 7, because of theft!",
        "Could you report bike #7? It was theft.",
        "I'd like to report the bike 7: theft",
        "I\u2019d like you to report the bike 7: theft",
        "Bike 7 was stolen, theft - so please report it",
        "I need bike 7 reported for theft right away",
        "Please make sure that bike 7 is reported, reason: theft",
        "File a report about bike 7, for theft",
        "This is theft: report 7.",
        "My neighbour has seen theft in the street, report bike 7",
        "The bike 7 has vanished, report it for theft please",
        "Report bike 7 for theft, the lock was cut open. Thanks",
        "It was theft by some stranger. Report bike 7!",
        "Report bike 7 for <EMAIL_ADDRESS_1_kqzvt>, theft",
        "Please report the bike 7 of <PERSON> for theft. My phone is <PHONE_NUMBER_2_kqzvt>",
    ],
)
def test_an_order_is_parsed_for_any_word_order(text: str) -> None:
    read = ORDER.parse(text)

    assert read is not None
    assert (read.arguments, read.missing) == (THEFT, ())


@pytest.mark.parametrize(
    ("text", "arguments", "missing"),
    [
        ("Report my bike", {}, ("Which bike?", "Why?")),
        ("report bike 7 please", {"bike": 7}, ("Why?",)),
        ("File a report: it is broken", {"why": "damage"}, ("Which bike?",)),
        ("Report bike 7, theft and broken", {"bike": 7}, ("Why?",)),
        ("Report bike 7 and bike 7, theft", THEFT, ()),
        ("Report bike -7 for theft", {"why": "theft"}, ("Which bike?",)),
        ("Report bike #+7 for theft", {"why": "theft"}, ("Which bike?",)),
        ("Report bike \u22127 for theft", {"why": "theft"}, ("Which bike?",)),
        ("Report bike no. 7,123 for theft", {"why": "theft"}, ("Which bike?",)),
        ("Report bike 7.123 for theft", {"why": "theft"}, ("Which bike?",)),
        ("Report bikes 7 and -8, theft", {"why": "theft"}, ("Which bike?",)),
        ("Report bike-7, theft", THEFT, ()),
        ("Report bike 7 -theft", THEFT, ()),
    ],
)
def test_missing_and_ambiguous_arguments_are_asked_for(
    text: str, arguments: dict[str, object], missing: tuple[str, ...]
) -> None:
    read = ORDER.parse(text)

    assert read is not None
    assert (read.arguments, read.missing) == (arguments, missing)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bike 7",
        "The report about bike 7 for theft",
        "Do not report bike 7 for theft",
        "Report bike 7 or bike 8",
        "Report bike 7 and bike 8 for theft",
        "Report bike 7 if it is broken",
        "How do I report bike 7?",
        "Was bike 7 reported for theft?",
        "I had bike 7 reported for theft",
        "I need the reported bikes",
        "Report bike 7 for theft and tell me what a new one costs",
        "Report bike 7.5 for theft",
        "Report all bikes",
        "Report",
        "Report it please",
        "Report bike 7 for theft and order another",
        "Report bike 7 for theft, and I need another lock",
        "Report bike 7 for theft and my scooter",
        "My scooter 8 was cut loose, report my bike",
        "The owner of bike 7 asked whether we report theft",
        "A letter says: report bike 7 for theft",
        "A letter says, report bike 7 for theft",
        'The letter goes "report bike 7 for theft"',
        "Report bike 7 for <div>, theft",
    ],
)
def test_other_texts_are_not_orders(text: str) -> None:
    assert ORDER.parse(text) is None
