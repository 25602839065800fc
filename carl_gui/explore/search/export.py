"""Exports of the Search view: the results as a table or a contact sheet."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from carl_gui.exporting import Export, export_table
from carl_gui.models.messages import displayable
from carl_gui.translation import QT_TRANSLATE_NOOP
from core.base.control import Control
from core.base.csv_files import TABLE_SUFFIXES
from core.base.events import Event, Notice

if TYPE_CHECKING:  # decoders: not before a project is open
    from carl_gui.explore.search.hits import Hit, SearchIndex
    from carl_gui.models.scene import VideoRange
    from core.embedding.embedded_video import EmbeddedVideo
    from core.project.rows import VideoRow
    from core.search import ClipMatch, SearchMatch

CONTEXT = "SearchExport"
translate = QCoreApplication.translate


@dataclass(frozen=True, eq=False)
class Exported:
    """The results to export."""

    search_index: SearchIndex
    video_range: VideoRange | None
    """The query; None: the hits were chosen by hand."""
    hits: Sequence[Hit]
    project: Path
    """Its folder."""


def _write_table(target: Path, exported: Exported, control: Control) -> str:
    """Write the table as `python -m core.search` does."""
    from core.search.results import write_clip_matches, write_matches, write_moments

    matches, videos = _matches(exported), list(exported.search_index.embedded.values())
    if exported.video_range is None:
        write_moments(target, [(match.video_index, match.frame) for match in matches], videos)
    elif exported.video_range.is_frame:
        write_matches(target, matches, videos)
    else:
        write_clip_matches(target, _clip_matches(exported), videos)
    return _wrote(target)


def _write_sheet(target: Path, exported: Exported, control: Control) -> str:
    """Draw the sheet as `python -m core.search --grid` does."""
    from core.search.query import Query
    from core.search.results import draw_clip_matches, draw_matches, draw_moments

    notices: list[str] = []

    def on_event(event: Event) -> None:
        if isinstance(event, Notice):
            notices.append(event.message)

    with_pictures = {hit.video_range.video_id for hit in exported.hits}
    if (video_range := exported.video_range) is not None:
        with_pictures.add(video_range.video_id)
    rows, embedded = exported.search_index.videos, exported.search_index.embedded
    with_frames = {
        video_id: _with_frames(video, rows[video_id], exported.project) if video_id in with_pictures else video
        for video_id, video in embedded.items()
    }
    videos = list(with_frames.values())
    if video_range is None:
        draw_moments(
            target, [(match.video_index, match.frame) for match in _matches(exported)], videos, on_event, control
        )
        return _wrote(target, notices)
    query = Query.of_frames(with_frames[video_range.video_id], video_range.start_frame, video_range.end_frame_exclusive)
    if video_range.is_frame:
        draw_matches(target, query, _matches(exported), videos, on_event, control)
    else:
        draw_clip_matches(target, query, _clip_matches(exported), videos, on_event, control)
    return _wrote(target, notices)


def _wrote(target: Path, notices: Sequence[str] = ()) -> str:
    written = translate("SearchExport", "Wrote {0}.").format(displayable(str(target)))
    return "\n".join([written, *map(displayable, notices)])


def _with_frames(video: EmbeddedVideo, row: VideoRow, project: Path) -> EmbeddedVideo:
    """Return the video with its stored frames, and the current path of its file."""
    from core.project.badges import look_at
    from core.video.frame_store import find_stored

    file, _ = look_at(row, project)
    path = file or video.path
    return dataclasses.replace(video, path=path, stored=find_stored(row.digest, path))


def _indices_by_id(exported: Exported) -> dict[int, int]:
    return {video_id: index for index, video_id in enumerate(exported.search_index.embedded)}


def _matches(exported: Exported) -> list[SearchMatch]:
    from core.search import SearchMatch

    indices = _indices_by_id(exported)
    return [
        SearchMatch(
            indices[hit.video_range.video_id], hit.video_range.start_frame, 0.0 if hit.cosine is None else hit.cosine
        )
        for hit in exported.hits
    ]


def _clip_matches(exported: Exported) -> list[ClipMatch]:
    from core.search import ClipMatch

    indices = _indices_by_id(exported)
    return [
        ClipMatch(
            indices[hit.video_range.video_id],
            hit.video_range.start_frame,
            hit.video_range.end_frame_exclusive,
            hit.cosine or 0.0,
        )
        for hit in exported.hits
    ]


def _stem(exported: Exported) -> str:
    return translate("SearchExport", "{0} results").format(exported.project.name)


EXPORTS: Sequence[Export[Exported]] = (
    Export(
        "hits_csv",
        QT_TRANSLATE_NOOP("SearchExport", "Export results as table…"),
        QT_TRANSLATE_NOOP("SearchExport", "Export results as table"),
        TABLE_SUFFIXES,
        _stem,
        write=_write_table,
    ),
    Export(
        "hits_sheet",
        QT_TRANSLATE_NOOP("SearchExport", "Export results as contact sheet…"),
        QT_TRANSLATE_NOOP("SearchExport", "Export results as contact sheet"),
        (".png",),
        _stem,
        write=_write_sheet,
    ),
)
COMMANDS = export_table(CONTEXT, EXPORTS, ids="search.")
