"""Ray on this machine alone: on loopback, with a token, with the flags that make Serve fast.

Everything that Ray and Serve read from the environment is set here; the reasons are measured in
`benchmarks/README.md`.
"""

import contextlib
import hashlib
import logging
import os
import signal
import sys
import tempfile
import time
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import psutil

from deployments.free_port import free_port, free_range
from deployments.precedence import STARTING
from genai.errors import Misconfigured

LOOPBACK_ONLY = "GENAI_LOOPBACK_ONLY"
"""Read in each replica by `deployments.loopback`."""

ROOT = Path(__file__).resolve().parents[1]
REPLICA_PORTS, PORTS_OF_ONE = range(30_000, 32_700), 100
"""Where ingress replicas listen. Their sockets share a port with whoever else has it, and Serve
counts from the same number in every cluster."""

ENDED_WITHIN_S = 10.0
"""What runs when the end comes may take so long; then its clients are told that it is cut."""

KNOWN_WITHIN_S = 5.0
"""All ingress replicas, by who has to tell them that the end has come."""

LOOKS_EVERY_S = 0.2
"""Whether a replica that is to stop still works on anything. Serve stops the deployments one after the
other, callers first, and waits so long before its first look: two seconds for each by default, for other
nodes to notice."""

logger = logging.getLogger(__name__)

FAILED = ("DEPLOY_FAILED", "UNHEALTHY")


class LocalRay:
    """One Ray cluster of one node. ``var`` is where its token is kept."""

    def __init__(self, var: Path) -> None:
        self._var = var
        self._token = var / "ray-token"

    @property
    def logs(self) -> Path:
        return _private_folder(self._var) / "ray/session_latest/logs"

    def environment(self) -> dict[str, str]:
        """What must be set before the first import of ray; the processes that it starts inherit it."""
        self._make_token()
        folder = _private_folder(self._var)
        replicas = free_range(REPLICA_PORTS, PORTS_OF_ONE, seed=zlib.crc32(str(folder).encode()))
        return {
            # Ray binds its ports to loopback only when it believes that it cannot be a cluster.
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
            LOOPBACK_ONLY: "1",
            "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN_PATH": str(self._token),
            "RAY_USAGE_STATS_ENABLED": "0",
            "RAY_enable_worker_prestart": "0",
            "RAY_worker_niceness": str(STARTING),
            # Some thirty processes with many threads each: a heap for every thread adds up.
            "MALLOC_ARENA_MAX": "2",
            "RAY_SERVE_THROUGHPUT_OPTIMIZED": "1",
            # Which also keeps warnings back until there are a thousand; there are few in our logs.
            "RAY_SERVE_REQUEST_PATH_LOG_BUFFER_SIZE": "1",
            "RAY_SERVE_ENABLE_HA_PROXY": "1",
            # Ten looks a second at an unchanged state would cost a sixth of a core.
            "RAY_SERVE_CONTROL_LOOP_INTERVAL_S": "0.5",
            # Nor does anybody read Serve's own metrics ten times a second, which every process would tell.
            "RAY_SERVE_METRICS_EXPORT_INTERVAL_MS": "1000",
            "REPORTER_UPDATE_INTERVAL_MS": "10000",  # for Ray's dashboard; it looks at every process
            "RAY_SERVE_HAPROXY_BINARY_PATH": str(ROOT / "cluster/edge/haproxy"),
            "RAY_SERVE_HAPROXY_CONFIG_FILE_LOC": str(folder / "haproxy.cfg"),
            "RAY_SERVE_HAPROXY_SOCKET_PATH": str(folder / "admin.sock"),
            "RAY_SERVE_HAPROXY_SERVER_STATE_BASE": str(folder),
            "RAY_SERVE_HAPROXY_SERVER_STATE_FILE": str(folder / "server-state"),
            # Of two services on one machine, each would take half of the other's requests.
            "RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT": str(replicas[0]),
            "RAY_SERVE_DIRECT_INGRESS_MAX_HTTP_PORT": str(replicas[-1]),
            "RAY_SERVE_HAPROXY_METRICS_PORT": str(free_port()),
            "RAY_SERVE_HAPROXY_STATS_PORT": str(free_port()),
            "RAY_SERVE_HAPROXY_METRICS_ENABLED": "0",
            # An edge or an ingress that dies or hangs is noticed within seconds.
            "RAY_SERVE_HAPROXY_HEALTH_CHECK_INTER": "2s",
            "RAY_SERVE_PROXY_HEALTH_CHECK_PERIOD_S": "1",
            "RAY_SERVE_PROXY_HEALTH_CHECK_TIMEOUT_S": "2",
            # No other node has to notice that a replica drains.
            "RAY_SERVE_DIRECT_INGRESS_MIN_DRAINING_PERIOD_S": "1",
            "RAY_SERVE_HAPROXY_NBTHREAD": str(min(4, os.cpu_count() or 1)),
            # Of submitted jobs, which run in a copy of the project.
            "GENAI_HOME": str(ROOT),
            # The edge is a script of this environment's Python, and jobs call theirs "python", too.
            "PATH": ":".join((*map(str, _programs()), os.environ.get("PATH", ""))),
        }

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Ray runs within the block. What is left of a run that was killed is stopped first."""
        import ray

        from deployments.jobs_door import only_jobs

        self._stop_orphans()
        on_term = signal.getsignal(signal.SIGTERM)
        with only_jobs():
            context = ray.init(
                address="local",
                _node_ip_address="127.0.0.1",
                _temp_dir=str(_private_folder(self._var) / "ray"),
                include_dashboard=True,
                dashboard_host="127.0.0.1",
                log_to_driver=False,
                logging_level=logging.WARNING,
            )
        signal.signal(signal.SIGTERM, on_term)  # Ray has put its own in place
        (self._var / "ray-address").write_text(f"http://{context.dashboard_url}\n")
        try:
            yield
        finally:
            self._stop()

    def _stop(self) -> None:
        """Let running requests end, then end whatever still lives of what Ray started."""
        import ray
        from ray import serve

        started = list(without_redis(psutil.Process().children(recursive=True)))
        # Who says it twice does not want to wait: neither for the requests nor for Serve.
        with contextlib.suppress(KeyboardInterrupt):
            self._end_requests()
        # Ray prints that the controller died of a shutdown as if it were a failure.
        with open(os.devnull, "w") as unsaid, contextlib.redirect_stdout(unsaid):
            with contextlib.suppress(Exception, KeyboardInterrupt):
                serve.shutdown()  # type: ignore[no-untyped-call]
            ray.shutdown()
        _, alive = psutil.wait_procs(started, timeout=2)
        _end(alive)
        self._stop_orphans()

    def _end_requests(self) -> None:
        """Serve would stop the edge at once, and cut what is being answered without a word."""
        from ray import serve
        from ray.serve._private.common import ReplicaState

        logging.getLogger("ray.serve").setLevel(logging.WARNING)
        try:
            for name, application in serve.status().applications.items():
                handle = serve.get_app_handle(name)
                # Handles are made for an event loop (RAY_SERVE_THROUGHPUT_OPTIMIZED); here is none.
                handle._init(_run_router_in_separate_loop=True)  # type: ignore[no-untyped-call]
                states = application.deployments[handle.deployment_name].replica_states
                end_requests(handle, states.get(ReplicaState.RUNNING, 0))
        except Exception:
            logger.exception("the running requests could not be waited for")

    def _stop_orphans(self) -> None:
        """HAProxy can outlive a Ray that was killed, and would keep the port."""
        folder = f"{_private_folder(self._var)}/"
        _end(
            process
            for process in psutil.process_iter(["cmdline"])
            if any(
                part.startswith(folder) and part.endswith(".cfg")
                for part in process.info["cmdline"] or ()
            )
        )

    def deploy(self, config: dict[str, Any]) -> None:
        """What `serve deploy` has done on the cluster. Raises `Misconfigured` when it is refused."""
        from ray.exceptions import RayError
        from ray.serve._private.api import serve_start
        from ray.serve.schema import ServeDeploySchema

        wanted = ServeDeploySchema.model_validate(quick_to_stop(config))
        try:
            client = serve_start(
                http_options=wanted.http_options.model_dump(),
                proxy_location=wanted.proxy_location,
                grpc_options=wanted.grpc_options.model_dump(),
                global_logging_config=wanted.logging_config,
            )
            client.deploy_apps(wanted)
        except RayError as error:
            raise Misconfigured(f"Serve refused: {error}") from error

    def deployment_failure(self) -> str | None:
        """Why an application cannot be deployed; None as long as all is well."""
        from ray import serve

        for application in serve.status().applications.values():
            if application.status in FAILED:
                return str(application.message)
        return None

    def _make_token(self) -> None:
        self._var.mkdir(parents=True, exist_ok=True)
        if not self._token.exists():
            self._token.touch(mode=0o600)
            self._token.write_text(os.urandom(32).hex())


def end_requests(ingress: Any, replicas: int, *, pause_s: float = 0.1) -> None:
    """Have all replicas refuse new requests and end those that run.

    A new handle hears of the replicas a little later: until then it finds none, or some. Those that it
    does not know would go on, and be cut. One that hangs keeps nobody from telling the others.
    """
    from ray.serve.exceptions import DeploymentUnavailableError

    known, until = 0, time.monotonic() + KNOWN_WITHIN_S
    while known < replicas and time.monotonic() < until:
        with contextlib.suppress(DeploymentUnavailableError, TimeoutError):
            asked = ingress.broadcast("here")
            known = len(asked.results(timeout_s=KNOWN_WITHIN_S, return_exceptions=True))
        time.sleep(pause_s)
    closing = ingress.broadcast("close", ENDED_WITHIN_S)
    closing.results(timeout_s=ENDED_WITHIN_S + 10, return_exceptions=True)


def quick_to_stop(config: dict[str, Any]) -> dict[str, Any]:
    """The config, with a short wait at the end of each deployment that does not say how long."""
    applications = [
        {
            **application,
            "deployments": [
                {"graceful_shutdown_wait_loop_s": LOOKS_EVERY_S, **deployment}
                for deployment in application.get("deployments", ())
            ],
        }
        for application in config["applications"]
    ]
    return {**config, "applications": applications}


def _programs() -> Iterator[Path]:
    """The environment of the jobs stands first where it is installed: it has all of this one's."""
    jobs = Path(f"{sys.prefix}-jobs")
    if list(jobs.glob(".installed-*")):
        yield jobs / "bin"
    yield Path(sys.executable).parent


def without_redis(processes: Iterable[psutil.Process]) -> Iterator[psutil.Process]:
    """It is stopped by who has started it. A process may end while it is asked for its name."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if "redis-server" not in process.name():
                yield process


def _end(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _private_folder(var: Path) -> Path:
    """A folder of this user and ``var``, with a short path: that of a socket has 107 characters."""
    digest = hashlib.sha256(f"{var}:{os.getuid()}".encode()).hexdigest()[:8]
    folder = Path(tempfile.gettempdir()) / f"genai-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise Misconfigured("the folder for sockets belongs to another user")
    return folder
