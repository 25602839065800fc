"""Searching in Explore, with the mouse and the keys: which hits, what a filter does, and what follows from a hit."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QComboBox, QDoubleSpinBox, QMenu, QPushButton, QSpinBox

from carl_gui.explore.opened import open_videos
from carl_gui.explore.page import ExploreController
from carl_gui.explore.search import session as search_answers
from carl_gui.explore.search.controller import SearchView
from carl_gui.explore.search.filters import Filters
from carl_gui.explore.search.hits import Answer, SearchIndex, search
from carl_gui.models.scene import FrameRef, VideoRange
from carl_gui.widgets.buttons import CheckBox
from core.base.control import Control
from core.project.rows import VideoRow
from core.project.video_edits import RemoveVideos, RenameVideo, SetAction
from core.search import FrameRange, find_clips
from core.search.quick import QuickSearch
from tests.carl_gui.embedded import embed_by_hand
from tests.carl_gui.projects import Stand, new_project, shown, standing, tiny_video
from tests.carl_gui.searches import LENGTHS, ROWS, brute_force, found, searched_project, wait
from tests.carl_gui.windows import settle
from tests.core.search.packed_library import ENCODER, performances, write_packed


@pytest.fixture
def stand(qtbot: object) -> Iterator[Stand]:
    with standing(qtbot) as made:
        yield made


@pytest.fixture
def page(stand: Stand, tmp_path: Path) -> ExploreController:
    stand.session.open(searched_project(tmp_path))
    page = stand.stage(ExploreController)
    stand.qtbot.waitUntil(lambda: page.context.scene is not None)
    page.choose_view("search")
    stand.qtbot.waitUntil(lambda: page.context.embedded is not None)
    return page


@pytest.fixture
def view(page: ExploreController) -> SearchView:
    return page.views["search"]


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(k=3, apart_seconds=0.0),
        Filters(other_videos=True, apart_seconds=0.2),
        Filters(least_cosine=0.8, apart_seconds=0.1),
    ],
)
def test_hits_equalbrute_force(stand: Stand, page: ExploreController, view: SearchView, filters: Filters) -> None:
    view.search_session.filter_by(filters)
    page.context.search_requested.emit(VideoRange(1, 20, 21))
    wait(stand, view)
    frames, cosines = brute_force((1, 20), filters)
    assert found(view) == frames
    assert [hit.cosine for hit in view.panel.model.rows] == pytest.approx(cosines, abs=1e-6)
    name, place, words = view.panel.query.texts
    assert (name, place) == ("film1.mp4", "0:00.67 · frame 20")
    assert words.startswith(f"{len(frames)} frame")


def test_every_field_asks_at_once(stand: Stand, view: SearchView) -> None:
    view.search(VideoRange(1, 20, 21))
    wait(stand, view)
    stand.session.do(SetAction((2, 3), "squat"))
    box = view.panel.side.filters
    fields = {
        field.accessibleName(): field for field in [*box.findChildren(QSpinBox), *box.findChildren(QDoubleSpinBox)]
    }
    steps = [
        (lambda: fields["Max. results"].setValue(4), {"k": 4}, (1, 2, 3)),
        (lambda: fields["Min. gap"].setValue(0.5), {"apart_seconds": 0.5}, (1, 2, 3)),
        (lambda: fields["Min. similarity"].setValue(0.25), {"least_cosine": 0.25}, (1, 2, 3)),
        (
            lambda: stand.qtbot.mouseClick(box.findChild(CheckBox), Qt.MouseButton.LeftButton),
            {"other_videos": True},
            (1, 2, 3),
        ),
        (lambda: stand.qtbot.keyClicks(box._text, "film3"), {"text": "film3"}, (3,)),
    ]
    wanted = Filters()
    for act, change, among in steps:
        wanted = dataclasses.replace(wanted, **change)
        act()
        stand.qtbot.waitUntil(
            lambda wanted=wanted: (
                view.search_session.answer is not None and view.search_session.answer.filters == wanted
            )
        )
        assert found(view) == brute_force((1, 20), wanted, among)[0]
    action = next(one for one in box.findChildren(QComboBox) if "action" in one.accessibleName())
    assert [action.itemText(at) for at in range(action.count())] == ["Any action", "squat", "No action"]
    action.setCurrentIndex(2)
    stand.qtbot.waitUntil(lambda: view.panel.empty.isVisible() and view.panel.empty.action == "Search all videos")
    view.panel.empty.action_triggered.emit()
    wanted = dataclasses.replace(wanted, text="", other_videos=False)
    stand.qtbot.waitUntil(
        lambda: view.search_session.answer is not None and view.search_session.answer.filters == wanted
    )
    assert found(view) == brute_force((1, 20), wanted)[0]
    assert action.currentIndex() == 0


def test_spans_equal_those_of_all_videos_in_one_go(
    stand: Stand, view: SearchView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("carl_gui.explore.search.hits._BATCH_FRAMES", 50)
    view.search(VideoRange(1, 10, 30))
    answer = wait(stand, view)
    ground = view.search_session.worker.index
    assert ground is not None
    videos = list(ground.embedded.values())
    own = view.search_session.filters
    expected = find_clips(
        ROWS[0][10:30],
        videos,
        k=own.k,
        max_overlap=own.max_overlap,
        max_tempo=own.max_tempo,
        exclude=[FrameRange(0, 10, 30)],
    )
    expected = [match for match in expected if match.cosine >= own.least_cosine]
    assert [
        (hit.video_range.video_id - 1, hit.video_range.start_frame, hit.video_range.end_frame_exclusive)
        for hit in answer.hits
    ] == [(match.video_index, match.start_frame, match.end_frame_exclusive) for match in expected]
    assert view.panel.query.texts[1] == "0:00.33 – 0:01.00 · frames 10 to 29"
    assert len(view.panel.query.strip.frames) == 5
    assert not view.panel.side.filters._min_gap.isVisible()
    assert view.panel.side.filters._tempo.isVisible()


def test_the_quick_search_answers_the_same(stand: Stand, view: SearchView) -> None:
    view.search(VideoRange(3, 44, 45))
    answer = wait(stand, view)
    ground = view.search_session.worker.index
    assert ground is not None
    quick = dataclasses.replace(ground, quick=QuickSearch(list(ground.embedded.values())))
    for filters in (Filters(), Filters(k=5, text="film2"), Filters(other_videos=True)):
        plain = search(ground, answer.video_range, filters, Control())
        assert search(quick, answer.video_range, filters, Control()).hits == plain.hits


def test_the_quick_search_is_prepared_where_it_is_worth_it(
    stand: Stand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_answers, "_WORTH_FRAMES", 1)
    stand.session.open(searched_project(tmp_path))
    page = stand.stage(ExploreController)
    stand.qtbot.waitUntil(lambda: page.context.scene is not None)
    view = page.views["search"]
    page.find_similar(VideoRange(2, 7, 8))
    stand.qtbot.waitUntil(
        lambda: view.search_session.worker.index is not None and view.search_session.worker.index.quick is not None
    )
    view.search(VideoRange(1, 20, 21))
    stand.qtbot.waitUntil(
        lambda: view.search_session.answer is not None and view.search_session.answer.video_range.video_id == 1
    )
    assert found(view) == brute_force((1, 20), Filters())[0]


def test_no_hit_is_so_alike_says_the_best_and_offers_it(stand: Stand, view: SearchView) -> None:
    view.search(VideoRange(1, 20, 21))
    wait(stand, view)
    view.panel.side.filters._cosine.setValue(1.0)
    stand.qtbot.waitUntil(lambda: view.panel.empty.isVisible() and bool(view.panel.empty.action))
    best = brute_force((1, 20), Filters())[1][0]
    assert f"similarity of {best:.3f}" in view.panel.empty.sentence
    shown(view.panel, QPushButton, f"Lower the minimum to {int(best * 100) / 100:.2f}").click()
    stand.qtbot.waitUntil(lambda: bool(view.panel.model.rows))
    assert found(view)[0] == brute_force((1, 20), Filters())[0][0]
    assert view.panel.hits.isVisible()


def test_a_late_answer_to_an_older_question_is_never_shown(
    stand: Stand, view: SearchView, monkeypatch: pytest.MonkeyPatch
) -> None:
    view.search(VideoRange(2, 0, 1))
    wait(stand, view)
    may_go, begun, answered = threading.Event(), threading.Event(), []

    def slow(ground: SearchIndex, video_range: VideoRange, filters: Filters, control: Control) -> Answer:
        if video_range.video_id == 1:
            begun.set()
            assert may_go.wait(30)
        return search(ground, video_range, filters, control)

    monkeypatch.setattr(search_answers, "search", slow)
    view.search_session.answered.connect(lambda answer: answered.append(answer.video_range))
    view.search(VideoRange(1, 20, 21))
    stand.qtbot.waitUntil(begun.is_set)
    stand.qtbot.waitUntil(lambda: view.panel.empty.isVisible())
    assert view.panel.model.rows == (), "what was found before is not shown as what is found now"
    view.search(VideoRange(3, 5, 6))
    may_go.set()
    wait(stand, view)
    assert answered == [VideoRange(3, 5, 6)]
    assert found(view) == brute_force((3, 5), Filters())[0]


def test_the_query_is_moved_by_a_frame(stand: Stand, view: SearchView) -> None:
    view.search(VideoRange(1, 0, 1))
    wait(stand, view)
    assert not view.panel.commands["query_earlier"].isEnabled()
    view.panel.hits.setFocus()
    for key, frame in ((Qt.Key.Key_Period, 1), (Qt.Key.Key_Period, 2), (Qt.Key.Key_Comma, 1)):
        stand.qtbot.keyClick(view.panel.hits, key)
        assert view.search_session.video_range == VideoRange(1, frame, frame + 1)
        wait(stand, view)
        assert found(view) == brute_force((1, frame), Filters())[0]
    view.search(VideoRange(1, 60, 70))
    wait(stand, view)
    assert not view.panel.commands["query_later"].isEnabled(), "the span ends with the video"
    view.panel.commands["query_earlier"].trigger()
    assert view.search_session.video_range == VideoRange(1, 59, 69)


def test_enter_and_a_double_click_open_the_pair_at_these_frames(
    stand: Stand, page: ExploreController, view: SearchView
) -> None:
    pairs: list[tuple[FrameRef, FrameRef]] = []
    page.context.pair_requested.connect(lambda a, b: pairs.append((a, b)))
    view.search(VideoRange(1, 20, 21))
    wait(stand, view)
    video, frame = found(view)[1]
    place = view.panel.hits.center_of(1)
    stand.qtbot.mouseClick(view.panel.hits.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert view.panel.hits.row == 1
    stand.qtbot.keyClick(view.panel.hits, Qt.Key.Key_Return)
    assert pairs == [(FrameRef(1, 20), FrameRef(video, frame))]
    assert page.panel.view == "pair"
    page.choose_view("search")
    stand.qtbot.mouseDClick(view.panel.hits.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert pairs[1] == pairs[0]
    page.choose_view("search")
    assert found(view)[1] == (video, frame), "it is still there"


def test_f_searches_from_the_chosen_hit(stand: Stand, view: SearchView) -> None:
    view.search(VideoRange(1, 20, 21))
    wait(stand, view)
    hit = view.panel.model.rows[2]
    view.panel.hits.setCurrentIndex(view.panel.model.index(2))
    stand.qtbot.keyClick(view.panel.hits, Qt.Key.Key_F)
    assert view.search_session.video_range == hit.video_range
    wait(stand, view)
    assert found(view) == brute_force((hit.video_range.video_id, hit.video_range.start_frame), Filters())[0]


def test_a_hit_is_copied_and_shown_among_the_videos_by_its_menu(stand: Stand, view: SearchView) -> None:
    view.search(VideoRange(1, 20, 21))
    wait(stand, view)
    view.panel.hits.setCurrentIndex(view.panel.model.index(0))
    view.panel.hits.commands["copy_hit"].trigger()
    video, frame = found(view)[0]
    name, _, words, cosine = QGuiApplication.clipboard().text().split("\t")
    assert (name, words) == (f"film{video}.mp4", f"frame {frame}")
    assert float(cosine) == pytest.approx(view.panel.model.rows[0].cosine, abs=1e-4)
    at = view.panel.hits.center_of(1)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, view.panel.hits.viewport().mapToGlobal(at))
    QApplication.sendEvent(view.panel.hits.viewport(), event)
    (menu,) = view.panel.hits.findChildren(QMenu)
    reveal = view.panel.hits.commands["reveal_hit"]
    stand.qtbot.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(reveal).center())
    assert stand.moments == [FrameRef(*found(view)[1])]
    settle()


def test_frames_that_were_chosen_stand_in_their_order_without_a_query(
    stand: Stand, page: ExploreController, view: SearchView
) -> None:
    view.search(VideoRange(1, 20, 21))
    wait(stand, view)
    moments = [FrameRef(3, 8), FrameRef(1, 2), FrameRef(3, 7), FrameRef(2, 39), FrameRef(2, 40), FrameRef(9, 0)]
    page.context.moments_requested.emit(moments, "Cluster 4")
    assert found(view) == [(3, 8), (1, 2), (3, 7), (2, 39)], "those that there are"
    assert view.panel.query.texts[:2] == ("Cluster 4", "4 of 6 frames shown")
    assert view.panel.query.strip.isHidden()
    assert all(hit.cosine is None for hit in view.panel.model.rows)
    view.panel.grab()
    view.panel.hits.setCurrentIndex(view.panel.model.index(1))
    view.panel.hits.setFocus()
    stand.qtbot.keyClick(view.panel.hits, Qt.Key.Key_Return)
    assert view.search_session.video_range == VideoRange(1, 2, 3), "there is nothing to open it beside"
    wait(stand, view)
    assert found(view) == brute_force((1, 2), Filters())[0]


def test_names_follow_the_project_and_a_removed_video_is_found_no_more(
    stand: Stand, page: ExploreController, view: SearchView
) -> None:
    view.search(VideoRange(1, 20, 21))
    wait(stand, view)
    stand.session.do(RenameVideo(2, "slow\u2028one"))
    assert "film2.mp4" not in {view.panel.model.name(row) for row in range(len(view.panel.model.rows))}
    stand.session.do(RemoveVideos((3,)))
    stand.qtbot.waitUntil(lambda: found(view) == brute_force((1, 20), Filters(), (1, 2))[0])
    stand.session.do(RemoveVideos((1,)))
    stand.qtbot.waitUntil(lambda: "not embedded" in view.panel.empty.sentence)
    assert view.panel.query.texts[0] == "Removed video"
    stand.session.undo()
    stand.session.undo()
    stand.qtbot.waitUntil(lambda: found(view) == brute_force((1, 20), Filters())[0])


def test_a_frame_beyond_the_end_and_a_damaged_embedding_are_sentences(stand: Stand, view: SearchView) -> None:
    view.search(VideoRange(1, 500, 501))
    stand.qtbot.waitUntil(lambda: "has frames 0 to 69" in view.panel.empty.sentence)
    assert not view.export.box.commands["hits_csv"].isEnabled()


def test_a_video_that_is_not_embedded_is_searched_for_once_it_is(stand: Stand, tmp_path: Path) -> None:
    films = [tiny_video(tmp_path / "films", f"film{n}.mp4", n, frames) for n, frames in enumerate(LENGTHS, 1)]
    folder = new_project(tmp_path / "project", films, decodes=True)
    embed_by_hand(folder, "run-1", [(films[0], ROWS[0])])
    stand.session.open(folder)
    page = stand.stage(ExploreController)
    stand.qtbot.waitUntil(lambda: page.context.scene is not None)
    page.find_similar(VideoRange(2, 5, 6))
    assert any("not embedded yet" in words for words in stand.told)
    embed_by_hand(folder, "run-1", list(zip(films, ROWS, strict=True)))
    stand.session.embeddings.scan()
    view = page.views["search"]
    wait(stand, view)
    assert page.panel.view == "search"
    assert found(view) == brute_force((2, 5), Filters())[0]


def test_closing_the_project_shows_nothing_of_it(stand: Stand, page: ExploreController, view: SearchView) -> None:
    view.search(VideoRange(1, 20, 21))
    wait(stand, view)
    stand.session.close()
    assert view.panel.model.rows == ()
    assert view.panel.entries.rows == ()
    assert view.search_session.video_range is None
    assert "press F" in view.panel.empty.sentence


def test_the_grid_fills_any_width_in_whole_columns(view: SearchView, stand: Stand) -> None:
    view.search(VideoRange(1, 20, 21))
    wait(stand, view)
    hits = view.panel.hits
    for width in (700, 1000, 1900):
        stand.resize(width, 700)
        QApplication.processEvents()
        columns = hits.viewport().width() // hits.gridSize().width()
        assert hits.viewport().width() - columns * hits.gridSize().width() < columns + 1
        first, last = hits.visualRect(view.panel.model.index(0)), hits.visualRect(view.panel.model.index(columns - 1))
        assert first.top() == last.top(), "one line"
        assert hits.visible_rows[0] == 0
        assert hits.indexAt(QPoint(5, 5)).row() == 0


def test_a_search_begins_in_its_own_view_with_a_button(stand: Stand, page: ExploreController, view: SearchView) -> None:
    start = view.panel.side.start
    button = shown(view.panel.side, QPushButton, "Find similar frames")
    stand.qtbot.waitUntil(button.isEnabled)
    assert start.videos.key in (1, 2), "of the pair"
    start.videos.selected.emit(2)
    stand.qtbot.mouseClick(start.slider, Qt.MouseButton.LeftButton, pos=start.slider.rect().center())
    assert abs(start.slider.value() - start.slider.maximum() / 2) <= 1, "where the mouse was"
    start.slider.setValue(15)
    assert start.text == "Frame 15 · 0:00.50"
    stand.qtbot.waitUntil(lambda: start.has_picture)
    stand.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    wait(stand, view)
    assert found(view) == brute_force((2, 15), view.search_session.filters)[0]
    assert view.panel.query.texts[:2] == ("film2.mp4", "0:00.50 · frame 15")


def test_the_empty_view_has_the_button_too(stand: Stand, page: ExploreController, view: SearchView) -> None:
    stand.qtbot.waitUntil(lambda: view.panel.commands["new_search"].isEnabled())
    shown(view.panel.empty, QPushButton, "Find similar frames").click()
    wait(stand, view)
    assert view.search_session.video_range in (VideoRange(1, 0, 1), VideoRange(2, 0, 1)), "of the pair"


def test_a_search_begins_with_the_frame_that_a_player_showed_last(
    stand: Stand, page: ExploreController, view: SearchView
) -> None:
    page.choose_view("pair")
    page.context.playing.emit(3, 44)
    page.choose_view("search")
    start = view.panel.side.start
    stand.qtbot.waitUntil(lambda: view.panel.commands["new_search"].isEnabled())
    assert (start.videos.key, start.slider.value(), start.slider.maximum()) == (3, 44, LENGTHS[2] - 1)
    view.panel.commands["new_search"].trigger()
    wait(stand, view)
    assert view.search_session.video_range == VideoRange(3, 44, 45)
    page.close()
    assert not view.panel.commands["new_search"].isEnabled()


def test_very_many_packed_frames_are_searched_with_their_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("faiss", reason="FAISS is not installed (the extra ann)")
    from core.search.index.building import build_index

    rows = performances(60, 60)
    packed = write_packed(tmp_path / "library", [*rows, rows[3]])
    card = build_index(packed.folder)
    unknown = (None,) * 5
    digests = {100 - place: digest for place, digest in enumerate(packed.digests[:50])}
    answers = []
    for limit in (10**9, 1000):
        monkeypatch.setattr("core.search.method.EXACT_FRAMES", limit)
        opened = open_videos(packed.folder, ENCODER, digests)
        videos = {
            video_id: VideoRow(video_id, "", digest, 0, "", "train", "", "", "", *unknown, 0, 0)
            for video_id, digest in digests.items()
        }
        index = SearchIndex(videos, opened)
        filters = Filters(k=9, other_videos=True)
        answers.append(search(index, VideoRange(93, 20, 21), filters, Control()))
    assert [answer.note for answer in answers] == ["", card.recall.in_words()]
    assert answers[0].hits == answers[1].hits
    assert len(answers[0].hits) == 9
