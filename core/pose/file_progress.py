"""Notices about the poses found, and about frames without a person. Needs no torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from core.base.listing import some
from core.pose.landmarks import Landmarks
from core.pose.people import Point
from core.pose.vectors import Body
from core.video.stored_video import StoredVideo


def sentences(video: StoredVideo, landmarks: Landmarks, point: Point | None) -> Iterator[str]:
    """Yield a sentence where no person is found in some frames of a video, or at the place that was named.

    Args:
        point: where somebody clicked on the person to follow.
    """
    if missing := int((~landmarks.is_seen).sum()):
        yield _missing(video, landmarks, missing)
    if point is not None and landmarks.is_seen.any() and not _is_on(point, landmarks):
        yield (
            f"{video.path.name}: no person was found at the position given for frame {point.frame} (x "
            f"{point.x:g}, y {point.y:g}), so the largest person is followed. Correct the table of people."
        )


def several_people(names: Sequence[str]) -> str:
    """Return a sentence for videos that show several people, one of whom was not chosen."""
    return (
        f"Several people are in view in {some(names)}. The largest in the first frame is followed. To follow "
        "another one, choose them in the window's player, or give a position in a table (backbone.person_table)."
    )


def _is_on(point: Point, landmarks: Landmarks) -> bool:
    """Return whether the person who is followed is about there: a fifth of their extent from a landmark, or less."""
    places = landmarks.picture[point.frame, :, :2] * (landmarks.width, landmarks.height)  # (33, 2) pixels
    if not np.isfinite(places).all():
        return False
    away = np.hypot(*(places - (point.x * landmarks.width, point.y * landmarks.height)).T).min()
    return bool(away <= np.ptp(places, axis=0).max() / 5)


def _missing(video: StoredVideo, landmarks: Landmarks, missing: int) -> str:
    if missing == len(video):
        return (
            f"{video.path.name}: no person was found in any of its {len(video)} frames, so body pose cannot be used. "
            "If people are small, choose whom to follow (a table of people, or a click in the window); otherwise "
            "use the recipe frozen for such videos, or leave it out."
        )
    blank = int((~Body.of(landmarks, video.meta.fps).is_known).sum())
    bridged = missing - blank
    parts = [f"{blank} with an empty pose"] * (blank > 0) + [f"{bridged} interpolated"] * (bridged > 0)
    return f"{video.path.name}: no person was found in {missing} of {len(video)} frames; {' and '.join(parts)}."
