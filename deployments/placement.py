"""Places a component: in a deployment of its own, or inline in each of its callers."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar

from ray import serve
from ray.serve import Application
from ray.serve.handle import DeploymentHandle

from genai.settings.application import Settings
from genai.settings.placement import Placement

C = TypeVar("C")


@dataclass(frozen=True)
class Inline:
    """A component that each caller builds in its own process."""

    server: Callable[..., Any]
    settings: Settings
    peers: "Peers"

    def build(self) -> Any:
        return self.server(self.settings, self.peers).component


Ref = Inline | Application | DeploymentHandle[Any]
"""How a component is reached. Serve replaces a bound application by its handle in the replica."""


@dataclass(frozen=True)
class Peers:
    """The components that another one depends on, by role; models by name."""

    refs: dict[str, Ref] = field(default_factory=dict)
    llms: dict[str, Ref] = field(default_factory=dict)

    def connect(self, name: str, proxy: Callable[[DeploymentHandle[Any]], C]) -> C:
        """The component: built here when it is inline, else its deployment seen through ``proxy``."""
        ref = self.refs[name]
        if isinstance(ref, Inline):
            built: C = ref.build()
            return built
        if isinstance(ref, DeploymentHandle):
            return proxy(lean(ref))
        raise TypeError("an application must be deployed before it is used")

    def remote_llms(self, proxy: Callable[[DeploymentHandle[Any], str], C]) -> dict[str, C]:
        """The models that other processes host, seen through ``proxy``."""
        return {
            name: proxy(lean(ref), name)
            for name, ref in self.llms.items()
            if isinstance(ref, DeploymentHandle)
        }

    def handles(self) -> dict[str, DeploymentHandle[Any]]:
        """All deployments that are called, by name, including those called by inline components."""
        return dict(self._handles())

    def _handles(self) -> Iterator[tuple[str, DeploymentHandle[Any]]]:
        for ref in (*self.refs.values(), *self.llms.values()):
            if isinstance(ref, DeploymentHandle):
                yield ref.deployment_name, ref
            elif isinstance(ref, Inline):
                yield from ref.peers.handles().items()


def lean(handle: DeploymentHandle[Any]) -> DeploymentHandle[Any]:
    """The handle with plain pickle: messages hold no code, and cloudpickle takes three times as long."""
    return handle.options(request_serialization="pickle", response_serialization="pickle")


def place(
    name: str, server: Callable[..., Any], where: Placement, settings: Settings, peers: Peers
) -> Ref:
    """Bind the component as the deployment ``name``, or leave it inline."""
    if where == "inline":
        return Inline(server, settings, peers)
    return serve.deployment(name=name)(server).bind(settings, peers)
