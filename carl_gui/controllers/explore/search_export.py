"""Export the results of a search as a table or contact sheet, in a thread."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QStandardPaths, Signal
from PySide6.QtWidgets import QWidget

from carl_gui.models.hit import Hit
from carl_gui.models.messages import displayable
from carl_gui.models.scene import VideoRange
from carl_gui.models.search_index import SearchIndex
from carl_gui.panels.export.export_dialogs import ask_for_target
from carl_gui.tasks import Tasks, in_thread
from core.base.control import Control, Stopped
from core.base.csv_files import TABLE_SUFFIXES
from core.base.events import Event, Notice
from core.embedding.embedded_video import EmbeddedVideo
from core.project.badges import look_at
from core.project.exports import check_target
from core.project.rows import VideoRow
from core.search import ClipMatch, SearchMatch


@dataclass(frozen=True, eq=False)
class Exported:
    """The results to export."""

    ground: SearchIndex
    passage: VideoRange | None
    """The query; None: the hits were chosen by hand."""
    hits: Sequence[Hit]
    project: Path
    """Its folder."""


class SearchExport(QObject):
    """Exports results, and reports the progress."""

    said = Signal(str, bool, bool)
    """In words; whether it goes on; whether it failed."""

    def __init__(self, window: QWidget, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._begin_in = Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation))
        self._control = Control()
        self._tasks = Tasks(self, lambda sentence: self.said.emit(displayable(sentence), False, True))

    def ask_for_table(self, exported: Exported) -> None:
        """Let the person say where."""
        proposed = self._proposed(exported, "csv")
        title, kinds = self.tr("Export results as table"), self.tr("Tables (*.csv);;Excel tables (*.xlsx)")
        ask_for_target(self._window, title, proposed, kinds, "csv", lambda path: self.write_table(exported, path))

    def ask_for_sheet(self, exported: Exported) -> None:
        """Let the person say where."""
        proposed = self._proposed(exported, "png")
        title, kinds = self.tr("Export results as contact sheet"), self.tr("Pictures (*.png)")
        ask_for_target(self._window, title, proposed, kinds, "png", lambda path: self.write_sheet(exported, path))

    def write_table(self, exported: Exported, target: Path) -> None:
        """As `python -m core.search` writes it."""
        self._start(exported, target, TABLE_SUFFIXES, lambda control: _write_table(exported, target))

    def write_sheet(self, exported: Exported, target: Path) -> None:
        """As `python -m core.search --grid` draws it."""
        self._start(exported, target, ".png", lambda control: _write_sheet(exported, target, control))

    def stop(self) -> None:
        """Write no more."""
        self._control.stop()

    def close(self) -> None:
        """End the thread."""
        self._tasks.close()

    def _proposed(self, exported: Exported, suffix: str) -> Path:
        name = self.tr("{0} results").format(exported.project.name)
        return self._begin_in / f"{name}.{suffix}"

    def _start(
        self, exported: Exported, target: Path, suffix: str | tuple[str, ...], write: Callable[[Control], list[str]]
    ) -> None:
        self._control, self._begin_in = Control(), target.parent
        self.said.emit(self.tr("Writing {0}…").format(displayable(target.name)), True, False)
        self._tasks.start("write", self._write(exported, target, suffix, write, self._control))

    async def _write(
        self,
        exported: Exported,
        target: Path,
        suffix: str | tuple[str, ...],
        write: Callable[[Control], list[str]],
        control: Control,
    ) -> None:
        def checked(control: Control) -> list[str]:
            check_target(target, suffix, exported.project, exported.ground.videos.values())
            return write(control)

        try:
            notices = await in_thread(checked, control)
        except Stopped:
            self.said.emit(self.tr("Cancelled; nothing was written."), False, False)
        else:
            written = self.tr("Wrote {0}.").format(displayable(str(target)))
            self.said.emit("\n".join([written, *map(displayable, notices)]), False, False)


def _write_table(exported: Exported, target: Path) -> list[str]:
    from core.search.results import write_clip_matches, write_matches, write_moments

    matches, videos = _matches(exported), list(exported.ground.embedded.values())
    if exported.passage is None:
        write_moments(target, [(match.video_index, match.frame) for match in matches], videos)
    elif exported.passage.is_frame:
        write_matches(target, matches, videos)
    else:
        write_clip_matches(target, _clip_matches(exported), videos)
    return []


def _write_sheet(exported: Exported, target: Path, control: Control) -> list[str]:
    from core.search.query import Query
    from core.search.results import draw_clip_matches, draw_matches, draw_moments

    notices: list[str] = []

    def hear(event: Event) -> None:
        if isinstance(event, Notice):
            notices.append(event.message)

    shown = {hit.passage.video_id for hit in exported.hits}
    if (passage := exported.passage) is not None:
        shown.add(passage.video_id)
    rows, embedded = exported.ground.videos, exported.ground.embedded
    with_frames = {
        number: _with_frames(video, rows[number], exported.project) if number in shown else video
        for number, video in embedded.items()
    }
    videos = list(with_frames.values())
    if passage is None:
        draw_moments(target, [(match.video_index, match.frame) for match in _matches(exported)], videos, hear, control)
        return notices
    query = Query.of_frames(with_frames[passage.video_id], passage.start_frame, passage.end_frame_exclusive)
    if passage.is_frame:
        draw_matches(target, query, _matches(exported), videos, hear, control)
    else:
        draw_clip_matches(target, query, _clip_matches(exported), videos, hear, control)
    return notices


def _with_frames(video: EmbeddedVideo, row: VideoRow, project: Path) -> EmbeddedVideo:
    """The same with its stored frames, and its file where it lies now."""
    from core.video.frame_store import find_stored

    file, _ = look_at(row, project)
    path = file or video.path
    return dataclasses.replace(video, path=path, stored=find_stored(row.digest, path))


def _places(exported: Exported) -> dict[int, int]:
    return {number: place for place, number in enumerate(exported.ground.embedded)}


def _matches(exported: Exported) -> list[SearchMatch]:
    places = _places(exported)
    return [
        SearchMatch(places[hit.passage.video_id], hit.passage.start_frame, 0.0 if hit.cosine is None else hit.cosine)
        for hit in exported.hits
    ]


def _clip_matches(exported: Exported) -> list[ClipMatch]:
    places = _places(exported)
    return [
        ClipMatch(
            places[hit.passage.video_id], hit.passage.start_frame, hit.passage.end_frame_exclusive, hit.cosine or 0.0
        )
        for hit in exported.hits
    ]
