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
    """``target_mask`` marks the tokens that contribute to the loss; the first never does."""

    tokens: tuple[int, ...]
    target_mask: tuple[bool, ...]

    @property
    def targets(self) -> int:
        return sum(self.target_mask[1:])


@dataclass(frozen=True, slots=True)
class PreferencePair:
    chosen: Encoded
    rejected: Encoded

    @property
    def tokens(self) -> tuple[int, ...]:
        return self.chosen.tokens + self.rejected.tokens


class Encoder:
    """``skipped`` counts samples that are too long. Truncated answers would teach to stop early."""

    def __init__(self, tokenizer: Any, max_tokens: int) -> None:
        self.skipped = 0
        self._tokenizer = tokenizer
        self._template = ChatTemplate(tokenizer)
        self._max_tokens = max_tokens

    def supervised(self, samples: Iterable[Sample]) -> list[Encoded]:
        """Encodes chats and texts. Raises `Misconfigured` for other samples."""
        found: list[Encoded] = []
        for sample in samples:
            match sample:
                case ChatSample():
                    found += self._if_it_fits(self._encode_chat(sample.messages))
                case TextSample():
                    found += self._windows(sample.text)
                case _:
                    raise Misconfigured("pairs are learnt from with `objective: preference`")
        return found

    def preferences(self, samples: Iterable[Sample]) -> list[PreferencePair]:
        found: list[PreferencePair] = []
        for sample in samples:
            if not isinstance(sample, PreferenceSample):
                raise Misconfigured("`objective: preference` learns from pairs alone")
            chosen, rejected = (
                self._if_it_fits(self._encode_answer(sample.messages, answer))
                for answer in (sample.chosen, sample.rejected)
            )
            found += [PreferencePair(chosen[0], rejected[0])] if chosen and rejected else []
        return found

    def _encode_chat(self, messages: Sequence[Message]) -> Encoded:
        """Tokenizes prompts separately from answers, as in inference."""
        tokens: list[int] = []
        target_mask: list[bool] = []
        done = 0
        for index, message in enumerate(messages):
            if message.role == "assistant":
                opened = self._template.text(messages[:index], opened=True)
                rendered = self._template.text(messages[: index + 1], opened=False)
                begin = _common_prefix_length(opened, rendered)
                for text, is_target in ((rendered[done:begin], False), (rendered[begin:], True)):
                    more = self._ids(text)
                    tokens += more
                    target_mask += [is_target] * len(more)
                done = len(rendered)
        return Encoded(tuple(tokens), tuple(target_mask))

    def _encode_answer(self, messages: Sequence[Message], answer: str) -> Encoded:
        """Only the answer is a target."""
        opened = self._template.text(messages, opened=True)
        rendered = self._template.text(
            (*messages, Message(role="assistant", content=answer)), opened=False
        )
        begin = _common_prefix_length(opened, rendered)
        prompt, reply = self._ids(rendered[:begin]), self._ids(rendered[begin:])
        return Encoded((*prompt, *reply), (False,) * len(prompt) + (True,) * len(reply))

    def _if_it_fits(self, encoded: Encoded) -> list[Encoded]:
        if len(encoded.tokens) <= self._max_tokens and encoded.targets:
            return [encoded]
        self.skipped += 1
        return []

    def _windows(self, text: str) -> Iterator[Encoded]:
        ends = [self._tokenizer.eos_token_id] if self._tokenizer.eos_token_id is not None else []
        begin = [self._tokenizer.bos_token_id] if self._tokenizer.bos_token_id is not None else []
        tokens = [*begin, *self._ids(text), *ends]
        for start in range(0, len(tokens), self._max_tokens):
            window = tuple(tokens[start : start + self._max_tokens])
            if len(window) > 1:
                yield Encoded(window, (True,) * len(window))

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids


def _common_prefix_length(some: str, other: str) -> int:
    """The length of the common prefix."""
    pairs = enumerate(zip(some, other, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(some), len(other)))
