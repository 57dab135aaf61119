"""Tokenizes samples, and marks the tokens to be learnt."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from genai.errors import Misconfigured
from genai.llms.chat_template import ChatTemplate
from genai.messages import Message
from genai.training.samples import ChatSample, PreferenceSample, Sample, TextSample


@dataclass(frozen=True, slots=True)
class Encoded:
    """``learnt`` says for each token whether it is a target; the first never is."""

    tokens: tuple[int, ...]
    learnt: tuple[bool, ...]

    @property
    def targets(self) -> int:
        return sum(self.learnt[1:])


@dataclass(frozen=True, slots=True)
class Pair:
    chosen: Encoded
    rejected: Encoded

    @property
    def tokens(self) -> tuple[int, ...]:
        return self.chosen.tokens + self.rejected.tokens


class Encoder:
    """``skipped`` counts samples that are too long: half an answer would teach to stop half-way."""

    def __init__(self, tokenizer: Any, max_tokens: int) -> None:
        self.skipped = 0
        self._tokenizer = tokenizer
        self._template = ChatTemplate(tokenizer)
        self._most = max_tokens

    def supervised(self, samples: Iterable[Sample]) -> list[Encoded]:
        """Chats and texts. Raises `Misconfigured` for any other sample, and when none is left."""
        found: list[Encoded] = []
        for sample in samples:
            match sample:
                case ChatSample():
                    found += self._fitting(self._chat(sample.messages))
                case TextSample():
                    found += self._windows(sample.text)
                case _:
                    raise Misconfigured("pairs are learnt from with `objective: preference`")
        return found

    def preferences(self, samples: Iterable[Sample]) -> list[Pair]:
        found: list[Pair] = []
        for sample in samples:
            if not isinstance(sample, PreferenceSample):
                raise Misconfigured("`objective: preference` learns from pairs alone")
            chosen, rejected = (
                self._fitting(self._answered(sample.messages, answer))
                for answer in (sample.chosen, sample.rejected)
            )
            found += [Pair(chosen[0], rejected[0])] if chosen and rejected else []
        return found

    def _chat(self, messages: Sequence[Message]) -> Encoded:
        """Text before an answer is encoded just as it is when the model is asked for that answer."""
        tokens: list[int] = []
        learnt: list[bool] = []
        done = 0
        for index, message in enumerate(messages):
            if message.role == "assistant":
                opened = self._template.text(messages[:index], opened=True)
                whole = self._template.text(messages[: index + 1], opened=False)
                begin = _shared(opened, whole)
                for text, is_learnt in ((whole[done:begin], False), (whole[begin:], True)):
                    more = self._ids(text)
                    tokens += more
                    learnt += [is_learnt] * len(more)
                done = len(whole)
        return Encoded(tuple(tokens), tuple(learnt))

    def _answered(self, messages: Sequence[Message], answer: str) -> Encoded:
        """Only the answer counts, whatever was said before it."""
        opened = self._template.text(messages, opened=True)
        whole = self._template.text(
            (*messages, Message(role="assistant", content=answer)), opened=False
        )
        begin = _shared(opened, whole)
        given, said = self._ids(whole[:begin]), self._ids(whole[begin:])
        return Encoded((*given, *said), (False,) * len(given) + (True,) * len(said))

    def _fitting(self, encoded: Encoded) -> list[Encoded]:
        if len(encoded.tokens) <= self._most and encoded.targets:
            return [encoded]
        self.skipped += 1
        return []

    def _windows(self, text: str) -> Iterator[Encoded]:
        ends = [self._tokenizer.eos_token_id] if self._tokenizer.eos_token_id is not None else []
        begin = [self._tokenizer.bos_token_id] if self._tokenizer.bos_token_id is not None else []
        tokens = [*begin, *self._ids(text), *ends]
        for start in range(0, len(tokens), self._most):
            window = tuple(tokens[start : start + self._most])
            if len(window) > 1:
                yield Encoded(window, (True,) * len(window))

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids


def _shared(some: str, other: str) -> int:
    """The length of what both begin with."""
    pairs = enumerate(zip(some, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(some), len(other)))
