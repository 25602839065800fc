"""Widgets of runs: list, curves, progress, comparison and log."""
