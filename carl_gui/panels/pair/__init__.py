"""Two performances side by side, and how they correspond."""
