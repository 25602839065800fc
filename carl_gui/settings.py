"""Where settings lie, and the projects that were opened last."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from PySide6.QtCore import QSettings

from carl_gui.theme import THEMES, Theme

_REPETITIONS = "explore/repetitions"


def open_settings() -> QSettings:
    """Return the person's own settings, an INI file; the variable CARL_SETTINGS names another one."""
    path = os.environ.get("CARL_SETTINGS")
    if path:
        return QSettings(path, QSettings.Format.IniFormat)
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "carl-studio", "carl-gui")


def saved_theme(settings: QSettings) -> Theme:
    """Return the theme chosen last; the system's where none was, or where the file was damaged."""
    found = settings.value("theme")
    return next((theme for theme in THEMES if theme == found), "system")


def saved_words(settings: QSettings, key: str) -> list[str]:
    """Return a list of words; none where nothing is kept, or something else. Qt keeps one word as plain text."""
    found = settings.value(key)
    if isinstance(found, str):
        return [found]
    return [word for word in found if isinstance(word, str)] if isinstance(found, list) else []


def finds_repetitions(settings: QSettings) -> bool:
    """Return whether a video may show several times what another shows once; not, unless the person said so."""
    return str(settings.value(_REPETITIONS)).lower() == "true"


def remember_repetitions(settings: QSettings, is_on: bool) -> None:
    """Save whether to look for them."""
    settings.setValue(_REPETITIONS, is_on)


_VOLUME, _MUTED = "sound/volume", "sound/muted"


def saved_sound(settings: QSettings) -> tuple[int, bool]:
    """Return the volume chosen last, 0 to 100, and whether sound is off; at first 80 and on."""
    try:
        volume = int(str(settings.value(_VOLUME, 80)))
    except ValueError:
        volume = 80
    return min(max(volume, 0), 100), str(settings.value(_MUTED)).lower() == "true"


def remember_sound(settings: QSettings, volume: int, is_muted: bool) -> None:
    """Save how loud videos are."""
    settings.setValue(_VOLUME, volume)
    settings.setValue(_MUTED, is_muted)


_KEY = "recent_projects"
_MOST = 12


class RecentProjects:
    """Stored in the user's settings; percent-encoded, because a folder's name may be invalid Unicode."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    def folders(self) -> list[Path]:
        """Return the folders, the latest first; they may have been deleted."""
        return [Path(os.fsdecode(unquote_to_bytes(word))) for word in saved_words(self._settings, _KEY) if word]

    def add(self, folder: Path) -> None:
        """Add a project that was just opened."""
        self._keep([folder, *(other for other in self.folders() if other != folder)])

    def remove(self, folder: Path) -> None:
        """Remove a project from the list."""
        self._keep([other for other in self.folders() if other != folder])

    def _keep(self, folders: list[Path]) -> None:
        self._settings.setValue(_KEY, [quote_from_bytes(os.fsencode(folder)) for folder in folders[:_MOST]])
