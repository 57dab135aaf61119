"""Approvals of actions with side effects."""
