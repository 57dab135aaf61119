"""Text classifiers: linear ones of ours, and any from a hub."""
