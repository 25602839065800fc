"""Queries of the database, as typed rows."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Any

from core.base.types import PREDICTORS, Span
from core.pose.people import Point
from core.project.database import text
from core.project.measures import Measure, decode
from core.project.rows import Broken, Fact, PhaseRow, VideoRow

_VIDEOS = f"""
SELECT video.id, name, video.digest, num_bytes, action, split, coalesce(relative, ''), coalesce(absolute, ''),
       coalesce(problem, ''), num_frames, fps, duration_seconds, width, height,
       coalesce(num_spans, 0), coalesce(num_frames_labelled, 0), coalesce(num_frames_predicted, 0),
       frame, x, y, performer
FROM video LEFT JOIN place USING (digest) LEFT JOIN fact USING (digest)
     LEFT JOIN person ON person.video_id = video.id
     LEFT JOIN right_video ON right_video.video_id = video.id LEFT JOIN
     (SELECT video_id, count(*) AS num_spans, sum(end_frame_exclusive - start_frame) AS num_frames_labelled,
             sum((end_frame_exclusive - start_frame) * (lower(source) IN {PREDICTORS})) AS num_frames_predicted
      FROM span {{which}} GROUP BY video_id) AS spans ON spans.video_id = video.id
"""
_SPANS = """
SELECT phase.name, start_frame, end_frame_exclusive, confidence, source, note
FROM span JOIN phase ON phase.id = phase_id WHERE video_id = ? ORDER BY start_frame
"""

_ALL_SPANS = """
SELECT video_id, phase.name, start_frame, end_frame_exclusive, confidence, source, note
FROM span JOIN phase ON phase.id = phase_id ORDER BY video_id, start_frame
"""


def videos(db: sqlite3.Connection, ids: Iterable[int] | None = None) -> list[VideoRow]:
    """Return every video, or those of these ids that there are, in the order in which they were added."""
    if ids is None:
        return [_row(*row) for row in db.execute(_VIDEOS.format(which="") + "ORDER BY video.id")]
    some = "IN (SELECT value FROM json_each(:ids))"
    asked = _VIDEOS.format(which=f"WHERE video_id {some}") + f"WHERE video.id {some} ORDER BY video.id"
    return [_row(*row) for row in db.execute(asked, {"ids": json.dumps(list(ids))})]


def video(db: sqlite3.Connection, video_id: int) -> VideoRow:
    """Return one video. KeyError where there is none of that id."""
    asked = _VIDEOS.format(which="WHERE video_id = :id") + "WHERE video.id = :id"
    found = db.execute(asked, {"id": video_id}).fetchone()
    if found is None:
        raise KeyError(f"the project has no video {video_id}")
    return _row(*found)


def _row(*columns: Any) -> VideoRow:
    *known, predicted, frame, x, y, performer = columns
    own: list[Any] = [None if frame is None else Point(frame, x, y), performer, predicted]
    return VideoRow(*known, *own)


def keep_fact(db: sqlite3.Connection, video: VideoRow, fact: Fact) -> None:
    """Remember what decoding said of a video. Within a transaction."""
    problem, known = ("", fact) if not isinstance(fact, Broken) else (fact.sentence, video)
    db.execute(
        "INSERT OR REPLACE INTO fact (digest, problem, num_frames, fps, duration_seconds, width, height) "
        "VALUES (?, CAST(? AS TEXT), ?, ?, ?, ?, ?)",
        (
            video.digest,
            text(problem),
            known.num_frames,
            known.fps,
            known.duration_seconds,
            known.width,
            known.height,
        ),
    )


def phases(db: sqlite3.Connection) -> list[PhaseRow]:
    """Return every phase, in their order."""
    rows = db.execute(
        "SELECT id, name, colour, position, (SELECT count(*) FROM span WHERE phase_id = phase.id) "
        "FROM phase ORDER BY position, id"
    )
    return [PhaseRow(*row) for row in rows]


def spans(db: sqlite3.Connection, video_id: int) -> list[Span]:
    """Return a video's spans, in order of time; none where there is no such video."""
    return [Span(*row) for row in db.execute(_SPANS, (video_id,))]


def spans_by_video(db: sqlite3.Connection) -> dict[int, list[Span]]:
    """Return the spans of every video that has some, by its id, in order of time."""
    found: dict[int, list[Span]] = {}
    for video_id, *row in db.execute(_ALL_SPANS):
        found.setdefault(video_id, []).append(Span(*row))
    return found


def anchors(db: sqlite3.Connection, a_id: int, b_id: int) -> list[tuple[int, int]]:
    """Return the pinned frames of A and B, in time order."""
    first, second = sorted((a_id, b_id))
    rows = db.execute(
        "SELECT first_frame, second_frame FROM anchor WHERE first_id = ? AND second_id = ? ORDER BY first_frame",
        (first, second),
    )
    return [(one, other) if a_id <= b_id else (other, one) for one, other in rows]


def measures(db: sqlite3.Connection, video_id: int) -> list[Measure]:
    """Return the lines and angles that were drawn on a video's frames, in order of frames."""
    rows = db.execute(
        "SELECT frame, number, points, length, unit FROM measure WHERE video_id = ? ORDER BY frame, number", (video_id,)
    )
    return [Measure(frame, number, decode(points), length, unit) for frame, number, points, length, unit in rows]


def notes(db: sqlite3.Connection) -> str:
    """Return the project's notes."""
    return str(db.execute("SELECT notes FROM project").fetchone()[0])


def next_id(db: sqlite3.Connection, table: str) -> int:
    """Return the id for a new row of `video` or `phase`."""
    return int(db.execute(f"SELECT coalesce(max(id), 0) + 1 FROM {table}").fetchone()[0])


def check_ids(db: sqlite3.Connection, table: str, ids: Iterable[int]) -> None:
    """Raise KeyError where the project has no video (or phase) of one of these ids: the caller's bug."""
    known = {row[0] for row in db.execute(f"SELECT id FROM {table}")}
    for row_id in ids:
        if row_id not in known:
            raise KeyError(f"the project has no {table} {row_id}")
