"""Language models, and models around models: retries, prices, failover, canaries."""
