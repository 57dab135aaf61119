"""The loads that each system gets, and the names of their figures."""

from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.bodies import PATHS, Endpoint, body
from benchmarks.load import Load
from benchmarks.systems import System
from benchmarks.text import QUESTION, echo
from benchmarks.upstream import PACED

ANSWER_WORDS = len(QUESTION.split())
"""An answer is as long as its question: about 1,000 characters."""

STREAM_WORDS = 256
PACED_WORDS = 60
STREAMS = 16


@dataclass(frozen=True)
class Durations:
    """Seconds of each measurement. A load by one client needs less time than one by many."""

    load_s: float = 5.0
    warmup_s: float = 1.5
    idle_s: float = 4.0


@dataclass(frozen=True)
class LoadPlan:
    """Generates the loads for one system."""

    system: System
    durations: Durations

    def warm_up(self) -> Iterator[Load]:
        """Warms up connections, caches and replicas that start on demand."""
        for endpoint in self.system.endpoints:
            requests = self.requests(endpoint, clients=STREAMS)
            yield requests.model_copy(update={"requests_per_client": 20})
            streams = self.streams(endpoint, clients=STREAMS)
            yield streams.model_copy(update={"requests_per_client": 2})

    def loads(self, clients: tuple[int, ...]) -> Iterator[tuple[str, Load]]:
        for endpoint in self.system.endpoints:
            for count in clients:
                yield f"{endpoint}/requests/{count}", self.requests(endpoint, clients=count)
            yield f"{endpoint}/streams/1", self.streams(endpoint, clients=1)
            yield f"{endpoint}/streams/{STREAMS}", self.streams(endpoint, clients=STREAMS)
        yield f"chat/paced/{STREAMS}", self.paced()

    def requests(self, endpoint: Endpoint, *, clients: int) -> Load:
        asked = body(endpoint, max_tokens=ANSWER_WORDS)
        return self._load(endpoint, asked, ANSWER_WORDS, clients=clients, stream=False)

    def streams(self, endpoint: Endpoint, *, clients: int) -> Load:
        asked = body(endpoint, max_tokens=STREAM_WORDS, stream=True)
        return self._load(endpoint, asked, STREAM_WORDS, clients=clients, stream=True)

    def paced(self) -> Load:
        """Streams of a model that, like a real one, takes time for each token."""
        asked = body("chat", max_tokens=PACED_WORDS, stream=True, model=PACED)
        return self._load("chat", asked, PACED_WORDS, clients=STREAMS, stream=True)

    def _load(
        self, endpoint: Endpoint, asked: str, words: int, *, clients: int, stream: bool
    ) -> Load:
        return Load(
            port=self.system.port,
            path=PATHS[endpoint],
            key=self.system.key,
            body=asked,
            expected=echo(QUESTION, words),
            stream=stream,
            clients=clients,
            warmup_s=self.durations.warmup_s,
            seconds=self.durations.load_s,
        )
