"""Rows and columns in a text, for numbers whose name is in the header."""
