"""What a person is told of the poses that were found, and of frames without anybody. Needs no torch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from core.listing import some
from core.pose.landmarks import Landmarks
from core.pose.people import Point
from core.pose.vectors import Body
from core.video.stored import StoredVideo


def sentences(
    videos: Sequence[StoredVideo], found: Sequence[Landmarks], points: Sequence[Point | None]
) -> Iterator[str]:
    """Yield a sentence for each video in some of whose frames nobody was found, and one for those with several people.

    Args:
        points: where somebody clicked on the person to follow, for each video.
    """
    crowded = []
    for video, landmarks, point in zip(videos, found, points, strict=True):
        if missing := int((~landmarks.is_seen).sum()):
            yield _missing(video, landmarks, missing)
        if landmarks.people > 1 and point is None:
            crowded.append(video.path.name)
    if crowded:
        yield (
            f"Several people are in view in {some(crowded)}: the largest in the first frame is followed. To follow "
            "another one, name a place on them in a table (backbone.people)."
        )


def _missing(video: StoredVideo, landmarks: Landmarks, missing: int) -> str:
    if missing == len(video):
        return (
            f"{video.path.name}: nobody is found in any of its {len(video)} frames, so body pose says nothing about "
            "it: use the recipe frozen for such videos, or leave it out."
        )
    blank = int((~Body.of(landmarks, video.meta.fps).is_known).sum())
    bridged = missing - blank
    parts = [f"{blank} get an empty pose"] * (blank > 0) + [f"{bridged} are filled in from those around them"] * (
        bridged > 0
    )
    return f"{video.path.name}: nobody is found in {missing} of {len(video)} frames; {' and '.join(parts)}."
