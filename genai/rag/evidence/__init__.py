"""Whether the passages found answer the question, how surely, and which of their sentences do."""
