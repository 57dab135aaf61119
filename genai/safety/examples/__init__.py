"""Grammars that generate texts to train on: attacks, and what only resembles them."""
