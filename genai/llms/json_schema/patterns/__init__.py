"""Patterns of a JSON schema: parsed into trees, limited in length, and rendered for xgrammar."""
