"""The window of help, and buttons that open it."""
