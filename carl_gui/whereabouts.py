"""The position of the user in a project: the page, and the selection on each, kept between starts.

It lies in the person's own settings and not in the project: others who open the project have been elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from PySide6.QtCore import QObject, QSettings, QTimer

from carl_gui.session import Session

Kept = Mapping[str, Any]
"""What JSON can hold. It may come from another version, or be damaged: whoever reads it checks what it finds."""

_GROUP = "whereabouts"
_MOST_PROJECTS = 50
_EVERY_MS = 3000
"""The state that a killed window may lose."""


@runtime_checkable
class Restorable(Protocol):
    """A page, or a part of one, that can save and restore the position."""

    def save_state(self) -> Kept:
        """Return what is chosen now."""

    def restore_state(self, kept: Kept) -> None:
        """Choose that again, as far as it is still there; the project is open."""


class Whereabouts(QObject):
    """Saves the state of the pages of a project. It is made before them, so it handles `about_to_close` first."""

    def __init__(self, parent: QObject, settings: QSettings, session: Session, page: Callable[[], str]) -> None:
        """`page` names the page that is shown."""
        super().__init__(parent)
        self._settings, self._session, self._page = settings, session, page
        self._pages: dict[str, Restorable] = {}
        self._restored: set[str] = set()
        """The pages that were restored in this project: what the others show may be of another one."""
        self._kept: dict[str, Any] = {}
        self._written = ""
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self.keep)
        session.opened.connect(self._read)
        session.about_to_close.connect(self._on_close)

    @property
    def page(self) -> str:
        """Where the person was last; empty: nowhere yet."""
        return str(self._kept.get("page", ""))

    def follow(self, page_id: str, page: object) -> None:
        """Restore the state of this page, which was just made, in each project that is opened."""
        if isinstance(page, Restorable):
            self._pages[page_id] = page
            self._session.opened.connect(lambda: self._restore(page_id))  # after the page has taken the project
            self._restore(page_id)

    def keep(self) -> None:
        """Write down where the person is, on every page, if that changed."""
        self._keep({name: self._pages[name].save_state() for name in self._restored})

    def keep_page(self) -> None:
        """Write down which page is shown; what is chosen there follows with the next `keep`."""
        self._keep({})

    def _keep(self, pages: Kept) -> None:
        project = self._session.project
        if project is None or not self._page():
            return
        self._kept = {"page": self._page(), "pages": {**part(self._kept, "pages"), **pages}}
        text = json.dumps(self._kept, sort_keys=True)
        if text != self._written:
            self._written = text
            self._write(_key(project.folder), text)

    def _read(self) -> None:
        self._restored.clear()
        self._kept, self._written = {}, ""
        text = self._settings.value(f"{_GROUP}/{_key(self._session.require().folder)}")
        try:
            found = json.loads(text) if isinstance(text, str) else {}
        except ValueError:  # damaged: nothing is lost but a little time
            found = {}
        self._kept = found if isinstance(found, dict) else {}
        self._timer.start()

    def _on_close(self) -> None:
        self.keep()
        self._timer.stop()

    def _restore(self, page_id: str) -> None:
        if self._session.project is not None:
            self._pages[page_id].restore_state(part(part(self._kept, "pages"), page_id))
            self._restored.add(page_id)

    def _write(self, key: str, text: str) -> None:
        """Write the state; drop the projects that were closed longest ago."""
        order = f"{_GROUP}/order"
        keys = [one for one in str(self._settings.value(order) or "").split() if one != key]
        for one in keys[: -_MOST_PROJECTS + 1]:
            self._settings.remove(f"{_GROUP}/{one}")
        self._settings.setValue(order, " ".join([*keys[-_MOST_PROJECTS + 1 :], key]))
        self._settings.setValue(f"{_GROUP}/{key}", text)
        self._settings.sync()


def integer(kept: Kept, name: str, default: int = -1) -> int:
    """Return the whole number of that name, if it is one."""
    found = kept.get(name)
    return found if isinstance(found, int) and not isinstance(found, bool) else default


def text(kept: Kept, name: str, default: str = "") -> str:
    """Return the text of that name, if it is one."""
    found = kept.get(name)
    return found if isinstance(found, str) else default


def part(kept: Kept, name: str) -> Kept:
    """Return what was kept under that name; empty where it is nothing of the kind."""
    found = kept.get(name)
    return found if isinstance(found, dict) else {}


def _key(project: Path) -> str:
    return hashlib.sha256(str(project).encode("utf-8", "surrogateescape")).hexdigest()[:24]
