"""The project's videos, and taking more in."""
