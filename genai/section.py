"""Base class of all settings."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Rejects unknown keys, which pydantic would ignore by default."""

    model_config = ConfigDict(extra="forbid", frozen=True)
