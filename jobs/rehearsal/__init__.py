"""A rehearsal of the learning loop at a small scale."""
