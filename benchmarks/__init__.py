"""How fast the program is, and how fast others are at the same work."""
