"""One result of a search. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from carl_gui.models.scene import FrameRef, VideoRange


@dataclass(frozen=True, slots=True)
class Hit:
    """Frames that were found, or chosen by hand."""

    passage: VideoRange
    start_seconds: float
    """From the video's first frame on."""
    end_seconds: float
    """Of its last frame."""
    cosine: float | None
    """With the query; None where there is none."""

    @property
    def moment(self) -> FrameRef:
        """Where it begins: what is shown beside the beginning of the query."""
        return FrameRef(self.passage.video_id, self.passage.start_frame)

    @property
    def pictured(self) -> int:
        """The frame that stands for it: itself, or the middle of the span."""
        return (self.passage.start_frame + self.passage.end_frame_exclusive - 1) // 2
