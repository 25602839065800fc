"""The exporter of all views: an export is a declaration and a function; what became of it is said."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QLabel, QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.explore import page as page_of
from carl_gui.explore.explore_context import ExploreContext
from carl_gui.explore.page import ExploreController
from carl_gui.explore.view import ExploreView
from carl_gui.explore.views import VIEWS, View
from carl_gui.exporting import Export, ViewExporter, export_table
from carl_gui.models.scene import Scene
from core.base.control import Control, Stopped
from core.base.errors import StorageError
from tests.carl_gui.pairs import paired_project
from tests.carl_gui.projects import CHILD_MS, Stand, new_project, shown, standing


@dataclass
class Sums:
    """What the view of these tests shows."""

    numbers: list[int]


def _write_sum(target: Path, seen: Sums, control: Control) -> str:
    target.write_text(str(sum(seen.numbers)), encoding="utf-8")
    return f"Wrote the sum to {target}."


def _none(seen: Sums) -> str:
    return "" if seen.numbers else "Add some numbers first."


def _export(name: str = "sum", write: object = _write_sum) -> Export[Sums]:
    return Export(
        name, f"{name} as text…", f"Export {name}", (".csv",), lambda seen: "a:b", write, disabled_reason=_none
    )


@pytest.fixture
def stand(qtbot: QtBot, tmp_path: Path) -> Iterator[Stand]:
    with standing(qtbot) as made:
        made.session.open(new_project(tmp_path / "project"))
        made.show()
        yield made


def _exporter(stand: Stand, seen: Sums, *exports: Export[Sums]) -> ViewExporter[Sums]:
    made = ViewExporter(stand.app_context(), export_table("Test", exports), exports, lambda: seen)
    stand.setCentralWidget(made.box)
    made.box.show()
    made.show()
    stand.session.about_to_close.connect(made.close)
    return made


def _ended(stand: Stand, exporter: ViewExporter[Sums]) -> str:
    stand.qtbot.waitUntil(lambda: not exporter.is_running)
    return exporter.box.result


def test_a_new_export_is_a_declaration_and_a_function(stand: Stand, tmp_path: Path) -> None:
    exporter = _exporter(stand, Sums([2, 3]), _export())
    exporter._start_folder = tmp_path
    action = exporter.box.commands["sum"]
    assert (action.text(), action.objectName(), action.isEnabled()) == ("sum as text…", "explore.sum", True)
    action.trigger()
    (dialog,) = stand.findChildren(QFileDialog)
    assert dialog.windowTitle() == "Export sum"
    assert Path(dialog.selectedFiles()[0]).name == "a_b.csv", "a colon is not for names of files"
    dialog.accept()
    assert _ended(stand, exporter) == f"Wrote the sum to {tmp_path / 'a_b.csv'}."
    assert (tmp_path / "a_b.csv").read_text(encoding="utf-8") == "5"
    assert shown(exporter.box, QPushButton, "Show in folder").isEnabled()


def test_why_nothing_can_be_exported_is_said(stand: Stand) -> None:
    seen = Sums([])
    exporter = _exporter(stand, seen, _export())
    action = exporter.box.commands["sum"]
    assert (action.isEnabled(), action.toolTip()) == (False, "Add some numbers first.")
    assert not exporter.box.button.isEnabled()
    seen.numbers.append(1)
    exporter.show()
    assert action.isEnabled()


def test_what_is_written_is_what_was_seen_and_can_be_cancelled(stand: Stand, tmp_path: Path) -> None:
    def slow(target: Path, seen: Sums, control: Control) -> str:
        assert control._stop.wait(CHILD_MS / 1000)
        raise Stopped

    exporter = _exporter(stand, Sums([1]), _export(), _export("slow", slow))
    exporter.write("slow", tmp_path / "x.csv")
    assert exporter.box.progress == "Writing x.csv…"
    assert not any(action.isEnabled() for action in exporter.box.commands.values()), "one at a time"
    shown(exporter.box, QPushButton, "Cancel").click()
    assert _ended(stand, exporter) == "Cancelled; nothing was written."
    assert exporter.box.progress == ""
    assert list(tmp_path.glob("*.csv")) == []
    assert all(action.isEnabled() for action in exporter.box.commands.values())


@pytest.mark.parametrize("error", [StorageError("The disk is full."), ValueError("a bug")])
def test_what_fails_is_said_and_leaves_nothing_busy(
    stand: Stand, tmp_path: Path, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    bugs = list[object]()
    monkeypatch.setattr("sys.excepthook", lambda *bug: bugs.append(bug[1]))

    def fail(target: Path, seen: Sums, control: Control) -> str:
        raise error

    exporter = _exporter(stand, Sums([1]), _export("failing", fail))
    exporter.write("failing", tmp_path / "x.csv")
    is_bug = isinstance(error, ValueError)
    said = "A bug in CARL Studio stopped this." if is_bug else "The disk is full."
    assert _ended(stand, exporter) == said
    assert bugs == ([error] if is_bug else [])
    assert exporter.box.commands["failing"].isEnabled()
    assert not [one for one in exporter.box.findChildren(QPushButton) if one.isVisible() and "folder" in one.text()]


def test_where_the_box_is_not_seen_the_window_tells(stand: Stand, tmp_path: Path) -> None:
    exporter = _exporter(stand, Sums([1]), _export())
    exporter.box.hide()
    exporter.write("sum", tmp_path / "x.csv")
    said = _ended(stand, exporter)
    exporter.write("sum", tmp_path / "x.txt")
    assert "does not end in .csv" in _ended(stand, exporter)
    assert (stand.told, len(stand.warned)) == ([said], 1)


def test_a_dialog_that_outlives_its_project_writes_nothing(stand: Stand, tmp_path: Path) -> None:
    exporter = _exporter(stand, Sums([1]), _export())
    exporter.ask("sum")
    (dialog,) = stand.findChildren(QFileDialog)
    stand.session.open(new_project(tmp_path / "another"))
    dialog.fileSelected.emit(str(tmp_path / "x.csv"))
    dialog.close()
    assert not exporter.is_running
    assert not (tmp_path / "x.csv").exists()


def test_what_is_being_written_ends_with_its_project(stand: Stand, tmp_path: Path) -> None:
    began = threading.Event()

    def slow(target: Path, seen: Sums, control: Control) -> str:
        began.set()
        assert control._stop.wait(CHILD_MS / 1000)
        raise Stopped

    exporter = _exporter(stand, Sums([1]), _export("slow", slow))
    exporter.write("slow", tmp_path / "x.csv")
    stand.qtbot.waitUntil(began.is_set)
    stand.session.close()
    assert (exporter.is_running, exporter.box.progress, exporter.box.result) == (False, "", "")


class CountView(ExploreView[QLabel, int]):
    """Says how many videos are embedded."""

    def __init__(self, context: ExploreContext) -> None:
        super().__init__(context, QLabel(), export_table("Count", _COUNTS), _COUNTS)
        self.side = self.export.box
        self.first = self.panel

    def _show(self, scene: Scene) -> None:
        self.panel.setText(f"{len(scene.videos)} videos")

    def _snapshot(self, scene: Scene) -> int:
        return len(scene.videos)


def _write_count(target: Path, seen: int, control: Control) -> str:
    target.write_text(str(seen), encoding="utf-8")
    return f"Wrote {seen}."


_COUNTS = (Export("count", "Count…", "Export count", (".csv",), lambda seen: "count", _write_count),)


def test_a_new_view_is_a_subclass_with_a_handful_of_methods(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_of, "VIEWS", (View("pair", "Count", CountView), *VIEWS[1:]))
    with standing(qtbot) as stand:
        stand.session.open(paired_project(tmp_path))
        page = stand.stage(ExploreController)
        view = page.views["pair"]
        stand.qtbot.waitUntil(lambda: view.panel.text() == "2 videos")
        assert view.side.isVisible()
        assert [action.objectName() for action in view.actions] == ["explore.count"]
        view.export.write("count", tmp_path / "count.csv")
        stand.qtbot.waitUntil(lambda: view.export.box.result == "Wrote 2.")
        page.choose_view("many")
        assert not view.panel.isVisible()
        assert view.save_state() == {}
        stand.session.close()
        assert not view.export.box.button.isEnabled()
