"""Widgets built from the table of commands."""
