"""Embeddings of videos: compute them, keep them in folders, open them again."""
