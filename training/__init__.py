"""Runs on disk, and jobs as child processes. No Qt, no torch."""
