"""Takes documents into the store: reads a folder, and converts files to Markdown."""
