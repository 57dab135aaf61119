"""The samples of a data set: conversations, plain texts, and preference pairs."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from genai.messages import Message, Value


class SampleBase(Value):
    """``source`` is the session, document or template of a sample; samples of one source stay on one
    side of a split. ``origin`` is the kind of data that it was made from."""

    id: str
    source: str
    origin: str = ""


class ChatSample(SampleBase):
    """A conversation. The assistant's messages are the targets."""

    kind: Literal["chat"] = "chat"
    messages: tuple[Message, ...] = Field(min_length=1)


class TextSample(SampleBase):
    """A text, all of which is a target."""

    kind: Literal["text"] = "text"
    text: str = Field(min_length=1)


class PreferenceSample(SampleBase):
    """Two answers to the same conversation, of which people preferred ``chosen``."""

    kind: Literal["preference"] = "preference"
    messages: tuple[Message, ...] = Field(min_length=1)
    chosen: str
    rejected: str


Sample = Annotated[ChatSample | TextSample | PreferenceSample, Field(discriminator="kind")]

_SAMPLE: TypeAdapter[Sample] = TypeAdapter(Sample)


def texts_of(sample: Sample) -> tuple[str, ...]:
    """Every text in the sample, in a fixed order."""
    match sample:
        case TextSample():
            return (sample.text,)
        case ChatSample():
            return _texts(sample.messages)
        case PreferenceSample():
            return (*_texts(sample.messages), sample.chosen, sample.rejected)


def with_texts(sample: Sample, texts: Sequence[str]) -> Sample:
    """The sample with its texts replaced, in the order of `texts_of`."""
    match sample:
        case TextSample():
            return sample.model_copy(update={"text": texts[0]})
        case ChatSample():
            return sample.model_copy(update={"messages": _with_texts(sample.messages, iter(texts))})
        case PreferenceSample():
            *given, chosen, rejected = texts
            return sample.model_copy(
                update={
                    "messages": _with_texts(sample.messages, iter(given)),
                    "chosen": chosen,
                    "rejected": rejected,
                }
            )


def read_samples(path: Path) -> Iterator[Sample]:
    """Samples of a file, one JSON object a line."""
    with path.open() as lines:
        for line in lines:
            if line.strip():
                yield _SAMPLE.validate_json(line)


def write_samples(path: Path, samples: Iterable[Sample]) -> int:
    """Write the file atomically. Returns the number of samples."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    count = 0
    with partial.open("w") as file:
        for sample in samples:
            file.write(json.dumps(sample.model_dump(exclude_defaults=True) | {"kind": sample.kind}))
            file.write("\n")
            count += 1
    partial.replace(path)
    return count


def digest_of(paths: Iterable[Path]) -> str:
    """A digest of the contents: the version of a data set."""
    digest = hashlib.sha256()
    for path in sorted(paths, key=lambda path: path.name):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def _texts(messages: Sequence[Message]) -> tuple[str, ...]:
    return tuple(
        text for m in messages for text in (m.content, *(call.arguments for call in m.tool_calls))
    )


def _with_texts(messages: Sequence[Message], texts: Iterator[str]) -> tuple[Message, ...]:
    return tuple(
        m.model_copy(
            update={
                "content": next(texts),
                "tool_calls": tuple(
                    call.model_copy(update={"arguments": next(texts)}) for call in m.tool_calls
                ),
            }
        )
        for m in messages
    )
