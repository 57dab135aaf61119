"""The complete run of one worker: load, train, and write the model.

Called once in each worker; a single one needs no Ray.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from genai.errors import Misconfigured
from genai.messages import Value
from genai.training import lora
from genai.training.encoding import Encoder
from genai.training.narrow_head import narrow, widen
from genai.training.objectives import Objective, Preferred, Supervised, preferences_of
from genai.training.samples import Sample, read_samples
from genai.training.settings import FineTuneSettings
from genai.training.sources import base_of, load_model, load_tokenizer
from genai.training.throughput import Shape
from genai.training.trainer import Sink, State, Trainer
from genai.training.worker import Worker, layers_of

OUTCOME = "outcome.json"
WEIGHTS = "model"


class Outcome(Value):
    """What a run did, and what it took. ``mfu`` is the share of the chips' peak, on known chips."""

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
        """The numbers worth a metric."""
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
) -> Outcome:
    """Train and write ``output/model`` and ``output/outcome.json``, complete or not at all.

    ``source`` is what transformers can load, ``data`` the folder of a data set. With the ``state`` of a
    checkpoint the run goes on. Raises `Misconfigured` when there is nothing to learn.
    """
    worker = worker or Worker()
    torch.manual_seed(settings.seed)
    tokenizer = load_tokenizer(source)
    model, kept = _begun_with(source, settings)
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
        narrow(model, train.said, train.pad)
    held = _objective(settings, encoder, _read(data, "validation"), parallel, tokenizer, worker)
    trainer = Trainer(
        settings, parallel, train, held if held.lengths else None, worker=worker, shape=shape
    )
    if state is not None:
        trainer.resume(state)
    trainer.run(sink)
    outcome = Outcome(
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
        _export(settings, trained_model, tokenizer, kept, output)
        (output / OUTCOME).write_text(outcome.model_dump_json())
    worker.wait()
    return outcome


def _begun_with(source: str, settings: FineTuneSettings) -> tuple[Any, torch.dtype]:
    """An adapter that is to be exported as one goes on as the adapter that it begins with: one beside
    that would be of a model that nobody serves."""
    dtype = _loaded_dtype(settings)
    if settings.lora is None:
        return load_model(source, dtype)
    if settings.export == "adapter" and base_of(source) != source:
        model, kept = load_model(source, dtype, whole=False)
        return lora.with_saved_adapter(model, Path(source), settings.lora), kept
    model, kept = load_model(source, dtype)
    return lora.with_adapter(model, settings.lora), kept


def _loaded_dtype(settings: FineTuneSettings) -> torch.dtype:
    """Weights that are trained are kept in full; those that LoRA leaves alone need not be."""
    frozen = settings.lora is not None and settings.precision == "bf16"
    return torch.bfloat16 if frozen else torch.float32


def _sizes(model: Any) -> tuple[Shape, int, int]:
    total = sum(p.numel() for p in model.parameters())
    trained = sum(p.numel() for p in model.parameters() if p.requires_grad)
    embedding = model.get_input_embeddings().weight
    head = model.get_output_embeddings()
    tied = head is not None and head.weight is embedding
    shape = Shape(
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
    # The model has not learnt anything yet, nor gone on from a checkpoint: it is its own reference.
    model.eval()
    with worker.autocast(settings.precision):
        reference = preferences_of(model, pairs, pad, worker.device)
    return Preferred(pairs, reference, settings.beta, pad, worker.device)


def _export(
    settings: FineTuneSettings, model: Any, tokenizer: Any, kept: torch.dtype, output: Path
) -> None:
    """A merged model keeps the precision of the one that it began with."""
    partial = output / f"{WEIGHTS}.partial"
    if settings.lora is not None and settings.export == "adapter":
        lora.save_adapter(model, partial)
    else:
        plain = lora.merged(model) if settings.lora is not None else model
        plain.to(kept).save_pretrained(partial)
    tokenizer.save_pretrained(partial)
    (partial / "training.json").write_text(json.dumps(settings.model_dump(mode="json")))
    _replace(partial, output / WEIGHTS)


def _unsharded(source: str, settings: FineTuneSettings, weights: Any) -> Any:
    model, _ = _begun_with(source, settings)
    model.load_state_dict(weights, strict=False)
    return model


def _replace(partial: Path, folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    partial.rename(folder)
