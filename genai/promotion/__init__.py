"""Decides whether a new model replaces the old one, and rolls it out."""
