"""The learning loop at a small size, to see that it does what it should."""
