"""Sentence embeddings, batched and cached."""
