"""What a question demands of an answer (a figure, a place, a definition ...), and whether a text has it."""
