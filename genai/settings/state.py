"""Settings of the state in Redis: sessions, encryption, connection."""

from pydantic import Field

from genai.section import Section


class MemorySettings(Section):
    """Sessions. Only the newest ``max_begun`` single-use sessions of a user are kept: those with a
    generated id that were never continued.
    """

    max_tokens: int = Field(default=1000, ge=0)
    ttl_s: int = Field(default=86_400 * 30, ge=1)
    max_turns: int = Field(default=1000, ge=2)
    max_begun: int = Field(default=5_000, ge=1)


class DataKeySettings(Section):
    """The key that encrypts personal data in Redis: 32 random bytes in base64.

    Without the variable ``env``, a key is generated and stored in ``file``, for a single machine.
    """

    env: str = "DATA_KEY"
    file: str = "var/data-key"


class RedisSettings(Section):
    """The connection to Redis. Without the variable ``url_env``, the embedded Redis of `make run` is
    used.

    A command fails after ``timeout_s``. All late replies of one request may take a quarter more than
    that in total; a reply within half of the time is not late. Lag of this process itself is not
    counted.
    """

    url_env: str = "REDIS_URL"
    embedded_socket: str = "var/redis/redis.sock"
    timeout_s: float = Field(default=0.2, gt=0)
    max_connections: int = Field(default=64, ge=1)
