"""Settings of the window, kept between starts."""

from __future__ import annotations

import os

from PySide6.QtCore import QSettings

from carl_gui.theme import THEMES, Theme

_REPETITIONS = "explore/repetitions"


def open_settings() -> QSettings:
    """The person's own settings, an INI file; the variable CARL_SETTINGS names another one."""
    path = os.environ.get("CARL_SETTINGS")
    if path:
        return QSettings(path, QSettings.Format.IniFormat)
    return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "carl-studio", "carl-gui")


def saved_theme(settings: QSettings) -> Theme:
    """The theme chosen last; the system's where none was, or where the file was damaged."""
    found = settings.value("theme")
    return next((theme for theme in THEMES if theme == found), "system")


def saved_words(settings: QSettings, key: str) -> list[str]:
    """A list of words; none where nothing is kept, or something else. One word is kept by Qt as plain text."""
    found = settings.value(key)
    if isinstance(found, str):
        return [found]
    return [word for word in found if isinstance(word, str)] if isinstance(found, list) else []


def finds_repetitions(settings: QSettings) -> bool:
    """Return whether a video may show several times what another shows once; not, unless the person said so."""
    return str(settings.value(_REPETITIONS)).lower() == "true"


def remember_repetitions(settings: QSettings, is_on: bool) -> None:
    """Look for them from now on, or not."""
    settings.setValue(_REPETITIONS, is_on)
