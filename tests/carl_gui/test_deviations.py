"""Deviations in the window: which videos are right is chosen once, kept, and marks the others in both views."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from carl_gui.controllers.explore.many import ManyView
from carl_gui.controllers.explore.page import ExploreController
from carl_gui.controllers.explore.pair import PairView
from tests.carl_gui.embedded import embed_by_hand
from tests.carl_gui.projects import Stand, new_project, standing, tiny_video
from tests.core.report.made import changing

_FRAMES, _START, _END = 40, 15, 25


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Films 1 to 3 do the same; film 4 does something else for ten frames; film 5 does nothing of it."""
    films = [tiny_video(tmp_path / "films", f"film{n}.mp4", n, _FRAMES) for n in range(1, 6)]
    same = changing(_FRAMES, 1)
    rows = [same + 0.04 * np.random.default_rng(n).normal(size=same.shape).astype(np.float32) for n in range(4)]
    rows[3][_START:_END] = changing(_END - _START, 2)
    rows.append(changing(_FRAMES, 9))
    folder = new_project(tmp_path / "project", films, decodes=True)
    units = [(one / np.linalg.norm(one, axis=1, keepdims=True)).astype(np.float32) for one in rows]
    embed_by_hand(folder, "run-1", list(zip(films, units, strict=True)))
    return folder


@pytest.fixture
def stand(qtbot: QtBot) -> Iterator[Stand]:
    with standing(qtbot) as made:
        yield made


def _page(stand: Stand, folder: Path, view: str) -> ExploreController:
    stand.session.open(folder)
    page = stand.stage(ExploreController)
    stand.qtbot.waitUntil(lambda: page._survey is not None)
    page.choose_view(view)
    return page


def _pair(stand: Stand, folder: Path, a: int, b: int) -> PairView:
    view = _page(stand, folder, "pair").views["pair"]
    assert isinstance(view, PairView)
    view.choose(a, b)
    stand.qtbot.waitUntil(lambda: view.pair is not None)
    return view


def test_the_other_video_of_a_pair_is_marked_where_it_departs(stand: Stand, project: Path) -> None:
    view = _pair(stand, project, 4, 1)
    box = view.deviations.box
    assert "Tick the video that is right" in box.words
    assert not view.panel.strip.departing
    box.boxes[1].click()
    stand.qtbot.waitUntil(lambda: bool(view.panel.strip.departing))
    ((side, at),) = view.panel.strip.departing
    assert side == 0
    frames = set(view.pair.moments.a_frames[at].tolist())
    assert set(range(_START + 1, _END - 1)) <= frames
    assert "A deviates in" in box.words
    assert "three or more are more reliable" in box.words
    view.players.go(_START + 4, _START + 4)
    stand.qtbot.waitUntil(lambda: view.panel.a_player.view.badge.startswith("deviates"))
    assert not view.panel.b_player.view.badge
    view.players.go(2, 2)
    stand.qtbot.waitUntil(lambda: not view.panel.a_player.view.badge)
    box.boxes[1].click()
    stand.qtbot.waitUntil(lambda: not view.panel.strip.departing)


def test_a_video_of_another_action_is_told_in_one_sentence(stand: Stand, project: Path) -> None:
    view = _pair(stand, project, 5, 1)
    view.deviations.box.boxes[1].click()
    stand.qtbot.waitUntil(lambda: "aligns with no right video" in view.deviations.box.words)
    assert not view.panel.strip.departing


def test_in_the_grid_right_videos_and_departing_cells_are_marked(stand: Stand, project: Path) -> None:
    page = _page(stand, project, "many")
    view = page.views["many"]
    assert isinstance(view, ManyView)
    stand.qtbot.waitUntil(lambda: bool(view.seen) and not view.alignments.missing)
    for cell in range(3):
        view.panel.cells[cell].chosen.emit()
        view.panel.commands["say_right"].trigger()
    stand.qtbot.waitUntil(lambda: "deviate" in view.panel.cells[3].words[2])
    notes = [cell.words[2] for cell in view.panel.cells[:5]]
    assert all(note.startswith("right") for note in notes[:3])
    assert notes[4].startswith("not judged")
    view.playing.metronome.go(_START + 4)
    stand.qtbot.waitUntil(lambda: view.panel.cells[3].view.badge.startswith("deviates"))
    assert not any(view.panel.cells[cell].view.badge for cell in range(3))
    view.playing.metronome.go(2)
    stand.qtbot.waitUntil(lambda: not view.panel.cells[3].view.badge)


def test_which_videos_are_right_is_kept_from_one_start_to_the_next(qtbot: QtBot, project: Path) -> None:
    with standing(qtbot) as first:
        view = _pair(first, project, 4, 1)
        view.deviations.box.boxes[1].click()
        qtbot.waitUntil(lambda: bool(view.panel.strip.departing))
    with standing(qtbot) as second:
        view = _pair(second, project, 4, 1)
        qtbot.waitUntil(lambda: view.deviations.box.boxes[1].isChecked())
        qtbot.waitUntil(lambda: bool(view.panel.strip.departing))
