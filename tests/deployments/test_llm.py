"""Models in deployments of their own, as their callers see them: in this process, without a cluster."""

from typing import Any

import pytest
from ray import serve
from ray.serve.handle import DeploymentHandle

from deployments.calls import ask_all
from deployments.llm import LLMServer
from deployments.placement import Inline, Peers
from deployments.remote import RemoteLLM
from genai.completions import GuardedCompletions
from genai.errors import ModelNotFound
from genai.factory.llm_factory import build_llms
from genai.settings.application import Settings
from tests.support.answering import WordGuard
from tests.support.embedders import SameEmbedder
from tests.support.language_models import chat_request, collect, text_of

Hosts = dict[str, DeploymentHandle[Any]]

SCRIPT = {"backend": "scripted", "placement": "LLM", "replies": ["hello"]}
CLOUD = {"backend": "openai", "model": "m", "api_key_env": "NO_SUCH_KEY", "placement": "Cloud"}
SETTINGS = Settings.model_validate(
    {
        "llms": {
            "here": SCRIPT,
            "cloud": CLOUD,
            "backed": {**CLOUD, "fallbacks": ["here"]},
        },
        "chat": {"llm": "here"},
        "rag": {"llm": "here"},
        "agent": {"llm": "here"},
    }
)


class EmbedderServer:
    def __init__(self, settings: Settings, peers: Peers) -> None:
        self.component = SameEmbedder()


def deployed(name: str) -> DeploymentHandle[Any]:
    peers = Peers(refs={"embedder": Inline(EmbedderServer, SETTINGS, Peers())})
    app = serve.deployment(name=name)(LLMServer).bind(SETTINGS, peers, name)
    return serve.run(app, _local_testing_mode=True, name=f"models-{name}")


@pytest.fixture(scope="module")
def hosts() -> Hosts:
    return {name: deployed(name) for name in ("LLM", "Cloud")}


@pytest.fixture(scope="module")
def completions(hosts: Hosts) -> GuardedCompletions:
    remote = {
        name: RemoteLLM(hosts[llm.placement], name, continues=False)
        for name, llm in SETTINGS.llms.items()
    }
    return GuardedCompletions(WordGuard(), build_llms(SETTINGS, None, remote=remote))


async def test_a_model_whose_deployment_lacks_its_key_is_not_there(
    completions: GuardedCompletions,
) -> None:
    assert await completions.async_available() == ("here", "backed")
    with pytest.raises(ModelNotFound):
        await completions.async_chat("cloud", chat_request())
    with pytest.raises(ModelNotFound):
        await collect(completions.async_stream("cloud", chat_request()))


async def test_what_all_replicas_work_on_is_added_up(hosts: Hosts) -> None:
    found = await ask_all(hosts["LLM"], "running", returns=dict, within_s=5)

    assert found == [{"here": 0}]


async def test_a_question_that_no_replica_can_answer_is_answered_by_none(hosts: Hosts) -> None:
    assert await ask_all(hosts["LLM"], "stream", returns=dict, within_s=5) == []


async def test_its_fallback_answers_in_its_place(completions: GuardedCompletions) -> None:
    said = await completions.async_chat("backed", chat_request())
    streamed = await collect(completions.async_stream("backed", chat_request()))

    assert (said.text, said.degraded) == ("hello", "backed: model_unavailable")
    assert text_of(streamed) == "hello"
