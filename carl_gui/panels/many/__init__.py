"""The view in which many videos play at once."""
