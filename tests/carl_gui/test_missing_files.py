"""Files and folders that go while the window looks at them: said at once, truly, and mended where they lie now."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel, QMessageBox, QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.explore.page import ExploreController
from carl_gui.label.controller import LabelController
from carl_gui.main_window import MainWindow
from carl_gui.player.player import PlayerPanel
from core.base.types import Span
from core.learning.run_folder import RunFolder
from core.project.phase_edits import AddPhase
from core.project.span_edits import PaintSpan
from tests.carl_gui.embedded import course, embed_by_hand
from tests.carl_gui.projects import new_project, shown, tiny_config, tiny_videos
from tests.carl_gui.windows import dialog_of, dialogs, open_project

_LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Three decoded videos below the project's folder, embedded."""
    folder = tmp_path / "here" / "project"
    films = tiny_videos(folder / "films", 3)
    new_project(folder, films, decodes=True)
    with RunFolder.create(folder / "runs" / "run-1", tiny_config(), []):
        pass
    embed_by_hand(folder, "run-1", [(film, course(np.linspace(0, 1, 12))) for film in films])
    return folder


@pytest.fixture
def at(window: MainWindow, project: Path, qtbot: QtBot) -> MainWindow:
    """The window with that project, and a video in its player."""
    open_project(window, project)
    qtbot.waitUntil(lambda: len(window.library.badges) == 3 and window.library.player.view.image is not None)
    return window


def _said(player: PlayerPanel) -> str:
    return " ".join(label.text() for label in player.findChildren(QLabel) if label.isVisible())


def test_a_file_that_goes_is_said_at_once_and_its_stored_frames_stay(
    at: MainWindow, project: Path, qtbot: QtBot
) -> None:
    library = at.library
    title = library.player._title.text()
    film = project / "films" / "clip1.mp4"
    film.rename(film.with_name("other name.mp4"))  # nobody says so to the window
    qtbot.waitUntil(lambda: library.player.is_file_missing)
    assert library.num_missing == 1
    assert library.badges[1].missing
    assert library.panel.commands["find_moved"].isEnabled()
    assert "File missing; showing stored frames." in _said(library.player)
    assert shown(library.player, QPushButton, "Find…").isEnabled()
    qtbot.waitUntil(lambda: library.playback.edges_seconds is not None)
    assert library.player._title.text() == title, "the name has its room"
    library.playback.seek(5)
    qtbot.waitUntil(lambda: library.playback.shown_frame_index == 5)
    film.with_name("other name.mp4").rename(film)
    qtbot.waitUntil(lambda: not library.player.is_file_missing and library.num_missing == 0)
    qtbot.waitUntil(lambda: library.playback.shown_frame_index == 5)  # it is opened anew
    assert not at.banner.isVisible()


def test_a_file_that_goes_while_it_plays_is_said_and_it_plays_on(at: MainWindow, project: Path, qtbot: QtBot) -> None:
    library = at.library
    qtbot.waitUntil(lambda: library.playback.edges_seconds is not None)
    library.playback.set_loop((0, 12))
    library.playback.toggle()
    film = project / "films" / "clip1.mp4"
    film.rename(film.with_name("other name.mp4"))
    qtbot.waitUntil(lambda: library.player.is_file_missing)
    assert library.playback.rate == 1
    library.playback.toggle()


def test_the_frame_stays_where_more_news_come_while_it_is_opened_anew(at: MainWindow, qtbot: QtBot) -> None:
    library = at.library
    qtbot.waitUntil(lambda: library.playback.edges_seconds is not None)
    library.playback.seek(5)
    qtbot.waitUntil(lambda: library.playback.shown_frame_index == 5)
    video, known = library.videos[1], library.badges[1]
    with qtbot.waitSignal(library.playback.opened):
        for is_missing in (True, False):
            library.shown.update_from_disk(video, replace(known, missing=is_missing), library._likely_file(video))
        assert library.playback.edges_seconds is None, "it is being opened"
    assert library.playback.frame_index == 5


def test_a_file_that_is_deleted_and_was_never_decoded_says_so(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    films = tiny_videos(tmp_path / "films", 2)
    open_project(window, new_project(tmp_path / "project", films))
    qtbot.waitUntil(lambda: window.library.player.view.image is not None)
    films[0].unlink()
    qtbot.waitUntil(lambda: "File missing" in window.library.player.view.sentence)
    assert not window.library.player.is_file_missing
    assert window.library.num_missing == 1


def test_a_folder_that_goes_and_comes_back(at: MainWindow, project: Path, qtbot: QtBot) -> None:
    films = project / "films"
    films.rename(project / "unplugged")
    qtbot.waitUntil(lambda: at.library.num_missing == 3)
    (project / "unplugged").rename(films)
    qtbot.waitUntil(lambda: at.library.num_missing == 0)
    (films / "clip2.mp4").unlink()
    qtbot.waitUntil(lambda: at.library.num_missing == 1)


@pytest.mark.parametrize("page", ["videos", "label", "explore"])
def test_find_finds_the_file_from_every_player(
    at: MainWindow, project: Path, tmp_path: Path, qtbot: QtBot, page: str
) -> None:
    away = tmp_path / "away"
    away.mkdir()
    shutil.move(project / "films" / "clip1.mp4", away / "renamed.mp4")
    qtbot.waitUntil(lambda: at.library.num_missing == 1)
    at.show_page(page)
    players = at.page(page).widget.findChildren(PlayerPanel)
    qtbot.waitUntil(lambda: any(player.is_file_missing for player in players))
    player = next(player for player in players if player.is_file_missing)
    qtbot.mouseClick(shown(player, QPushButton, "Find…"), _LEFT)
    dialog = dialog_of(at, QFileDialog)
    dialog.fileSelected.emit(str(away))
    dialog.reject()
    qtbot.waitUntil(lambda: not player.is_file_missing)
    assert at.session.videos[1].absolute == str(away / "renamed.mp4")
    qtbot.waitUntil(lambda: player.view.image is not None)


def test_a_project_folder_that_moves_is_said_truly_on_every_page_until_it_is_back(
    at: MainWindow, project: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    at.show_page("label")
    label = cast("LabelController", at.page("label"))
    qtbot.waitUntil(lambda: label.probe._has_scanned)
    at.show_page("explore")
    explore = cast("ExploreController", at.page("explore"))
    qtbot.waitUntil(lambda: explore.context.scene is not None)
    at.show_page("videos")
    elsewhere = tmp_path / "elsewhere"
    project.parent.rename(elsewhere)
    qtbot.waitUntil(lambda: "was moved or deleted" in at.banner.sentence)
    assert str(project) in at.banner.sentence
    qtbot.waitUntil(lambda: at.library.num_missing == 3)
    at.show_page("label")
    qtbot.waitUntil(lambda: label.probe._has_scanned)
    assert "moved or deleted" in label.panel.probe.line
    assert label.panel.player.view.image is not None or label.panel.player.is_file_missing
    at.show_page("explore")
    qtbot.waitUntil(lambda: explore.panel.empty.isVisible())
    assert "moved or deleted" in explore.panel.empty.sentence
    elsewhere.rename(project.parent)
    qtbot.waitUntil(lambda: not at.banner.isVisible())
    qtbot.waitUntil(lambda: at.library.num_missing == 0)


def test_embeddings_that_cannot_be_opened_since_the_project_moved_are_not_called_damaged(
    at: MainWindow, project: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    at.show_page("explore")
    explore = cast("ExploreController", at.page("explore"))
    qtbot.waitUntil(lambda: explore.context.scene is not None)
    project.parent.rename(tmp_path / "elsewhere")
    explore.context.refused.emit("The embeddings cannot be opened.")
    assert "moved or deleted" in explore.panel.empty.sentence
    (tmp_path / "elsewhere").rename(project.parent)
    explore.context.refused.emit("The embeddings cannot be opened.")
    assert "cannot be opened" in explore.panel.empty.sentence


def test_a_window_whose_project_moved_still_closes(at: MainWindow, project: Path, tmp_path: Path, qtbot: QtBot) -> None:
    at.session.do(AddPhase("reach"))
    project.parent.rename(tmp_path / "elsewhere")
    qtbot.waitUntil(lambda: at.banner.isVisible())
    at.session.do(AddPhase("pull"))
    at.undo()
    at.close()
    assert not at.isVisible()
    assert dialogs(at, QMessageBox) == []


def test_a_project_that_was_moved_while_it_was_closed_works_as_before(
    window: MainWindow, project: Path, tmp_path: Path, qtbot: QtBot
) -> None:
    moved = tmp_path / "elsewhere"
    project.parent.rename(moved)
    open_project(window, moved / "project")
    for phase in ("reach", "pull"):
        window.session.do(AddPhase(phase))
    window.session.do(PaintSpan(1, Span("reach", 0, 6)))
    window.session.do(PaintSpan(1, Span("pull", 6, 12)))
    window.show_page("label")
    label = cast("LabelController", window.page("label"))
    qtbot.waitUntil(lambda: label.panel.player.view.image is not None)
    assert not label.panel.player.is_file_missing
    label.choose(2)
    qtbot.waitUntil(lambda: label.probe.prediction is not None and not label.probe.is_pending, timeout=60_000)
    assert label.probe.prediction is not None
    assert label.probe.prediction.predicted(2)
