"""Scores one answer: by its text, its sources, its SQL, its tool calls, or a judge."""
