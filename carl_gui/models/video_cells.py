"""Contents of the cells of the video table: text, tooltip and accessible text."""

from __future__ import annotations

from enum import IntEnum

from PySide6.QtCore import QCoreApplication

from carl_gui.models.messages import (
    badge_kinds,
    badge_sentence,
    badge_word,
    displayable,
    duration_words,
    place_of,
    size_words,
    split_word,
    tooltip,
)
from carl_gui.numbers import count
from core.project.badges import Badges
from core.project.rows import VideoRow


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
    """Translated."""
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
    """Empty where nothing is known."""
    if column == Column.NAME:
        return displayable(video.name)
    if column == Column.ACTION:
        return displayable(video.action)
    if column == Column.SPLIT:
        return "" if video.split == "none" else split_word(video.split)
    if column == Column.FRAMES:
        return "" if video.num_frames is None else count(video.num_frames)
    if column == Column.DURATION:
        return "" if video.duration_seconds is None else duration_words(video.duration_seconds)
    if column == Column.SIZE:
        return size_words(video.num_bytes)
    return ", ".join(badge_word(kind) for kind in badge_kinds(badges))


def cell_spoken(video: VideoRow, column: Column, badges: Badges | None) -> str:
    """For screen readers: never empty."""
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
    """Rich text; None where there is nothing to tell."""
    if column == Column.STATE:
        sentences = _sentences(badges) if badges else []
        return tooltip(*sentences) if sentences else None
    if column == Column.NAME:
        return tooltip(displayable(video.name), place_of(video), displayable(badges.broken) if badges else "")
    text = cell_text(video, column, badges)
    return tooltip(text) if text else None


def _sentences(badges: Badges) -> list[str]:
    return [f"{badge_word(kind)}: {badge_sentence(kind, badges)}" for kind in badge_kinds(badges)]
