"""The living library of research on ketamine and treatment-resistant depression."""

__version__ = "0.1.0"
