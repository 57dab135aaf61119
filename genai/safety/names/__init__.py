"""Finds names of people, with a tagger that is trained on generated sentences."""
