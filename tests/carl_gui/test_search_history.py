"""Earlier searches are gone back to, survive a restart, and follow the videos that the project has."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.explore.page import ExploreController
from carl_gui.explore.search.controller import SearchView
from carl_gui.explore.search.filters import MOST_APART_SECONDS, MOST_HITS, MOST_TEMPO, Filters
from carl_gui.models.scene import VideoRange
from core.project.rows import SPLITS
from core.project.store import Project
from core.project.video_edits import RemoveVideos
from tests.carl_gui.projects import Stand, shown, standing
from tests.carl_gui.searches import brute_force, found, searched_project, wait

_THREE = (VideoRange(1, 20, 21), VideoRange(2, 5, 15), VideoRange(3, 80, 81))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return searched_project(tmp_path)


@pytest.fixture
def stand(qtbot: QtBot) -> Iterator[Stand]:
    with standing(qtbot) as made:
        yield made


def _opened(stand: Stand, folder: Path) -> SearchView:
    stand.session.open(folder)
    page = stand.stage(ExploreController)
    stand.qtbot.waitUntil(lambda: page.context.scene is not None)
    page.choose_view("search")
    stand.qtbot.waitUntil(lambda: page.context.embedded is not None)
    return page.views["search"]


@pytest.fixture
def view(stand: Stand, folder: Path) -> SearchView:
    """After three searches."""
    view = _opened(stand, folder)
    for video_range in _THREE:
        view.search(video_range)
        wait(stand, view)
    stand.qtbot.waitUntil(lambda: _listed(view) == list(reversed(_THREE)))
    return view


def _listed(view: SearchView) -> list[VideoRange]:
    return [entry.video_range for entry in view.panel.entries.rows]


def _row_rect(view: SearchView, row: int) -> QRect:
    return view.panel.side.history.visualRect(view.panel.entries.index(row))


def test_keys_go_back_and_forth_and_bring_the_same_hits(stand: Stand, view: SearchView) -> None:
    hits = {view.search_session.video_range: found(view)}
    assert _listed(view) == list(reversed(_THREE))
    view.panel.hits.setFocus()
    for video_range in (_THREE[1], _THREE[0]):
        stand.qtbot.keyClick(view.panel.hits, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
        assert view.search_session.video_range == video_range
        wait(stand, view)
        hits[video_range] = found(view)
    assert not view.panel.commands["previous_search"].isEnabled()
    assert hits[_THREE[0]] == brute_force((1, 20), Filters())[0]
    for video_range in (_THREE[1], _THREE[2]):
        stand.qtbot.keyClick(view.panel.hits, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
        wait(stand, view)
        assert view.search_session.video_range == video_range
        assert found(view) == hits[video_range]
    assert not view.panel.commands["next_search"].isEnabled()
    assert _listed(view) == list(reversed(_THREE)), "going back changes no order"


def test_a_click_goes_back_to_a_query_and_its_filters(stand: Stand, view: SearchView) -> None:
    few = dataclasses.replace(view.search_session.filters, k=2, other_videos=True)
    view.panel.side.filters.filters_selected.emit(few)
    wait(stand, view)
    view.search(_THREE[0])
    wait(stand, view)
    view.panel.side.filters.filters_selected.emit(Filters())
    wait(stand, view)
    stand.qtbot.waitUntil(lambda: _listed(view) == [_THREE[0], _THREE[2], _THREE[1]])  # each once
    stand.qtbot.waitUntil(lambda: view.panel.entries.rows[0].filters == Filters())
    viewport = view.panel.side.history.viewport()
    stand.qtbot.mouseClick(viewport, Qt.MouseButton.LeftButton, pos=_row_rect(view, 1).center())
    wait(stand, view)
    assert (view.search_session.video_range, view.search_session.filters) == (_THREE[2], few)
    assert view.panel.side.filters.filters == few
    assert found(view) == brute_force((3, 80), few)[0]
    stand.qtbot.waitUntil(lambda: view.panel.side.history.currentIndex().row() == 1)


def test_a_restart_forgets_nothing(stand: Stand, view: SearchView, folder: Path, qtbot: QtBot) -> None:
    few = dataclasses.replace(view.search_session.filters, k=2)
    view.search_session.filter_by(few)
    wait(stand, view)
    stand.session.close()
    assert _listed(view) == []
    with standing(qtbot) as again:
        view = _opened(again, folder)
        assert _listed(view) == list(reversed(_THREE))
        again.qtbot.waitUntil(lambda: view.panel.entries.rows[0].time_text == "0:02.67", timeout=30_000)
        view.panel.commands["previous_search"].trigger()
        assert (view.search_session.video_range, view.search_session.filters) == (_THREE[2], few)
        wait(again, view)
        assert len(found(view)) == 2


def test_searches_of_a_removed_video_come_back_with_it(stand: Stand, view: SearchView) -> None:
    stand.session.do(RemoveVideos((2,)))
    assert _listed(view) == [_THREE[2], _THREE[0]]
    stand.session.undo()
    assert _listed(view) == list(reversed(_THREE))
    assert stand.session.require().next_undo() is None or "search" not in stand.session.require().next_undo().label


def test_they_can_be_forgotten(stand: Stand, view: SearchView, folder: Path) -> None:
    shown(view.panel.side, QPushButton, "Clear history").click()
    assert _listed(view) == []
    assert not view.panel.side.history.isVisible()
    assert view.search_session.video_range == _THREE[2], "what is shown stays"
    stand.session.close()
    with Project.open(folder) as project:
        assert project.searches() == []


def test_pictures_of_query_hits_and_history_arrive(stand: Stand, view: SearchView) -> None:
    panel = view.panel
    frames = panel.query.strip.frames
    stand.qtbot.waitUntil(lambda: all(panel.query.strip.picture(frame) is not None for frame in frames))
    stand.qtbot.waitUntil(lambda: all(panel.model.picture(row) is not None for row in panel.hits.visible_rows))
    stand.qtbot.waitUntil(lambda: all(panel.entries.picture(row) is not None for row in range(3)))


@given(
    st.builds(
        Filters,
        st.integers(1, MOST_HITS),
        st.floats(-1, 1),
        st.booleans(),
        st.floats(0, MOST_APART_SECONDS),
        st.floats(0, 1),
        st.floats(1, MOST_TEMPO),
        st.text(),
        st.none() | st.text(),
        st.none() | st.sampled_from(SPLITS),
    )
)
def test_filters_are_read_as_they_were_written(filters: Filters) -> None:
    assert Filters.from_json(filters.to_json()) == filters


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{",
        f'{{"least_cosine": 1{"0" * 400}}}',
        '{"k": 0, "least_cosine": 7, "split": "all", "max_tempo": "fast", "action": 3}',
        '{"k": true}',
    ],
)
def test_filters_that_make_no_sense_are_those_at_first(text: str) -> None:
    assert Filters.from_json(text) == Filters()
    assert Filters.from_json('{"k": 7, "apart_seconds": -1, "later": 3}') == Filters(k=7)
