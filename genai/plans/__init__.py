"""Runs plans: graphs of agents and tools that answer one question together."""
