"""Sessions and other state in Redis, encrypted."""
