"""Reads HTML, Word, PDF, CSV and plain text into blocks of Markdown, one module per format."""
