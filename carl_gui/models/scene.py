"""The data of the Explore page: embedded videos, and frames in them. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from core.project.rows import VideoRow


@dataclass(frozen=True)
class Scene:
    """The videos of a project that one encoder has embedded."""

    project: Path
    """Its folder."""
    run: str
    """The run whose encoder it was."""
    embeddings: Path
    """The folder that `core.embed` wrote."""
    encoder_digest: str
    videos: Mapping[int, VideoRow]
    """By id, in the order of their names; at least one."""


@dataclass(frozen=True, slots=True)
class FrameRef:
    """One frame of a video of the project."""

    video_id: int
    frame: int


@dataclass(frozen=True, slots=True)
class VideoRange:
    """Consecutive frames of a video of the project."""

    video_id: int
    start_frame: int
    end_frame_exclusive: int

    def __post_init__(self) -> None:
        if not 0 <= self.start_frame < self.end_frame_exclusive:
            raise ValueError(f"a range must have at least one frame, not {self}")

    @property
    def is_frame(self) -> bool:
        """Whether it is one frame alone."""
        return self.end_frame_exclusive == self.start_frame + 1
