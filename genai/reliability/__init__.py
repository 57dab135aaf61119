"""Circuit breakers, backoff, hedging, liveness."""
