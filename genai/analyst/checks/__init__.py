"""Whether a query has every detail of the question, and no other."""
