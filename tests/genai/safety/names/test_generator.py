from genai.safety.names.generator import LABELS, Generator

PROSE = ["nobody is named in this sentence of plain prose."]


def test_the_same_seed_makes_the_same_texts() -> None:
    first = list(Generator(3, plain=0.3, prose=PROSE).examples(50))

    assert first == list(Generator(3, plain=0.3, prose=PROSE).examples(50))
    assert first != list(Generator(4, plain=0.3, prose=PROSE).examples(50))


def test_labels_stand_where_the_names_are() -> None:
    examples = list(Generator(0, plain=0.3).examples(500))

    spans = [(e.text, span) for e in examples for span in e.spans]
    assert {label for _, (_, _, label) in spans} == set(LABELS)
    assert all(0 <= start < end <= len(text) for text, (start, end, _) in spans)
    assert all(text[start:end].strip() == text[start:end] for text, (start, end, _) in spans)
    assert all(a[1] <= b[0] for e in examples for a, b in zip(e.spans, e.spans[1:], strict=False))


def test_a_share_of_the_texts_names_nobody() -> None:
    only_plain = Generator(0, plain=1.0, prose=PROSE).examples(100)

    assert all(example.spans == () for example in only_plain)
