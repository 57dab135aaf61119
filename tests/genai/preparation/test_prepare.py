from pathlib import Path

import pytest

from genai.errors import Misconfigured
from genai.messages import Message
from genai.preparation.duplicates import Duplicates
from genai.preparation.prepare import find, prepare
from genai.preparation.redaction import Redaction
from genai.preparation.settings import (
    ConversationsSettings,
    DocumentsSettings,
    PreferencesSettings,
    PrepareSettings,
)
from genai.preparation.sources import from_conversations, from_documents, from_preferences
from genai.preparation.split import part_of
from genai.traffic.exchange import RecordedExchange
from genai.training.samples import ChatSample, TextSample, read_samples, texts_of


def settings(tmp_path: Path, **fields: object) -> PrepareSettings:
    source = DocumentsSettings(source="documents", folder="unused")
    known = {"name": "trial", "sources": [source], "output": str(tmp_path), **fields}
    return PrepareSettings.model_validate(known)


def text(number: int, source: str = "", words: str = "") -> TextSample:
    said = words or f"the fee of account {number} is {number * 7} a month"
    return TextSample(id=str(number), source=source or f"s{number}", origin="trial", text=said)


def exchange(number: int, question: str, answer: str) -> RecordedExchange:
    return RecordedExchange(
        answer_id=f"ans_{number}",
        session_id=f"ses_{number}",
        question=question,
        answer=answer,
        at=0,
    )


def test_a_data_set_is_split_and_described(tmp_path: Path) -> None:
    made = prepare(settings(tmp_path, validation_share=0.2, test_share=0.2), map(text, range(200)))

    held = {part: list(read_samples(made.folder / f"{part}.jsonl")) for part in ("train", "test")}
    assert 90 < len(held["train"]) < 150
    assert 20 < len(held["test"]) < 65
    assert made.version in (made.folder / "card.md").read_text()
    assert find("trial", tmp_path) == made.folder


def test_the_same_content_has_the_same_version_and_other_content_another(tmp_path: Path) -> None:
    same = [prepare(settings(tmp_path), map(text, range(20))).version for _ in range(2)]
    other = prepare(settings(tmp_path), map(text, range(21))).version

    assert same[0] == same[1] != other


def test_a_source_stays_in_one_part_of_the_split(tmp_path: Path) -> None:
    def sides(count: int) -> dict[str, str]:
        samples = [text(n, source=f"s{n % 30}") for n in range(count)]
        folder = prepare(settings(tmp_path, test_share=0.4), samples).folder
        found: dict[str, str] = {}
        for part in ("train", "validation", "test"):
            for sample in read_samples(folder / f"{part}.jsonl"):
                assert found.setdefault(sample.source, part) == part
        return found

    assert sides(60).items() <= sides(200).items()


def test_the_parts_have_the_configured_sizes() -> None:
    parts = [part_of(str(n), seed=1, validation=0.1, test=0.2) for n in range(5000)]

    assert parts.count("test") == pytest.approx(1000, abs=120)
    assert parts.count("validation") == pytest.approx(500, abs=90)


def test_nothing_to_train_on_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        prepare(settings(tmp_path), [])


def test_equal_texts_are_one() -> None:
    duplicates = Duplicates()

    kept = list(duplicates.without([text(1), text(2), text(1).model_copy(update={"id": "x"})]))

    assert [one.id for one in kept] == ["1", "2"]
    assert duplicates.dropped == 1


def test_near_duplicates_are_removed_only_if_configured() -> None:
    long = " ".join(f"word{n}" for n in range(60))
    samples = [text(1, words=long), text(2, words=f"{long} more"), text(3, words=long[::-1])]

    assert [one.id for one in Duplicates(near=0.8).without(samples)] == ["1", "3"]
    assert len(list(Duplicates().without(samples))) == 3


def test_personal_data_and_secrets_do_not_get_into_a_data_set(tmp_path: Path) -> None:
    said = (
        Message(role="user", content="my card 4111 1111 1111 1111, mail ann@example.com"),
        Message(role="assistant", content="DE89 3704 0044 0532 0130 00 is your account"),
    )
    made = prepare(settings(tmp_path), [ChatSample(id="1", source="s", messages=said)])

    written = "".join(path.read_text() for path in made.folder.iterdir())
    for private in ("4111", "ann@", "3704"):
        assert private not in written
    assert made.counts.redacted == 1


def test_a_text_without_personal_data_stays_as_it_is() -> None:
    redaction = Redaction()

    assert list(redaction.of([text(3)])) == [text(3)]
    assert redaction.redacted == 0


def test_documents_become_their_sections(tmp_path: Path) -> None:
    (tmp_path / "fees.md").write_text("# Fees\n\nNone.\n\n## Cards\n\nA card costs 12.\n")

    samples = list(from_documents(tmp_path))

    assert [one.text for one in samples] == ["# Fees\n\nNone.", "## Cards\n\nA card costs 12."]
    assert {one.source for one in samples} == {"document:fees.md"}


def test_answers_rated_down_are_never_used_and_unrated_ones_only_if_configured() -> None:
    exchanges = [exchange(n, f"question {n}", f"answer {n}") for n in range(3)]
    ratings = {"ans_0": "up", "ans_1": "down"}

    def taken(rated_up: bool) -> list[str]:
        wanted = ConversationsSettings(source="conversations", tenant="acme", rated_up=rated_up)
        return [one.id for one in from_conversations(exchanges, ratings, wanted)]

    assert taken(True) == ["ans_0"]
    assert taken(False) == ["ans_0", "ans_2"]


def test_preferences_pair_answers_rated_up_and_down_for_a_question() -> None:
    exchanges = [
        exchange(0, "What does a card cost?", "12 euros."),
        exchange(1, "what does a  card cost?", "I like cards."),
        exchange(2, "What does a loan cost?", "No idea."),
    ]
    ratings = {"ans_0": "up", "ans_1": "down", "ans_2": "down"}
    wanted = PreferencesSettings(source="preferences", tenant="acme")

    [pair] = from_preferences(exchanges, ratings, wanted)

    assert (pair.chosen, pair.rejected) == ("12 euros.", "I like cards.")
    assert texts_of(pair)[0] == "What does a card cost?"
