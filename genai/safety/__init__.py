"""Checks what comes in and what goes out: attacks, personal data, secrets, insults, links."""
