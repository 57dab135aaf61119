"""Answers questions for figures: writes SQL with a small model and checks it against the question."""
