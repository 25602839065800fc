"""The table of videos: its order, its filter, and that rows keep their identity through every change."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QItemSelectionModel, QLocale, QPersistentModelIndex, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QTableView
from pytestqt.qtbot import QtBot

from carl_gui.models.video_filter import Column, StateFilter
from carl_gui.videos.model import VideosModel
from core.project.rows import VideoRow, sorted_videos
from tests.carl_gui.videos import badges, many, row

_UP, _DOWN = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
_ROLE = Qt.ItemDataRole


@pytest.fixture
def model(qapp: object) -> VideosModel:
    """Checked by Qt itself at every change."""
    made = VideosModel()
    QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    return made


def _names(model: VideosModel) -> list[str]:
    return [model.index(place, Column.NAME).data() for place in range(model.rowCount())]


def _cells(model: VideosModel, video_id: int, role: Qt.ItemDataRole = _ROLE.DisplayRole) -> list[object]:
    return [model.index(model.row_of(video_id), column).data(role) for column in Column]


@pytest.mark.parametrize("column", [column for column in Column if column != Column.STATE])
@pytest.mark.parametrize("order", [_UP, _DOWN])
def test_the_order_is_that_of_the_project(model: VideosModel, column: Column, order: Qt.SortOrder) -> None:
    videos = many(60)
    model.set_videos(videos)
    model.sort(column, order)
    key = ("name", "action", "split", "num_frames", "duration_seconds", "num_bytes")[column]
    wanted = sorted_videos(videos, key, descending=order == _DOWN)
    assert [model.video_at(place) for place in range(60)] == wanted
    assert all(model.row_of(video.id) == place for place, video in enumerate(wanted))


def test_by_state_the_broken_come_first_then_the_missing_and_the_unknown_last(model: VideosModel) -> None:
    model.set_videos([row(number, f"{number}.mp4") for number in range(1, 8)])
    model.sort(Column.STATE)
    known = {
        6: badges(broken="It is empty."),
        5: badges(missing=True),
        2: badges(decoded=True),
        4: badges(decoded=True, embedded=True, labelled=True),
        1: badges(decoded=True, embedded=True),
        3: badges(),
    }
    model.set_badges(known)
    assert model.shown == [6, 5, 3, 2, 1, 4, 7]
    model.sort(Column.STATE, _DOWN)
    assert model.shown == [4, 1, 2, 3, 5, 6, 7]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", [1, 2, 3]),
        ("KNIE", [1]),
        ("müller knie", [1]),
        ("muller", [1, 3]),
        ("Muller  3", [3]),
        ("day2", [2]),
        ("squat knie", []),
        ("/home", [3]),
    ],
)
def test_words_are_found_in_name_and_place_in_any_order(model: VideosModel, text: str, found: list[int]) -> None:
    elsewhere = {"relative": "", "absolute": "/home/films/x.mp4"}
    model.set_videos(
        [row(1, "Kniebeuge Müller.mp4"), row(2, "squat.mp4", relative="day2/s.mp4"), row(3, "MÜLLER 3", **elsewhere)]
    )
    model.set_filter(text)
    assert sorted(model.shown) == found
    model.set_filter()
    assert len(model.shown) == 3


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("broken", [1]),
        ("missing", [2]),
        ("decoded", [3, 4]),
        ("not_decoded", [1, 2]),
        ("embedded", [4]),
        ("not_embedded", [1, 2, 3]),
        ("labelled", [4]),
        ("not_labelled", [1, 2, 3]),
    ],
)
def test_a_state_is_filtered_as_soon_as_it_is_known(model: VideosModel, state: StateFilter, found: list[int]) -> None:
    model.set_videos([row(number, f"{number}") for number in range(1, 6)])
    model.set_filter(state=state)
    assert model.shown == []
    all_done = badges(decoded=True, embedded=True, labelled=True)
    model.set_badges({1: badges(broken="No."), 2: badges(missing=True), 3: badges(decoded=True), 4: all_done})
    assert model.shown == found


def test_action_and_split_are_filtered_together(model: VideosModel) -> None:
    model.set_videos(many(40))
    model.set_filter(action="", split="val")
    assert model.shown
    assert all((model.video_at(at).action, model.video_at(at).split) == ("", "val") for at in range(model.rowCount()))


def test_whatever_happens_a_persistent_index_keeps_its_video(model: VideosModel) -> None:
    rng = np.random.default_rng(0)
    videos = many(50)
    model.set_videos(videos)
    kept = {video.id: QPersistentModelIndex(model.index(model.row_of(video.id), 2)) for video in videos}
    for _ in range(40):
        match rng.integers(4):
            case 0:
                model.sort(int(rng.integers(7)), _DOWN if rng.integers(2) else _UP)
            case 1:
                model.set_filter(text=str(rng.choice(["", "take", "1", "day 2"])), split=rng.choice([None, "train"]))
            case 2:
                changed = rng.choice(50, 5, replace=False)
                model.update_videos([row(videos[at].id, f"{rng.integers(99)}.mp4", action="new") for at in changed])
            case _:
                model.set_badges({int(key): badges(broken="x") for key in rng.choice(50, 5, replace=False)})
        for key, index in list(kept.items()):
            if model.row_of(key) < 0:
                assert not index.isValid()
                del kept[key]
            else:
                assert (index.row(), index.column()) == (model.row_of(key), 2)
        for place in range(model.rowCount()):
            key = model.video_at(place).id
            kept.setdefault(key, QPersistentModelIndex(model.index(place, 2)))


def test_a_row_that_changes_tells_of_itself_alone(qtbot: QtBot, model: VideosModel) -> None:
    videos = many(30)
    model.set_videos(videos)
    changed = model.video_at(7)
    with qtbot.assertNotEmitted(model.modelReset), qtbot.assertNotEmitted(model.layoutChanged):
        with qtbot.waitSignal(model.dataChanged) as told:
            model.update_videos([row(changed.id, changed.name, num_frames=123), row(999, "not there")])
        assert (told.args[0].row(), told.args[1].row()) == (7, 7)
        with qtbot.assertNotEmitted(model.dataChanged):
            model.update_videos([model.video_at(7)])
    assert model.video_at(7).num_frames == 123
    with qtbot.waitSignal(model.layoutChanged):
        model.update_videos([row(changed.id, "zzz last.mp4")])
    assert model.row_of(changed.id) == 29


def test_the_selection_lives_through_new_rows(qtbot: QtBot, model: VideosModel) -> None:
    view = QTableView()
    qtbot.addWidget(view)
    view.setModel(model)
    videos = many(20)
    model.set_videos(videos)
    chosen = model.video_at(4).id
    flags = QItemSelectionModel.SelectionFlag
    view.selectionModel().setCurrentIndex(model.index(4, 0), flags.ClearAndSelect | flags.Rows)
    model.set_videos([row(100 + number, f"0{number}") for number in range(5)] + videos[1:])
    assert [model.video_at(index.row()).id for index in view.selectionModel().selectedRows()] == [chosen]
    assert model.row_of(chosen) != 4


def test_cells_say_what_is_known(model: VideosModel) -> None:
    sentence = "It is empty (0 bytes)."
    known = {"action": "squat", "split": "val", "num_frames": 1500, "duration_seconds": 3661.2}
    model.set_videos([row(1, "a.mp4", **known), row(2, "b.mp4")])
    size = QLocale().formattedDataSize(2_000_000, 1, QLocale.DataSizeFormat.DataSizeSIFormat)
    assert _cells(model, 1) == ["a.mp4", "squat", "Validation", "1\u202f500", "1:01:01", size, ""]
    assert _cells(model, 2) == ["b.mp4", "", "", "", "", size, ""]
    model.set_badges({1: badges(broken=sentence, labelled=True)})
    assert _cells(model, 1)[Column.STATE] == "Broken, Labelled"
    assert sentence in _cells(model, 1, _ROLE.ToolTipRole)[Column.STATE]
    assert sentence in _cells(model, 1, _ROLE.AccessibleTextRole)[Column.STATE]
    for video_id in (1, 2):
        assert all(_cells(model, video_id, _ROLE.AccessibleTextRole))


def test_a_name_that_is_no_unicode_or_markup_is_shown_and_keeps_its_identity(model: VideosModel) -> None:
    odd = "b\udcff\n<b>x</b>.mp4"
    model.set_videos([row(1, odd)])
    text = model.index(0, 0).data()
    assert text == "b\ufffd\ufffd<b>x</b>.mp4"
    text.encode()
    assert "&lt;b&gt;" in model.index(0, 0).data(_ROLE.ToolTipRole)
    assert model.video_at(0).name == odd
    model.set_filter("<B>X")
    assert model.shown == [1]


def test_editing_asks_and_writes_nothing(qtbot: QtBot, model: VideosModel) -> None:
    model.set_videos([row(7, "a.mp4")])
    with qtbot.waitSignal(model.cell_edited) as edited:
        model.setData(model.index(0, Column.ACTION), "  squat ")
    assert edited.args == [7, Column.ACTION, "squat"]
    assert model.video_at(0).action == ""
    assert model.index(0, Column.SPLIT).flags() & Qt.ItemFlag.ItemIsEditable
    assert not model.index(0, Column.FRAMES).flags() & Qt.ItemFlag.ItemIsEditable
    model.set_read_only(True)
    assert not model.index(0, Column.SPLIT).flags() & Qt.ItemFlag.ItemIsEditable


def test_of_another_file_under_the_same_id_nothing_is_known(model: VideosModel) -> None:
    model.set_videos([row(1, "a.mp4")])
    model.set_badges({1: badges(decoded=True), 5: badges()})
    model.set_picture(1, QPixmap(4, 4))
    model.set_videos([row(1, "a.mp4"), row(2, "b.mp4")])
    assert model.picture(1) is not None
    assert model.badges(1) is not None
    other: VideoRow = row(1, "a.mp4", digest="f" * 32)
    model.set_videos([other])
    assert (model.picture(1), model.badges(1)) == (None, None)


def test_ten_thousand_videos_are_sorted_and_found(qapp: object) -> None:
    model = VideosModel()  # Qt's check of every change would take minutes
    videos = many(10_000)
    model.set_videos(videos)
    for column in Column:
        model.sort(column, _DOWN)
    model.set_filter("DAY 7 take", split="train")
    assert model.rowCount() == sum(video.split == "train" and "7" in video.name for video in videos)


@pytest.mark.parametrize("column", list(Column))
@pytest.mark.parametrize("order", [_UP, _DOWN])
def test_videos_that_come_in_later_stand_where_they_would_have_stood(
    model: VideosModel, column: Column, order: Qt.SortOrder
) -> None:
    videos = many(60)
    whole = VideosModel()
    whole.set_videos(videos)
    whole.set_badges({3: badges(missing=True), 50: badges(broken="It is empty.")})
    whole.sort(column, order)
    model.sort(column, order)
    model.set_videos(videos[:20])
    model.set_badges({3: badges(missing=True)})
    kept = QPersistentModelIndex(model.index(model.row_of(7), Column.NAME))
    for start in (20, 25, 58):
        model.add_videos(videos[start - 5 : {20: 25, 25: 58, 58: 60}[start]])  # five of them for the second time
    model.set_badges({50: badges(broken="It is empty.")})
    assert model.shown == whole.shown
    assert kept.row() == model.row_of(7)
    assert (model.missing(), model.num_broken(), model.num_videos) == ((3,), 1, 60)
    model.set_videos(videos[10:])
    assert (model.missing(), model.num_broken()) == ((), 1)


def test_a_filter_holds_for_what_comes_in_later(model: VideosModel) -> None:
    model.set_videos([row(1, "squat 1.mp4"), row(2, "lunge 1.mp4")])
    model.set_filter("squat")
    model.add_videos([row(3, "squat 2.mp4"), row(4, "lunge 2.mp4")])
    assert _names(model) == ["squat 1.mp4", "squat 2.mp4"]
    assert model.num_videos == 4
