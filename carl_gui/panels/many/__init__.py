"""Widgets of the Many view."""
