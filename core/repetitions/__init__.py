"""Repetitions of an action within a video, found through its embeddings."""
