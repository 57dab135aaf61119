"""MLflow's storage: a database file and a folder, or a server."""

import contextlib
import logging
import os
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")

from mlflow.exceptions import MlflowException
from mlflow.tracking import MlflowClient, set_registry_uri, set_tracking_uri

from genai.errors import BackendFailed

URI_ENV = "MLFLOW_TRACKING_URI"
FOLDER = Path("var/mlflow")
SQLITE = "sqlite:///"

logging.getLogger("alembic").setLevel(logging.WARNING)
logging.getLogger("mlflow").setLevel(logging.WARNING)


class MLflowStore:
    """One per process, because MLflow keeps its address in a global. The environment overrides
    ``folder``. The artifacts of an SQLite store are next to its database file."""

    def __init__(self, folder: Path = FOLDER, environ: Mapping[str, str] = os.environ) -> None:
        self._uri = environ.get(URI_ENV) or f"{SQLITE}{folder.resolve()}/mlflow.db"
        self._local = self._uri.startswith(SQLITE)
        self._folder = Path(self._uri.removeprefix(SQLITE)).resolve().parent
        self._client: MlflowClient | None = None

    @property
    def client(self) -> MlflowClient:
        """Created on first use, which may also create the database."""
        if self._client is None:
            if self._local:
                self._folder.mkdir(parents=True, exist_ok=True)
            with quiet():
                set_tracking_uri(self._uri)
                set_registry_uri(self._uri)
                self._client = MlflowClient(self._uri, self._uri)
        return self._client

    def experiment(self, name: str) -> str:
        """The id of the experiment, which is created if needed."""
        found = self.client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        where = {"artifact_location": f"{self._folder}/artifacts"} if self._local else {}
        try:
            return str(self.client.create_experiment(name, **where))
        except MlflowException:  # another process was faster
            return str(self.client.get_experiment_by_name(name).experiment_id)


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Hides MLflow's warnings about intended choices, such as missing type hints and requirements."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def translated() -> Iterator[None]:
    try:
        yield
    except (MlflowException, OSError) as error:
        raise BackendFailed("the registry of models failed") from error
