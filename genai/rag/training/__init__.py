"""Trains the models of `genai.rag.evidence` on questions with known answers."""
