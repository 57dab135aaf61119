"""Prompt templates, with examples."""
