"""Settings of a data set: the config of `jobs.prepare`."""

from typing import Annotated, Literal

from pydantic import Field

from genai.section import Section


class GeneratorSettings(Section):
    """``function`` is ``package.module:name``. It is called with a seed and a count."""

    source: Literal["generator"]
    function: str = Field(pattern=r"^[\w.]+:\w+$")
    count: int = Field(ge=1)


class DocumentsSettings(Section):
    """Every section of the Markdown files in a folder, as a text."""

    source: Literal["documents"]
    folder: str


class FileSettings(Section):
    """Samples that somebody wrote, one JSON object a line."""

    source: Literal["file"]
    path: str


class ConversationsSettings(Section):
    """What people of a tenant who consented asked, and what they were answered.

    ``rated_up`` takes only answers that somebody liked. Answers that were disliked are never taken.
    """

    source: Literal["conversations"]
    tenant: str
    rated_up: bool = True
    at_most: int = Field(default=100_000, ge=1)


class PreferencesSettings(Section):
    """Pairs of answers to the same question of which people liked one and disliked the other."""

    source: Literal["preferences"]
    tenant: str
    at_most: int = Field(default=100_000, ge=1)


SourceSettings = Annotated[
    GeneratorSettings
    | DocumentsSettings
    | FileSettings
    | ConversationsSettings
    | PreferencesSettings,
    Field(discriminator="source"),
]


class PrepareSettings(Section):
    """``near_duplicate`` (0 to 1) is the share of word triples from which two samples are one.

    Left out, only equal ones are. It should be left out for generated texts, which are meant to
    differ in a word.
    """

    name: str = Field(pattern=r"^[\w-]+$")
    sources: tuple[SourceSettings, ...] = Field(min_length=1)
    seed: int = 0
    output: str = "var/datasets"
    validation_share: float = Field(default=0.05, ge=0, lt=1)
    test_share: float = Field(default=0.05, ge=0, lt=1)
    near_duplicate: float | None = Field(default=None, gt=0, le=1)
    license: str = "made by this installation; not for others"
