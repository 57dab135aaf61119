"""Documents as passages: the structure of their Markdown, how it is cut, and the vectors of the parts."""
