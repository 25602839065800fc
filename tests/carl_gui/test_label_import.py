"""Importing labels in the window: the dialog names what would be done, and nothing is done before it is accepted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QFileDialog
from pytestqt.qtbot import QtBot

from carl_gui.label.label_import import FILL, REPLACE, ImportDialog, LabelImport
from carl_gui.main_window import MainWindow
from core.base.types import Span
from core.cli import label_import as importing
from core.project.places import Place
from core.project.rows import Found
from core.project.span_edits import ReplaceSpans
from core.project.store import Project
from core.project.video_edits import AddVideos, NewVideo
from tests.carl_gui.projects import Stand, standing
from tests.carl_gui.windows import dialog_of, open_project
from tests.core.project.projects import authored, filled, with_times

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
    importing = LabelImport(stand.app_context())
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
    assert dialog.sentence == "3 labels for 2 videos, from labels.csv. Nothing changes until you import."
    assert _texts(dialog.videos) == [
        ["clip1.mp4", "1", "10 %", "50 %", "–"],
        ["clip2.mp4", "2", "0 %", "100 %", "2"],
    ]
    assert _texts(dialog.phases) == [["up", "–", "2"], ["hold (new)", "–", "1"]]
    assert _texts(dialog.problems) == [
        ["labels.csv, line 5", "the project has no video 'x.mp4' (add it first); 1 label is left out."],
        ["labels.csv, line 4", "'up' ends at 50, but the video has 20 frames; it is cut there."],
        ["labels.csv, line 4", "'up' overlaps 'hold' (line 3) by 1 frame; it begins after them."],
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
    stand.qtbot.waitUntil(lambda: stand.told[-1:] == ["Imported 3 labels for 2 videos. Undo removes them."])
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
    assert dialog.sentence == "Nothing in bad.eaf can be imported:"
    assert not dialog.accept_button.isEnabled()
    ((where, sentence),) = _texts(dialog.problems)
    assert (where, "a DOCTYPE is refused" in sentence) == ("bad.eaf", True)
    dialog.reject()


def test_without_problems_none_are_shown(stand: Stand, tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(f"{_HEAD}clip1.mp4,down,0,10\n", encoding="utf-8")
    dialog = _opened(stand, path)
    assert not dialog.problems.isVisible()
    assert _texts(dialog.phases) == [["down", "–", "1"]]
    dialog.reject()


def test_a_project_that_closes_takes_the_preview_with_it(stand: Stand, labels: Path) -> None:
    dialog = _opened(stand, labels)
    stand.session.close()
    assert not dialog.isVisible()


_CASES = Path(__file__).parents[1] / "data" / "cases"


@pytest.fixture
def of_cases(folder: Path, stand: Stand) -> Path:
    """The project, its first video called as the cases call theirs."""
    stand.session.close()
    with Project.create(folder.parent / "cases") as project:
        new = NewVideo(Path("/nowhere/v1.mp4"), "1" * 32, 1000, Place("", "/nowhere/v1.mp4"))
        project.do(AddVideos((new,)))
        project.keep_facts({1: Found(250, 25.0, 10.0, 64, 48)})
        with_times(project.videos())
    stand.session.open(folder.parent / "cases")
    return folder.parent / "cases"


def _choose(stand: Stand, dialog: ImportDialog, row: int) -> None:
    """As a person does it with the keyboard; the preview follows."""
    last = dialog.sentence
    dialog.tracks.setFocus()
    move = Qt.Key.Key_Down if row > dialog.tracks.currentIndex() else Qt.Key.Key_Up
    while dialog.tracks.currentIndex() != row:
        stand.qtbot.keyClick(dialog.tracks, move)
    stand.qtbot.waitUntil(lambda: dialog.sentence != last)


def test_of_several_tracks_none_is_imported_until_one_is_chosen(
    stand: Stand, of_cases: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = authored(of_cases)
    dialog = _opened(stand, _CASES / "eaf_child_tiers" / "tiers.eaf")
    assert dialog.tracks.isVisible()
    shown = [dialog.tracks.itemText(row) for row in range(dialog.tracks.count())]
    assert shown == ["Choose…", "subject 1 phase (1)", "subject 2 phase (2)", "Notes (1)"]
    assert dialog.tracks.currentText() == "Choose…"
    assert not dialog.accept_button.isEnabled()
    assert dialog.sentence.startswith("tiers.eaf has several tracks; choose one. ")
    monkeypatch.setattr("carl_gui.label.label_import.read_labels", None)  # no file is read again
    _choose(stand, dialog, 2)
    assert _texts(dialog.videos) == [["v1.mp4", "2", "0 %", "70 %", "–"]]
    assert _texts(dialog.problems) == []
    _choose(stand, dialog, 0)
    assert not dialog.accept_button.isEnabled()
    assert authored(of_cases) == before
    _choose(stand, dialog, 1)
    _click(stand, dialog.accept_button)
    stand.qtbot.waitUntil(lambda: stand.told[-1:] == ["Imported 1 label for 1 video. Undo removes it."])
    assert stand.session.require().spans(1) == [Span("walk", 0, 150)]


def test_nothing_is_imported_of_a_choice_that_is_not_shown_yet(stand: Stand, of_cases: Path) -> None:
    dialog = _opened(stand, _CASES / "eaf_child_tiers" / "tiers.eaf")
    _choose(stand, dialog, 1)
    assert dialog.accept_button.isEnabled()
    stand.qtbot.keyClick(dialog.tracks, Qt.Key.Key_Down)
    assert not dialog.accept_button.isEnabled()
    dialog.reject()
    stand.qtbot.wait(0)
    assert not any(one.isVisible() for one in stand.findChildren(ImportDialog))


def test_the_track_is_asked_for_only_where_there_is_a_choice(stand: Stand, of_cases: Path) -> None:
    dialog = _opened(stand, _CASES / "eaf_time_origin" / "origin.eaf")
    assert not dialog.tracks.isVisible()
    dialog.reject()


@pytest.mark.parametrize(
    ("path", "tracks"),
    [
        ("eaf_child_tiers/tiers.eaf", ("subject 1 phase", "subject 2 phase", "Notes")),
        ("eaf_child_tiers/symbolic.eaf", ("Utt", "Phase")),
        ("eaf_time_origin/origin.eaf", ()),
        ("interop/elan_two_subjects.eaf", ()),  # of a video that the project does not have
    ],
)
def test_the_preview_and_the_command_say_the_same(
    path: str, tracks: tuple[str, ...], stand: Stand, of_cases: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dialog = _opened(stand, _CASES / path)
    shown = [_said_in(dialog)]
    for row in range(1, len(tracks) + 1):
        _choose(stand, dialog, row)
        shown.append(_said_in(dialog))
    dialog.reject()
    stand.session.close()
    for chosen, (problems, sentence, videos) in zip((None, *tracks), shown, strict=True):
        words = ["--events", str(of_cases), str(_CASES / path)]
        status = importing.main(words if chosen is None else [*words, "--track", chosen])
        said = [json.loads(line).get("message", "") for line in capsys.readouterr().out.splitlines()]
        assert said[: len(problems)] == problems
        assert status == (0 if videos else 2)
        of_tracks = said[len(problems) + 1] if tracks else ""
        assert sentence.endswith(of_tracks)
        spans = sum(int(row[1]) for row in videos)
        assert said[len(problems)].startswith(f"{spans} label{'' if spans == 1 else 's'} for {len(videos)} video")


def _said_in(dialog: ImportDialog) -> tuple[list[str], str, list[list[str]]]:
    problems = [f"{where}: {sentence}" for where, sentence in _texts(dialog.problems)]
    return problems, dialog.sentence, _texts(dialog.videos)


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
