from tests.support.redis_server import own_redis, redis_client, redis_socket, store

__all__ = ["own_redis", "redis_client", "redis_socket", "store"]
