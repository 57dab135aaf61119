"""What a classifier is trained on, and how: the shape of `jobs/train_toxicity.yaml`."""

from genai.section import Section


class Generated(Section):
    """How many different texts a rule of the grammar is to give."""

    rule: str
    attack: bool
    count: int


class TrainingSettings(Section):
    """Files are JSONL, relative to the folder of data.

    ``labelled`` have ``text`` and ``label``, and perhaps the ``payload`` that was put into a text.
    ``harmless`` have no labels: the field that is named holds the text. ``calibration`` names
    labelled files of harmless texts, half of which is never trained on but fixes the threshold:
    ``alarms`` is the share of it that may be refused.

    ``provoking`` names sources whose harmless texts have the words of attacks on purpose. The words
    that other harmless texts hardly have are kept with the model.
    """

    labelled: tuple[str, ...]
    harmless: dict[str, str]
    calibration: tuple[str, ...]
    generated: tuple[Generated, ...]
    provoking: tuple[str, ...] = ()
    inserted: int = 0
    most_of_a_file: int = 1500
    alarms: float = 0.003
    epochs: int = 4
    learning_rate: float = 0.1
    decay: float = 1e-6
    seed: int = 0
