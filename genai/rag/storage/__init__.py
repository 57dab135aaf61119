"""Stores passages with their embeddings in LanceDB or PostgreSQL; searches them by word and by vector."""
