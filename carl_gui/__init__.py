"""The window. Qt, without torch."""
