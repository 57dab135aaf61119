"""The complete run of one worker: load, train, and write the model.

Called once in each worker; a single one needs no Ray.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from genai.errors import Misconfigured
from genai.llms.sources import base_of, load_model, load_tokenizer
from genai.messages import Value
from genai.training import lora
from genai.training.encoding import Encoder
from genai.training.narrow_head import narrow, widen
from genai.training.objectives import Objective, Preferred, Supervised, preferences_of
from genai.training.samples import Sample, read_samples
from genai.training.settings import FineTuneSettings
from genai.training.throughput import ModelDimensions
from genai.training.trainer import Sink, State, Trainer
from genai.training.worker import Worker, layers_of

OUTCOME = "outcome.json"
WEIGHTS = "model"


class TrainingResult(Value):
    """Results and costs of a run. ``mfu`` is the model FLOPs utilization; None for unknown chips."""

    steps: int
    losses: tuple[float, ...]
    validation_losses: dict[int, float]
    tokens: int
    seconds: float
    tokens_per_s: float
    mfu: float | None = None
    parameters: int
    trained_parameters: int
    skipped: int
    device: str
    workers: int
    cost_usd: float

    @property
    def validation_loss(self) -> float | None:
        return (
            self.validation_losses[max(self.validation_losses)] if self.validation_losses else None
        )

    def figures(self) -> dict[str, float]:
        """The metrics of the run."""
        named = {
            "final_loss": self.losses[-1],
            "final_validation_loss": self.validation_loss,
            "tokens": self.tokens,
            "seconds": self.seconds,
            "mean_tokens_per_s": self.tokens_per_s,
            "mean_mfu": self.mfu,
            "parameters": self.parameters,
            "trained_parameters": self.trained_parameters,
            "skipped_samples": self.skipped,
            "cost_usd": self.cost_usd,
        }
        return {name: float(value) for name, value in named.items() if value is not None}


def fit(
    settings: FineTuneSettings,
    *,
    source: str,
    data: Path,
    output: Path,
    sink: Sink,
    worker: Worker | None = None,
    state: State | None = None,
) -> TrainingResult:
    """Train and write ``output/model`` and ``output/outcome.json`` atomically.

    ``source`` is anything that transformers can load, ``data`` the folder of a data set, ``state`` a
    checkpoint to resume. Raises `Misconfigured` if no sample has at most ``max_tokens``.
    """
    worker = worker or Worker()
    torch.manual_seed(settings.seed)
    tokenizer = load_tokenizer(source)
    model, stored_dtype = _load_trainable(source, settings)
    if settings.gradient_checkpointing:
        model.gradient_checkpointing_enable({"use_reentrant": False})
        if settings.lora is not None:
            model.enable_input_require_grads()
    shape, total, trained = _sizes(model)
    parallel = worker.prepare(model, settings.precision)
    encoder = Encoder(tokenizer, settings.max_tokens)
    train = _objective(settings, encoder, _read(data, "train"), parallel, tokenizer, worker)
    if not train.lengths:
        raise Misconfigured("the data set has nothing to learn of at most max_tokens")
    if settings.narrow_head and isinstance(train, Supervised):
        narrow(model, train.target_tokens, train.pad)
    validation = _objective(
        settings, encoder, _read(data, "validation"), parallel, tokenizer, worker
    )
    trainer = Trainer(
        settings,
        parallel,
        train,
        validation if validation.lengths else None,
        worker=worker,
        shape=shape,
    )
    if state is not None:
        trainer.resume(state)
    trainer.run(sink)
    outcome = TrainingResult(
        steps=trainer.progress.step,
        losses=tuple(trainer.progress.losses),
        validation_losses=trainer.validation_losses,
        tokens=trainer.progress.tokens,
        seconds=trainer.progress.seconds,
        tokens_per_s=trainer.tokens_per_s,
        mfu=trainer.mfu,
        parameters=total,
        trained_parameters=trained,
        skipped=encoder.skipped,
        device=worker.device_name,
        workers=worker.world,
        cost_usd=settings.usd_per_hour * worker.world * trainer.progress.seconds / 3600,
    )
    widen(model)
    weights = worker.whole(parallel)
    if worker.first:
        sharded = worker.strategy == "fsdp"
        trained_model = _unsharded(source, settings, weights) if sharded else model
        _export(settings, trained_model, tokenizer, stored_dtype, output)
        (output / OUTCOME).write_text(outcome.model_dump_json())
    worker.wait()
    return outcome


def _load_trainable(source: str, settings: FineTuneSettings) -> tuple[Any, torch.dtype]:
    """The model to train, and the precision of its stored weights.

    With ``export: adapter``, training continues a given adapter: a second one on top of it would need a
    base model that no engine serves.
    """
    dtype = _loaded_dtype(settings)
    if settings.lora is None:
        return load_model(source, dtype)
    if settings.export == "adapter" and base_of(source) != source:
        model, stored_dtype = load_model(source, dtype, whole=False)
        return lora.with_saved_adapter(model, Path(source), settings.lora), stored_dtype
    model, stored_dtype = load_model(source, dtype)
    return lora.with_adapter(model, settings.lora), stored_dtype


def _loaded_dtype(settings: FineTuneSettings) -> torch.dtype:
    """Full precision for trained weights; the frozen ones under LoRA may be bf16."""
    frozen = settings.lora is not None and settings.precision == "bf16"
    return torch.bfloat16 if frozen else torch.float32


def _sizes(model: Any) -> tuple[ModelDimensions, int, int]:
    total = sum(p.numel() for p in model.parameters())
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    embedding = model.get_input_embeddings().weight
    head = model.get_output_embeddings()
    tied = head is not None and head.weight is embedding
    shape = ModelDimensions(
        parameters=total if tied else total - embedding.numel(),
        layers=len(layers_of(model)),
        width=embedding.shape[1],
        frozen=trained < total / 2,
    )
    return shape, total, trained


def _read(data: Path, part: str) -> list[Sample]:
    path = data / f"{part}.jsonl"
    return list(read_samples(path)) if path.is_file() else []


def _objective(
    settings: FineTuneSettings,
    encoder: Encoder,
    samples: Sequence[Sample],
    model: Any,
    tokenizer: Any,
    worker: Worker,
) -> Objective:
    pad = tokenizer.pad_token_id or 0
    if settings.objective == "supervised":
        return Supervised(encoder.supervised(samples), pad, worker.device)
    pairs = encoder.preferences(samples)
    # Untrained and not yet restored from a checkpoint, the model is its own reference.
    model.eval()
    with worker.autocast(settings.precision):
        reference = preferences_of(model, pairs, pad, worker.device)
    return Preferred(pairs, reference, settings.beta, pad, worker.device)


def _export(
    settings: FineTuneSettings, model: Any, tokenizer: Any, stored_dtype: torch.dtype, output: Path
) -> None:
    """A full model is saved in the precision of its source."""
    partial = output / f"{WEIGHTS}.partial"
    if settings.lora is not None and settings.export == "adapter":
        lora.save_adapter(model, partial)
    else:
        plain = lora.merged(model) if settings.lora is not None else model
        plain.to(stored_dtype).save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    (partial / "training.json").write_text(json.dumps(settings.model_dump(mode="json")))
    _replace(partial, output / WEIGHTS)


def _unsharded(source: str, settings: FineTuneSettings, weights: Any) -> Any:
    model, _ = _load_trainable(source, settings)
    model.load_state_dict(weights, strict=False)
    return model


def _replace(partial: Path, folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
