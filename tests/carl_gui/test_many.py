"""The view of many videos: all cells at what the reference does, which ones there are, and what is done with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from carl_gui.explore.many import grid_playing as grid_frames
from carl_gui.explore.many.controller import ManyView, mean_confidence
from carl_gui.explore.many.grid import GridCell
from carl_gui.explore.page import ExploreController
from carl_gui.frames.grid_reader import GridShown
from carl_gui.models.scene import FrameRef, VideoRange
from carl_gui.numbers import percent
from carl_gui.timecode import clock
from core.align.many_tables import read_followers
from core.project.video_edits import RemoveVideos, RenameVideo
from tests.carl_gui.embedded import course, embed_by_hand
from tests.carl_gui.projects import CHILD_MS, Stand, new_project, shown, standing, tiny_video
from tests.conftest import number_of

_COURSES = {
    1: np.linspace(0, 1, 12),
    2: np.repeat(np.linspace(0, 1, 12), 2),
    3: np.linspace(0, 1, 6),
    4: np.linspace(1, 0, 12),
}
"""By number of the film: the reference, one at half its tempo, one at double, and one that does it backwards."""


@pytest.fixture
def films(tmp_path: Path) -> list[Path]:
    """Frame i of film N shows 13 N + i."""
    sizes = {1: (64, 48), 2: (96, 48), 3: (48, 64), 4: (64, 48)}
    return [
        tiny_video(tmp_path / "films", f"film{n}.mp4", n, len(moments), sizes[n]) for n, moments in _COURSES.items()
    ]


@pytest.fixture
def project(tmp_path: Path, films: list[Path]) -> Path:
    folder = new_project(tmp_path / "project", films, decodes=True)
    embed_by_hand(folder, "run-1", [(film, course(_COURSES[n])) for n, film in enumerate(films, 1)])
    return folder


@pytest.fixture
def stand(qtbot: QtBot) -> Iterator[Stand]:
    with standing(qtbot) as made:
        yield made


def _staged(stand: Stand, folder: Path) -> tuple[ExploreController, ManyView]:
    """All that plays is aligned, and every cell says or shows something."""
    stand.session.open(folder)
    page = stand.stage(ExploreController)
    stand.qtbot.waitUntil(lambda: page._embeddings.index is not None)
    page.context.sureness.choose(0.0)  # which frames belong together is known, and every one has a partner
    page.choose_view("many")
    view = page.views["many"]
    _wait_aligned(stand, view)
    return page, view


def _wait_aligned(stand: Stand, view: ManyView) -> None:
    stand.qtbot.waitUntil(
        lambda: bool(view.visible) and view.context.embedded is not None and not view.alignments.missing
    )
    stand.qtbot.waitUntil(
        lambda: all(cell.view.image is not None or cell.view.sentence not in ("", "Aligning…") for cell in _cells(view))
    )


@pytest.fixture
def page_and_view(stand: Stand, project: Path) -> tuple[ExploreController, ManyView]:
    return _staged(stand, project)


@pytest.fixture
def page(page_and_view: tuple[ExploreController, ManyView]) -> ExploreController:
    return page_and_view[0]


@pytest.fixture
def view(page_and_view: tuple[ExploreController, ManyView]) -> ManyView:
    """Film 1 and beside it films 2 to 4."""
    return page_and_view[1]


def _cells(view: ManyView) -> list:
    return view.panel.player.grid.visible_cells


def _numbers(view: ManyView) -> list[int | None]:
    """What is read in the images of the cells."""
    images = [cell.view.image for cell in _cells(view)]
    return [None if image is None else number_of(np.asarray(image)) for image in images]


def _expected(view: ManyView, place: int) -> list[int]:
    return [13 * video + view.frame_of(video, place) for video in view.visible]


def _wait(stand: Stand, view: ManyView, place: int) -> None:
    stand.qtbot.waitUntil(lambda: _numbers(view) == _expected(view, place))


def _row(view: ManyView, name: str) -> QPoint:
    """Where its row is in the list."""
    listed = view.panel.choice.view
    model = listed.model()
    index = next(model.index(at, 0) for at in range(model.rowCount()) if model.index(at, 0).data() == name)
    return listed.visualRect(index).center()


def _names(view: ManyView) -> list[str]:
    return [cell.texts[0] for cell in _cells(view)]


def test_every_cell_shows_what_the_reference_does(stand: Stand, view: ManyView) -> None:
    assert list(view.visible) == [1, 2, 3, 4]
    for place in (5, 11, 0, 7):
        view.playing.metronome.seek(place)
        assert view.frame_of(2, place) // 2 == place, "film 2 shows every moment twice"
        assert abs(view.frame_of(3, place) - place * 5 / 11) <= 1, "film 3 is twice as fast"
        _wait(stand, view, place)
        frames = [view.frame_of(video, place) for video in view.visible]
        assert [cell.texts[1] for cell in _cells(view)] == [clock(frame / 30) for frame in frames]
    assert _names(view) == ["film1.mp4", "film2.mp4", "film3.mp4", "film4.mp4"]


def test_what_is_shown_together_belongs_together_while_it_plays(stand: Stand, view: ManyView) -> None:
    together: list[tuple[int, list[int | None], list[int]]] = []

    def take(arrived: GridShown) -> None:
        together.append((arrived.step, _numbers(view), _expected(view, arrived.step)))

    view.playing.frames.arrived.connect(take)
    stand.qtbot.mouseClick(view.panel.cells[0].view, Qt.MouseButton.LeftButton)
    stand.qtbot.keyClick(view.panel.cells[0].view, Qt.Key.Key_Space)
    assert view.playing.metronome.rate == 1.0
    stand.qtbot.waitUntil(lambda: view.playing.metronome.rate == 0 and view.playing.frame == 11)
    _wait(stand, view, 11)
    assert together
    for place, seen, expected in together:
        assert seen == expected, place


def test_keys_and_the_bar_move_all(stand: Stand, view: ManyView, qtbot: QtBot) -> None:
    first = view.panel.cells[0].view
    first.setFocus()
    for key, place in ((Qt.Key.Key_End, 11), (Qt.Key.Key_Left, 10), (Qt.Key.Key_Home, 0), (Qt.Key.Key_Right, 1)):
        qtbot.keyClick(first, key)
        assert view.playing.frame == place
        _wait(stand, view, place)
    bar = view.panel.player.bar
    qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=QPoint(round(bar.x_of(8)), bar.height() // 2))
    assert view.playing.frame == 8
    _wait(stand, view, 8)


def test_a_moving_grid_is_sharp_after_a_rest(stand: Stand, view: ManyView, monkeypatch: pytest.MonkeyPatch) -> None:
    from carl_gui.explore.many import grid_playing

    monkeypatch.setattr(grid_playing, "_FEW", 2)
    widths: list[int] = []
    view.playing.frames.arrived.connect(lambda shown: widths.append(getattr(shown.images[0], "shape", (0, 0))[1]))
    view.playing.metronome.seek(6)
    stand.qtbot.waitUntil(lambda: len(widths) >= 2)
    assert widths[0] * 2 == widths[1] == np.asarray(_cells(view)[0].view.image).shape[1]
    _wait(stand, view, 6)


def test_a_tick_takes_a_video_out_and_in(stand: Stand, view: ManyView, qtbot: QtBot) -> None:
    listed = view.panel.choice.view
    qtbot.mouseClick(listed.viewport(), Qt.MouseButton.LeftButton, pos=_row(view, "film3.mp4"))
    assert list(view.visible) == [1, 2, 4]
    _wait_aligned(stand, view)
    _wait(stand, view, 0)
    listed.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(listed, Qt.Key.Key_Space)
    assert list(view.visible) == [1, 2, 3, 4]
    view.playing.metronome.seek(3)
    _wait(stand, view, 3)


def test_all_and_none_mean_those_that_the_search_leaves(stand: Stand, view: ManyView, qtbot: QtBot) -> None:
    choice = view.panel.choice
    qtbot.mouseClick(choice._none, Qt.MouseButton.LeftButton)
    assert list(view.visible) == [1]
    assert view.panel.line == "Tick the videos on the left to play beside film1.mp4."
    qtbot.keyClicks(choice._field, "FILM2")
    assert choice.list.visible_ids == [2]
    qtbot.mouseClick(choice._all, Qt.MouseButton.LeftButton)
    assert list(view.visible) == [1, 2]
    choice._field.clear()
    assert choice.list.visible_ids == [2, 3, 4]
    assert list(view.visible) == [1, 2]


def test_the_odd_one_is_named_and_sorted_to_where_it_is_looked_for(stand: Stand, view: ManyView) -> None:
    matches = view.alignments.matches
    assert matches[4].mean_cosine < min(matches[2].mean_cosine, matches[3].mean_cosine)
    sure = {video: percent(mean_confidence(match)) for video, match in matches.items()}
    assert [matches[video].alignable_score >= 0.5 for video in (2, 4)] == [True, False]
    assert view.panel.choice.line == "Least similar: film4.mp4, which may not show the same action."
    order = view.panel.choice._order
    order.setCurrentIndex(order.findData("odd"))
    order.activated.emit(order.currentIndex())
    assert _names(view)[:2] == ["film1.mp4", "film4.mp4"]
    notes = [cell.texts[2] for cell in _cells(view)]
    believed = {video: match.alignable_score >= 0.5 for video, match in matches.items()}
    assert notes[:2] == ["", "another action?"]
    assert notes[1:] == [
        f"confidence {sure[video]}" if believed[video] else "another action?" for video in view.visible[1:]
    ]
    view.sort("alike")
    assert _names(view)[-1] == "film4.mp4"
    _wait_aligned(stand, view)
    _wait(stand, view, 0)


def test_another_reference_shows_the_same_moment(stand: Stand, view: ManyView) -> None:
    view.playing.metronome.seek(8)
    frame = view.frame_of(2, 8)
    view.panel.cells[1].view.setFocus()
    stand.qtbot.waitUntil(view.panel.commands["make_reference"].isEnabled)
    view.panel.commands["make_reference"].trigger()
    assert (view.reference, list(view.visible)) == (2, [2, 1, 3, 4])
    assert view.playing.frame == frame
    _wait_aligned(stand, view)
    _wait(stand, view, frame)
    assert view.frame_of(1, frame) == 8


def test_the_menu_of_a_cell_leads_to_the_pair_and_to_the_search(stand: Stand, view: ManyView, qtbot: QtBot) -> None:
    pairs: list[tuple[FrameRef, FrameRef]] = []
    searches: list[VideoRange] = []
    for wish in (view.context.pair_requested, view.context.search_requested):
        wish.disconnect()  # the page would turn to another view
    view.context.pair_requested.connect(lambda a, b: pairs.append((a, b)))
    view.context.search_requested.connect(searches.append)
    view.playing.metronome.seek(5)
    cell = view.panel.cells[2].view
    cell.setFocus()
    qtbot.keyClick(cell, Qt.Key.Key_Return)
    menu = next(one for one in view.panel.findChildren(QMenu) if one.isVisible())
    assert [action.text() for action in menu.actions()] == [
        "Compare this video with the reference",
        "Make this video the reference",
        "Find similar frames",
        "Mark this video as right or not",
    ]
    frame = view.frame_of(3, 5)
    menu.actions()[2].trigger()
    assert searches == [VideoRange(3, frame, frame + 1)]
    menu.actions()[0].trigger()
    assert pairs == [(FrameRef(1, 5), FrameRef(3, frame))]
    menu.close()
    view.panel.cells[0].view.setFocus()
    assert not view.panel.commands["compare_cell"].isEnabled(), "the reference is compared with nothing"


def test_a_video_without_frames_says_so_and_the_others_go_on(
    stand: Stand, project: Path, films: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    find = grid_frames.find_stored
    monkeypatch.setattr(
        grid_frames,
        "find_stored",
        lambda digest, path: None if path.name in ("film2.mp4", "film3.mp4") else find(digest, path),
    )
    films[2].unlink()
    _, view = _staged(stand, project)
    assert "stored frames were cleared" in _cells(view)[1].view.sentence
    assert "Find it on the Videos page" in _cells(view)[2].view.sentence
    view.playing.metronome.seek(7)
    stand.qtbot.waitUntil(lambda: _numbers(view)[::3] == _expected(view, 7)[::3])
    assert _numbers(view)[1:3] == [None, None]
    assert [bool(cell.texts[1]) for cell in _cells(view)] == [True, False, False, True], "no time without a frame"


def test_more_than_fit_are_turned_page_by_page(stand: Stand, tmp_path: Path, qtbot: QtBot) -> None:
    films = [tiny_video(tmp_path / "films", f"film{n:02}.mp4", n, 3, (32, 24)) for n in range(1, 21)]
    folder = new_project(tmp_path / "project", films, decodes=True)
    embed_by_hand(folder, "run-1", [(film, course(np.linspace(0, 1, 3))) for film in films])
    _, view = _staged(stand, folder)
    assert view.panel.line == "Beside film01.mp4: 15"
    assert len(view.checked) == 15, "no more are aligned than are seen, until somebody wants them"
    view.check(view.panel.choice.list.visible_ids, True)
    assert view.panel.line == "Beside film01.mp4: 1–15 of 19"
    assert not view.panel.commands["previous_page"].isEnabled()
    view.panel.cells[0].view.setFocus()
    qtbot.keyClick(view.panel.cells[0].view, Qt.Key.Key_PageDown, Qt.KeyboardModifier.ShiftModifier)
    assert list(view.visible) == [1, 17, 18, 19, 20]
    assert view.panel.line == "Beside film01.mp4: 16–19 of 19"
    assert not view.panel.commands["next_page"].isEnabled()
    _wait_aligned(stand, view)
    view.playing.metronome.seek(2)
    _wait(stand, view, 2)
    shown(view.panel, type(view.panel._pages[0]), "‹").click()
    assert list(view.visible) == list(range(1, 17))


def test_one_video_alone_says_what_is_missing(stand: Stand, tmp_path: Path) -> None:
    film = tiny_video(tmp_path / "films", "film.mp4", 1, 1)
    folder = new_project(tmp_path / "project", [film], decodes=True)
    embed_by_hand(folder, "run-1", [(film, course([0.5]))])
    _, view = _staged(stand, folder)
    assert view.panel.line == "Only one video is embedded. Embed more to compare them."
    assert _numbers(view) == [13]
    assert not view.export.box.button.isEnabled()


def test_names_follow_the_project_and_what_is_removed_goes(stand: Stand, view: ManyView) -> None:
    stand.session.do(RenameVideo(2, "Bea.mp4"))
    stand.qtbot.waitUntil(lambda: "Bea.mp4" in _names(view))
    stand.session.do(RemoveVideos((3,)))
    stand.qtbot.waitUntil(lambda: set(view.visible) == {1, 2, 4})
    _wait_aligned(stand, view)
    stand.session.do(RemoveVideos((1,)))
    stand.qtbot.waitUntil(lambda: 1 not in view.visible)
    _wait_aligned(stand, view)
    view.playing.metronome.seek(2)
    _wait(stand, view, 2)


def test_another_project_can_follow(stand: Stand, page: ExploreController, view: ManyView, tmp_path: Path) -> None:
    films = [tiny_video(tmp_path / "more", f"other{n}.mp4", n, 5) for n in (1, 2)]
    folder = new_project(tmp_path / "other", films, decodes=True)
    embed_by_hand(folder, "run-1", [(film, course(np.linspace(0, 1, 5))) for film in films])
    view.sort("odd")
    stand.session.close()
    assert _cells(view) == []
    stand.session.open(folder)
    stand.qtbot.waitUntil(lambda: list(view.visible) == [1, 2])
    _wait_aligned(stand, view)
    view.playing.metronome.seek(4)
    _wait(stand, view, 4)


def _film(path: Path) -> Sequence[NDArray[np.uint8]]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def test_the_grid_is_written_as_a_film_by_a_child(stand: Stand, view: ManyView, tmp_path: Path) -> None:
    seen = view.exported()
    assert seen is not None
    view.export.write("export_grid", tmp_path / "grid.mp4", seen)
    with stand.qtbot.waitSignal(view.export.finished, timeout=CHILD_MS) as ended:
        pass
    assert ended.args == [f"Wrote the video to {tmp_path / 'grid.mp4'}.", False]
    images = _film(tmp_path / "grid.mp4")
    assert len(images) == 12
    first = [number_of(image[20 : 20 + 480, 20 : 20 + 640]) for image in images]
    assert first == [13 + i for i in range(12)]
    assert view.export.box.commands["export_grid"].isEnabled()


def test_a_film_that_is_cancelled_leaves_nothing(stand: Stand, view: ManyView, tmp_path: Path) -> None:
    seen = view.exported()
    assert seen is not None
    view.export.write("export_grid", tmp_path / "out" / "grid.mp4", seen)
    (tmp_path / "out").mkdir(exist_ok=True)
    stand.qtbot.waitUntil(lambda: bool(stand.jobs.jobs) or not view.export.is_running)
    assert view.export.is_running
    with stand.qtbot.waitSignal(view.export.finished, timeout=CHILD_MS):  # a job that has not begun ends at once
        view.export.cancel(view.export.box)
    assert view.export.box.result == "Cancelled; nothing was written."
    assert list((tmp_path / "out").iterdir()) == []


def test_the_table_says_which_frames_belong_together(stand: Stand, view: ManyView, tmp_path: Path) -> None:
    seen = view.exported()
    assert seen is not None
    view.export.write("export_grid_table", tmp_path / "t.csv", seen)
    stand.qtbot.waitUntil(lambda: bool(view.export.box.result))
    assert view.export.box.result == f"Wrote the frames of 3 videos to {tmp_path / 't.csv'}."
    found = read_followers(tmp_path / "t.csv")
    assert [one.name for one in found] == [f"film{n}.mp4" for n in (1, 2, 3, 4)]
    for number, one in enumerate(found, 1):
        assert one.frames.tolist() == [view.frame_of(number, place) for place in range(12)]


def test_a_film_is_not_written_over_a_video(stand: Stand, view: ManyView, films: list[Path]) -> None:
    seen, before = view.exported(), films[1].read_bytes()
    assert seen is not None
    view.export.write("export_grid", films[1], seen)
    stand.qtbot.waitUntil(lambda: bool(view.export.box.result))
    assert "film2.mp4" in view.export.box.result
    assert films[1].read_bytes() == before


def test_in_a_narrow_cell_what_is_doubted_goes_before_the_time(qtbot: QtBot) -> None:
    cell = GridCell()
    qtbot.addWidget(cell)
    cell.set_video("swing.mp4", "", is_reference=False)
    cell.set_moment("0:07.63", None)
    both = cell._time_and_note(1000)
    cell.set_note("another action?")
    assert cell._time_and_note(1000) == ("0:07.63", "another action?")
    metrics = cell.fontMetrics()
    for room in range(40, 400, 7):
        time, note = cell._time_and_note(room)
        assert metrics.horizontalAdvance(time) + metrics.horizontalAdvance(note) <= room
        assert note.startswith("an") or room < 60
    assert both == ("0:07.63", "")
