"""Replies that obey a JSON schema: grammars, examples, and the end of a reply that was cut off."""
