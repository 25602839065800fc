"""Exports of the Pair view: pictures, tables and a film."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from carl_gui.commands.pair_export import COMMANDS
from carl_gui.controllers.explore.explore_context import ExploreContext
from carl_gui.controllers.explore.view_export import ViewExport
from carl_gui.controllers.video_export_job import VideoExportJob
from carl_gui.models.deviation_files import write_deviations
from carl_gui.models.messages import displayable
from carl_gui.models.pair_files import PairSnapshot, draw_heatmap, video_arguments, write_numbers, write_table
from carl_gui.models.pair_repeated import RepeatedPair
from carl_gui.numbers import count
from carl_gui.panels.export.export_dialogs import ask_for_target
from core.base.control import Control
from core.base.csv_files import TABLE_SUFFIXES
from core.project.exports import check_target

_VIDEO, _DEVIATIONS = "export_video", "export_deviations"
_SUFFIXES = {
    "export_heatmap": (".png", ".svg"),
    "export_matrix": (".npz",),
    "export_path": TABLE_SUFFIXES,
    _DEVIATIONS: TABLE_SUFFIXES,
    _VIDEO: (".mp4",),
}


_Found = int | tuple[int, int] | None


@dataclass(frozen=True)
class _Written:
    name: str
    target: Path
    found: _Found
    """What its work returned."""
    repetitions: int = 0
    """How many the table tells apart."""


class PairExport(ViewExport):
    """Short work runs in a thread, the film as a job; both use the state of the view when they were started."""

    def __init__(self, desk: ExploreContext, seen: Callable[[], PairSnapshot | None]) -> None:
        """
        Args:
            seen: says what is seen; None while that is not known.
        """
        super().__init__(desk, COMMANDS)
        self._seen = seen
        self.film = VideoExportJob(desk.workshop, self.box)
        self.film.ended.connect(lambda sentence, is_error: self._say(sentence, is_error=is_error))
        self.show()

    def show(self) -> None:
        """What can be exported now."""
        seen = self._seen()
        names = list(self.box.commands) if seen is not None else []
        if seen is not None and (seen.is_being_judged or not seen.judged):
            names.remove(_DEVIATIONS)
        if seen is not None and seen.is_being_judged:  # they mark what deviates
            names = [name for name in names if name not in (_VIDEO, "export_heatmap")]
        if self.is_running:
            names = [name for name in names if name == _VIDEO]
        if self.film.is_running:
            names = [name for name in names if name != _VIDEO]
        self.box.set_enabled(names)

    def ask(self, name: str) -> None:
        """Let the person say where to write it; that is begun then."""
        seen = self._seen()
        if seen is None:
            return
        kinds = {
            "export_heatmap": self.tr("Pictures (*.png);;Drawings (*.svg)"),
            "export_matrix": self.tr("NumPy arrays (*.npz)"),
            "export_path": self.tr("Tables (*.csv);;Excel tables (*.xlsx)"),
            _DEVIATIONS: self.tr("Tables (*.csv);;Excel tables (*.xlsx)"),
            _VIDEO: self.tr("Videos (*.mp4)"),
        }
        titles = {
            "export_heatmap": self.tr("Export heatmap"),
            "export_matrix": self.tr("Export heatmap data"),
            "export_path": self.tr("Export path"),
            _DEVIATIONS: self.tr("Export deviations"),
            _VIDEO: self.tr("Export video"),
        }
        suffix = _SUFFIXES[name][0]
        end = self.tr(" - deviations") if name == _DEVIATIONS else ""
        proposed = self._begin_in / (_stem(seen) + end + suffix)
        window = self._desk.workshop.window
        ask_for_target(
            window, titles[name], proposed, kinds[name], suffix[1:], lambda path: self.write(name, path, seen)
        )

    def write(self, name: str, target: Path, seen: PairSnapshot) -> None:
        """Write this there."""
        session = self._desk.workshop.session
        if session.project is None or session.project.folder != seen.scene.project:
            return  # it was closed while the dialog stood
        videos, folder, spans = list(session.videos.values()), seen.scene.project, session.project.spans_reader()
        self._begin_in = target.parent

        def check() -> None:
            check_target(target, _SUFFIXES[name], folder, videos)

        works: dict[str, Callable[[Control], _Found]] = {
            "export_heatmap": lambda control: draw_heatmap(target, seen),
            "export_matrix": lambda control: write_numbers(target, seen, control),
            "export_path": lambda control: write_table(target, seen),
            _DEVIATIONS: lambda control: write_deviations(target, seen.scene, seen.judged, spans()),
        }

        def work(control: Control) -> object:
            check()
            count = seen.pair.count if isinstance(seen.pair, RepeatedPair) else 0
            return _Written(name, target, works[name](control), count)

        def prepare(control: Control, scratch: Path) -> list[str]:
            check()
            return video_arguments(target, seen, scratch)

        self.box.set_result("")
        if name == _VIDEO:
            self._shown = target
            self.film.begin(target, prepare)
        else:
            self._start(work)
        self.show()

    def close(self) -> None:
        """The project closes: end the threads, and forget what was said."""
        self.film.close()
        super().close()

    def _on_result(self, made: object) -> None:
        assert isinstance(made, _Written)
        self._shown = made.target
        self._say(self._sentence(made), is_error=made.found == (0, 0))

    def _sentence(self, written: _Written) -> str:
        path = displayable(str(written.target))
        if written.found is None:
            return self.tr("Wrote the heatmap to {0}.").format(path)
        if isinstance(written.found, tuple):
            rows, columns = written.found
            return self.tr("Wrote {0} × {1} similarities to {2}.").format(count(rows), count(columns), path)
        if written.name == _DEVIATIONS:
            return self.tr("Wrote %n deviation(s) to {0}.", "", written.found).format(path)
        if written.repetitions:
            return self.tr("Wrote %n repetition(s), frame by frame, to {0}.", "", written.repetitions).format(path)
        return self.tr("Wrote %n step(s) of the path to {0}.", "", written.found).format(path)


def _stem(seen: PairSnapshot) -> str:
    """Of both videos' names, without what no file may be called."""
    names = (displayable(Path(row.name).stem)[:40].strip() for row in (seen.a, seen.b))
    return " - ".join("".join("_" if letter in '<>:"/\\|?*\ufffd' else letter for letter in name) for name in names)
