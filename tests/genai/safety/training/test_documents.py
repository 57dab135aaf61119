from pathlib import Path

from genai.safety.training.documents import document_examples

TEXT = """# Fees

The Gold card costs 95 euros a year.

## Abroad
<!-- asked
what does cash cost abroad?
no
-->
Cash costs 2 % of the amount abroad.
"""


def test_sections_and_the_questions_of_their_hints_are_harmless(tmp_path: Path) -> None:
    (tmp_path / "fees.md").write_text(TEXT)

    found = list(document_examples(tmp_path))

    assert [example.text.partition("\n")[0] for example in found] == [
        "# Fees",
        "## Abroad",
        "what does cash cost abroad?",
    ]
    assert not any("asked" in example.text or example.attack for example in found)
