"""What is shown of a video in a line, and which videos a filter lets through."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, get_args

from PySide6.QtCore import QCoreApplication

from carl_gui.models.messages import (
    badge_kinds,
    badge_sentence,
    badge_text,
    displayable,
    duration_text,
    folded,
    path_text,
    size_text,
    split_text,
    tooltip,
)
from carl_gui.numbers import count
from core.project.badges import Badges
from core.project.rows import SPLITS, SortKey, Split, VideoRow, sorted_videos


class Column(IntEnum):
    """Columns of the table, from the left."""

    NAME = 0
    ACTION = 1
    SPLIT = 2
    FRAMES = 3
    DURATION = 4
    SIZE = 5
    STATE = 6


EDITABLE = (Column.NAME, Column.ACTION, Column.SPLIT)
NUMBERS = (Column.FRAMES, Column.DURATION, Column.SIZE)


def column_title(column: Column) -> str:
    """Return the translated title."""
    titles = {
        Column.NAME: QCoreApplication.translate("Library", "Name"),
        Column.ACTION: QCoreApplication.translate("Library", "Action"),
        Column.SPLIT: QCoreApplication.translate("Library", "Split"),
        Column.FRAMES: QCoreApplication.translate("Library", "Frames"),
        Column.DURATION: QCoreApplication.translate("Library", "Duration"),
        Column.SIZE: QCoreApplication.translate("Library", "Size"),
        Column.STATE: QCoreApplication.translate("Library", "State"),
    }
    return titles[column]


def cell_text(video: VideoRow, column: Column, badges: Badges | None) -> str:
    """Return the text of a cell; empty where nothing is known."""
    if column == Column.NAME:
        return displayable(video.name)
    if column == Column.ACTION:
        return displayable(video.action)
    if column == Column.SPLIT:
        return "" if video.split == "none" else split_text(video.split)
    if column == Column.FRAMES:
        return "" if video.num_frames is None else count(video.num_frames)
    if column == Column.DURATION:
        return "" if video.duration_seconds is None else duration_text(video.duration_seconds)
    if column == Column.SIZE:
        return size_text(video.num_bytes)
    return ", ".join(badge_text(kind) for kind in badge_kinds(badges))


def cell_spoken(video: VideoRow, column: Column, badges: Badges | None) -> str:
    """Return the text for screen readers; never empty."""
    if column == Column.STATE and badges is not None:
        return " ".join(_sentences(badges)) or QCoreApplication.translate("Library", "Neither decoded nor labelled")
    if text := cell_text(video, column, badges):
        return text
    if column == Column.ACTION:
        return QCoreApplication.translate("Library", "No action")
    if column == Column.SPLIT:
        return QCoreApplication.translate("Library", "No split")
    return QCoreApplication.translate("Library", "Unknown")


def cell_tip(video: VideoRow, column: Column, badges: Badges | None) -> str | None:
    """Return the tip as rich text; None where there is nothing to say."""
    if column == Column.STATE:
        sentences = _sentences(badges) if badges else []
        return tooltip(*sentences) if sentences else None
    if column == Column.NAME:
        return tooltip(displayable(video.name), path_text(video), displayable(badges.broken) if badges else "")
    text = cell_text(video, column, badges)
    return tooltip(text) if text else None


def _sentences(badges: Badges) -> list[str]:
    return [f"{badge_text(kind)}: {badge_sentence(kind, badges)}" for kind in badge_kinds(badges)]


StateFilter = Literal[
    "broken", "missing", "decoded", "not_decoded", "embedded", "not_embedded", "labelled", "not_labelled"
]
STATE_FILTERS: tuple[StateFilter, ...] = get_args(StateFilter)
SORT_KEYS: dict[Column, SortKey] = {
    Column.NAME: "name",
    Column.ACTION: "action",
    Column.SPLIT: "split",
    Column.FRAMES: "num_frames",
    Column.DURATION: "duration_seconds",
    Column.SIZE: "num_bytes",
}
"""Of the columns that are in the project; the state is on the disk."""


@dataclass(frozen=True, slots=True)
class VideoFilter:
    """Conditions for a video to be shown; an empty filter shows all."""

    text: str = ""
    """Words that its name or place holds, in any order, case and accents aside."""
    action: str | None = None
    """None: any; empty: those without one."""
    split: Split | None = None
    state: StateFilter | None = None

    @property
    def is_empty(self) -> bool:
        return not self.text.strip() and self.action is None and self.split is None and self.state is None

    def to_json(self) -> dict[str, str | None]:
        """Return the filter as JSON keeps it."""
        return {"text": self.text, "action": self.action, "split": self.split, "state": self.state}

    @classmethod
    def from_json(cls, values: Mapping[str, object]) -> VideoFilter:
        """Read what `to_json` returned; what makes no sense filters nothing."""
        text, action = values.get("text"), values.get("action")
        return cls(
            text if isinstance(text, str) else "",
            action if isinstance(action, str) else None,
            next((split for split in SPLITS if split == values.get("split")), None),
            next((state for state in STATE_FILTERS if state == values.get("state")), None),
        )

    def words(self) -> list[str]:
        """Return the words of the text, folded."""
        return folded(self.text).split()

    def accepts(self, video: VideoRow, badges: Badges | None) -> bool:
        """Return whether it is shown, as far as anything but the text goes."""
        return (
            (self.action is None or video.action == self.action)
            and (self.split is None or video.split == self.split)
            and (self.state is None or _is_in(self.state, badges))
        )


class FilteredVideos:
    """A filter and its searched texts, which are built on first use."""

    def __init__(self) -> None:
        self.filter = VideoFilter()
        self._search_texts: dict[int, str] = {}

    def clear(self, ids: Iterable[int] | None = None) -> None:
        """Forget the texts of these videos, whose names or places changed; None: of all."""
        if ids is None:
            self._search_texts.clear()
        else:
            for key in ids:
                self._search_texts.pop(key, None)

    def accepts(self, video: VideoRow, badges: Badges | None) -> bool:
        """Return whether this one is shown."""
        text = search_text(video)
        return all(word in text for word in self.filter.words()) and self.filter.accepts(video, badges)

    def apply(self, videos: Mapping[int, VideoRow], order: list[int], badges: Mapping[int, Badges]) -> list[int]:
        """Return those of the ids that are shown, in their order."""
        if self.filter.is_empty:
            return order
        kept = order
        if words := self.filter.words():
            for key in order:
                if key not in self._search_texts:
                    self._search_texts[key] = search_text(videos[key])
            kept = [key for key in kept if all(word in self._search_texts[key] for word in words)]
        return [key for key in kept if self.filter.accepts(videos[key], badges.get(key))]


def search_text(video: VideoRow) -> str:
    """Return the text that words are looked for in, without folders above the project: all videos share them."""
    return folded(f"{video.name}\n{video.relative or video.absolute}")


def by_column(
    videos: Iterable[VideoRow], column: Column, badges: Mapping[int, Badges], *, descending: bool
) -> list[VideoRow]:
    """Sort by that column, then by name, the unknown last.

    By state: broken ones, missing ones, then the less done before the more done.
    """
    if column != Column.STATE:
        return sorted_videos(videos, SORT_KEYS[column], descending=descending)
    named = sorted_videos(videos)
    rated = [video for video in named if video.id in badges]
    rated.sort(key=lambda video: _rank(badges[video.id]), reverse=descending)
    return rated + [video for video in named if video.id not in badges]


def _rank(badges: Badges) -> tuple[bool, bool, bool, bool, bool]:
    return not badges.broken, not badges.missing, badges.decoded, badges.embedded, badges.labelled


def _is_in(state: StateFilter, badges: Badges | None) -> bool:
    """Return whether a video is in a state; one of which nothing is known yet is in none."""
    if badges is None:
        return False
    if state == "broken":
        return bool(badges.broken)
    wanted, attribute = not state.startswith("not_"), state.removeprefix("not_")
    return bool(getattr(badges, attribute)) == wanted
