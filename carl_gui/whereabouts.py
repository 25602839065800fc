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
"""What a window that is killed may forget."""


@runtime_checkable
class Returning(Protocol):
    """A page, or a part of one, that can save and restore the position."""

    def whereabouts(self) -> Kept:
        """Return what is chosen now."""

    def return_to(self, kept: Kept) -> None:
        """Choose that again, as far as it is still there; the project is open."""


class Whereabouts(QObject):
    """Of the project that is open. It is made before the pages: it hears of the end while they still know."""

    def __init__(self, parent: QObject, settings: QSettings, session: Session, page: Callable[[], str]) -> None:
        """`page` names the page that is shown."""
        super().__init__(parent)
        self._settings, self._session, self._page = settings, session, page
        self._pages: dict[str, Returning] = {}
        self._returned: set[str] = set()
        """The pages that were led back in this project: what the others show may be of another one."""
        self._kept: dict[str, Any] = {}
        self._written = ""
        self._timer = QTimer(self, interval=_EVERY_MS)
        self._timer.timeout.connect(self.keep)
        session.opened.connect(self._read)
        session.about_to_close.connect(self._end)

    @property
    def page(self) -> str:
        """Where the person was last; empty: nowhere yet."""
        return str(self._kept.get("page", ""))

    def follow(self, page_id: str, page: object) -> None:
        """Restore the state of this page, which was just made, in each project that is opened."""
        if isinstance(page, Returning):
            self._pages[page_id] = page
            self._session.opened.connect(lambda: self._lead_back(page_id))  # after the page has taken the project
            self._lead_back(page_id)

    def keep(self) -> None:
        """Write down where the person is, on every page, if that is news."""
        self._keep({name: self._pages[name].whereabouts() for name in self._returned})

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
        self._returned.clear()
        self._kept, self._written = {}, ""
        text = self._settings.value(f"{_GROUP}/{_key(self._session.require().folder)}")
        try:
            found = json.loads(text) if isinstance(text, str) else {}
        except ValueError:  # damaged: nothing is lost but a little time
            found = {}
        self._kept = found if isinstance(found, dict) else {}
        self._timer.start()

    def _end(self) -> None:
        self.keep()
        self._timer.stop()

    def _lead_back(self, page_id: str) -> None:
        if self._session.project is not None:
            self._pages[page_id].return_to(part(part(self._kept, "pages"), page_id))
            self._returned.add(page_id)

    def _write(self, key: str, text: str) -> None:
        """Write the state; drop the projects that were closed longest ago."""
        order = f"{_GROUP}/order"
        known = [one for one in str(self._settings.value(order) or "").split() if one != key]
        for one in known[: -_MOST_PROJECTS + 1]:
            self._settings.remove(f"{_GROUP}/{one}")
        self._settings.setValue(order, " ".join([*known[-_MOST_PROJECTS + 1 :], key]))
        self._settings.setValue(f"{_GROUP}/{key}", text)
        self._settings.sync()


def whole(kept: Kept, name: str, default: int = -1) -> int:
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
