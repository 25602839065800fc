"""One module for each part of the program that reads files; each has `TARGETS`. Heavy imports stand in functions."""
