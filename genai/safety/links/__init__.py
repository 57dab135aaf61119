"""Removes links to strange hosts, by which an answer could carry data away."""
