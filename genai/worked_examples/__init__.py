"""Answers questions by worked examples of queries and orders, without a model."""
