"""Trains the classifiers."""
