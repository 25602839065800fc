"""The videos of a project as choices, by name; unchanged ones are reused."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from carl_gui.models.messages import displayable, path_text
from carl_gui.models.rows import Choice
from core.project.rows import VideoRow, natural


def video_choice(video: VideoRow) -> Choice:
    """Return the video as an entry of a list: its key is its id, its tip its path."""
    return Choice(video.id, displayable(video.name), tip=path_text(video))


class VideoChoices:
    """Follows the rows of `Session.videos`, where an unchanged row is the same object.

    Args:
        make: the choice that a row is shown as.
    """

    def __init__(self, make: Callable[[VideoRow], Choice]) -> None:
        self._make = make
        self._videos: Mapping[int, VideoRow] = {}
        self._choices: dict[int, Choice] = {}
        self._order: list[int] = []

    def update(self, videos: Mapping[int, VideoRow]) -> Sequence[Choice]:
        """Return all of these videos as choices, by name."""
        before, self._videos = self._videos, videos
        changed = {key: video for key, video in videos.items() if before.get(key) is not video}
        self._choices.update((key, self._make(video)) for key, video in changed.items())
        new = [key for key in changed if key not in before]
        if new or len(videos) < len(before) or any(before[key].name != videos[key].name for key in changed):
            for key in before.keys() - videos.keys():
                del self._choices[key]
            left = [key for key in self._order if key in videos]
            self._order = sorted([*left, *new], key=lambda key: natural(videos[key].name))
        return [self._choices[key] for key in self._order]
