"""Valid names of runs: folder names that Linux, Windows and macOS all accept."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)
"""Devices of Windows, whatever stands behind the dot."""
_MOST_BYTES = 200
"""Of 255 that file systems allow: files beside the folder get longer names."""
_ENDS = 20
"""Letters of a long name that are shown of its start and of its end."""


def problem_with(name: str, taken: Iterable[str]) -> str:
    """Return why a run cannot have this name, in one sentence; empty if it can, or where it is empty."""
    short = name if len(name) <= 2 * _ENDS else f"{name[:_ENDS]}…{name[-_ENDS:]}"
    if name.casefold() in {unicodedata.normalize("NFC", other).casefold() for other in taken}:
        return _said("A run named “{0}” already exists. Choose another name.").format(short)
    found = _FORBIDDEN.search(name)
    if found:
        shown = found[0] if found[0].isprintable() else repr(found[0])
        return _said("A run name cannot contain “{0}”. Leave it out.").format(shown)
    if name.endswith("."):  # Windows drops it, and then does not find the folder
        return _said("A run name cannot end in a dot. Leave it out.")
    if _RESERVED.fullmatch(name):
        return _said("“{0}” is reserved by Windows. Choose another name.").format(name)
    if len(name.encode("utf-8", "surrogatepass")) > _MOST_BYTES:
        return _said("This name is too long for a folder. Shorten it.")
    return ""


def normalise_name(name: str) -> str:
    """The name without spaces around it, composed as people type it."""
    return unicodedata.normalize("NFC", name.strip())


def _said(text: str) -> str:
    return QCoreApplication.translate("RunNames", text)
