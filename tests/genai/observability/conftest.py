from tests.support.redis_server import redis_client, redis_socket, store

__all__ = ["redis_client", "redis_socket", "store"]
