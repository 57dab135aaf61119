"""The sources of samples: documents, files, conversations and ratings."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from genai.messages import Message
from genai.preparation.settings import ConversationsSettings, PreferencesSettings
from genai.traffic.exchange import RecordedExchange
from genai.training.samples import ChatSample, PreferenceSample, TextSample

Ratings = Mapping[str, str]
"""``up`` or ``down``, by the id of the answer; the last rating counts."""


def from_documents(folder: Path) -> Iterator[TextSample]:
    """A sample per section; the document is its source."""
    for path in sorted(folder.rglob("*.md")):
        sections = ("\n" + path.read_text()).split("\n#")
        for number, section in enumerate(sections):
            text = f"#{section}".strip() if number else section.strip()
            if text:
                name = path.relative_to(folder).as_posix()
                yield TextSample(
                    id=f"{name}#{number}", source=f"document:{name}", origin="documents", text=text
                )


def from_conversations(
    exchanges: Iterable[RecordedExchange], ratings: Ratings, settings: ConversationsSettings
) -> Iterator[ChatSample]:
    for one in exchanges:
        rating = ratings.get(one.answer_id)
        if rating == "up" or (rating is None and not settings.rated_up):
            yield ChatSample(
                id=one.answer_id,
                source=f"session:{one.session_id or one.answer_id}",
                origin="conversations",
                messages=(
                    Message(role="user", content=one.question),
                    Message(role="assistant", content=one.answer),
                ),
            )


def from_preferences(
    exchanges: Iterable[RecordedExchange], ratings: Ratings, settings: PreferencesSettings
) -> Iterator[PreferenceSample]:
    """Pairs each answer rated up with each one rated down for the same question, which is the source."""
    by_question: defaultdict[str, dict[str, list[RecordedExchange]]] = defaultdict(
        lambda: {"up": [], "down": []}
    )
    for one in exchanges:
        rating = ratings.get(one.answer_id)
        if rating is not None:
            by_question[" ".join(one.question.lower().split())][rating].append(one)
    for question, rated in by_question.items():
        source = hashlib.sha256(question.encode()).hexdigest()[:16]
        for liked in rated["up"]:
            for disliked in rated["down"]:
                if liked.answer != disliked.answer:
                    yield PreferenceSample(
                        id=f"{liked.answer_id}>{disliked.answer_id}",
                        source=f"question:{source}",
                        origin="preferences",
                        messages=(Message(role="user", content=liked.question),),
                        chosen=liked.answer,
                        rejected=disliked.answer,
                    )
