"""What every part of the settings has in common."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A misspelt key is an error: without this, pydantic would drop it in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)
