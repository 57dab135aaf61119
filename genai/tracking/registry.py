"""The model registry in MLflow: weights with a signature and an input example."""

from collections.abc import Mapping
from pathlib import Path

import mlflow
import pandas as pd
from mlflow.entities.model_registry import ModelVersion as Registered
from mlflow.exceptions import MlflowException
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema

from genai.base.tracker import ModelVersion
from genai.tracking.store import MLflowStore, quiet, translated

PREDICTOR = Path(__file__).with_name("predictor.py")

SIGNATURE = ModelSignature(
    inputs=Schema([ColSpec("string", "prompt")]), outputs=Schema([ColSpec("string")])
)
EXAMPLE = "What does a replacement card cost?"
WEIGHTS = "weights"
FOLDER_TAG = "weights_folder"


class MLflowRegistry:
    def __init__(self, store: MLflowStore) -> None:
        self._store = store

    def register(
        self, name: str, folder: Path, *, run_id: str, tags: Mapping[str, str]
    ) -> ModelVersion:
        with translated(), quiet():
            client = self._store.client
            with mlflow.start_run(
                run_id=run_id or None, experiment_id=self._experiment(run_id, name)
            ):
                logged = mlflow.pyfunc.log_model(
                    name="model",
                    python_model=str(PREDICTOR),
                    artifacts={WEIGHTS: str(folder)},
                    signature=SIGNATURE,
                    input_example=pd.DataFrame({"prompt": [EXAMPLE]}),
                    pip_requirements=[],
                )
            weights = self._weights(logged.model_uri, folder.name)
            made = mlflow.register_model(
                logged.model_uri, name, tags={**tags, FOLDER_TAG: str(weights)}
            )
            return self._value(client.get_model_version(name, made.version))

    def find(self, name: str, version: str) -> ModelVersion | None:
        with translated(), quiet():
            client = self._store.client
            try:
                if version.isdigit():
                    return self._value(client.get_model_version(name, version))
                return self._value(client.get_model_version_by_alias(name, version))
            except MlflowException as error:
                if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                    return None
                raise

    def appoint(self, version: ModelVersion, alias: str) -> None:
        with translated(), quiet():
            client = self._store.client
            client.set_registered_model_alias(version.name, alias, str(version.version))

    def dismiss(self, name: str, alias: str) -> None:
        if self.find(name, alias) is not None:
            with translated(), quiet():
                self._store.client.delete_registered_model_alias(name, alias)

    def note(self, version: ModelVersion, tags: Mapping[str, str]) -> None:
        with translated(), quiet():
            for key, value in tags.items():
                self._store.client.set_model_version_tag(
                    version.name, str(version.version), key, value
                )

    def _experiment(self, run_id: str, name: str) -> str | None:
        return None if run_id else self._store.experiment(name)

    @staticmethod
    def _weights(uri: str, folder: str) -> Path:
        return Path(mlflow.artifacts.download_artifacts(uri)) / "artifacts" / folder

    @staticmethod
    def _value(found: Registered) -> ModelVersion:
        return ModelVersion(
            name=found.name,
            version=int(found.version),
            folder=found.tags.get(FOLDER_TAG, ""),
            run_id=found.run_id or "",
            tags=dict(found.tags),
        )
