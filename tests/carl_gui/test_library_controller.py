"""The step of videos: edits reach the project and come back, and the player shows the chosen video or says why not."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from carl_gui.models.video_filter import Column
from carl_gui.videos.controller import LibraryController
from carl_gui.videos.filters import FilterBar
from core.base.types import Span
from core.project.phase_edits import AddPhase
from core.project.rows import Broken
from core.project.span_edits import PaintSpan
from core.project.store import Project
from tests.carl_gui.projects import CHILD_MS, Stand, new_project, standing, tiny_video, tiny_videos
from tests.conftest import number_of

_CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Four videos in the frame store; frame i of clip N shows 13 N + i."""
    return new_project(tmp_path / "project", tiny_videos(tmp_path / "films", 4), decodes=True)


@pytest.fixture
def stand(qtbot: QtBot, project: Path) -> Iterator[Stand]:
    with standing(qtbot) as made:
        made.session.open(project)
        yield made


@pytest.fixture
def library(stand: Stand) -> LibraryController:
    made = stand.stage(LibraryController)
    stand.qtbot.waitUntil(lambda: len(made.badges) == 4)
    return made


def _click(library: LibraryController, qtbot: QtBot, *ids: int) -> None:
    """Choose these rows with the mouse."""
    view = library.panel.view
    for place, number in enumerate(ids):
        spot = view.visualRect(library.panel.model.index(library.panel.model.row_of(number), Column.NAME)).center()
        held = _CONTROL if place else Qt.KeyboardModifier.NoModifier
        qtbot.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, held, QPoint(spot))


def _number(library: LibraryController) -> int:
    """What is read in the image in the player; -1 where there is none."""
    image = library.player.view.image
    return -1 if image is None else number_of(np.asarray(image))


def _title(library: LibraryController) -> str:
    return next(label.accessibleName() for label in library.player.findChildren(QLabel) if label.text())


def test_edits_of_several_rows_reach_the_project_and_undo_brings_the_rows_back(
    stand: Stand, library: LibraryController
) -> None:
    session, panel = stand.session, library.panel
    before = dict(library.videos)
    _click(library, stand.qtbot, 1, 2, 4)
    assert panel.selected == (1, 2, 4)
    panel._menu.split_selected.emit("val")
    panel.model.setData(panel.model.index(0, Column.ACTION), "squat")
    panel.model.setData(panel.model.index(1, Column.NAME), "second try")
    stored = {row.id: row for row in session.require().videos()}
    assert [stored[number].split for number in (1, 2, 3, 4)] == ["val", "val", "none", "val"]
    assert [stored[number].action for number in (1, 2, 3, 4)] == ["squat", "squat", "", "squat"]
    assert stored[2].name == "second try"
    assert library.videos == stored
    assert panel.model.index(panel.model.row_of(4), Column.SPLIT).data() == "Validation"
    assert panel.selected == (1, 4, 2), "sorted by name, the same rows are chosen"
    labels = [step.label for step in session.require()._history.steps()[-3:]]
    assert labels == ["Set split of 3 videos", "Set action of 3 videos", "Rename video"]
    for _ in range(3):
        session.undo()
    assert library.videos == before
    assert [panel.model.video(number) for number in before] == list(before.values())
    assert panel.selected == (1, 2, 4)
    assert not stand.warned


def test_removed_rows_go_and_undo_brings_them_back_with_their_badges(
    stand: Stand, library: LibraryController, tmp_path: Path
) -> None:
    before = dict(library.videos)
    _click(library, stand.qtbot, 2, 3)
    stand.qtbot.keyClick(library.panel.view, Qt.Key.Key_Delete)
    assert set(library.videos) == {1, 4}
    assert [row.id for row in stand.session.require().videos()] == [1, 4]
    assert (tmp_path / "films" / "clip2.mp4").exists(), "the files stay"
    assert stand.told[-1].startswith("Removed from the project")
    stand.session.undo()
    assert library.videos == before
    stand.qtbot.waitUntil(lambda: len(library.badges) == 4)
    assert all(one.decoded for one in library.badges.values())
    stand.session.redo()
    assert set(library.videos) == {1, 4}


def test_the_chosen_video_plays_from_the_store_even_where_its_file_is_slow_or_spoilt(
    stand: Stand, library: LibraryController, tmp_path: Path
) -> None:
    film = tmp_path / "films" / "clip3.mp4"
    film.write_bytes(b"x" * film.stat().st_size)
    _click(library, stand.qtbot, 3)
    stand.qtbot.waitUntil(lambda: _number(library) == 39)
    library.player.setFocus()
    stand.qtbot.keyClick(library.player.view, Qt.Key.Key_End)
    stand.qtbot.waitUntil(lambda: _number(library) == 39 + 11)
    _click(library, stand.qtbot, 2)
    stand.qtbot.waitUntil(lambda: _number(library) == 26)


def test_the_first_row_is_seen_at_once_and_pictures_stand_beside_the_names(
    stand: Stand, library: LibraryController
) -> None:
    assert library.panel.chosen == 1
    stand.qtbot.waitUntil(lambda: _number(library) == 13)
    stand.qtbot.waitUntil(lambda: all(library.panel.model.picture(number) for number in library.videos))
    for number in library.videos:
        picture = (
            library.panel.model.picture(number)
            .toImage()
            .convertToFormat(library.panel.model.picture(number).toImage().Format.Format_RGB888)
        )
        pixels = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.bytesPerLine())
        image = pixels[:, : 3 * picture.width()].reshape(picture.height(), picture.width(), 3)
        assert number_of(image) == 13 * number + 6, "the frame in the middle"


def test_a_video_that_is_not_decoded_yet_plays_from_its_file_and_goes_on_from_the_store(
    stand: Stand, library: LibraryController, tmp_path: Path
) -> None:
    new = tiny_video(tmp_path / "films", "new.mp4", 77)
    library.panel.add_requested.emit([new])
    stand.qtbot.waitUntil(lambda: 5 in library.videos, timeout=CHILD_MS)
    _click(library, stand.qtbot, 5)
    stand.qtbot.waitUntil(lambda: _number(library) >= 13 * 77)
    library.playback.seek(7)
    stand.qtbot.waitUntil(lambda: _number(library) == 13 * 77 + 7)
    stand.qtbot.waitUntil(lambda: library.shown.id == 5 and library.shown.is_stored, timeout=CHILD_MS)
    stand.qtbot.waitUntil(lambda: library.playback.frame_index == 7 and _number(library) == 13 * 77 + 7)


def test_a_missing_video_says_so_in_the_player_and_plays_again_once_it_is_back(
    stand: Stand, library: LibraryController, tmp_path: Path
) -> None:
    film, away = tmp_path / "films" / "clip1.mp4", tmp_path / "away.mp4"
    stand.qtbot.waitUntil(lambda: _number(library) == 13)
    shutil.move(film, away)
    library.scan_disk()
    stand.qtbot.waitUntil(lambda: library.badges[1].missing)
    assert library.player.is_file_missing
    stand.qtbot.waitUntil(lambda: _number(library) == 13)
    assert library.num_missing == 1
    shutil.move(away, film)
    library.scan_disk()
    stand.qtbot.waitUntil(lambda: not library.badges[1].missing and _number(library) == 13)
    assert not library.player.is_file_missing


def test_a_broken_video_says_why_in_the_player(stand: Stand, library: LibraryController, tmp_path: Path) -> None:
    stand.session.keep_facts({2: Broken("clip2.mp4 ends in the middle of a frame: copy it again.")})
    _click(library, stand.qtbot, 2)
    stand.qtbot.waitUntil(lambda: "ends in the middle" in library.player.view.sentence)
    film = tmp_path / "films" / "clip3.mp4"
    film.write_bytes(b"another film")
    library.scan_disk()
    stand.qtbot.waitUntil(lambda: bool(library.badges[3].broken))
    _click(library, stand.qtbot, 3)
    assert "size differs" in library.player.view.sentence
    assert _title(library) == "clip3.mp4"


def test_the_player_lets_go_of_a_video_that_was_removed_and_takes_the_new_name(
    stand: Stand, library: LibraryController, tmp_path: Path
) -> None:
    _click(library, stand.qtbot, 2)
    stand.qtbot.waitUntil(lambda: _number(library) == 26)
    library.panel.name_edited.emit(2, "the best one")
    assert _title(library).startswith("the best one")
    library.panel.remove_requested.emit((2,))
    stand.qtbot.waitUntil(lambda: "best" not in _title_or_nothing(library))
    (tmp_path / "films" / "clip4.mp4").unlink()
    library.scan_disk()
    stand.qtbot.waitUntil(lambda: library.badges[4].missing)
    _click(library, stand.qtbot, 4)
    assert library.player.is_file_missing
    library.panel.remove_requested.emit((4,))
    assert not library.player.is_file_missing


def _title_or_nothing(library: LibraryController) -> str:
    return " ".join(label.accessibleName() for label in library.player.findChildren(QLabel) if label.isVisible())


def test_a_refused_edit_is_said_and_changes_no_row(stand: Stand, library: LibraryController) -> None:
    stand.session.require().read_only = "It is open for reading only."
    before = dict(library.videos)
    library.panel.split_edited.emit((1, 2), "train")
    library.panel.name_edited.emit(1, "other")
    library.panel.remove_requested.emit((1,))
    assert stand.warned == ["It is open for reading only."] * 3
    assert library.videos == before
    assert not stand.told, "nothing was removed"
    assert library.panel.model.video(1) == before[1]


def test_labels_show_on_the_row(stand: Stand, library: LibraryController) -> None:
    stand.session.do(AddPhase("down"))
    stand.session.do(PaintSpan(3, Span("down", 2, 8)))
    assert library.videos[3].num_spans == 1
    stand.qtbot.waitUntil(lambda: library.badges[3].labelled)
    stand.session.undo()
    stand.qtbot.waitUntil(lambda: not library.badges[3].labelled)


def test_enter_gives_the_player_the_keys(stand: Stand, library: LibraryController, qtbot: QtBot) -> None:
    with qtbot.waitActive(stand):
        stand.activateWindow()
    _click(library, qtbot, 3)
    qtbot.waitUntil(lambda: _number(library) == 39)
    qtbot.keyClick(library.panel.view, Qt.Key.Key_Return)
    focus = QApplication.focusWidget()
    assert focus is not None
    assert library.player.isAncestorOf(focus)
    qtbot.keyClick(focus, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: _number(library) == 40)


def test_another_project_takes_the_place_of_the_first_whatever_was_filtered(
    stand: Stand, library: LibraryController, tmp_path: Path
) -> None:
    stand.qtbot.waitUntil(lambda: _number(library) == 13)
    field = library.panel.findChild(FilterBar).findChild(QLineEdit)
    field.setText("clip")
    stand.qtbot.waitUntil(lambda: not library.panel.model.filter.is_empty)
    other = new_project(tmp_path / "other", [tiny_video(tmp_path / "more", "other.mp4", 200)], decodes=True)
    library.scan_disk()  # it is still looking when the project goes
    stand.session.open(other)
    assert [row.name for row in library.videos.values()] == ["other.mp4"]
    assert library.panel.model.rowCount() == 0
    library.panel.clear_filter()
    library.panel.set_chosen(1)
    stand.qtbot.waitUntil(lambda: list(library.badges) == [1] and library.badges[1].decoded)
    stand.qtbot.waitUntil(lambda: _number(library) == 2600)
    stand.session.close()
    assert library.panel.model.num_videos == 0
    assert library.player.view.image is None
    with Project.open(tmp_path / "project") as project:
        assert len(project.videos()) == 4, "and nobody holds the first any more"
