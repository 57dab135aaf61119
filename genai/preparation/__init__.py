"""Prepares feedback and traffic as training data."""
