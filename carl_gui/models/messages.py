"""Texts about videos: sizes, durations, splits and badges, and names with invalid Unicode."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Literal

from PySide6.QtCore import QCoreApplication

from carl_gui.numbers import bytes_of
from core.project.badges import Badges
from core.project.rows import Split, VideoRow

BadgeKind = Literal["broken", "missing", "decoded", "embedded", "labelled", "predicted"]

_UNSHOWABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


def displayable(text: str) -> str:
    """Replace what cannot be drawn by a replacement character: lone surrogates (bytes that are no UTF-8) and
    control characters, which a file's name may hold."""
    return _UNSHOWABLE.sub("\ufffd", text)


def folded(text: str) -> str:
    """Return a text without case and accents, as a search compares it."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in apart if not unicodedata.combining(letter)).casefold()


def tooltip(*lines: str) -> str:
    """Return lines as a tip that wraps; what looks like markup in a name is shown unchanged."""
    return "<qt>" + "<br>".join(html.escape(line) for line in lines if line) + "</qt>"


def path_text(video: VideoRow) -> str:
    """Return the displayable path of a video: below the project's folder, or else whole."""
    return displayable(video.relative or video.absolute)


def size_text(num_bytes: int) -> str:
    """Return `1.2 MB`."""
    return bytes_of(num_bytes)


def duration_text(seconds: float) -> str:
    """Return `0:10`, and `1:02:05` from an hour on."""
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}" if minutes >= 60 else f"{minutes}:{rest:02d}"


def split_text(split: Split) -> str:
    """Return the translated name of a split."""
    if split == "train":
        return QCoreApplication.translate("Library", "Train")
    if split == "val":
        return QCoreApplication.translate("Library", "Validation")
    return QCoreApplication.translate("Library", "None")


def badge_kinds(badges: Badges | None) -> list[BadgeKind]:
    """Return the badges to show, the worst first; nothing while they are not known."""
    if badges is None:
        return []
    kinds: list[BadgeKind] = ["broken"] if badges.broken else []
    kinds += ["missing"] if badges.missing else []
    kinds += ["decoded"] if badges.decoded else []
    kinds += ["embedded"] if badges.embedded else []
    if badges.labelled:
        kinds.append("predicted" if badges.predicted else "labelled")
    return kinds


def badge_text(kind: BadgeKind) -> str:
    """Return the short translated text of a badge."""
    if kind == "broken":
        return QCoreApplication.translate("Library", "Broken")
    if kind == "missing":
        return QCoreApplication.translate("Library", "Missing")
    if kind == "decoded":
        return QCoreApplication.translate("Library", "Decoded")
    if kind == "embedded":
        return QCoreApplication.translate("Library", "Embedded")
    if kind == "predicted":
        return QCoreApplication.translate("Library", "Predicted")
    return QCoreApplication.translate("Library", "Labelled")


def badge_sentence(kind: BadgeKind, badges: Badges) -> str:
    """Return, translated, what the badge means for this video."""
    if kind == "broken":
        return displayable(badges.broken)
    if kind == "missing":
        return QCoreApplication.translate("Library", "The file is missing. Find it, or remove the video.")
    if kind == "decoded":
        return QCoreApplication.translate("Library", "Frames are stored for fast playback.")
    if kind == "embedded":
        return QCoreApplication.translate("Library", "This video has embeddings.")
    if kind == "predicted":
        return QCoreApplication.translate("Library", "All its labels are accepted predictions; none is confirmed.")
    return QCoreApplication.translate("Library", "This video has labels.")
