"""The SQLite file: its schema, what is written to it, and how it is read."""
