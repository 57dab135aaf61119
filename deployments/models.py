"""The embedder and the models, as a deployment that needs them sees them."""

from deployments.placement import Peers
from deployments.remote import Handle, RemoteEmbedder, RemoteLLM
from genai.base.embedder import BaseEmbedder
from genai.base.llm import BaseLLM
from genai.factory.llm_factory import build_llms, chain_of
from genai.settings import Settings


def connect_embedder(settings: Settings, peers: Peers) -> BaseEmbedder:
    def remote(handle: Handle) -> BaseEmbedder:
        return RemoteEmbedder(
            handle, name=settings.embedder.name, dimensions=settings.embedder.dimensions
        )

    return peers.connect("embedder", remote)


def connect_llms(
    settings: Settings, peers: Peers, embedder: BaseEmbedder, *names: str
) -> dict[str, BaseLLM]:
    """The named models with their fallbacks; all models when none is named.

    Models that are placed inline are built here, the others are called in their deployment.
    """
    needed = {link for name in names or settings.llms for link in chain_of(settings, name)}
    remote = {name: llm for name, llm in peers.remote_llms(RemoteLLM).items() if name in needed}
    return build_llms(settings, embedder, needed, remote=remote)
