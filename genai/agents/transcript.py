"""The transcript of an agent's loop: messages, steps, usage."""

from collections.abc import Sequence
from typing import Final

from genai.agents.actions import Action, ToolAction, observation_message, shortened
from genai.agents.native import answered, called, objected
from genai.base.prompt import estimate_message_tokens
from genai.base.tool import Observation
from genai.errors import BudgetExceeded, DeadlineExceeded
from genai.language.numbers import unsupported
from genai.llms.spent import spent_by
from genai.messages import Completion, Decision, Draft, Message, Step, Usage, Value
from genai.safety.worst_decisions import worst_decisions

TOO_SLOW: Final = "I ran out of time before I could work this out, so I have no answer to give."
TOO_EXPENSIVE: Final = "The money for this question ran out, so I have no answer to give."
UNREADABLE: Final = "I could not decide on a next step, so I have no answer to give."
REJECTED: Final = "the person who had to approve this refused it, and that is final"
WITHDRAWN: Final = "the person who asked for this took it back"
EDITED: Final = "the person who approved this changed it to "
NOT_SURE: Final = "I could not read the figures that this needs, so I give no number."


class Opening(Value):
    """The messages before the model's first reply."""

    messages: tuple[Message, ...]


class Done(Value):
    """A completed tool call. Times are in seconds."""

    observation: Observation
    arguments: str
    seconds: float

    def step(self, tool: str) -> Step:
        return Step(
            tool=tool,
            arguments=self.arguments,
            observation=shortened(self.observation.text),
            seconds=self.seconds,
            error=self.observation.error,
        )


class Transcript:
    """``usage`` is the usage of this attempt; earlier attempts were charged for theirs.

    Numbers in ``known`` need no source.
    """

    def __init__(self, messages: Sequence[Message], known: str) -> None:
        self.messages = list(messages)
        self.steps: list[Step] = []
        self.replies = 0
        self.usage = Usage()
        self.total = Usage()
        self._known = known
        self._model = ""
        self._degraded: str | None = None
        self._cut = ""
        self._seen: set[tuple[str, str]] = set()
        self._decisions: list[Decision] = []

    def heard(self, completion: Completion, *, now: bool) -> None:
        """Add a reply. ``now`` is false if it is from an earlier attempt."""
        self.replies += 1
        self.total += completion.usage
        self._model = completion.model
        self._degraded = self._degraded or completion.degraded
        self._decisions += completion.safety
        if now:
            self.usage += completion.usage

    def tokens_with_next(self) -> int:
        """Tokens used so far and those of the next prompt, by estimate."""
        return self.total.total_tokens + estimate_message_tokens(self.messages)

    def cut_short(self, error: Exception) -> str:
        """The reply when time or money ran out. Raises the error if nothing had been started."""
        # A timeout comes from the cancellation of the model's call.
        ending = error.__cause__ if isinstance(error, TimeoutError) else error
        self.usage += (ending and spent_by(ending)) or Usage()
        if not isinstance(error, BudgetExceeded):
            self._cut = DeadlineExceeded.code
            return TOO_SLOW
        if not self.usage.total_tokens:
            raise error
        self._cut = error.code
        return TOO_EXPENSIVE

    def object_to(self, said: Completion, objection: str) -> None:
        """Ask the model to correct a malformed reply."""
        if said.tool_calls:
            self.messages += [called(said), *objected(said, f"Malformed reply: {objection}.")]
            return
        self.messages.append(Message(role="assistant", content=shortened(said.text)))
        self.messages.append(Message(role="user", content=f"Malformed reply: {objection}."))

    def repeats(self, calls: Sequence[ToolAction]) -> bool:
        """Whether all of these calls were made before."""
        return self._seen.issuperset((call.action, call.arguments_json) for call in calls)

    def add(
        self, said: Completion, action: Action, calls: Sequence[ToolAction], done: Sequence[Done]
    ) -> list[Step]:
        """Add a reply, its calls and their results."""
        self._seen.update((call.action, call.arguments_json) for call in calls)
        seen = [each.observation for each in done]
        if said.tool_calls:
            self.messages += [called(said), *answered(said, seen)]
        else:
            self.messages.append(Message(role="assistant", content=action.model_dump_json()))
            self.messages.append(observation_message(*seen))
        steps = [each.step(call.action) for call, each in zip(calls, done, strict=True)]
        self.steps += steps
        self._decisions += [one for each in done for one in each.observation.safety]
        return steps

    def vouched(self, answer: str) -> str:
        """The answer, or a refusal when it contains numbers without a source.

        If every call succeeded, the model may calculate with the results. After a failure, or without
        any call, a number must come from the question, from a tool's result, or from a person's
        decision on an approval.
        """
        if not answer.strip():
            return UNREADABLE
        trusted = self.steps and all(step.error is None for step in self.steps)
        shown = (s.observation for s in self.steps if s.error is None)
        said = (_by_a_person(step.error or "") for step in self.steps)
        sources = [self._known, *shown, *said]
        return NOT_SURE if not trusted and unsupported(answer, sources) else answer

    def draft(self, text: str, name: str) -> Draft:
        """``name`` is used if the model never replied."""
        return Draft(
            text=text,
            route="agent",
            model=self._model or name,
            steps=tuple(self.steps),
            usage=self.usage,
            finish_reason="length" if self._cut else "stop",
            degraded=self._cut or self._degraded,
            safety=worst_decisions(self._decisions),
        )


def _by_a_person(error: str) -> str:
    if error.startswith(REJECTED):
        return error
    return error.partition("\n")[0] if error.startswith(EDITED) else ""
