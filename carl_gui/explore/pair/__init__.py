"""The view of two videos."""
