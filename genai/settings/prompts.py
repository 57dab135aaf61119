"""Settings of prompts."""

from pydantic import Field

from genai.section import Section


class FewShotSettings(Section):
    """Examples that precede the question: a YAML file (`genai.prompts.few_shot`), and the most tokens that
    they may take, by estimate.
    """

    examples: str
    max_tokens: int = Field(default=500, ge=1)
