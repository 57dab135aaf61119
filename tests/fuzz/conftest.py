from tests.support.redis_server import own_redis

__all__ = ["own_redis"]
