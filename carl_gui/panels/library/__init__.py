"""Widgets of the Videos page."""
