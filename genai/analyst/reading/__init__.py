"""Reads a question: its words, what they refer to, and what a follow-up continues."""
