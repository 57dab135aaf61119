"""Logs, metrics, traces, and monitors of cost and latency."""
