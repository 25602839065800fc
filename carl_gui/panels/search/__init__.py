"""Widgets of the Search view."""
