"""Collects the training examples of the network: public files, the grammar, word lists, documents."""

from pathlib import Path

from genai.safety.examples.grammar import load_grammar
from genai.safety.training.carried import carried
from genai.safety.training.chatter import chatter, word_lists
from genai.safety.training.documents import document_examples
from genai.safety.training.examples import GRAMMARS, LabelledText, examples_in, generated_examples
from genai.safety.training.installed import INSTALLED, installed_texts
from genai.safety.training.network_settings import NetworkSettings


def network_examples(folder: Path, settings: NetworkSettings) -> list[LabelledText]:
    found = examples_in(folder, settings) + generated_examples(settings)
    grammar = load_grammar(sorted(GRAMMARS.glob("*.grammar")))
    for number, wanted in enumerate(settings.carried):
        found += carried(grammar, wanted, settings.seed + number)
    found += chatter(grammar, word_lists(), settings.chatter, settings.seed)
    for name in settings.documents:
        found += document_examples(Path(name))
    texts = installed_texts("learnt", settings.installed)
    return found + [LabelledText(INSTALLED, text, attack=False) for text in texts]
