import pytest

from genai.messages import Passage
from genai.rag.permissions import Reader
from genai.settings.documents import RerankerSettings

pytest.importorskip("torch")
pytest.importorskip("transformers")

from genai.rag.retrieval.cross_encoder import CrossEncodingRetriever

PASSAGES = tuple(
    Passage(document_id=name, title=name, text=f"The {name} card costs money.")
    for name in ("silver", "gold", "black")
)
READER = Reader(tenant="acme")


class FixedRetriever:
    def __init__(self) -> None:
        self.asked: list[tuple[Reader, int]] = []

    async def async_retrieve(
        self, reader: Reader, query: str, *, limit: int
    ) -> tuple[Passage, ...]:
        self.asked.append((reader, limit))
        return PASSAGES[:limit]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A tiny model that prefers, by its weights, pairs in which the word gold stands."""
    import torch
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
    from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

    folder = str(tmp_path_factory.mktemp("cross-encoder"))
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "gold", "silver", "black", "card"]
    tokenizer = Tokenizer(
        models.WordLevel({word: number for number, word in enumerate(words)}, unk_token="[UNK]")
    )
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        unk_token="[UNK]",
        cls_token="[CLS]",
        sep_token="[SEP]",
    ).save_pretrained(folder)
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=16,
        max_position_embeddings=512,
        num_labels=1,
    )
    made = BertForSequenceClassification(config)
    trained(made, tokenizer).save_pretrained(folder)
    return folder


def trained(model, tokenizer):  # type: ignore[no-untyped-def]
    """Learns in a moment that pairs with gold in them score high."""
    import torch

    pairs = [("which card", f"the {word} card") for word in ("gold", "silver", "black")]
    encoded = [tokenizer.encode(*pair) for pair in pairs]
    inputs = torch.tensor([one.ids for one in encoded])
    kinds = torch.tensor([one.type_ids for one in encoded])
    wanted = torch.tensor([[3.0], [-3.0], [-3.0]])
    steps = torch.optim.Adam(model.parameters(), lr=0.02)
    model.train()
    for _ in range(60):
        steps.zero_grad()
        said = model(input_ids=inputs, token_type_ids=kinds).logits
        torch.nn.functional.mse_loss(said, wanted).backward()
        steps.step()
    return model.eval()


async def test_the_passage_that_the_model_prefers_comes_first(model: str) -> None:
    inner = FixedRetriever()
    retriever = CrossEncodingRetriever(inner, RerankerSettings(model=model, top=3))

    found = await retriever.async_retrieve(READER, "Which card?", limit=2)

    assert found[0].document_id == "gold"
    assert len(found) == 2
    assert inner.asked == [(READER, 3)]


async def test_only_the_best_are_ordered_anew(model: str) -> None:
    retriever = CrossEncodingRetriever(FixedRetriever(), RerankerSettings(model=model, top=1))

    found = await retriever.async_retrieve(READER, "Which card?", limit=3)

    assert [passage.document_id for passage in found] == ["silver", "gold", "black"]


async def test_nothing_found_asks_no_model() -> None:
    class Nothing(FixedRetriever):
        async def async_retrieve(
            self, reader: Reader, query: str, *, limit: int
        ) -> tuple[Passage, ...]:
            return ()

    retriever = CrossEncodingRetriever(Nothing(), RerankerSettings(model="/nowhere"))

    assert await retriever.async_retrieve(READER, "Which card?", limit=3) == ()
