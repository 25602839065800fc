"""Importing labels in the window: the dialog names what would be done, and nothing is done before it is accepted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QFileDialog
from pytestqt.qtbot import QtBot

from carl_gui.controllers.label_import import LabelImport
from carl_gui.main_window import MainWindow
from carl_gui.panels.label.import_dialog import FILL, REPLACE, ImportDialog
from core.project.rows import Found
from core.project.span_edits import ReplaceSpans
from core.project.store import Project
from core.types import Span
from tests.carl_gui.projects import Stand, standing
from tests.carl_gui.windows import dialog_of, open_project
from tests.core.project.projects import authored, filled

_HEAD = "video,phase,start_frame,end_frame_exclusive\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three videos of 20 frames; the first one has a label."""
    with filled(tmp_path / "p") as project:
        project.keep_facts({number: Found(20, 10.0, 2.0, 64, 48) for number in (1, 2, 3)})
        project.do(ReplaceSpans(1, (Span("down", 4, 6),)))
    return tmp_path / "p"


@pytest.fixture
def stand(qtbot: QtBot, folder: Path) -> Iterator[Stand]:
    with standing(qtbot) as made:
        made.session.open(folder)
        made.show()
        yield made


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text(
        f"{_HEAD}clip1.mp4,up,0,10\nclip2.mp4,hold,0,3\nclip2.mp4,up,2,50\nx.mp4,up,0,1\n", encoding="utf-8"
    )
    return path


def _opened(stand: Stand, *paths: Path) -> ImportDialog:
    importing = LabelImport(stand.workshop())
    importing.read(paths)
    stand.qtbot.waitUntil(lambda: any(one.isVisible() for one in stand.findChildren(ImportDialog)))
    (dialog,) = [one for one in stand.findChildren(ImportDialog) if one.isVisible()]
    return dialog


def _texts(view: object) -> list[list[str]]:
    table = view.table
    return [
        [table.index(row, column).data() for column in range(table.columnCount())] for row in range(table.rowCount())
    ]


def _click(stand: Stand, button: QAbstractButton) -> None:
    """Near its left edge, where a radio button has its circle."""
    stand.qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=QPoint(8, button.height() // 2))


def test_the_preview_names_everything_and_changes_nothing(stand: Stand, labels: Path, folder: Path) -> None:
    before = authored(folder)
    dialog = _opened(stand, labels)
    assert dialog.sentence == "3 spans for 2 videos, from labels.csv. Nothing is changed until you import."
    assert _texts(dialog.videos) == [
        ["clip1.mp4", "1", "10 %", "50 %", "–"],
        ["clip2.mp4", "2", "0 %", "100 %", "2"],
    ]
    assert _texts(dialog.phases) == [["up", "–", "2"], ["hold (new)", "–", "1"]]
    assert _texts(dialog.problems) == [
        ["labels.csv, line 5", "the project has no video 'x.mp4', so add it first: 1 span is left out."],
        ["labels.csv, line 4", "'up' ends at 50, but the video has 20 frames: it is cut there."],
        ["labels.csv, line 4", "'up' overlaps 'hold' (line 3) by 1 frame: it begins after them."],
    ]
    _click(stand, dialog.cancel_button)
    stand.qtbot.waitUntil(lambda: not dialog.isVisible())
    assert authored(folder) == before


@pytest.mark.parametrize("mode", [REPLACE, FILL])
def test_accepted_it_is_one_step(mode: str, stand: Stand, labels: Path, folder: Path) -> None:
    session, before = stand.session, authored(folder)
    dialog = _opened(stand, labels)
    if mode == FILL:
        _click(stand, dialog.fill_button)
        assert _texts(dialog.videos)[0] == ["clip1.mp4", "1", "10 %", "50 %", "–"]
    _click(stand, dialog.accept_button)
    stand.qtbot.waitUntil(lambda: stand.told[-1:] == ["Imported 3 spans of 2 videos. Undo takes them back."])
    middle = [Span("down", 4, 6), Span("up", 6, 10)]
    assert session.require().spans(1) == ([Span("up", 0, 10)] if mode == REPLACE else [Span("up", 0, 4), *middle])
    assert session.require().spans(2) == [Span("hold", 0, 3), Span("up", 3, 20)]
    assert session.videos[2].num_frames_labelled == 20
    session.undo()
    assert {**authored(folder), "step": []} == {**before, "step": []}


def test_what_cannot_be_imported_says_why(stand: Stand, tmp_path: Path) -> None:
    bad = tmp_path / "bad.eaf"
    bad.write_text('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', encoding="utf-8")
    dialog = _opened(stand, bad)
    assert dialog.sentence == "Nothing of bad.eaf can be imported; below is said why."
    assert not dialog.accept_button.isEnabled()
    ((where, sentence),) = _texts(dialog.problems)
    assert (where, "a DOCTYPE is not read" in sentence) == ("bad.eaf", True)
    dialog.reject()


def test_without_problems_none_are_shown(stand: Stand, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(f"{_HEAD}clip1.mp4,Down,0,10\n", encoding="utf-8")
    dialog = _opened(stand, path)
    assert not dialog.problems.isVisible()
    assert _texts(dialog.phases) == [["down", "Down", "1"]]
    dialog.reject()


def test_a_project_that_closes_takes_the_preview_with_it(stand: Stand, labels: Path) -> None:
    dialog = _opened(stand, labels)
    stand.session.close()
    assert not dialog.isVisible()


def test_from_the_menu_to_the_project(window: MainWindow, qtbot: QtBot, folder: Path, labels: Path) -> None:
    window.show()
    assert not window.commands.actions["label.import"].isEnabled()
    project: Project = open_project(window, folder)
    window.commands.actions["label.import"].trigger()
    chooser = dialog_of(window, QFileDialog)
    chooser.setDirectory(str(labels.parent))
    chooser.selectFile(labels.name)
    chooser.accept()
    qtbot.waitUntil(lambda: any(one.isVisible() for one in window.findChildren(ImportDialog)))
    dialog = dialog_of(window, ImportDialog)
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: project.spans(2) != [])
    assert project.spans(1) == [Span("up", 0, 10)]
    assert "Import labels of 2 videos" in window.commands.actions["edit.undo"].text()
