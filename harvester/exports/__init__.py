"""One module for each format in which articles leave the library."""
