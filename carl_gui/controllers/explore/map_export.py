"""Exports of the Map view: a picture, and the points as a table."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QImageWriter

from carl_gui.commands.map import EXPORT_COMMANDS
from carl_gui.controllers.explore.explore_context import ExploreContext
from carl_gui.controllers.explore.view_export import ViewExport
from carl_gui.models.map_files import MapSeen, write_points
from carl_gui.models.messages import displayable
from carl_gui.panels.export.export_dialogs import ask_for_target
from carl_gui.panels.map.picture import MapPicture
from core.base.control import Control
from core.base.csv_files import TABLE_SUFFIXES
from core.base.errors import StorageError
from core.base.files import replacing
from core.project.exports import check_target

PICTURE, POINTS = "export_map", "export_map_points"
_SUFFIXES = {PICTURE: (".png",), POINTS: TABLE_SUFFIXES}


class MapExport(ViewExport):
    """Both run in a thread, and use the state of the view when they were started."""

    def __init__(
        self, desk: ExploreContext, picture: Callable[[], MapPicture | None], seen: Callable[[], MapSeen | None]
    ) -> None:
        """`picture` and `seen` say what is seen; None while there is no map."""
        super().__init__(desk, EXPORT_COMMANDS)
        self._picture, self._seen = picture, seen
        self.show()

    def show(self) -> None:
        """What can be exported now."""
        can = self._seen() is not None and not self.is_running
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
        self._begin_in, self._shown = target.parent, target
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
        self._start(work)
        self.show()


def _save(picture: MapPicture, target: Path) -> None:
    image = picture.drawn()
    with replacing(target) as partial:
        if not QImageWriter(str(partial), b"PNG").write(image):
            raise StorageError(f"{target} could not be written: is the disk full?")
