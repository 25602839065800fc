"""Taking out of the map what is seen of it: its picture, and its points as a table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths
from PySide6.QtGui import QAction

from carl_gui.actions import EXPLORE
from carl_gui.controllers.explore.desk import Desk
from carl_gui.errands import Errand
from carl_gui.models.map_files import MapSeen, write_points
from carl_gui.models.wording import displayable
from carl_gui.panels.export.export_dialogs import ask_for_target
from carl_gui.panels.export_box import ExportBox
from carl_gui.panels.map.map_commands import EXPORT_COMMANDS, EXPORT_CONTEXT
from carl_gui.panels.map.picture import MapPicture
from carl_gui.workshop import reveal
from core.control import Control
from core.csv_files import TABLE_SUFFIXES
from core.errors import StorageError
from core.files import replacing
from core.project.exports import check_target

PICTURE, POINTS = "export_map", "export_map_points"
_SUFFIXES = {PICTURE: (".png",), POINTS: TABLE_SUFFIXES}


class MapExport(QObject):
    """Both are drawn or written in a thread, of what was seen when they were begun."""

    def __init__(
        self, desk: Desk, picture: Callable[[], MapPicture | None], seen: Callable[[], MapSeen | None]
    ) -> None:
        """`picture` and `seen` say what is seen; None while there is no map."""
        self.box = ExportBox(EXPORT_COMMANDS, EXPORT_CONTEXT)
        super().__init__(self.box)
        self._desk, self._picture, self._seen = desk, picture, seen
        self._begin_in = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
        self._target = Path()
        """What the last sentence is about."""
        self.adopted: list[tuple[str, str, QAction]] = [
            (f"explore.{name}", EXPLORE, action) for name, action in self.box.commands.items()
        ]
        self._errand = Errand(self)
        self._errand.done.connect(lambda sentence: self._say(sentence, is_error=False))
        self._errand.failed.connect(lambda sentence: self._say(displayable(sentence), is_error=True))
        self.box.reveal_wanted.connect(self._reveal)
        for name, action in self.box.commands.items():
            action.triggered.connect(lambda _=False, name=name: self.ask(name))
        self.show()

    def show(self) -> None:
        """What can be exported now."""
        can = self._seen() is not None and not self._errand.is_going
        self.box.set_enabled((PICTURE, POINTS) if can else ())

    def ask(self, name: str) -> None:
        """Let the person say where to write it; that is begun then."""
        kinds = {PICTURE: self.tr("Pictures (*.png)"), POINTS: self.tr("Tables (*.csv);;Excel tables (*.xlsx)")}
        titles = {PICTURE: self.tr("Export picture of the map"), POINTS: self.tr("Export points of the map")}
        suffix = _SUFFIXES[name][0]
        ask_for_target(
            self._desk.workshop.window,
            titles[name],
            self._begin_in / (self.tr("Map") + suffix),
            kinds[name],
            suffix[1:],
            lambda path: self.write(name, path),
        )

    def write(self, name: str, target: Path) -> None:
        """Write this there."""
        session, seen, picture = self._desk.workshop.session, self._seen(), self._picture()
        if session.project is None or seen is None or picture is None:
            return  # it was closed while the dialog stood
        videos = list(session.videos.values())
        self._begin_in, self._target = target.parent, target
        path = displayable(str(target))
        drew = self.tr("Wrote the map to {0}.").format(path)
        wrote = self.tr("Wrote %n point(s) to {0}.", "", len(seen.points)).format(path)

        def work(control: Control) -> str:
            check_target(target, _SUFFIXES[name], seen.project, videos)
            if name == PICTURE:
                _save(picture, target)
                return drew
            write_points(target, seen)
            return wrote

        self.box.set_result("")
        self._errand.start(work)
        self.show()

    def close(self) -> None:
        """The project closes: end the thread, and forget what was said."""
        self._errand.close()
        self.box.set_result("")
        self.show()

    def _say(self, sentence: str, *, is_error: bool) -> None:
        self.box.set_result(sentence, is_error=is_error)
        self.show()
        if not self.box.isVisible():
            workshop = self._desk.workshop
            (workshop.warn if is_error else workshop.tell)(sentence)

    def _reveal(self) -> None:
        if not reveal(self._target):
            folder = displayable(str(self._target.parent))
            self._desk.workshop.tell(self.tr("No program is set up to open {0}.").format(folder))


def _save(picture: MapPicture, target: Path) -> None:
    image = picture.drawn()
    with replacing(target) as partial:
        if not image.save(str(partial), "PNG"):
            raise StorageError(f"{target} could not be written: is the disk full?")
