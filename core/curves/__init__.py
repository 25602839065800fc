"""Curves of sensors beside a video."""
