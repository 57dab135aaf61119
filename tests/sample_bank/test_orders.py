"""The orders that people give, in their words."""

from pathlib import Path

import pytest

from genai.worked_examples.library import read_library
from genai.worked_examples.ordering import parse_orders

ROOT = Path(__file__).parents[2]
ORDERS = read_library(ROOT / "sample_bank" / "sql_examples.yaml").orders

DISPUTES = [
    ("Can you open a dispute for a customer?", None, None),
    ("Dispute transaction 1000001 for fraud.", 1000001, "fraud"),
    ("Open a dispute for transaction 1000001: duplicate.", 1000001, "duplicate"),
    ("Please contest transaction 1000001: wrong amount", 1000001, "wrong amount"),
    ("I want to dispute transaction 1000001, it was fraud", 1000001, "fraud"),
    (
        "Could you file a dispute on transaction 1000001 because the goods were not received?",
        1000001,
        "not received",
    ),
    ("Challenge payment 1000001, it is a duplicate", 1000001, "duplicate"),
    (
        "Raise a dispute against transaction number 1000001 since the order was cancelled.",
        1000001,
        "cancelled",
    ),
    ("Open a fraud dispute for transaction 1000001", 1000001, "fraud"),
    ("transaction 1000001 has the wrong amount, please dispute it", 1000001, "wrong amount"),
    ("Please open a dispute: transaction 1000001, reason duplicate", 1000001, "duplicate"),
    ("Dispute transaction 1000001", 1000001, None),
    ("I'd like to open a dispute about transaction #1000001 please", 1000001, None),
    ("Open a dispute because of fraud", None, "fraud"),
    ("I want to contest a transaction", None, None),
    ("Please open a dispute", None, None),
    ("Dispute my last payment", None, None),
    ("Contest transaction 1000001 as fraudulent", 1000001, "fraud"),
    ("We need to dispute transaction 1000001 as it was charged twice", 1000001, "duplicate"),
    ("dispute tx 1000001 - goods never arrived", 1000001, "not received"),
    ("Please start a dispute for transaction 1000004 due to fraud", 1000004, "fraud"),
    ("I would like to contest payment no. 1000004 because it is a duplicate", 1000004, "duplicate"),
    ("File a dispute over 1000004, reason: wrong amount", 1000004, "wrong amount"),
    ("Transaction 1000004 was never received, open a dispute", 1000004, "not received"),
    ("Would you dispute the transaction 1000004? The order was cancelled.", 1000004, "cancelled"),
    ("This is fraud: please dispute transaction 1000004", 1000004, "fraud"),
    ("Lodge a dispute for transaction 1000004 (duplicate)", 1000004, "duplicate"),
    ("Contest transaction 1000004. The amount is wrong.", 1000004, "wrong amount"),
    ("Transaction 1000004 is fraudulent; please raise a dispute.", 1000004, "fraud"),
    ("Can you contest transaction 1000004 for me?", 1000004, None),
    ("I have to challenge transaction 1000004", 1000004, None),
    ("File a dispute for a duplicate charge", None, "duplicate"),
    ("I'd like to file a dispute, please", None, None),
    ("Can you dispute transaction 1000007? I did not make it.", 1000007, "fraud"),
    ("Transaction 1000007 was booked twice. Please contest it.", 1000007, "duplicate"),
    ("I wish to dispute charge 1000007, they charged too much", 1000007, "wrong amount"),
    (
        "Please file a chargeback for transaction 1000007, the parcel never came",
        1000007,
        "not received",
    ),
    ("Dispute payment 1000007 because I cancelled the subscription", 1000007, "cancelled"),
    ("raise dispute for txn 1000007 reason fraud", 1000007, "fraud"),
    ("Dispute 1000007: incorrect amount charged", 1000007, "wrong amount"),
    ("Open dispute on 1000007", 1000007, None),
    ("Please contest transaction 1000009. My card was skimmed, it is fraud.", 1000009, "fraud"),
    (
        "The shop charged me twice, dispute transaction 1000009 please: duplicate",
        1000009,
        "duplicate",
    ),
    ("Start a dispute: transaction 1000009, wrong amount.", 1000009, "wrong amount"),
    (
        "The customer says the goods never arrived. Dispute transaction 1000009.",
        1000009,
        "not received",
    ),
    (
        "We cancelled the booking in time, so please dispute transaction 1000009",
        1000009,
        "cancelled",
    ),
    ("I need you to open a dispute for transaction 1000009, fraud", 1000009, "fraud"),
    ("I want transaction 1000009 to be contested", 1000009, None),
    ("The merchant refuses to pay back, please dispute transaction 1000009", 1000009, None),
    (
        "Kindly raise a dispute on payment 1000011, someone used my card without permission, so fraud",
        1000011,
        "fraud",
    ),
    (
        "Please challenge transaction no 1000011 on the grounds of a double booking",
        1000011,
        "duplicate",
    ),
    ("Open a dispute about 1000011 because the amount is too high", 1000011, "wrong amount"),
    ("Contest payment 1000011 since the item was not delivered", 1000011, "not received"),
    ("I want to contest transaction 1000011: cancelled", 1000011, "cancelled"),
    ("Transaction 1000011 is strange, please dispute it", 1000011, None),
    ("I would like to dispute a fraudulent transaction", None, "fraud"),
    ("dispute a payment please", None, None),
]
BLOCKS = [
    ("We must block a card", None),
    ("Block my old card", None),
    ("Block card 50018.", 50018),
    ("Please block the card with number 50018", 50018),
    ("Could you put a block on card 50018?", 50018),
    ("I need card 50018 blocked right away", 50018),
    ("Card 50018 was stolen, please block it", 50018),
    ("My card 50018 got lost. Block it!", 50018),
    ("Can you please have card 50018 blocked?", 50018),
    ("deactivate credit card no. 50018 immediately", 50018),
    ("Block the customer's card 50018 now", 50018),
    ("I lost my card 50018, please block it immediately", 50018),
    ("Kindly disable card #50018 because it was stolen", 50018),
    ("we have to block card 50018", 50018),
    ("Block 50018", 50018),
    ("Block my card", None),
    ("Please block my credit card, it was stolen", None),
    ("I need to block a card", None),
    ("Can you block my card please?", None),
    ("Would you kindly block card number 50021 for me", 50021),
    ("My debit card 50021 has been stolen - block it right now, please.", 50021),
    ("I want card 50021 to be blocked", 50021),
    ("Please make sure card 50021 is blocked", 50021),
    ("Go ahead and block card 50021", 50021),
    ("Somebody stole card 50021. Please block it.", 50021),
    ("Block this card: 50021", 50021),
    ("The card 50021 is lost, so block it please", 50021),
    ("Immediately block card 50021!", 50021),
    ("Please deactivate a card for me", None),
    ("I lost my card, please block it", None),
    ("Could you block the card of a customer?", None),
    ("Block card nr 50030 asap", 50030),
    ("Could someone block card 50030, it's been stolen", 50030),
    ("The customer lost card 50030, please block it", 50030),
    ("block card: 50030", 50030),
    ("I've lost card 50030 - can you block it?", 50030),
    ("Card 50030 must be blocked", 50030),
    ("stop card 50030", 50030),
    ("My card has been stolen, block it!", None),
    ("block card", None),
    ("Somebody has my card 50040! Block it immediately", 50040),
    ("Card 50040 has been found by a stranger, please block it", 50040),
    ("Could you deactivate card 50040 since the owner died", 50040),
    ("Our client's card 50040 needs to be blocked", 50040),
    ("Block card 50040, the wallet was stolen in Lisbon", 50040),
    ("Please block my virtual card 50060", 50060),
    ("Block number 50060, it is gone", 50060),
    ("Hello, my handbag was stolen with card 50060 in it. Please block this card.", 50060),
    ("Would you please disable card number 50060 for our client", 50060),
    ("50060 is stolen, block it", 50060),
    ("I want you to block card 50060 right now!", 50060),
    ("Please put a block on my card", None),
    ("A thief has my card, block it please", None),
]
OTHERS = [
    "How many disputes are open?",
    "How do I dispute a transaction?",
    "Which transactions were disputed for fraud in 2025?",
    "What is the reason of the dispute about transaction 1000001?",
    "How do I block my card?",
    "How many cards are blocked?",
    "What happens when I block card 50018?",
    "Block all cards",
    "Do not block card 50018",
    "Unblock card 50018",
    "How long does a dispute take?",
    "Can I dispute a transaction after 90 days?",
    "Show the disputed transactions of customer 10012",
    "Can I block my card in the app?",
    "Is card 50021 blocked?",
    "When was card 50021 blocked?",
    "Why did you block my card?",
    "What should I do if my card was stolen?",
    "Does blocking card 50030 cost anything?",
    "Which cards were blocked because they were stolen?",
    "Disputes by reason",
    "Block card 50040 and order a new one",
    "Block card 50040, and I would like to know what a new one costs",
    "Block card 50040 and my account",
    "My account 10012 was hacked, block my card",
    "The customer asked whether you block card 50040",
    "Block card 50040 if the customer calls again",
    "The customer does not want you to block card 50040",
    "Block card 50040 and close account 10012",
    "Tell me how many cards were blocked",
    "The card 50040 was blocked, unblock it",
    "Can a blocked card be used again?",
    "How many transactions were contested last year?",
    "I would like to know who disputed transaction 1000011",
    "Block card 50060 tomorrow",
]


@pytest.mark.parametrize(("text", "number", "reason"), DISPUTES)
def test_a_payment_is_contested(text: str, number: int | None, reason: str | None) -> None:
    [ordered] = parse_orders(text, ORDERS)

    said = {"transaction_id": number, "reason": reason}
    assert ordered.tool == "open_dispute"
    assert ordered.arguments == {name: value for name, value in said.items() if value is not None}
    assert len(ordered.missing) == sum(value is None for value in said.values())


@pytest.mark.parametrize(("text", "number"), BLOCKS)
def test_a_card_is_blocked(text: str, number: int | None) -> None:
    [ordered] = parse_orders(text, ORDERS)

    assert ordered.tool == "block_card"
    assert ordered.arguments == ({} if number is None else {"card_id": number})
    assert bool(ordered.missing) == (number is None)


@pytest.mark.parametrize("text", OTHERS)
def test_a_question_is_no_order(text: str) -> None:
    assert parse_orders(text, ORDERS) == ()
