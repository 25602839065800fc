"""Widgets of the Label page."""
