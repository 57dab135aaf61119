"""Prepares the words of a question: which clauses ask, how they are spelt, which words are similar."""
