"""Sentences about a path."""

from __future__ import annotations

from collections.abc import Mapping

from core.align.alignable import BOUNDARY_SCORE, Alignability
from core.base.types import Alignment


def matched_in_words(alignment: Alignment) -> str:
    """Return how many frames of either video have a partner, as a sentence."""
    if not len(alignment):
        return "No frames match: no frame of one video is clearly the same moment as one of the other."
    matched_a, matched_b = int(alignment.has_partner_a.sum()), int(alignment.has_partner_b.sum())
    if (matched_a, matched_b) == (alignment.num_a, alignment.num_b):
        return "Every frame has a match."
    return (
        f"{matched_a} of {alignment.num_a} frames of A and {matched_b} of {alignment.num_b} of B have a match in the "
        "other video."
    )


def not_alignable_in_words(scores: Mapping[str, float]) -> str:
    """Return which of several videos are not to be believed beside their reference, as a sentence; else nothing.

    Args:
        scores: by a video's name, of its pair with the reference (`core.align.alignable`).
    """
    named = ", ".join(f"{name} (score {score:.2f} of 1)" for name, score in scores.items() if score < BOUNDARY_SCORE)
    if not named:
        return ""
    return (
        f"These do not change in step with the reference: {named}. They may not show the same action. Look at them "
        "before you trust the result."
    )


def alignable_in_words(found: Alignability) -> str:
    """Return whether a path is to be believed, as a sentence."""
    score = f"score {found.score:.2f} of 1"
    if found.is_alignable:
        return f"Both change in step along the path ({score})."
    return (
        f"They do not change in step along the path ({score}), so they may not show the same action. Look at them "
        "before you trust the result."
    )
