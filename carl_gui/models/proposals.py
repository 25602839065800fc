"""Proposed labels of videos, waiting for review. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.base.types import Span
from core.label.transfer import Carried


@dataclass(frozen=True)
class Proposals:
    """The labels of one video transferred to others. Phases are stored by id, so a proposal follows renames."""

    source: str
    """The name of the video that they come from."""
    by_video: Mapping[int, Carried]
    phase_ids: Mapping[str, int]
    """Of the names in the spans."""
    repetitions: Mapping[int, int] = field(default_factory=dict)
    """By video, how often it shows what that one shows once; those that were not looked for are left out."""
    action: str = ""
    """What the video that they come from shows."""

    def spans(self, video_id: int, names: Mapping[int, str]) -> Sequence[Span] | None:
        """For that video, by the names that phases have now; those of phases that are gone are left out.

        None: nothing is proposed for it.
        """
        carried = self.by_video.get(video_id)
        if carried is None:
            return None
        found = ((span, names.get(self.phase_ids[span.phase])) for span in carried.spans)
        return [replace(span, phase=name) for span, name in found if name is not None]

    def without(self, videos: Iterable[int]) -> Proposals | None:
        """The others; None where there is none."""
        gone = set(videos)
        left = {number: carried for number, carried in self.by_video.items() if number not in gone}
        return replace(self, by_video=left) if left else None
