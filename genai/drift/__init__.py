"""Detects that the questions have changed."""
