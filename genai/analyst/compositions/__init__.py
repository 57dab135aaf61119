"""Questions that one query cannot answer: asked in parts, and their rows combined."""
