"""What is remembered, and where."""

from pydantic import Field

from genai.section import Section


class MemorySettings(Section):
    """``max_begun`` sessions of a user are kept that the service began by itself, for questions that
    name none, and that nobody came back to; the oldest goes first.
    """

    max_tokens: int = Field(default=1000, ge=0)
    ttl_s: int = Field(default=86_400 * 30, ge=1)
    max_turns: int = Field(default=1000, ge=2)
    max_begun: int = Field(default=5_000, ge=1)


class DataKeySettings(Section):
    """The key that what Redis keeps of people is encrypted with: 32 random bytes in base64.

    Without ``env`` in the environment it is made and kept in a file, for one machine alone.
    """

    env: str = "DATA_KEY"
    file: str = "var/data-key"


class RedisSettings(Section):
    """Where Redis is. Without ``url_env`` in the environment, the embedded one of `make run`.

    Nothing waits longer than ``timeout_s`` for it, and no request longer than a quarter more for all its
    late replies, but for the lateness of a busy machine. What comes in half of the time is not late.
    """

    url_env: str = "REDIS_URL"
    embedded_socket: str = "var/redis/redis.sock"
    timeout_s: float = Field(default=0.2, gt=0)
    max_connections: int = Field(default=64, ge=1)
