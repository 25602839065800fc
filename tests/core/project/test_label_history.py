"""Two thousand random edits of labels and phases, across videos: all undone and redone, compared state by state."""

from __future__ import annotations

import random
import sqlite3
from contextlib import closing

from core.base.errors import CarlError
from core.base.types import Span
from core.project import queries, tracks
from core.project.edits import Edit, Together
from core.project.history import History
from core.project.phase_edits import AddPhase, ColourPhase, MergePhases, OrderPhases, RemovePhases, RenamePhase
from core.project.rows import Found
from core.project.schema import migrate
from core.project.span_edits import EraseSpans, MergeSpans, MoveBoundary, PaintSpan, ReplaceSpans, SplitSpan
from core.project.video_edits import AddVideos
from tests.core.project.projects import new_video

EDITS, FRAMES, VIDEOS = 2000, 200, 4


def label_edit(db: sqlite3.Connection, generator: random.Random) -> Edit:
    """What the step Label does, in any of the videos; some of it refuses, or changes nothing."""
    phases = queries.phases(db)
    names, one = [phase.name for phase in phases], generator.randrange(1, VIDEOS + 1)
    start = generator.randrange(FRAMES - 1)
    stop = min(start + generator.randrange(1, 40), FRAMES)
    track = queries.spans(db, one)
    edges = sorted({edge for span in track for edge in (span.start_frame, span.end_frame_exclusive)}) or [0]
    inside = generator.choice(track).start_frame if track else 0
    source = generator.choice(("label", "transfer", "probe"))
    span = Span(generator.choice(names), start, stop, generator.random(), source)
    starts = range(0, FRAMES - 7, 30)
    proposed = tuple(Span(generator.choice(names), place, place + 7, 0.5, "transfer") for place in starts)
    pick = generator.choice(phases)
    kinds: list[Edit] = [
        *[PaintSpan(one, span)] * 5,
        EraseSpans(one, start, stop),
        *[SplitSpan(one, inside + generator.randrange(1, 20))] * 2,
        MergeSpans(one, inside),
        *[MoveBoundary(one, generator.choice(edges), generator.randrange(FRAMES + 1))] * 4,
        Together("Remove", (ReplaceSpans(one, tuple(s for s in track if generator.random() < 0.8)),)),
        Together(
            "Accept",
            tuple(
                ReplaceSpans(video, tuple(tracks.fill_spans(queries.spans(db, video), proposed)))
                for video in range(1, VIDEOS + 1)
            ),
        ),
        AddPhase(f"phase {generator.randrange(12)}"),
        RenamePhase(pick.id, f"phase {generator.randrange(12)}"),
        ColourPhase(pick.id, f"#{generator.randrange(16**6):06x}"),
        OrderPhases(tuple(phase.id for phase in generator.sample(phases, len(phases)))),
    ]
    if len(phases) > 3 and generator.random() < 0.5:
        kinds.append(RemovePhases((pick.id,)))
        kinds.append(MergePhases(pick.id, tuple(p.id for p in phases if p.id != pick.id)[:1]))
    return generator.choice(kinds)


def state_of(db: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    """Every row that is authored."""
    return {name: sorted(db.execute(f"SELECT * FROM {name}").fetchall()) for name in ("video", "phase", "span")}


def test_two_thousand_edits_are_undone_and_redone() -> None:
    generator = random.Random(20261124)
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:  # no disk: that is others' test
        migrate(db)
        db.execute("PRAGMA foreign_keys = ON")
        history = History(db)
        history.do(AddVideos(tuple(new_video(number) for number in range(1, VIDEOS + 1))))
        for name in ("up", "down"):
            history.do(AddPhase(name))
        for number in range(1, VIDEOS + 1):
            queries.keep_fact(db, queries.video(db, number), Found(FRAMES, 25.0, FRAMES / 25, 64, 48))
        states, first = [state_of(db)], len(history.steps())
        while len(states) <= EDITS:
            try:
                is_changed = bool(history.do(label_edit(db, generator)))
            except CarlError:
                is_changed = False
            now = state_of(db)
            assert (now != states[-1]) == is_changed
            if is_changed:
                states.append(now)
        assert len(history.steps()) == first + EDITS
        for state in reversed(states[:-1]):
            assert history.undo()
            assert state_of(db) == state
        for state in states[1:]:
            assert history.redo()
            assert state_of(db) == state
