"""A single-node Ray cluster on loopback, with token authentication and tuned for Serve.

All environment variables that Ray and Serve read are set here; `benchmarks/README.md` has the
measurements behind them.
"""

import contextlib
import hashlib
import logging
import os
import shutil
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
from deployments.process_priority import STARTING
from genai.errors import Misconfigured

LOOPBACK_ONLY = "GENAI_LOOPBACK_ONLY"
"""Read in each replica by `deployments.loopback`."""

ROOT = Path(__file__).resolve().parents[1]
REPLICA_PORTS, PORTS_OF_ONE = range(30_000, 32_700), 100
"""Ports of the ingress replicas. Each cluster needs a range of its own: Serve counts from the same port
in every cluster, and binds with SO_REUSEPORT, so that two clusters would share requests."""

ENDED_WITHIN_S = 10.0
"""Running requests may take so long at shutdown; then they end with an error."""

KNOWN_WITHIN_S = 5.0
"""Longest wait, at shutdown, until a new handle knows all ingress replicas."""

LOOKS_EVERY_S = 0.2
"""How often a stopping replica is polled for running requests. Serve stops one deployment after the
other, and waits this long before its first poll. The default of two seconds each is for other nodes."""

KEPT_RUNS = 5
"""Runs of this checkout whose logs are kept, some 20 MB each."""

logger = logging.getLogger(__name__)

FAILED = ("DEPLOY_FAILED", "UNHEALTHY")


class LocalRay:
    """A Ray cluster of one node. Its token is stored in the folder ``var``."""

    def __init__(self, var: Path) -> None:
        self._var = var
        self._token = var / "ray-token"

    @property
    def logs(self) -> Path:
        return _private_folder(self._var) / "ray/session_latest/logs"

    def environment(self) -> dict[str, str]:
        """The variables to set before ray is first imported. Child processes inherit them."""
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
            # That flag also buffers log records up to a thousand; there are few in our logs.
            "RAY_SERVE_REQUEST_PATH_LOG_BUFFER_SIZE": "1",
            "RAY_SERVE_ENABLE_HA_PROXY": "1",
            # Polling an unchanged state ten times a second would cost a sixth of a core.
            "RAY_SERVE_CONTROL_LOOP_INTERVAL_S": "0.5",
            # By default every process exports Serve's own metrics ten times a second.
            "RAY_SERVE_METRICS_EXPORT_INTERVAL_MS": "1000",
            "REPORTER_UPDATE_INTERVAL_MS": "10000",  # Ray's dashboard inspects every process each time
            "RAY_SERVE_HAPROXY_BINARY_PATH": str(ROOT / "cluster/edge/haproxy"),
            "RAY_SERVE_HAPROXY_CONFIG_FILE_LOC": str(folder / "haproxy.cfg"),
            "RAY_SERVE_HAPROXY_SOCKET_PATH": str(folder / "admin.sock"),
            "RAY_SERVE_HAPROXY_SERVER_STATE_BASE": str(folder),
            "RAY_SERVE_HAPROXY_SERVER_STATE_FILE": str(folder / "server-state"),
            # With the same ports, two services on one machine would take each other's requests.
            "RAY_SERVE_DIRECT_INGRESS_MIN_HTTP_PORT": str(replicas[0]),
            "RAY_SERVE_DIRECT_INGRESS_MAX_HTTP_PORT": str(replicas[-1]),
            "RAY_SERVE_HAPROXY_METRICS_PORT": str(free_port()),
            "RAY_SERVE_HAPROXY_STATS_PORT": str(free_port()),
            "RAY_SERVE_HAPROXY_METRICS_ENABLED": "0",
            # An edge or an ingress that dies or hangs is noticed within seconds.
            "RAY_SERVE_HAPROXY_HEALTH_CHECK_INTER": "2s",
            "RAY_SERVE_PROXY_HEALTH_CHECK_PERIOD_S": "1",
            "RAY_SERVE_PROXY_HEALTH_CHECK_TIMEOUT_S": "2",
            # There is no other node that has to notice a draining replica.
            "RAY_SERVE_DIRECT_INGRESS_MIN_DRAINING_PERIOD_S": "1",
            "RAY_SERVE_HAPROXY_NBTHREAD": str(min(4, os.cpu_count() or 1)),
            # Submitted jobs run in a copy of the project; this leads them to the original's data.
            "GENAI_HOME": str(ROOT),
            # HAProxy's wrapper and submitted jobs start "python" by its name.
            "PATH": ":".join((*map(str, _programs()), os.environ.get("PATH", ""))),
        }

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Ray runs within the block. Leftovers of a run that was killed are stopped first."""
        import ray

        from deployments.ray_dashboard import jobs_api_only

        self._stop_orphans()
        remove_old_runs(_private_folder(self._var) / "ray")
        on_term = signal.getsignal(signal.SIGTERM)
        with jobs_api_only():
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
        """Let running requests end, shut Serve and Ray down, and kill child processes that are left."""
        import ray
        from ray import serve

        started = list(without_redis(psutil.Process().children(recursive=True)))
        # A second Ctrl-C skips the wait for requests, and a third the one for Serve.
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
        """End them in order: Serve would stop HAProxy at once, and cut responses without an error."""
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
        """Kill HAProxy processes that outlived a killed Ray: they would keep the port."""
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
        """Does what `serve deploy` does. Raises `Misconfigured` when Serve refuses the config."""
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
        """The message of an application that failed to deploy, or `None`."""
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
    """Have all replicas refuse new requests and end the running ones.

    A new handle learns of the replicas with a delay, and replicas it does not know would be cut off. So
    first wait until it reaches all of them. A replica that hangs does not block the others.
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


def remove_old_runs(folder: Path) -> None:
    """Delete the logs of all but the newest runs. A folder is named after time and process of its run."""
    for run in sorted(folder.glob("session_2*"))[:-KEPT_RUNS]:
        process = run.name.rpartition("_")[2]
        if process.isdigit() and not psutil.pid_exists(int(process)):
            shutil.rmtree(run, ignore_errors=True)


def quick_to_stop(config: dict[str, Any]) -> dict[str, Any]:
    """The config with a short shutdown poll for each deployment that does not set one."""
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
    """Folders for PATH. The jobs' environment comes first where it is installed: it extends this one."""
    jobs = Path(f"{sys.prefix}-jobs")
    if list(jobs.glob(".installed-*")):
        yield jobs / "bin"
    yield Path(sys.executable).parent


def without_redis(processes: Iterable[psutil.Process]) -> Iterator[psutil.Process]:
    """Leaves out Redis, which its starter stops, and processes that end in the meantime."""
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            if "redis-server" not in process.name():
                yield process


def _end(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def _private_folder(var: Path) -> Path:
    """A folder for this user and ``var`` with a short path: paths of sockets may have 107 characters."""
    digest = hashlib.sha256(f"{var}:{os.getuid()}".encode()).hexdigest()[:8]
    folder = Path(tempfile.gettempdir()) / f"genai-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise Misconfigured("the folder for sockets belongs to another user")
    return folder
