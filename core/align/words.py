"""What a path says in words."""

from __future__ import annotations

from core.types import Alignment


def matched_in_words(alignment: Alignment) -> str:
    """Return how many frames of either video have a partner, as a sentence."""
    if not len(alignment):
        return "No frame of one video is surely the same moment as one of the other: nothing is matched."
    matched_a, matched_b = int(alignment.has_partner_a.sum()), int(alignment.has_partner_b.sum())
    if (matched_a, matched_b) == (alignment.num_a, alignment.num_b):
        return "Every frame has a partner."
    return (
        f"{matched_a} of {alignment.num_a} frames of A and {matched_b} of {alignment.num_b} of B have a partner in "
        "the other video."
    )
