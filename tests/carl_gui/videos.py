"""Rows of videos for tests."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from core.project.badges import Badges
from core.project.rows import VideoRow

_ROW = VideoRow(
    1, "a.mp4", "0" * 32, 2_000_000, "", "none", "a.mp4", "/p/a.mp4", "", None, None, None, None, None, 0, 0
)


def row(video_id: int, name: str, **known: object) -> VideoRow:
    """A video of that name in the project's folder."""
    known = {"relative": f"videos/{name}", "absolute": f"/p/videos/{name}", "digest": f"{video_id:032x}"} | known
    return replace(_ROW, id=video_id, name=name, **known)


def badges(
    *, missing: bool = False, broken: str = "", decoded: bool = False, embedded: bool = False, labelled: bool = False
) -> Badges:
    """Of a video; without anything it is merely there."""
    return Badges(None if missing else Path("/p/a.mp4"), missing, broken, decoded, embedded, labelled)


def many(count: int) -> list[VideoRow]:
    """As many videos, in no order."""
    return [
        row(
            number,
            f"take {number * 7919 % count} of day {number % 30}.mp4",
            action=("squat", "lunge", "", "pull-up")[number % 4],
            split=("train", "val", "none")[number % 3],
            num_bytes=1000 + number * 31 % 9973,
            num_frames=number % 500 or None,
            duration_seconds=number % 500 / 25 or None,
        )
        for number in range(1, count + 1)
    ]
