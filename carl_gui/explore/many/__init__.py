"""The view of many videos."""
