"""Where a component runs: inside its caller, or in a deployment of its own.

A `Server` hosts one component of the library. Its constructor builds the component, so it may be
called on a replica of its own, or by the caller that has the component inline.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from ray import serve
from ray.serve import Application
from ray.serve.handle import DeploymentHandle

from genai.settings import Placement, Settings

C = TypeVar("C")
C_co = TypeVar("C_co", covariant=True)


class Server(Protocol[C_co]):
    """Hosts a component; on Serve, its other methods are how callers reach it."""

    @property
    def component(self) -> C_co: ...


@dataclass(frozen=True)
class Inline:
    """A component that every caller builds for itself, in its own process."""

    server: Callable[..., Server[Any]]
    settings: Settings
    peers: "Peers"

    def build(self) -> Any:
        return self.server(self.settings, self.peers).component


Ref = Inline | Application | DeploymentHandle[Any]
"""How a component is reached. What is bound as an application arrives as a handle."""


@dataclass(frozen=True)
class Peers:
    """The components that another one needs, by what they are."""

    refs: dict[str, Ref] = field(default_factory=dict)
    llms: dict[str, Ref] = field(default_factory=dict)

    def connect(self, name: str, proxy: Callable[[DeploymentHandle[Any]], C]) -> C:
        """The component: built here when it is inline, else its deployment seen through ``proxy``."""
        return _connect(self.refs[name], proxy)

    def remote_llms(self, proxy: Callable[[DeploymentHandle[Any], str], C]) -> dict[str, C]:
        """The models that other processes host, seen through ``proxy``."""
        return {
            name: proxy(ref, name)
            for name, ref in self.llms.items()
            if isinstance(ref, DeploymentHandle)
        }


def _connect(ref: Ref, proxy: Callable[[DeploymentHandle[Any]], C]) -> C:
    if isinstance(ref, Inline):
        built: C = ref.build()
        return built
    if isinstance(ref, DeploymentHandle):
        return proxy(ref)
    raise TypeError(f"an application must be bound before it is used: {ref!r}")


def place(
    name: str,
    server: Callable[..., Server[Any]],
    where: Placement,
    settings: Settings,
    peers: Peers,
) -> Ref:
    if where == "inline":
        return Inline(server, settings, peers)
    return serve.deployment(name=name)(server).bind(settings, peers)  # type: ignore[call-overload,no-any-return]


