"""Answers from documents: ingestion, search, evidence, quotes."""
