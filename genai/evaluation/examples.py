"""Reads examples from files, or from conversations of a data set whose last answer is expected."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from genai.base.evaluator import EvaluationExample
from genai.errors import Misconfigured
from genai.training.samples import ChatSample, PreferenceSample, Sample, read_samples


def read_examples(path: Path) -> list[EvaluationExample]:
    """One JSON object a line. Raises `Misconfigured` when there are none, or two with one id."""
    try:
        lines = [line for line in path.read_text().splitlines() if line.strip()]
    except OSError as error:
        raise Misconfigured(f"{path} cannot be read") from error
    if lines and '"kind"' in lines[0]:
        found = list(examples_of(read_samples(path)))
    else:
        found = [EvaluationExample.model_validate_json(line) for line in lines]
    if not found or len({one.id for one in found}) < len(found):
        raise Misconfigured(f"{path} has no examples, or several with the same id")
    return found


def examples_of(samples: Iterable[Sample]) -> Iterator[EvaluationExample]:
    for sample in samples:
        if isinstance(sample, ChatSample) and sample.messages[-1].role == "assistant":
            *given, last = sample.messages
            expected = last.content
        elif isinstance(sample, PreferenceSample):
            given, expected = list(sample.messages), sample.chosen
        else:
            continue
        asked = [message.content for message in given if message.role == "user"]
        yield EvaluationExample(
            id=sample.id,
            input=asked[-1] if asked else "",
            messages=tuple(given),
            expected_text=expected,
            slices={"origin": sample.origin} if sample.origin else {},
        )
