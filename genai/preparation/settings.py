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
    """Samples from a file of JSON lines."""

    source: Literal["file"]
    path: str


class ConversationsSettings(Section):
    """Questions and answers of consenting users of a tenant.

    ``rated_up`` takes only answers that were rated up. Answers that were rated down are never taken.
    """

    source: Literal["conversations"]
    tenant: str
    rated_up: bool = True
    at_most: int = Field(default=100_000, ge=1)


class PreferencesSettings(Section):
    """Pairs of answers to the same question, one rated up and one rated down."""

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
    """``near_duplicate`` (0 to 1) is the share of common word triples from which two samples count as
    duplicates. Without it, only equal ones do. Leave it out for generated texts, which may differ by a word.
    """

    name: str = Field(pattern=r"^[\w-]+$")
    sources: tuple[SourceSettings, ...] = Field(min_length=1)
    seed: int = 0
    output: str = "var/datasets"
    validation_share: float = Field(default=0.05, ge=0, lt=1)
    test_share: float = Field(default=0.05, ge=0, lt=1)
    near_duplicate: float | None = Field(default=None, gt=0, le=1)
    license: str = "made by this installation; not for others"
