"""Filter of the video list of the Label page. No Qt."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from carl_gui.models.messages import folded
from carl_gui.models.video_filter import sought
from core.project.rows import VideoRow

LabelState = Literal["none", "part", "hand", "predicted", "proposed"]
"""Without any label; with frames that have none; all by hand; with labels that were predicted; with proposals that
wait for a person's word."""
LABEL_STATES: tuple[LabelState, ...] = get_args(LabelState)


@dataclass(frozen=True, slots=True)
class LabelFilter:
    """Conditions for a video to be listed; an empty filter lists all."""

    text: str = ""
    """Words that its name or place holds, in any order, case and accents aside."""
    state: LabelState | None = None
    action: str | None = None
    """None: any; empty: those without one."""

    @property
    def is_empty(self) -> bool:
        return not self.text.strip() and self.state is None and self.action is None

    def encoded(self) -> dict[str, str | None]:
        """For JSON."""
        return {"text": self.text, "state": self.state, "action": self.action}

    @classmethod
    def decoded(cls, given: Mapping[str, object]) -> LabelFilter:
        """Back from `encoded`; what makes no sense filters nothing."""
        text, action = given.get("text"), given.get("action")
        return cls(
            text if isinstance(text, str) else "",
            next((state for state in LABEL_STATES if state == given.get("state")), None),
            action if isinstance(action, str) else None,
        )

    def listed(self, videos: Mapping[int, VideoRow], order: Sequence[int], proposed: Collection[int]) -> Sequence[int]:
        """Return those of the ids that are listed, in their order.

        Args:
            proposed: videos with proposals that wait.
        """
        if self.is_empty:
            return order
        words = folded(self.text).split()
        return [key for key in order if self._takes(videos[key], words, proposed)]

    def _takes(self, video: VideoRow, words: Sequence[str], proposed: Collection[int]) -> bool:
        if self.action is not None and video.action != self.action:
            return False
        if self.state is not None and not _is_in(video, self.state, proposed):
            return False
        return not words or all(word in sought(video) for word in words)


def _is_in(video: VideoRow, state: LabelState, proposed: Collection[int]) -> bool:
    is_whole = video.num_frames is not None and video.num_frames_labelled >= video.num_frames
    return {
        "none": not video.num_spans,
        "part": video.num_spans > 0 and not is_whole,
        "hand": is_whole and not video.num_frames_predicted,
        "predicted": video.num_frames_predicted > 0,
        "proposed": video.id in proposed,
    }[state]
