"""Builds the runner of durable runs, and the handling of approvals."""

import time

from genai.access.fairness import FairQueue
from genai.access.quotes import Quotes
from genai.approvals.decisions import Approvals
from genai.factory.state_factory import State
from genai.runs.charge import Charges
from genai.runs.notifier import RunNotifier
from genai.runs.reader import RunReader
from genai.runs.runner import Answering, Runner
from genai.settings.application import Settings


def build_runner(
    settings: Settings, state: State, assistant: Answering, quotes: Quotes, queue: FairQueue
) -> tuple[Runner, RunReader]:
    """The runner does nothing yet for others' runs; `Runner.start` has it look for them."""
    notifier = RunNotifier()
    charges = Charges(
        state.keys,
        state.admission,
        queue,
        quotes,
        within_s=settings.runs.within_s,
        clock=time.time,
    )
    runner = Runner(
        state.runs,
        state.approvals,
        assistant,
        charges,
        notifier,
        look_every_s=settings.runs.look_every_s,
    )
    return runner, RunReader(state.runs, notifier)


def build_approvals(settings: Settings, state: State, runner: Runner) -> Approvals:
    return Approvals(
        state.approvals,
        state.trail.log,
        runner.async_wake,
        four_eyes=settings.runs.four_eyes,
    )
