"""Settings of the training of a classifier, as in `jobs/train_toxicity.yaml`."""

from genai.section import Section


class Generated(Section):
    """The number of different texts to generate by a rule of the grammar."""

    rule: str
    attack: bool
    count: int


class TrainingSettings(Section):
    """Files are JSONL, relative to the folder of data.

    ``labelled`` files have ``text`` and ``label``, and optionally the inserted ``payload``. ``harmless``
    files have no labels; the value is the name of their text field. ``calibration`` files are labelled
    and harmless. Half of their texts is held out to fix the threshold at a rate of ``alarms`` false alarms.

    ``provoking`` sources have harmless texts with the words of attacks. They are not used to select the
    trigger words that are stored with the model.
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
