"""Recently opened projects, latest first."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from PySide6.QtCore import QSettings

from carl_gui.settings import saved_words

_KEY = "recent_projects"
_MOST = 12


class RecentProjects:
    """Stored in the user's settings; percent-encoded, because a folder's name may be invalid Unicode."""

    def __init__(self, settings: QSettings) -> None:
        self._settings = settings

    def folders(self) -> list[Path]:
        """The latest first; they may be gone by now."""
        return [Path(os.fsdecode(unquote_to_bytes(word))) for word in saved_words(self._settings, _KEY) if word]

    def add(self, folder: Path) -> None:
        """It was opened just now."""
        self._keep([folder, *(other for other in self.folders() if other != folder)])

    def forget(self, folder: Path) -> None:
        """Take it off the list."""
        self._keep([other for other in self.folders() if other != folder])

    def _keep(self, folders: list[Path]) -> None:
        self._settings.setValue(_KEY, [quote_from_bytes(os.fsencode(folder)) for folder in folders[:_MOST]])
