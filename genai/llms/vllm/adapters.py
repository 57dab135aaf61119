"""LoRA adapters in a vLLM engine.

On a CPU, vLLM 0.32 applies the adapter in its last slot to requests without one when both are in a
batch, because it uses -1, the mark of "no adapter", as an index. There, such requests get a neutral
adapter of zeros.
"""

import asyncio
import itertools
import json
import logging
import shutil
import weakref
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import torch
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM
from vllm.lora.request import LoRARequest
from vllm.v1.engine.async_llm import AsyncLLM

from genai.errors import BackendFailed, GenAIError, ModelUnavailable
from genai.llms.sources import REGISTERED, resolve
from genai.llms.vllm.adapter_files import CONFIG, WEIGHTS, Layers, check_adapter
from genai.llms.vllm.adapter_pool import AdapterPool
from genai.settings.models import AdapterLimits
from genai.tracking.runs import default_registry

logger = logging.getLogger(__name__)


class VLLMAdapters:
    """With ``neutral``, requests without an adapter get one of zeros."""

    def __init__(
        self, engine: AsyncLLM, model: str, limits: AdapterLimits, *, neutral: bool
    ) -> None:
        self._engine = engine
        self._limits = limits
        self._layers = linear_layers(model)
        self._numbers = itertools.count(1)
        self._pool: AdapterPool[LoRARequest] = AdapterPool(limits.loaded, self._load, self._unload)
        self._neutral: LoRARequest | None = None
        self._folder = self._temporary_folder() if neutral else None

    async def async_start(self) -> None:
        if self._folder is not None:
            write_neutral(self._folder, self._layers)
            self._neutral = await self._add(self._folder)

    def _temporary_folder(self) -> Path:
        """Kept as long as this object, because the engine may read the adapter again."""
        folder = mkdtemp()
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return Path(folder)

    @asynccontextmanager
    async def lease(self, source: str) -> AsyncIterator[LoRARequest | None]:
        """The engine's handle of the adapter, or of the neutral one, until the block ends."""
        if not source:
            yield self._neutral
            return
        async with self._pool.lease(source) as adapter:
            yield adapter

    async def drop(self, source: str) -> None:
        await self._pool.drop(source)

    def load_failed(self, source: str) -> bool:
        return self._pool.load_failed(source)

    async def _load(self, source: str) -> LoRARequest:
        folder = await asyncio.to_thread(self._checked, source)
        adapter = await self._add(folder)
        logger.info("an adapter is loaded", extra={"adapter": source})
        return adapter

    def _checked(self, source: str) -> Path:
        folder = folder_of(source)
        check_adapter(folder, self._limits, self._layers)
        return folder

    async def _add(self, folder: Path) -> LoRARequest:
        """Each load gets a new name, because the engine caches prefixes by the adapter's name."""
        number = next(self._numbers)
        adapter = LoRARequest(f"{folder.name}#{number}", number, str(folder))
        try:
            await self._engine.add_lora(adapter)
        except Exception as error:
            if self._engine.errored:
                raise BackendFailed("the engine of the model has died") from error
            await self._unload(adapter)
            raise ModelUnavailable("the engine cannot load the adapter") from error
        return adapter

    async def _unload(self, adapter: LoRARequest) -> None:
        with suppress(Exception):
            await self._engine.remove_lora(adapter.lora_int_id)


def folder_of(source: str) -> Path:
    """The folder of an adapter. Aliases are resolved each time, because they may move to another version."""
    if not source.startswith(REGISTERED):
        return Path(source).resolve()
    try:
        return Path(resolve(source, default_registry())).resolve()
    except GenAIError as error:
        raise ModelUnavailable(error.message) from error


def linear_layers(model: str) -> dict[str, tuple[int, int]]:
    """The layers that adapters may change; empty for models that transformers does not support."""
    offline = Path(model).is_dir()
    try:
        config = AutoConfig.from_pretrained(model, local_files_only=offline)
        with torch.device("meta"):
            built = AutoModelForCausalLM.from_config(config)
    except (OSError, ValueError):
        return {}
    return {
        name: (module.in_features, module.out_features)
        for name, module in built.named_modules()
        if isinstance(module, torch.nn.Linear)
    }


def write_neutral(folder: Path, layers: Layers) -> None:
    """Write an adapter of zeros. Raises `BackendFailed` if the model's layers are not known."""
    name = next((name for name in layers if name.endswith("q_proj")), None)
    if name is None:
        raise BackendFailed("this model serves no adapters on a CPU", False)
    inputs, outputs = layers[name]
    matrices: Mapping[str, Any] = {
        f"base_model.model.{name}.lora_A.weight": torch.zeros(1, inputs),
        f"base_model.model.{name}.lora_B.weight": torch.zeros(outputs, 1),
    }
    save_file(dict(matrices), folder / WEIGHTS)
    config = {"peft_type": "LORA", "r": 1, "lora_alpha": 1, "target_modules": ["q_proj"]}
    (folder / CONFIG).write_text(json.dumps(config))
