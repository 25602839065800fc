"""Exports of the Many view: the grid as a film, the matching frames, and the deviations."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from carl_gui import numbers
from carl_gui.exporting import Export, export_table
from carl_gui.models.messages import displayable
from carl_gui.translation import QT_TRANSLATE_NOOP
from core.base.control import Control
from core.base.csv_files import TABLE_SUFFIXES
from core.base.listing import some

if TYPE_CHECKING:  # decoders: not before a project is open
    from carl_gui.explore.many.files import GridSnapshot

CONTEXT = "ManyExport"
translate = QCoreApplication.translate


def _film(target: Path, snapshot: GridSnapshot, scratch: Path) -> Sequence[str]:
    from carl_gui.explore.many.files import grid_arguments

    return grid_arguments(target, snapshot, scratch)


def _table(target: Path, snapshot: GridSnapshot, control: Control) -> str:
    from carl_gui.explore.many.files import write_table

    videos = write_table(target, snapshot)
    text = translate("ManyExport", "Wrote the frames of %n video(s) to {0}.", "", videos)
    return text.format(displayable(str(target)))


def _deviations(target: Path, snapshot: GridSnapshot, control: Control) -> str:
    from carl_gui.explore.deviation_files import write_deviations

    deviations = write_deviations(target, snapshot.scene, snapshot.judged, snapshot.read_spans())
    text = translate("ManyExport", "Wrote %n deviation(s) of {0} to {1}.", "", deviations)
    text = text.format(numbers.videos(len(snapshot.judged)), displayable(str(target)))
    if snapshot.not_judged:
        not_judged = translate("ManyExport", "Not judged: {0}.")
        text += " " + not_judged.format(some([displayable(name) for name in snapshot.not_judged]))
    return text


def _stem(snapshot: GridSnapshot) -> str:
    return translate("ManyExport", "{0} and others").format(displayable(Path(snapshot.reference.row.name).stem)[:60])


def _stem_of_deviations(snapshot: GridSnapshot) -> str:
    return _stem(snapshot) + translate("ManyExport", " - deviations")


def _no_film(snapshot: GridSnapshot) -> str:
    if not snapshot.visible:
        return translate("ManyExport", "No video is aligned with the reference yet.")
    return translate("ManyExport", "Wait until the deviations are found.") if snapshot.is_film_being_judged else ""


def _no_table(snapshot: GridSnapshot) -> str:
    return "" if snapshot.aligned else translate("ManyExport", "No video is aligned with the reference yet.")


def _unjudged_reason(snapshot: GridSnapshot) -> str:
    if snapshot.is_being_judged:
        return translate("ManyExport", "Wait until the deviations are found.")
    return "" if snapshot.judged else translate("ManyExport", "No deviations are known. Choose right videos first.")


EXPORTS: Sequence[Export[GridSnapshot]] = (
    Export(
        "export_grid",
        QT_TRANSLATE_NOOP("ManyExport", "Grid as video (MP4)…"),
        QT_TRANSLATE_NOOP("ManyExport", "Export grid"),
        (".mp4",),
        _stem,
        film=_film,
        disabled_reason=_no_film,
    ),
    Export(
        "export_grid_table",
        QT_TRANSLATE_NOOP("ManyExport", "Alignment table (CSV)…"),
        QT_TRANSLATE_NOOP("ManyExport", "Export table"),
        TABLE_SUFFIXES,
        _stem,
        write=_table,
        disabled_reason=_no_table,
    ),
    Export(
        "export_grid_deviations",
        QT_TRANSLATE_NOOP("ManyExport", "Deviations of all videos (CSV)…"),
        QT_TRANSLATE_NOOP("ManyExport", "Export deviations"),
        TABLE_SUFFIXES,
        _stem_of_deviations,
        write=_deviations,
        disabled_reason=_unjudged_reason,
    ),
)
COMMANDS = export_table(CONTEXT, EXPORTS)
