"""Widgets that all pages share."""
