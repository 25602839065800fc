"""A project to search in, whose hits are known by comparing every frame with every other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from carl_gui.explore.search.controller import SearchView
from carl_gui.explore.search.filters import Filters
from carl_gui.explore.search.hits import Answer
from tests.carl_gui.embedded import embed_by_hand
from tests.carl_gui.projects import Stand, new_project, tiny_video

LENGTHS = (70, 40, 90)


def _walk(seed: int, frames: int) -> NDArray[np.float32]:
    """(S, D) rows of norm 1 that drift, as embeddings do; all videos begin alike."""
    rng = np.random.default_rng(seed)
    rows = 4 * np.random.default_rng(0).normal(size=16) + np.cumsum(rng.normal(size=(frames, 16)), axis=0)
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


ROWS = [_walk(number, frames) for number, frames in enumerate(LENGTHS, 1)]


def searched_project(folder: Path) -> Path:
    """Three videos, embedded with run-1; frame i of film N shows 13 N + i."""
    films = [
        tiny_video(folder / "films", f"film{number}.mp4", number, frames) for number, frames in enumerate(LENGTHS, 1)
    ]
    made = new_project(folder / "project", films, decodes=True)
    embed_by_hand(made, "run-1", list(zip(films, ROWS, strict=True)))
    return made


def wait(stand: Stand, view: SearchView) -> Answer:
    """The answer to what was asked."""
    stand.qtbot.waitUntil(lambda: view.search_session.answer is not None)
    answer = view.search_session.answer
    assert answer is not None
    return answer


def found(view: SearchView) -> list[tuple[int, int]]:
    """Video id and first frame of every hit that is shown."""
    return [(hit.video_range.video_id, hit.video_range.start_frame) for hit in view.panel.model.rows]


def brute_force(
    query: tuple[int, int], filters: Filters, among: Sequence[int] = (1, 2, 3)
) -> tuple[list[tuple[int, int]], list[float]]:
    """Every frame compared with every other, one after the other; video ids count from 1."""
    direction = ROWS[query[0] - 1][query[1]].astype(float)
    scored = [
        (-float(row.astype(float) @ direction), number, frame)
        for number in among
        for frame, row in enumerate(ROWS[number - 1])
    ]
    taken, cosines = [query], [1.0]
    for least, number, frame in sorted(scored):
        is_apart = all(n != number or abs(f - frame) / 30 >= filters.apart_seconds - 1e-6 for n, f in taken)
        if is_apart and (number, frame) != query and not (filters.other_videos and number == query[0]):
            taken.append((number, frame))
            cosines.append(-least)
    kept = [at for at in range(1, len(taken)) if cosines[at] >= filters.least_cosine][: filters.k]
    return [taken[at] for at in kept], [cosines[at] for at in kept]
