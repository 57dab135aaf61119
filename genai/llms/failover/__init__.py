"""Goes on with the next model of a chain when one fails, also in the middle of an answer."""
