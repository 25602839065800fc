"""Phases, and which frames they are."""
