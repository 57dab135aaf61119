"""Agents that call tools step by step, by JSON actions or by native tool calls."""
