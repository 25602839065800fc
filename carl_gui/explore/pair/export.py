"""Exports of the Pair view: pictures, tables and a film."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from carl_gui.exporting import Export, export_table
from carl_gui.models.messages import displayable
from carl_gui.numbers import count
from carl_gui.translation import QT_TRANSLATE_NOOP
from core.base.control import Control
from core.base.csv_files import TABLE_SUFFIXES

if TYPE_CHECKING:  # decoders: not before a project is open
    from carl_gui.explore.pair.files import PairSnapshot

CONTEXT = "PairExport"
translate = QCoreApplication.translate


def _heatmap(target: Path, snapshot: PairSnapshot, control: Control) -> str:
    from carl_gui.explore.pair.files import draw_heatmap

    draw_heatmap(target, snapshot)
    return translate("PairExport", "Wrote the heatmap to {0}.").format(displayable(str(target)))


def _frames(target: Path, snapshot: PairSnapshot, control: Control) -> str:
    from carl_gui.explore.pair.files import draw_frames

    draw_frames(target, snapshot)
    return translate("PairExport", "Wrote both frames to {0}.").format(displayable(str(target)))


def _matrix(target: Path, snapshot: PairSnapshot, control: Control) -> str:
    from carl_gui.explore.pair.files import write_numbers

    rows, columns = write_numbers(target, snapshot, control)
    template = translate("PairExport", "Wrote {0} × {1} similarities to {2}.")
    return template.format(count(rows), count(columns), displayable(str(target)))


def _path(target: Path, snapshot: PairSnapshot, control: Control) -> str:
    from carl_gui.explore.pair.files import write_table
    from carl_gui.explore.pair.repeated import RepeatedPair

    steps = write_table(target, snapshot)
    template = translate("PairExport", "Wrote %n step(s) of the path to {0}.", "", steps)
    if isinstance(snapshot.pair, RepeatedPair):
        repetitions = snapshot.pair.count
        template = translate("PairExport", "Wrote %n repetition(s), frame by frame, to {0}.", "", repetitions)
    return template.format(displayable(str(target)))


def _deviations(target: Path, snapshot: PairSnapshot, control: Control) -> str:
    from carl_gui.explore.deviation_files import write_deviations

    deviations = write_deviations(target, snapshot.scene, snapshot.judged, snapshot.read_spans())
    template = translate("PairExport", "Wrote %n deviation(s) to {0}.", "", deviations)
    return template.format(displayable(str(target)))


def _film(target: Path, snapshot: PairSnapshot, scratch: Path) -> Sequence[str]:
    from carl_gui.explore.pair.files import video_arguments

    return video_arguments(target, snapshot, scratch)


def _stem(snapshot: PairSnapshot) -> str:
    return " - ".join(displayable(Path(row.name).stem)[:40].strip() for row in (snapshot.a, snapshot.b))


def _stem_of_frames(snapshot: PairSnapshot) -> str:
    sides = zip((snapshot.a, snapshot.b), snapshot.frames, strict=True)
    return " - ".join(f"{displayable(Path(row.name).stem)[:40].strip()} {frame}" for row, frame in sides)


def _stem_of_deviations(snapshot: PairSnapshot) -> str:
    return _stem(snapshot) + translate("PairExport", " - deviations")


def _pending_reason(snapshot: PairSnapshot) -> str:
    """Return why to wait: deviations are marked, so they must be known."""
    return translate("PairExport", "Wait until the deviations are found.") if snapshot.is_being_judged else ""


def _unjudged_reason(snapshot: PairSnapshot) -> str:
    none = translate("PairExport", "No deviations are known. Choose right videos first.")
    return _pending_reason(snapshot) or ("" if snapshot.judged else none)


EXPORTS: Sequence[Export[PairSnapshot]] = (
    Export(
        "export_frames",
        QT_TRANSLATE_NOOP("PairExport", "Both frames as picture (PNG)…"),
        QT_TRANSLATE_NOOP("PairExport", "Export both frames"),
        (".png",),
        _stem_of_frames,
        write=_frames,
        disabled_reason=_pending_reason,
    ),
    Export(
        "export_heatmap",
        QT_TRANSLATE_NOOP("PairExport", "Heatmap as picture (PNG, SVG)…"),
        QT_TRANSLATE_NOOP("PairExport", "Export heatmap"),
        (".png", ".svg"),
        _stem,
        write=_heatmap,
        disabled_reason=_pending_reason,
    ),
    Export(
        "export_matrix",
        QT_TRANSLATE_NOOP("PairExport", "Heatmap data (NPZ)…"),
        QT_TRANSLATE_NOOP("PairExport", "Export heatmap data"),
        (".npz",),
        _stem,
        write=_matrix,
    ),
    Export(
        "export_path",
        QT_TRANSLATE_NOOP("PairExport", "Path as table (CSV)…"),
        QT_TRANSLATE_NOOP("PairExport", "Export path"),
        TABLE_SUFFIXES,
        _stem,
        write=_path,
    ),
    Export(
        "export_deviations",
        QT_TRANSLATE_NOOP("PairExport", "Deviations in this pair (CSV)…"),
        QT_TRANSLATE_NOOP("PairExport", "Export deviations"),
        TABLE_SUFFIXES,
        _stem_of_deviations,
        write=_deviations,
        disabled_reason=_unjudged_reason,
    ),
    Export(
        "export_video",
        QT_TRANSLATE_NOOP("PairExport", "Both videos side by side (MP4)…"),
        QT_TRANSLATE_NOOP("PairExport", "Export video"),
        (".mp4",),
        _stem,
        film=_film,
        disabled_reason=_pending_reason,
    ),
)
COMMANDS = export_table(CONTEXT, EXPORTS)
