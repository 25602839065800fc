"""Widgets of the video player."""
