"""Defaults of a search, for the command, a notebook and the window; nothing is imported for them."""

APART_SECONDS = 1.0
"""Minimum time between two results in one video."""
OVERLAP = 0.2
"""Maximum overlap of two clips in one video, as a fraction of the shorter."""
TEMPO = 4.0
"""Maximum ratio between the lengths of a clip and the span, in frames."""
EXACT_FRAMES = 50_000_000
"""In at most so many frames a search reads all of them; in more it uses the index that there is."""
METHODS = ("auto", "exact", "approximate")
"""How frames are searched for; `auto`: by their number."""
