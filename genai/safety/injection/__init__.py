"""Detects prompt injection: rules, and a small network, over a text and over it without disguises."""
