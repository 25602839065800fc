"""Defaults of a search, for the command, a notebook and the window; nothing is imported for them."""

APART_SECONDS = 1.0
"""Minimum time between two results in one video."""
OVERLAP = 0.2
"""Maximum overlap of two clips in one video, as a fraction of the shorter."""
TEMPO = 4.0
"""Maximum ratio between the lengths of a clip and the span, in frames."""
