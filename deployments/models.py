"""Connects a deployment to the embedder and the models: remote proxies, or objects built in place."""

import asyncio
import itertools
from collections import Counter
from typing import Any

from ray.serve.handle import DeploymentHandle

from deployments.calls import ask_all
from deployments.placement import Peers
from deployments.remote import RemoteEmbedder, RemoteLLM
from genai.base.embedder import BaseEmbedder
from genai.base.llm import BaseLLM
from genai.factory.llm_factory import build_llms
from genai.factory.observability_factory import traced_llm
from genai.llms.spending import CountedLLM
from genai.settings.application import Settings
from genai.settings.chains import parts_of

CONTINUE = ("vllm", "adapter", "scripted")
"""Back ends that continue a conversation whose last message is the assistant's."""


def connect_embedder(settings: Settings, peers: Peers) -> BaseEmbedder:
    def remote(handle: DeploymentHandle[Any]) -> BaseEmbedder:
        return RemoteEmbedder(
            handle, name=settings.embedder.name, dimensions=settings.embedder.dimensions
        )

    return peers.connect("embedder", remote)


async def running_models(peers: Peers) -> dict[str, int]:
    """Running calls by model, summed over the replicas that answer."""
    handles = {
        ref.deployment_name: ref for ref in peers.llms.values() if isinstance(ref, DeploymentHandle)
    }
    found = await asyncio.gather(
        *(ask_all(handle, "running", returns=dict, within_s=1.0) for handle in handles.values())
    )
    running: Counter[str] = Counter()
    for of_replica in itertools.chain.from_iterable(found):
        running.update(of_replica)
    return dict(running)


def connect_llms(
    settings: Settings, peers: Peers, embedder: BaseEmbedder, *names: str
) -> dict[str, BaseLLM]:
    """The named models with their fallbacks; all models when none is named.

    Models that are placed inline are built here, the others are called in their deployment.
    """
    needed = {link for name in names or settings.llms for link in parts_of(settings, name)}

    def connect(handle: DeploymentHandle[Any], name: str) -> BaseLLM:
        configured = settings.llms[name]
        return RemoteLLM(
            handle,
            name,
            continues=configured.backend in CONTINUE,
            native_tools=configured.native_tools,
        )

    remote = {name: llm for name, llm in peers.remote_llms(connect).items() if name in needed}
    built = build_llms(settings, embedder, needed, remote=remote)
    return {name: CountedLLM(traced_llm(llm)) for name, llm in built.items()}
