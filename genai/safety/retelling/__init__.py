"""Finds what an answer retells of a known datum, in whatever form: numerals, spelling, code."""
