"""Nothing of the sample bank is in the code: a club's few words make the same checks."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from genai.analyst import vocabulary
from genai.analyst.checks.checks import Checks
from genai.analyst.understood import Understanding
from genai.analyst.vocabulary import Vocabulary, read_vocabulary
from genai.errors import Misconfigured
from genai.worked_examples.mentions import Mention

SOURCES = sorted(Path(vocabulary.__file__).parent.glob("*.py"))
BANK = read_vocabulary(Path(__file__).parents[3] / "sample_bank" / "analyst_words.yaml")

CLUB = r"""
counted:
  tables:
    members: {called: [members, players], told_apart: [e.member_id]}
    teams: {called: [teams, squads]}
    entries: {called: [entries]}
  links: [registered]
  never_before: [colours]
nouns: ['members?', 'teams?']
named:
  spoken:
    - {asked: '\bteams?\b', read: '\bteams\b'}
  unspoken:
    - {read: '(?-i: FROM fines)', asked: '\bfine[sd]?\b'}
  shown: [nickname]
  large: [rovers]
meant:
  names: [village]
  columns: [village]
  ambiguous: [honorary]
  stateful: [team_id]
computed:
  {groups: [village], one_group: [home village], summed: ['fees?'], measured: [fee_share], listed: [teams]}
turned: {states: ['not playing'], never_yet: [picked], values: [no show], ended: ['healed?']}
born: born_on
comparing: [offside]
told:
  expressions:
    - {sql: 'm\.first \|\| m\.(?P<part>\w+)', words: 'm.whole_{part}'}
  conditions:
    - {sql: 'm\.fee = 0', words: pays nothing}
    - {sql: 'm\.out (?P<took>[<>]=?) (?P<n>\d+)', words: 'out for {took} {n} days'}
"""


@pytest.fixture
def club(tmp_path: Path) -> Vocabulary:
    (tmp_path / "words.yaml").write_text(CLUB)
    return read_vocabulary(tmp_path / "words.yaml")


def find(question: str) -> tuple[Mention, ...]:
    """The villages and the states that the question names."""
    kinds = {"Aldham": "village", "Honorary": "state", "Retired": "state"}
    return tuple(
        Mention(match.start(), match.end(), {kinds[match[0].title()]: match[0]}, match[0])
        for match in re.finditer("aldham|honorary|retired", question, re.IGNORECASE)
    )


MEMBERS = "SELECT COUNT(*) AS members FROM members m"
PAIRS = [
    ("How many players are there?", MEMBERS, "SELECT COUNT(*) AS n FROM teams s"),
    (
        "How many members have entries?",
        "SELECT COUNT(DISTINCT e.member_id) AS n FROM entries e",
        "SELECT COUNT(*) AS n FROM entries e",
    ),
    (
        "How many members play in teams?",
        f"{MEMBERS} WHERE EXISTS (SELECT 1 FROM teams s)",
        MEMBERS,
    ),
    (
        "The number of fines?",
        "SELECT COUNT(*) AS n FROM fines f",
        "SELECT COUNT(*) AS n FROM fines f WHERE f.village = 'Aldham'",
    ),
    (
        "Number of members in Aldham",
        f"{MEMBERS} WHERE m.village = 'Aldham'",
        f"{MEMBERS} WHERE m.village = 'Otham'",
    ),
    (
        "Members per village",
        "SELECT m.village, COUNT(*) AS members FROM members m GROUP BY m.village",
        MEMBERS,
    ),
    (
        "The total fees",
        "SELECT SUM(m.fee) AS fees FROM members m",
        "SELECT m.fee FROM members m",
    ),
    (
        "How much do they pay?",
        "SELECT m.fee_share FROM members m",
        "SELECT m.fee FROM members m",
    ),
    (
        "Which teams won?",
        "SELECT s.team_id FROM teams s",
        "SELECT s.points FROM teams s",
    ),
    (
        "Who leads?",
        "SELECT m.nickname FROM members m",
        "SELECT m.member_id FROM members m",
    ),
    (
        "Which players were never there?",
        f"{MEMBERS} WHERE m.state = 'no show'",
        f"{MEMBERS} WHERE m.state = 'there'",
    ),
    (
        "Injuries healed within 9 days",
        "SELECT 1 FROM injuries i WHERE JULIANDAY(i.healed) - JULIANDAY(i.hurt) < 9",
        "SELECT 1 FROM injuries i WHERE i.days < 9",
    ),
    (
        "Members 40 years old",
        "SELECT 1 FROM members m WHERE m.born_on = 40",
        "SELECT 1 FROM members m WHERE m.rank = 40",
    ),
]


@pytest.mark.parametrize(("question", "right", "wrong"), PAIRS, ids=[pair[0] for pair in PAIRS])
def test_the_checks_use_the_vocabulary(
    club: Vocabulary, question: str, right: str, wrong: str
) -> None:
    checks = Checks(club)

    assert checks.trusted(question, right, find)
    assert not checks.trusted(question, wrong, find)


@pytest.mark.parametrize(
    ("question", "sql"),
    [
        ("Is a member of Rovers there?", MEMBERS),
        ("How many members are not playing?", MEMBERS),
        ("Players not yet picked", MEMBERS),
        ("How many honorary members?", MEMBERS),
        ("The state of retired team 7", "SELECT s.state FROM teams s WHERE s.team_id = 7"),
        ("Offside players", "SELECT 1 FROM members m WHERE LENGTH(m.offsides) >= 1"),
    ],
)
def test_what_a_vocabulary_explains_calls_for_nothing_in_the_query(
    club: Vocabulary, question: str, sql: str
) -> None:
    assert Checks(club).trusted(question, sql, find)
    assert not Checks(Vocabulary()).trusted(question, sql, find)


def test_one_group_is_not_one_for_each(club: Vocabulary) -> None:
    checks = Checks(club)

    assert checks.trusted("Members per home village", MEMBERS, find)
    assert not checks.trusted("Members per other village", MEMBERS, find)


def test_conditions_are_written_in_the_words_of_the_vocabulary(club: Vocabulary) -> None:
    told = Understanding(club.told)
    sql = "SELECT 1 FROM members m WHERE m.fee = 0 AND m.out >= 3 AND m.first || m.last = 'Al'"

    assert told.understood(sql) == "pays nothing, out for at least 3 days, whole last Al"
    assert Understanding(Vocabulary().told).understood("SELECT 1 FROM m WHERE m.out >= 3") == (
        "out from 3"
    )


@pytest.mark.parametrize(
    "text",
    [
        "countd: {}",
        "nouns: ['(']",
        "named: {spoken: [{asked: '(', read: x}]}",
        "told: {conditions: [{sql: x, words: 'since {n}'}]}",
        "nouns: [",
    ],
)
def test_a_file_that_is_no_vocabulary_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "words.yaml").write_text(text)

    with pytest.raises(Misconfigured):
        read_vocabulary(tmp_path / "words.yaml")


def test_a_file_that_is_missing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        read_vocabulary(tmp_path / "words.yaml")


def texts(source: str) -> Iterator[str]:
    """Every text of a module but those that document it."""
    nodes = list(ast.walk(ast.parse(source)))
    documents = {node.value for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Constant) and node not in documents:
            yield str(node.value)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_the_code_names_no_table_of_the_bank(path: Path) -> None:
    tables = BANK.counted.tables
    nouns = [*tables, *(word for table in tables.values() for word in table.called), *BANK.nouns]
    noun = re.compile(rf"(?:\b|_)(?:{'|'.join(nouns)}|{BANK.born})(?:\b|_)", re.IGNORECASE)

    assert not [text for text in texts(path.read_text(encoding="utf-8")) if noun.search(text)]
