"""Finds the passages for a question in its conversation."""
