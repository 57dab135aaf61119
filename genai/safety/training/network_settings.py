"""What the network that finds slipped-in instructions is trained on: `jobs/train_injection.yaml`."""

from typing import Literal

from genai.safety.training.settings import Generated, TrainingSettings


class NetworkSettings(TrainingSettings):
    """Sources are files, or rules of the grammar as ``generated/rule``.

    The network gives two scores: one for what a user writes, one for passages and results of tools.
    ``questions`` are sources that teach it only the first, ``data`` those that teach it only the
    second: an order may come from a user, and makes a document suspicious.

    ``carried`` are said inside the results of tools, between others. ``installed`` says how many parts
    of the descriptions and licences of installed packages are learnt as harmless, of one half of the
    packages. ``documents`` are folders of Markdown in this repository that are learnt as harmless, with
    the questions in their hints. ``calibration_data`` names sources of harmless data, half of which
    fixes the threshold for data, at ``alarms_data``.

    ``chatter`` are words of many languages at random, half of them before an attack.

    ``folds`` are sources that are left out together when the network is measured.
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
    """Of those that look further off than at the next piece: two, or four as well."""
    dropout: float = 0.2
    forgotten: float = 0.05
    """The share of words that are left out, another one each time, so that none decides alone."""
