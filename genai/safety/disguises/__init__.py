"""Finds sensitive data and secrets that are encoded, spelt out or cut into pieces."""
