"""Settings of the training of the injection network, as in `jobs/train_injection.yaml`."""

from typing import Literal

from genai.safety.training.settings import Generated, TrainingSettings


class NetworkSettings(TrainingSettings):
    """Sources are files, or rules of the grammar as ``generated/rule``.

    The network has two scores: for questions, and for data such as passages and results of tools. Sources
    in ``questions`` train only the first, those in ``data`` only the second, because users may give orders
    and documents may not.

    ``carried`` texts are embedded in results of tools. ``installed`` is the number of harmless texts from
    the installed packages. ``documents`` are folders of harmless Markdown in this repository, including
    the questions in its hints. Half of the harmless ``calibration_data`` is held out to fix the threshold
    for data at a rate of ``alarms_data`` false alarms. ``chatter`` is the number of texts of random words.

    ``folds`` are sources that are held out together in the evaluation.
    """

    questions: tuple[str, ...] = ()
    data: tuple[str, ...] = ()
    carried: tuple[Generated, ...] = ()
    installed: int = 0
    chatter: int = 0
    documents: tuple[str, ...] = ()
    calibration_data: tuple[str, ...] = ()
    alarms_data: float = 0.01
    folds: tuple[tuple[str, ...], ...] = ()
    most_windows: int = 5500
    batch: int = 128
    hidden: int = 96
    layers: Literal[1, 2] = 1
    """The number of dilated convolutions."""
    dropout: float = 0.2
    forgotten: float = 0.05
    """The share of words that are dropped at random in training."""
