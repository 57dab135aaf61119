"""Each wrong query is one that a small model wrote, or could write, for the question."""

from pathlib import Path

import pytest

from genai.analyst.checks.checks import Checks
from genai.analyst.vocabulary import read_vocabulary
from genai.worked_examples.library import read_library
from genai.worked_examples.mentions import Extractor, Mention

BANK = Path(__file__).parents[4] / "sample_bank"
EXTRACTOR = Extractor(read_library(BANK / "sql_examples.yaml"))
CHECKS = Checks(read_vocabulary(BANK / "analyst_words.yaml"))
COUNT = "SELECT COUNT(*) AS customers FROM customers c"


def find(question: str) -> tuple[Mention, ...]:
    return tuple(EXTRACTOR.find(question))


SPENT = "SELECT ROUND(-SUM(t.amount_cents) / 100.0, 2) AS spent_eur FROM transactions t"
HOLDERS = "JOIN accounts a ON a.account_id = t.account_id JOIN customers c ON c.customer_id = a.customer_id"

CASES = [
    (
        "interest that customers get is looked for among what they spent",
        "How much interest was paid in 2025?",
        "SELECT ROUND(SUM(t.amount_cents) / 100.0, 2) AS received_eur FROM transactions t"
        " WHERE t.category = 'interest' AND t.booked_at LIKE '2025%'",
        f"{SPENT} WHERE t.amount_cents < 0 AND t.category = 'interest'"
        " AND t.booked_at LIKE '2025%'",
    ),
    (
        "having one stands for having more than one",
        "How many customers have more than one loan?",
        f"{COUNT} WHERE (SELECT COUNT(*) FROM loans l WHERE l.customer_id = c.customer_id) > 1",
        f"{COUNT} WHERE EXISTS (SELECT 1 FROM loans l WHERE l.customer_id = c.customer_id)",
    ),
    (
        "the first of a list is dropped",
        "How many active, blocked and expired cards are there?",
        "SELECT COUNT(*) AS cards FROM cards k WHERE k.status IN ('active', 'blocked', 'expired')",
        "SELECT COUNT(*) AS cards FROM cards k WHERE k.status IN ('blocked', 'expired')",
    ),
    (
        "the oldest stands for the longest",
        "What is the longest term of a loan?",
        "SELECT MAX(l.term_months) AS longest_term_months FROM loans l",
        "SELECT l.loan_id, l.started_on FROM loans l ORDER BY l.started_on LIMIT 1",
    ),
    (
        "another quarter of the year",
        "How much was spent on rent in the last quarter of 2025?",
        f"{SPENT} WHERE t.amount_cents < 0 AND t.category = 'rent'"
        " AND substr(t.booked_at, 1, 7) BETWEEN '2025-10' AND '2025-12'",
        f"{SPENT} WHERE t.amount_cents < 0 AND t.category = 'rent'"
        " AND substr(t.booked_at, 1, 7) BETWEEN '2025-01' AND '2025-03'",
    ),
    (
        "a number is given twice",
        "How many cards are blocked and how much can be spent with them?",
        "SELECT COUNT(*) AS cards, ROUND(SUM(k.daily_limit_cents) / 100.0, 2) AS total_limit_eur"
        " FROM cards k WHERE k.status = 'blocked'",
        "SELECT COUNT(*) AS cards, COUNT(*) AS cards FROM cards k WHERE k.status = 'blocked'",
    ),
    (
        "other groups stand for two months",
        "Compare the number of disputes opened in May and June 2026",
        "SELECT substr(d.opened_on, 1, 7) AS month, COUNT(*) AS disputes FROM disputes d"
        " WHERE substr(d.opened_on, 1, 7) BETWEEN '2026-05' AND '2026-06'"
        " GROUP BY substr(d.opened_on, 1, 7)",
        "SELECT d.status, COUNT(*) AS disputes FROM disputes d"
        " WHERE substr(d.opened_on, 1, 7) BETWEEN '2026-05' AND '2026-06' GROUP BY d.status",
    ),
    (
        "other groups stand for two kinds",
        "Compare the number of debit and credit cards",
        "SELECT k.type, COUNT(*) AS cards FROM cards k WHERE k.type IN ('debit', 'credit')"
        " GROUP BY k.type",
        "SELECT k.status, COUNT(*) AS cards FROM cards k WHERE k.type IN ('debit', 'credit')"
        " GROUP BY k.status",
    ),
    (
        "rows stand for what there is to say",
        "Tell me about the newest debit cards",
        "SELECT k.card_id, k.issued_on FROM cards k WHERE k.type = 'debit'"
        " ORDER BY k.issued_on DESC LIMIT 1",
        "SELECT k.card_id, k.type FROM cards k WHERE k.type = 'debit'",
    ),
    (
        "how they ended is dropped",
        "How many chargebacks did customers win in 2026?",
        "SELECT COUNT(*) AS disputes FROM disputes d WHERE d.status = 'won'"
        " AND d.closed_on LIKE '2026%'",
        "SELECT COUNT(*) AS disputes FROM disputes d WHERE d.closed_on LIKE '2026%'",
    ),
    (
        "a number is compared with nothing",
        "How many customers have more than 2 loans?",
        f"{COUNT} WHERE (SELECT COUNT(*) FROM loans l WHERE l.customer_id = c.customer_id) > 2",
        f"{COUNT} WHERE (SELECT COUNT(*) FROM loans l WHERE l.customer_id = c.customer_id)"
        " AND c.branch_id > 2",
    ),
    (
        "how long is dropped",
        "How many loans have been running for more than 2 years?",
        "SELECT COUNT(*) AS loans FROM loans l WHERE l.status = 'active'"
        " AND l.started_on < date('2026-06-30', '-2 years')",
        "SELECT COUNT(*) AS loans FROM loans l WHERE l.status = 'active' AND l.loan_id > 2",
    ),
    (
        "how many there are stands for whether they become more",
        "Is the number of disputes rising?",
        "SELECT substr(d.opened_on, 1, 7) AS month, COUNT(*) AS disputes FROM disputes d"
        " GROUP BY substr(d.opened_on, 1, 7)",
        "SELECT COUNT(*) AS disputes FROM disputes d",
    ),
    (
        "accounts stand for euros",
        "How many euros do premium customers hold on average?",
        "SELECT ROUND(AVG(a.balance_cents) / 100.0, 2) AS average_balance_eur FROM accounts a"
        " JOIN customers c ON c.customer_id = a.customer_id WHERE c.segment = 'premium'",
        "SELECT ROUND(1.0 * COUNT(*) / COUNT(DISTINCT a.customer_id), 2) AS average_accounts"
        " FROM accounts a JOIN customers c ON c.customer_id = a.customer_id"
        " WHERE c.segment = 'premium'",
    ),
    (
        "the place is dropped",
        "How much was spent abroad in June 2026?",
        f"{SPENT} {HOLDERS} WHERE t.amount_cents < 0 AND t.country <> c.country"
        " AND t.booked_at LIKE '2026-06%'",
        f"{SPENT} WHERE t.amount_cents < 0 AND t.booked_at LIKE '2026-06%'",
    ),
    (
        "the time of the day is dropped",
        "How much was spent in the morning?",
        f"{SPENT} WHERE t.amount_cents < 0 AND strftime('%H', t.booked_at) < '12'",
        f"{SPENT} WHERE t.amount_cents < 0",
    ),
    (
        "any of them stands for the first",
        "How many customers opened their first account in 2026?",
        f"{COUNT} WHERE (SELECT MIN(a.opened_on) FROM accounts a"
        " WHERE a.customer_id = c.customer_id) LIKE '2026%'",
        f"{COUNT} WHERE EXISTS (SELECT 1 FROM accounts a WHERE a.customer_id = c.customer_id"
        " AND a.opened_on LIKE '2026%')",
    ),
    (
        "once stands for several times",
        "How many customers have disputed more than once?",
        f"{COUNT} WHERE (SELECT COUNT(*) FROM disputes d JOIN transactions t"
        " ON t.transaction_id = d.transaction_id JOIN accounts a ON a.account_id = t.account_id"
        " WHERE a.customer_id = c.customer_id) > 1",
        f"{COUNT} WHERE EXISTS (SELECT 1 FROM disputes d JOIN transactions t"
        " ON t.transaction_id = d.transaction_id JOIN accounts a ON a.account_id = t.account_id"
        " WHERE a.customer_id = c.customer_id)",
    ),
    (
        "what is without interest is dropped",
        "How many interest-free loans are there?",
        "SELECT COUNT(*) AS loans FROM loans l WHERE l.rate_percent = 0",
        "SELECT COUNT(*) AS loans FROM loans l",
    ),
    (
        "people stand for what they owe",
        "Who owes more, retail or premium customers?",
        "SELECT c.segment, ROUND(SUM(l.outstanding_cents) / 100.0, 2) AS outstanding_eur FROM loans l"
        " JOIN customers c ON c.customer_id = l.customer_id WHERE c.segment IN ('retail', 'premium')"
        " GROUP BY c.segment",
        "SELECT c.segment, COUNT(*) AS customers FROM customers c"
        " WHERE c.segment IN ('retail', 'premium') GROUP BY c.segment",
    ),
    (
        "the latest one stands for where there are most",
        "Which city has the most loans?",
        "SELECT c.city, COUNT(*) AS loans FROM loans l JOIN customers c"
        " ON c.customer_id = l.customer_id GROUP BY c.city ORDER BY 2 DESC LIMIT 1",
        "SELECT l.loan_id, c.city FROM loans l JOIN customers c ON c.customer_id = l.customer_id"
        " ORDER BY l.started_on DESC LIMIT 1",
    ),
    (
        "an age is made up",
        "How many customers are older than the average?",
        f"{COUNT} WHERE julianday(c.birth_date) < (SELECT AVG(julianday(birth_date)) FROM customers)",
        f"{COUNT} WHERE c.birth_date <= (2025 - 25) || '-06-30'",
    ),
    (
        "what people have stands for what they earn",
        "How much do premium customers earn?",
        f"SELECT ROUND(SUM(t.amount_cents) / 100.0, 2) AS received_eur FROM transactions t {HOLDERS}"
        " WHERE c.segment = 'premium' AND t.amount_cents > 0",
        "SELECT ROUND(SUM(a.balance_cents) / 100.0, 2) AS total_balance_eur FROM accounts a"
        " JOIN customers c ON c.customer_id = a.customer_id WHERE c.segment = 'premium'",
    ),
    (
        "two cities are not compared",
        "How many customers live in the same city as their branch?",
        f"{COUNT} JOIN branches b ON b.branch_id = c.branch_id WHERE b.city = c.city",
        f"{COUNT} JOIN branches b ON b.branch_id = c.branch_id",
    ),
    (
        "a second condition is dropped",
        "How many premium customers live in Dublin?",
        f"{COUNT} WHERE c.city = 'Dublin' AND c.segment = 'premium'",
        f"{COUNT} WHERE c.city = 'Dublin'",
    ),
    (
        "money stands for the number of payments",
        "Number of cash withdrawals last month",
        "SELECT COUNT(*) AS transactions FROM transactions t WHERE t.category = 'cash'"
        " AND t.booked_at LIKE '2026-05%'",
        "SELECT ROUND(-SUM(t.amount_cents) / 100.0, 2) AS spent_eur FROM transactions t"
        " WHERE t.category = 'cash' AND t.booked_at LIKE '2026-05%'",
    ),
    (
        "the city of the customer stands for that of the branch",
        "How many customers of the Dublin branch are there?",
        "SELECT COUNT(*) AS customers FROM customers c JOIN branches b"
        " ON b.branch_id = c.branch_id WHERE b.city = 'Dublin'",
        "SELECT COUNT(*) AS customers FROM customers c JOIN branches b"
        " ON b.branch_id = c.branch_id WHERE c.city = 'Dublin'",
    ),
    (
        "the order of two dates is dropped",
        "How many customers joined before their branch opened?",
        "SELECT COUNT(*) AS customers FROM customers c JOIN branches b"
        " ON b.branch_id = c.branch_id WHERE c.joined_on < b.opened_on",
        "SELECT COUNT(*) AS customers FROM customers c JOIN branches b"
        " ON b.branch_id = c.branch_id",
    ),
    (
        "the money is dropped",
        "How many dormant accounts hold money?",
        "SELECT COUNT(*) AS accounts FROM accounts a WHERE a.status = 'dormant'"
        " AND a.balance_cents > 0",
        "SELECT COUNT(*) AS accounts FROM accounts a WHERE a.status = 'dormant'",
    ),
    (
        "an average for each account stands for that of each day",
        "Average number of payments per day in 2025",
        "SELECT ROUND(1.0 * COUNT(*) / COUNT(DISTINCT substr(t.booked_at, 1, 10)), 2) AS payments"
        " FROM transactions t WHERE t.booked_at LIKE '2025%'",
        "SELECT ROUND(1.0 * COUNT(*) / COUNT(DISTINCT t.account_id), 2) AS payments"
        " FROM transactions t WHERE t.booked_at LIKE '2025%'",
    ),
    (
        "rows are listed where a number is asked for",
        "How many accounts has customer 1088 got?",
        "SELECT COUNT(*) AS accounts FROM accounts a WHERE a.customer_id = 1088",
        "SELECT a.account_id, a.type FROM accounts a WHERE a.customer_id = 1088",
    ),
    (
        "something else is counted",
        "How many accounts do customers in Genoa have?",
        "SELECT COUNT(*) AS accounts FROM accounts a JOIN customers c"
        " ON c.customer_id = a.customer_id WHERE c.city = 'Genoa'",
        f"{COUNT} WHERE c.city = 'Genoa'",
    ),
    (
        "the sum stands for the average",
        "What is the average balance of dormant accounts?",
        "SELECT ROUND(AVG(a.balance_cents) / 100.0, 2) AS average_balance_eur FROM accounts a"
        " WHERE a.status = 'dormant'",
        "SELECT ROUND(SUM(a.balance_cents) / 100.0, 2) AS total_balance_eur FROM accounts a"
        " WHERE a.status = 'dormant'",
    ),
    (
        "a number stands for a share",
        "What percentage of cards are virtual?",
        "SELECT ROUND(100.0 * SUM(CASE WHEN k.type = 'virtual' THEN 1 ELSE 0 END) / COUNT(*), 2)"
        " AS percent FROM cards k",
        "SELECT COUNT(*) AS cards FROM cards k WHERE k.type = 'virtual'",
    ),
    (
        "the largest stands for the second largest",
        "What is the second largest account?",
        "SELECT a.account_id FROM accounts a ORDER BY a.balance_cents DESC LIMIT 1 OFFSET 1",
        "SELECT MAX(a.balance_cents) AS highest FROM accounts a",
    ),
    (
        "one number stands for one per group",
        "Number of customers per country",
        "SELECT c.country, COUNT(*) AS customers FROM customers c GROUP BY c.country",
        COUNT,
    ),
    (
        "the direction is wrong",
        "How many accounts hold more than 500 euros?",
        "SELECT COUNT(*) AS accounts FROM accounts a WHERE a.balance_cents > 500 * 100",
        "SELECT COUNT(*) AS accounts FROM accounts a WHERE a.balance_cents < 500 * 100",
    ),
    (
        "a comparison stands for an equality",
        "How many loans run for 360 months?",
        "SELECT COUNT(*) AS loans FROM loans l WHERE l.term_months = 360",
        "SELECT COUNT(*) AS loans FROM loans l WHERE l.term_months > 360",
    ),
    (
        "a number is made up",
        "Which customers have the most accounts?",
        "SELECT c.name, COUNT(*) AS accounts FROM accounts a JOIN customers c"
        " ON c.customer_id = a.customer_id GROUP BY c.customer_id, c.name ORDER BY 2 DESC LIMIT 1",
        "SELECT c.name, COUNT(*) AS accounts FROM accounts a JOIN customers c"
        " ON c.customer_id = a.customer_id GROUP BY c.customer_id, c.name ORDER BY 2 DESC LIMIT 7",
    ),
    (
        "an age stands for a duration",
        "How many open disputes are older than 30 days?",
        "SELECT COUNT(*) AS disputes FROM disputes d WHERE d.status = 'open'"
        " AND substr(d.opened_on, 1, 10) < date('2026-06-30', '-30 days')",
        "SELECT COUNT(*) AS disputes FROM disputes d JOIN customers c ON 1 WHERE d.status = 'open'"
        " AND c.birth_date <= (2025 - 30) || '-06-30'",
    ),
    (
        "the first day stands for all since then",
        "How many customers joined since 1 March 2026?",
        f"{COUNT} WHERE c.joined_on >= '2026-03-01'",
        f"{COUNT} WHERE c.joined_on LIKE '2026-03-01%'",
    ),
    (
        "the average of each payment stands for that of each month",
        "How much is spent per month on average?",
        "SELECT SUM(t.amount_cents) / COUNT(DISTINCT substr(t.booked_at, 1, 7)) AS x FROM transactions t",
        "SELECT AVG(t.amount_cents) AS x FROM transactions t GROUP BY substr(t.booked_at, 1, 7)",
    ),
    (
        "a condition reads a table of another query",
        "How many customers have a credit card and no loan?",
        f"{COUNT} WHERE EXISTS (SELECT 1 FROM cards k WHERE k.type = 'credit')"
        " AND NOT EXISTS (SELECT 1 FROM loans l WHERE l.customer_id = c.customer_id)",
        f"{COUNT} WHERE EXISTS (SELECT 1 FROM cards k WHERE k.type = 'credit')"
        " AND NOT EXISTS (SELECT 1 FROM loans l WHERE k.type <> 'credit')",
    ),
    (
        "an age stands for a number of months",
        "How many student accounts have a customer older than 30?",
        "SELECT COUNT(*) AS accounts FROM accounts a JOIN customers c ON 1"
        " WHERE a.type = 'student' AND c.birth_date <= (2025 - 30) || '-06-30'",
        "SELECT COUNT(*) AS accounts FROM accounts a WHERE a.type = 'student'"
        " AND a.opened_on < date('2026-06-30', '-30 months')",
    ),
    (
        "another month is looked at",
        "How many customers joined last month?",
        f"{COUNT} WHERE c.joined_on LIKE '2026-05%'",
        f"{COUNT} WHERE c.joined_on LIKE '2026-04%'",
    ),
    (
        "a negation is dropped",
        "How many customers do not live in Spain?",
        f"{COUNT} WHERE c.country <> 'Spain'",
        f"{COUNT} WHERE c.country = 'Spain'",
    ),
    (
        "another month of the year that is named is looked at",
        "How many customers joined in December 2025?",
        f"{COUNT} WHERE c.joined_on LIKE '2025-12%'",
        f"{COUNT} WHERE c.joined_on LIKE '2025-11%'",
    ),
    (
        "exactly one becomes any",
        "How many customers have exactly one account?",
        f"{COUNT} WHERE (SELECT COUNT(*) FROM accounts a WHERE a.customer_id = c.customer_id) = 1",
        f"{COUNT} WHERE EXISTS (SELECT 1 FROM accounts a WHERE a.customer_id = c.customer_id)",
    ),
    (
        "one end of a range is left out",
        "What are the highest and lowest rates of loans?",
        "SELECT MAX(l.rate_percent) AS high, MIN(l.rate_percent) AS low FROM loans l",
        "SELECT MAX(l.rate_percent) AS high, AVG(l.rate_percent) AS mean FROM loans l",
    ),
    (
        "money per head is all of the money",
        "How much did customers spend per head?",
        "SELECT SUM(t.amount_cents) / COUNT(DISTINCT t.account_id) AS x FROM transactions t",
        "SELECT SUM(t.amount_cents) AS x FROM transactions t",
    ),
    (
        "a column and a number are one word",
        "How many loans run for 360 months?",
        "SELECT COUNT(*) AS loans FROM loans l WHERE l.term_months = 360",
        "SELECT COUNT(*) AS loans FROM loans l WHERE l.term_months360",
    ),
    (
        "the kind of what is paid with is left out",
        "How many blocked credit cards do we have?",
        "SELECT COUNT(*) AS cards FROM cards k WHERE k.status = 'blocked' AND k.type = 'credit'",
        "SELECT COUNT(*) AS cards FROM cards k WHERE k.status = 'blocked'",
    ),
    (
        "money out stands for the net flow",
        "net cash flow in May 2026",
        "SELECT SUM(t.amount_cents) AS flow FROM transactions t WHERE t.booked_at LIKE '2026-05%'",
        "SELECT SUM(t.amount_cents) AS flow FROM transactions t WHERE t.amount_cents < 0"
        " AND t.booked_at LIKE '2026-05%'",
    ),
    (
        "the longest stands for the largest",
        "What is the biggest mortgage we gave out?",
        "SELECT MAX(l.principal_cents) AS x FROM loans l WHERE l.kind = 'mortgage'",
        "SELECT MAX(l.term_months) AS x FROM loans l WHERE l.kind = 'mortgage'",
    ),
    (
        "how often something is owed stands for how much",
        "Which segment owes us the most?",
        "SELECT c.segment, ROUND(SUM(l.outstanding_cents) / 100.0, 2) AS owed_eur FROM loans l"
        " JOIN customers c ON c.customer_id = l.customer_id GROUP BY c.segment"
        " ORDER BY owed_eur DESC LIMIT 1",
        "SELECT c.segment, COUNT(*) AS loans FROM loans l JOIN customers c"
        " ON c.customer_id = l.customer_id WHERE l.outstanding_cents > 0 GROUP BY c.segment"
        " ORDER BY loans DESC LIMIT 1",
    ),
    (
        "the country of the customers stands for that of the payments",
        "What is the average restaurant bill in Italy?",
        "SELECT AVG(t.amount_cents) AS x FROM transactions t WHERE t.category = 'restaurants'"
        " AND t.country = 'Italy'",
        "SELECT AVG(t.amount_cents) AS x FROM transactions t JOIN customers c ON 1"
        " WHERE t.category = 'restaurants' AND c.country = 'Italy'",
    ),
]


@pytest.mark.parametrize(
    ("question", "right", "wrong"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_a_query_passes_only_where_all_of_the_question_shows(
    question: str, right: str, wrong: str
) -> None:
    assert CHECKS.trusted(question, right, find)
    assert not CHECKS.trusted(question, wrong, find)


@pytest.mark.parametrize(
    ("question", "sql"),
    [
        (
            "How many of our customers never took out a loan but hold a credit card?",
            f"{COUNT} WHERE EXISTS (SELECT 1 FROM cards k WHERE k.type = 'credit')"
            " AND NOT EXISTS (SELECT 1 FROM cards k WHERE k.type <> 'credit')",
        ),
        (
            "How many complaints did we get on Twitter?",
            "SELECT COUNT(*) AS disputes FROM disputes d",
        ),
        (
            "How many grocery purchases were made last month?",
            "SELECT COUNT(*) AS disputes FROM disputes d WHERE d.opened_on LIKE '2026-05%'",
        ),
        (
            "Who has the most money?",
            "SELECT a.account_id FROM accounts a ORDER BY a.balance_cents DESC LIMIT 1",
        ),
        (
            "Which cities have the most deposits?",
            "SELECT c.city, SUM(t.amount_cents) AS received FROM transactions t JOIN customers c ON 1"
            " WHERE t.amount_cents > 0 GROUP BY c.city ORDER BY 2 DESC",
        ),
        (
            "How many customers have neither a card nor a loan?",
            f"{COUNT} WHERE EXISTS (SELECT 1 FROM cards k) AND NOT EXISTS (SELECT 1 FROM loans l)",
        ),
        ("How many clients are past sixty?", COUNT),
        ("Nr of customers w/o a loan", f"{COUNT} WHERE EXISTS (SELECT 1 FROM loans l)"),
    ],
)
def test_a_query_about_something_else_does_not_pass(question: str, sql: str) -> None:
    assert not CHECKS.trusted(question, sql, find)


@pytest.mark.parametrize(
    "question",
    [
        "Name all customers with no rush",
        "customer no. 1234, segment please",
        "I can't remember: how many customers do we have?",
        "How many customers are not over 30?",
    ],
)
def test_a_state_with_a_negative_name_needs_no_negation(question: str) -> None:
    numbers = "c.customer_id = 1234 AND" if "1234" in question else ""
    what = "COUNT(*) AS customers" if "many" in question else "c.segment"
    sql = f"SELECT {what} FROM customers c WHERE {numbers} c.birth_date > (2025 - 30) || '-06-30'"

    assert CHECKS.trusted(f"{question} 30", sql, find)


BEFORE = "How many customers live in Lisbon?"


def test_names_of_the_previous_question_must_be_kept() -> None:
    kept = f"{COUNT} WHERE c.city = 'Lisbon' AND c.segment = 'premium'"
    lost = f"{COUNT} WHERE c.segment = 'premium'"

    assert CHECKS.trusted("How many of those are premium?", kept, find, BEFORE)
    assert not CHECKS.trusted("How many of those are premium?", lost, find, BEFORE)


def test_a_new_name_replaces_the_previous_one() -> None:
    assert CHECKS.trusted("and in Genoa?", f"{COUNT} WHERE c.city = 'Genoa'", find, BEFORE)
    assert not CHECKS.trusted("and in Genoa?", f"{COUNT} WHERE c.city = 'Lisbon'", find, BEFORE)
