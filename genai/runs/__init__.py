"""Durable runs: journalled, resumed after a failure, paused for an approval."""
