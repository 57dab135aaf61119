"""One worker of a distributed training run: its rank, device, and share of the model."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import distributed
from torch.distributed.checkpoint.state_dict import (
    StateDictOptions,
    get_model_state_dict,
    get_optimizer_state_dict,
    set_model_state_dict,
    set_optimizer_state_dict,
)

from genai.errors import Misconfigured
from genai.training.settings import Precision, Strategy

SHORT = {"bf16": torch.bfloat16, "fp16": torch.float16}


@dataclass(frozen=True, slots=True)
class Worker:
    """Strategies other than ``single`` need an initialised process group before `prepare`."""

    rank: int = 0
    world: int = 1
    device: str = "cpu"
    strategy: Strategy = "single"

    @property
    def first(self) -> bool:
        return self.rank == 0

    @property
    def device_name(self) -> str:
        if self.device.startswith("cuda"):
            return str(torch.cuda.get_device_name(self.device))
        return "cpu"

    def prepare(self, model: Any, precision: Precision) -> Any:
        """The model on its device, wrapped for the strategy."""
        model = model.to(self.device)
        match self.strategy:
            case "single":
                return model
            case "ddp":
                devices = [self.device] if self.device.startswith("cuda") else None
                return torch.nn.parallel.DistributedDataParallel(model, device_ids=devices)
            case "fsdp":
                return self._sharded(model, precision)

    def autocast(self, precision: Precision) -> contextlib.AbstractContextManager[Any]:
        if precision == "fp32":
            return contextlib.nullcontext()
        return torch.autocast(self.device.partition(":")[0], dtype=SHORT[precision])

    def scaler(self, precision: Precision) -> torch.amp.GradScaler:
        """Enabled for fp16 only, where small gradients would vanish."""
        return torch.amp.GradScaler(self.device.partition(":")[0], enabled=precision == "fp16")

    @contextlib.contextmanager
    def syncing(self, model: Any, *, last: bool) -> Iterator[None]:
        """Synchronises gradients only for the last micro-batch."""
        if self.strategy == "ddp" and not last:
            with model.no_sync():
                yield
            return
        if self.strategy == "fsdp":
            model.set_requires_gradient_sync(last)
        yield

    def sum(self, *values: float) -> list[float]:
        """Sums over all workers."""
        if self.world == 1:
            return list(values)
        held = torch.tensor(values, dtype=torch.float64, device=self.device)
        distributed.all_reduce(held)
        return [float(value) for value in held]

    def wait(self) -> None:
        if self.world > 1:
            distributed.barrier()

    def state_of(self, model: Any, optimizer: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Trained weights and optimizer state, unsharded, on the first worker. All workers must call it."""
        trained = {name for name, value in _plain(model).named_parameters() if value.requires_grad}
        if self.strategy == "fsdp":
            options = StateDictOptions(full_state_dict=True, cpu_offload=True)
            weights = get_model_state_dict(model, options=options)
            moments = get_optimizer_state_dict(model, optimizer, options=options)
        else:
            weights, moments = _plain(model).state_dict(), optimizer.state_dict()
        return {name: value for name, value in weights.items() if name in trained}, moments

    def restore(self, model: Any, optimizer: Any, weights: Any, moments: Any) -> None:
        if self.strategy == "fsdp":
            options = StateDictOptions(full_state_dict=True, strict=False)
            set_model_state_dict(model, weights, options=options)
            set_optimizer_state_dict(model, optimizer, moments, options=options)
            return
        missing = _plain(model).load_state_dict(weights, strict=False)
        if missing.unexpected_keys:
            raise Misconfigured("the checkpoint is of another model")
        optimizer.load_state_dict(moments)

    def whole(self, model: Any) -> Any:
        """The unsharded weights of the model. All workers must call it."""
        if self.strategy == "fsdp":
            options = StateDictOptions(full_state_dict=True, cpu_offload=True)
            return get_model_state_dict(model, options=options)
        return _plain(model).state_dict()

    def _sharded(self, model: Any, precision: Precision) -> Any:
        from torch.distributed.device_mesh import init_device_mesh
        from torch.distributed.fsdp import MixedPrecisionPolicy, fully_shard

        mesh = init_device_mesh(self.device.partition(":")[0], (self.world,))
        policy = MixedPrecisionPolicy(param_dtype=SHORT.get(precision), reduce_dtype=torch.float32)
        for layer in layers_of(model):
            fully_shard(layer, mesh=mesh, mp_policy=policy)
        return fully_shard(model, mesh=mesh, mp_policy=policy)


def layers_of(model: Any) -> list[Any]:
    """The transformer blocks: the longest `ModuleList` of the model."""
    lists = [m for m in model.modules() if isinstance(m, torch.nn.ModuleList)]
    return list(max(lists, key=len, default=[]))


def _plain(model: Any) -> Any:
    return model.module if isinstance(model, torch.nn.parallel.DistributedDataParallel) else model
