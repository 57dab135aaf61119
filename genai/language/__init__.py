"""Reads questions in English: their parts, orders in them, and what they refer to."""
