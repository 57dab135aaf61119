"""Against a real engine with a small random model and random adapters, started once for this file."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

pytest.importorskip("vllm")

from genai.base.llm import WrappedLLM
from genai.errors import ModelUnavailable
from genai.factory.llm_factory import build_llms
from genai.llms.wrappers.priced import PricedLLM
from genai.llms.wrappers.resilient import BulkheadLLM
from genai.llms.wrappers.slot import SlotLLM
from genai.messages import ChatRequest, Sampling
from genai.promotion.routing import Routing
from genai.settings.application import Settings
from genai.settings.models import AdapterLimits, VLLMSettings
from tests.support.adapters import write_adapter
from tests.support.language_models import chat_request, collect, text_of
from tests.support.routing_table import InProcessRoutingTable

pytestmark = [
    pytest.mark.vllm,
    pytest.mark.timeout(300),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.filterwarnings("default"),  # the engine's imports warn of themselves
]

TEXTS = (Path(__file__).read_text(),)
PLACES = 2


@dataclass(frozen=True)
class World:
    base: Any
    layers: dict[str, tuple[int, int]]
    folder: Path

    def adapter(self, seed: int) -> Any:
        folder = self.folder / f"adapter{seed}"
        if not folder.exists():
            write_adapter(folder, self.layers, seed=seed)
        return self.base.with_adapter(f"adapter{seed}", str(folder))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    from genai.llms.random_llama import LlamaRecipe, make_random_llama
    from genai.llms.vllm.adapters import linear_layers
    from genai.llms.vllm.llm import VLLM

    folder = tmp_path_factory.mktemp("models")
    make_random_llama(
        folder / "base", TEXTS, LlamaRecipe(vocab_size=1024, hidden_size=128, layers=2, context=512)
    )
    settings = VLLMSettings(
        backend="vllm",
        model=str(folder / "base"),
        dtype="float32",
        max_model_len=512,
        max_num_seqs=16,
        cpu_kv_cache_gib=0.25,
        adapters=AdapterLimits(loaded=PLACES, max_rank=8),
    )
    base = VLLM("bank", settings)
    await base.async_start()
    layers = {
        name: sizes
        for name, sizes in linear_layers(settings.model).items()
        if name.endswith(("q_proj", "o_proj", "up_proj", "down_proj"))
    }
    yield World(base, layers, folder)
    await base.async_close()


def request(question: str = "What does it cost?", tokens: int = 24) -> ChatRequest:
    return chat_request(question, sampling=Sampling(max_tokens=tokens, temperature=0.0))


async def text(llm: Any, question: str = "What does it cost?") -> str:
    return str((await llm.async_chat(request(question))).text)


async def test_an_adapter_answers_as_the_model_with_its_matrices_added(world: World) -> None:
    import torch
    from safetensors.torch import load_file
    from transformers import AutoModelForCausalLM

    from genai.llms.chat_template import ChatTemplate

    one = world.adapter(1)
    matrices = load_file(world.folder / "adapter1" / "adapter_model.safetensors")
    model = AutoModelForCausalLM.from_pretrained(world.folder / "base", dtype=torch.float32)
    for name in world.layers:
        a, b = (matrices[f"base_model.model.{name}.lora_{part}.weight"] for part in "AB")
        model.get_submodule(name).weight.data += b @ a
    tokenizer = world.base._engine._engine.get_tokenizer()
    prompt = ChatTemplate(tokenizer).tokens(request())
    whole = model.generate(
        input_ids=torch.tensor([prompt]), max_new_tokens=24, do_sample=False, pad_token_id=0
    )

    said = await text(one)

    assert said == tokenizer.decode(whole[0, len(prompt) :], skip_special_tokens=True)
    assert said != await text(world.base)


async def test_the_model_and_its_adapters_do_not_mix_side_by_side(world: World) -> None:
    voices = [world.base, world.adapter(1), world.adapter(2)]
    questions = [f"What does card {n} cost?" for n in range(6)]
    alone = {(n, q): await text(model, q) for n, model in enumerate(voices) for q in questions}
    asked = list(alone) * 3

    together = await asyncio.gather(*(text(voices[n], q) for n, q in asked))

    assert together == [alone[key] for key in asked]
    assert len({alone[n, questions[0]] for n in range(3)}) == 3


async def test_more_adapters_than_places_all_serve_their_own_requests(world: World) -> None:
    voices = [world.adapter(seed) for seed in range(1, 2 * PLACES + 2)]
    alone = [await text(model) for model in voices]

    together = await asyncio.gather(*(text(model) for model in voices * 4))

    assert together == alone * 4
    assert len(set(alone)) == len(voices)


async def test_a_stream_is_not_disturbed_by_adapters_that_come_and_go(world: World) -> None:
    one = world.adapter(1)
    alone = text_of(await collect(one.async_stream(request(tokens=120))))

    async def others() -> None:
        for seed in (2, 3, 4, 2, 3):
            await text(world.adapter(seed))

    chunks, _ = await asyncio.gather(collect(one.async_stream(request(tokens=120))), others())

    assert text_of(chunks) == alone
    assert {chunk.model for chunk in chunks} == {"adapter1"}


async def test_an_adapter_that_cannot_be_loaded_affects_no_other(world: World) -> None:
    larger = {name: (read, written + 8) for name, (read, written) in world.layers.items()}
    write_adapter(world.folder / "foreign", larger)
    write_adapter(world.folder / "high", world.layers, rank=16)
    bad = {
        name: world.base.with_adapter(name, str(world.folder / name))
        for name in ("foreign", "high", "missing")
    }
    known = await text(world.adapter(1))

    for llm in bad.values():
        await llm.async_start()
        with pytest.raises(ModelUnavailable):
            await llm.async_chat(request())
        assert not await llm.async_available()

    await world.base.async_check_health()
    assert await text(world.adapter(1)) == known


async def test_an_adapter_that_the_engine_refuses_does_not_crash_it(world: World) -> None:
    """Matrices that lead nowhere pass a check that knows no shapes."""
    from genai.llms.vllm.adapters import VLLMAdapters

    adapters = world.base._engine.adapters
    unknowing = VLLMAdapters(
        world.base._engine._engine,
        str(world.folder / "nowhere"),
        AdapterLimits(max_rank=8),
        neutral=False,
    )
    unknowing._numbers = adapters._numbers
    larger = {name: (read + 8, written) for name, (read, written) in world.layers.items()}
    folder = write_adapter(world.folder / "wider", larger)
    known = await text(world.adapter(1))

    with pytest.raises(ModelUnavailable):
        async with unknowing.lease(str(folder)):
            pass

    await world.base.async_check_health()
    assert await text(world.adapter(1)) == known


async def test_new_weights_in_the_same_folder_are_used_after_a_drop(
    world: World,
) -> None:
    folder = write_adapter(world.folder / "retrained", world.layers, seed=7)
    old = world.base.with_adapter("slot", str(folder))
    before = await text(old)
    write_adapter(folder, world.layers, seed=8)
    await old.async_close()

    after = await text(world.base.with_adapter("slot", str(folder)))

    assert after != before
    await world.base.async_check_health()


async def test_running_requests_are_counted_per_model_and_adapter(world: World) -> None:
    one = world.adapter(1)

    async with aclosing(one.async_stream(request(tokens=300))) as stream:
        await anext(stream)
        assert (one.running(), world.base.running()) == (1, 0)

    async with asyncio.timeout(1.0):
        while one.running() or world.base.running():  # noqa: ASYNC110  there is no event for it
            await asyncio.sleep(0.01)


async def test_a_slot_swaps_its_adapter_while_the_engine_runs(world: World) -> None:
    table = InProcessRoutingTable()
    slot = SlotLLM(
        "green",
        "bank",
        initial="",
        build=lambda version: world.base.with_adapter("green", version),
        table=table,
        in_place=True,
    )
    first, second = await text(world.base), await text(world.adapter(2))
    assert await text(slot) == first
    stream = asyncio.create_task(collect(slot.async_stream(request(tokens=200))))
    await asyncio.sleep(0.05)
    versions = {"green": str(world.folder / "adapter2")}
    await table.async_write("bank", Routing(champion="blue", challenger="green", versions=versions))

    await slot.async_check_health()

    assert await text(slot) == second
    assert await table.async_loaded("green") == versions["green"]
    assert text_of(await stream).startswith(first)


async def test_a_slot_keeps_its_adapter_when_the_next_cannot_be_loaded(world: World) -> None:
    table = InProcessRoutingTable()
    slot = SlotLLM(
        "green",
        "bank",
        initial=str(world.folder / "adapter1"),
        build=lambda version: world.base.with_adapter("green", version),
        table=table,
        in_place=True,
    )
    await slot.async_check_health()
    versions = {"green": str(world.folder / "nowhere")}
    await table.async_write("bank", Routing(champion="blue", challenger="green", versions=versions))

    await slot.async_check_health()

    assert await text(slot) == await text(world.adapter(1))
    assert await table.async_loaded("green") == str(world.folder / "adapter1")


async def test_configured_adapters_share_the_engine_of_their_model() -> None:
    adapter = {"backend": "adapter", "of": "base", "model": "folder"}
    configured = Settings.model_validate(
        {
            "llms": {
                "base": {"backend": "vllm", "model": "m", "adapters": {}},
                "legal": {**adapter, "price": {"output": 1.0}},
                "retail": {**adapter, "max_concurrent": 2},
            },
            **{part: {"llm": "base"} for part in ("chat", "rag", "agent")},
        }
    )

    llms = build_llms(configured, None)

    assert isinstance(llms["legal"], PricedLLM)
    assert isinstance(llms["retail"], BulkheadLLM)
    engines = {id(inner_of(llm)._engine) for llm in llms.values()}
    assert len(engines) == 1


def inner_of(llm: Any) -> Any:
    return llm._inner if isinstance(llm, WrappedLLM) else llm
