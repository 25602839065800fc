"""Exports of the Map view: a picture, and the points as a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from carl_gui.exporting import Export, export_table
from carl_gui.models.messages import displayable
from carl_gui.translation import QT_TRANSLATE_NOOP
from core.base.control import Control
from core.base.csv_files import TABLE_SUFFIXES
from core.base.errors import StorageError
from core.base.files import replacing

if TYPE_CHECKING:  # decoders: not before a project is open
    from carl_gui.explore.map.files import MapContents
    from carl_gui.explore.map.rendering import MapPicture

CONTEXT = "MapExport"
translate = QCoreApplication.translate


@dataclass(frozen=True, eq=False)
class MapSnapshot:
    """Snapshot of the map and its picture."""

    contents: MapContents
    draw: Callable[[], MapPicture | None]
    """Called in the thread of the window."""
    picture: MapPicture | None = None
    """The picture when it was requested."""


def _with_picture(snapshot: MapSnapshot) -> MapSnapshot:
    return replace(snapshot, picture=snapshot.draw())


def _picture(target: Path, snapshot: MapSnapshot, control: Control) -> str:
    from PySide6.QtGui import QImageWriter

    if snapshot.picture is None:
        raise StorageError("There is no map now. Open the Map view first.")
    image = snapshot.picture.drawn()
    with replacing(target) as partial:
        if not QImageWriter(str(partial), b"PNG").write(image):
            raise StorageError(f"{target} could not be written: is the disk full?")
    return translate("MapExport", "Wrote the map to {0}.").format(displayable(str(target)))


def _points(target: Path, snapshot: MapSnapshot, control: Control) -> str:
    from carl_gui.explore.map.files import write_points

    points = write_points(target, snapshot.contents)
    return translate("MapExport", "Wrote %n point(s) to {0}.", "", points).format(displayable(str(target)))


def _stem(snapshot: MapSnapshot) -> str:
    return translate("MapExport", "Map")


EXPORTS: Sequence[Export[MapSnapshot]] = (
    Export(
        "export_map",
        QT_TRANSLATE_NOOP("MapExport", "Map as picture (PNG)…"),
        QT_TRANSLATE_NOOP("MapExport", "Export picture of the map"),
        (".png",),
        _stem,
        write=_picture,
        complete=_with_picture,
    ),
    Export(
        "export_map_points",
        QT_TRANSLATE_NOOP("MapExport", "Points as table (CSV)…"),
        QT_TRANSLATE_NOOP("MapExport", "Export points of the map"),
        TABLE_SUFFIXES,
        _stem,
        write=_points,
    ),
)
COMMANDS = export_table(CONTEXT, EXPORTS)
