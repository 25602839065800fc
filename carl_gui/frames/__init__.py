"""Threads that read frames."""
