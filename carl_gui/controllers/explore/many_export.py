"""Exports of the Many view: the grid as a film, and the matching frames."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from carl_gui import numbers
from carl_gui.commands.many import EXPORT_COMMANDS
from carl_gui.controllers.explore.explore_context import ExploreContext
from carl_gui.controllers.explore.view_export import ViewExport
from carl_gui.controllers.video_export_job import VideoExportJob
from carl_gui.models.deviation_files import write_deviations
from carl_gui.models.many_files import GridSnapshot, grid_arguments, write_table
from carl_gui.models.messages import displayable
from carl_gui.panels.export.export_dialogs import ask_for_target
from core.base.control import Control
from core.base.csv_files import TABLE_SUFFIXES
from core.base.listing import some
from core.project.exports import check_target

GRID, TABLE, DEVIATIONS = "export_grid", "export_grid_table", "export_grid_deviations"
_SUFFIXES = {GRID: (".mp4",), TABLE: TABLE_SUFFIXES, DEVIATIONS: TABLE_SUFFIXES}


class ManyExport(ViewExport):
    """The film is a job, the table is written in a thread; both use the state of the view when they were started."""

    def __init__(self, desk: ExploreContext, seen: Callable[[], GridSnapshot | None]) -> None:
        """`seen` says what is seen; None while there is nothing to write."""
        super().__init__(desk, EXPORT_COMMANDS)
        self._seen = seen
        self.film = VideoExportJob(desk.workshop, self.box)
        self.film.ended.connect(lambda sentence, is_error: self._say(sentence, is_error=is_error))
        self.show()

    def show(self) -> None:
        """What can be exported now."""
        seen = self._seen()
        names = []
        if seen is not None and seen.visible and not seen.is_film_being_judged and not self.film.is_running:
            names.append(GRID)
        if seen is not None and seen.aligned and not self.is_running:
            names.append(TABLE)
        if seen is not None and seen.judged and not seen.is_being_judged and not self.is_running:
            names.append(DEVIATIONS)
        self.box.set_enabled(names)

    def ask(self, name: str) -> None:
        """Let the person say where to write it; that is begun then."""
        seen = self._seen()
        if seen is None:
            return
        tables = self.tr("Tables (*.csv);;Excel tables (*.xlsx)")
        kinds = {GRID: self.tr("Videos (*.mp4)"), TABLE: tables, DEVIATIONS: tables}
        titles = {
            GRID: self.tr("Export grid"),
            TABLE: self.tr("Export table"),
            DEVIATIONS: self.tr("Export deviations"),
        }
        suffix = _SUFFIXES[name][0]
        words = self.tr("{0} and others").format(displayable(Path(seen.reference.row.name).stem)[:60])
        words += self.tr(" - deviations") if name == DEVIATIONS else ""
        stem = "".join("_" if letter in '<>:"/\\|?*\ufffd' else letter for letter in words)
        ask_for_target(
            self._desk.workshop.window,
            titles[name],
            self._begin_in / (stem + suffix),
            kinds[name],
            suffix[1:],
            lambda path: self.write(name, path, seen),
        )

    def write(self, name: str, target: Path, seen: GridSnapshot) -> None:
        """Write this there."""
        session = self._desk.workshop.session
        if session.project is None or session.project.folder != seen.project:
            return  # it was closed while the dialog stood
        videos, spans = list(session.videos.values()), session.project.spans_reader()
        self._begin_in, self._shown = target.parent, target

        def check() -> None:
            check_target(target, _SUFFIXES[name], seen.project, videos)

        def work(control: Control) -> str:
            check()
            if name == DEVIATIONS:
                return self._deviations(write_deviations(target, seen.scene, seen.judged, spans()), target, seen)
            written = self.tr("Wrote the frames of %n video(s) to {0}.", "", write_table(target, seen))
            return written.format(displayable(str(target)))

        def prepare(control: Control, scratch: Path) -> list[str]:
            check()
            return grid_arguments(target, seen, scratch)

        self.box.set_result("")
        if name == GRID:
            self.film.begin(target, prepare)
        else:
            self._start(work)
        self.show()

    def close(self) -> None:
        """The project closes: end the threads, and forget what was said."""
        self.film.close()
        super().close()

    def _deviations(self, stretches: int, target: Path, seen: GridSnapshot) -> str:
        path = displayable(str(target))
        words = self.tr("Wrote %n deviation(s) of {0} to {1}.", "", stretches).format(
            numbers.videos(len(seen.judged)), path
        )
        if seen.not_judged:
            words += " " + self.tr("Not judged: {0}.").format(some([displayable(name) for name in seen.not_judged]))
        return words
