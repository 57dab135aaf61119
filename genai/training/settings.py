"""Settings of fine-tuning: the config of `jobs.fine_tune`."""

from typing import Literal

from pydantic import Field, model_validator

from genai.section import Section

Precision = Literal["fp32", "bf16", "fp16"]
Strategy = Literal["single", "ddp", "fsdp"]


class LoRASettings(Section):
    """Low-rank adaptation. ``targets`` names the adapted layers."""

    rank: int = Field(default=8, ge=1)
    alpha: int = Field(default=16, ge=1)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    targets: tuple[str, ...] | Literal["all-linear"] = "all-linear"


class ParallelSettings(Section):
    """``workers`` share each batch. With ``ddp`` each has the whole model, with ``fsdp`` a shard.

    A worker that dies is replaced up to ``max_failures`` times, and all resume from the last
    checkpoint.
    """

    strategy: Strategy = "single"
    workers: int = Field(default=1, ge=1)
    gpu: bool = False
    cpus_per_worker: float = Field(default=1.0, gt=0)
    max_failures: int = Field(default=3, ge=0)

    @model_validator(mode="after")
    def one_is_enough_for_single(self) -> "ParallelSettings":
        if self.strategy == "single" and self.workers != 1:
            raise ValueError("several workers need the strategy ddp or fsdp")
        return self


class FineTuneSettings(Section):
    """``model`` is a folder, ``models:/<name>/<version or alias>``, or a name on a hub.

    ``data`` is a data set of `jobs.prepare`: its name, ``name/version``, or its folder.

    A step takes ``batch_size`` samples, of which a worker has ``micro_batch_size`` in memory at a time.
    The result depends neither on that number nor on the number of workers.

    ``objective`` ``preference`` trains on pairs of answers (DPO); a larger ``beta`` keeps the model
    closer to the initial one.

    ``optimizer`` ``muon`` needs fewer samples than AdamW when a model is trained from scratch.

    The learning rate follows a cosine; with ``decay_share`` it is constant until that last share of the
    steps, and then decays linearly.

    ``minutes`` limits the duration on a slow or shared machine: the schedule then follows the clock, so
    that it still reaches its end.

    ``embedding_rate`` scales the learning rate of the input embeddings, to keep them near their initial
    values. ``narrow_head`` trains only the logits of tokens that occur in the answers; all others
    become unlikely.

    ``export`` ``adapter`` registers the LoRA matrices only, ``merged`` the whole model.
    ``usd_per_hour`` is the cost of one worker.
    """

    name: str = Field(pattern=r"^[\w-]+$")
    model: str
    data: str
    objective: Literal["supervised", "preference"] = "supervised"
    beta: float = Field(default=0.1, gt=0)
    lora: LoRASettings | None = None
    export: Literal["merged", "adapter"] = "merged"
    seed: int = 0

    epochs: float = Field(default=1.0, gt=0)
    max_steps: int | None = Field(default=None, ge=1)
    minutes: float | None = Field(default=None, gt=0)
    batch_size: int = Field(default=32, ge=1)
    micro_batch_size: int = Field(default=8, ge=1)
    max_tokens: int = Field(default=512, ge=8)
    learning_rate: float = Field(default=3e-4, gt=0)
    optimizer: Literal["adamw", "muon"] = "adamw"
    embedding_rate: float = Field(default=1.0, ge=0, le=1)
    narrow_head: bool = False
    warmup_share: float = Field(default=0.03, ge=0, lt=1)
    decay_share: float | None = Field(default=None, gt=0, le=1)
    final_share: float = Field(default=0.1, ge=0, le=1)
    weight_decay: float = Field(default=0.01, ge=0)
    clip: float = Field(default=1.0, gt=0)
    precision: Precision = "fp32"
    gradient_checkpointing: bool = False

    evaluate_every: int = Field(default=50, ge=1)
    checkpoint_every: int = Field(default=50, ge=1)
    report_every: int = Field(default=10, ge=1)
    output: str = "var/training"
    parallel: ParallelSettings = ParallelSettings()
    usd_per_hour: float = Field(default=0.0, ge=0)

    @model_validator(mode="after")
    def only_muon_has_a_rate_for_embeddings(self) -> "FineTuneSettings":
        if self.embedding_rate != 1.0 and self.optimizer != "muon":
            raise ValueError("embedding_rate needs the optimizer muon")
        return self

    @model_validator(mode="after")
    def muon_needs_whole_matrices(self) -> "FineTuneSettings":
        if self.optimizer == "muon" and self.parallel.strategy == "fsdp":
            raise ValueError("the optimizer muon does not work with fsdp")
        return self

    @model_validator(mode="after")
    def a_narrow_head_needs_all_weights_in_one_place(self) -> "FineTuneSettings":
        whole = self.parallel.strategy == "single" and self.lora is None
        if self.narrow_head and not (whole and self.objective == "supervised"):
            raise ValueError("narrow_head needs a single worker, no lora, and answers to learn")
        return self

    @model_validator(mode="after")
    def only_an_adapter_can_be_exported_as_one(self) -> "FineTuneSettings":
        if self.export == "adapter" and self.lora is None:
            raise ValueError("export: adapter needs lora")
        return self
