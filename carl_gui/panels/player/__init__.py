"""The player of one video."""
