"""Chooses who answers a question: documents, the agent, a model, or a fixed reply."""
