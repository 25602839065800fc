"""Widgets of the Pair view."""
