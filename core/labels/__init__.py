"""Phases of videos: segments, the formats of other programs, statistics."""
