"""Phrases an answer from the evidence: quotes, citations, and what is declined or left open."""
