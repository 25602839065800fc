"""Runs: their list, curves, progress, comparison and log."""
