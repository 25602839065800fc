"""One index of a project's embeddings: scanned once for a change, whoever shows it, and not before somebody asks."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from carl_gui import embedding_index
from carl_gui.embedding_index import EmbeddingIndex
from carl_gui.explore.page import ExploreController
from carl_gui.export.controller import ExportController
from carl_gui.main_window import MainWindow
from carl_gui.tasks import Tasks
from core.base.errors import StorageError
from core.project.video_edits import RenameVideo
from tests.carl_gui.embedded import course, embed_by_hand
from tests.carl_gui.projects import CHILD_MS, Stand, new_project, standing, tiny_videos
from tests.carl_gui.windows import open_project


@pytest.fixture
def films(tmp_path: Path) -> list[Path]:
    return tiny_videos(tmp_path / "films", 2)


@pytest.fixture
def project(tmp_path: Path, films: list[Path]) -> Path:
    folder = new_project(tmp_path / "project", films, decodes=True)
    embed_by_hand(folder, "run-1", [(film, course(np.linspace(0, 1, 12))) for film in films])
    return folder


@pytest.fixture
def stand(qtbot: QtBot) -> Iterator[Stand]:
    with standing(qtbot) as made:
        yield made


class Scans:
    """Counts the scans of the disk, and can hold them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count, self.may_go_on = 0, threading.Event()
        self.may_go_on.set()
        real = embedding_index.scan_embeddings

        def counted(*words: object) -> EmbeddingIndex:
            self.count += 1
            found = real(*words)
            assert self.may_go_on.wait(CHILD_MS / 1000)
            return found

        monkeypatch.setattr(embedding_index, "scan_embeddings", counted)


@pytest.fixture
def scans(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scans]:
    made = Scans(monkeypatch)
    yield made
    made.may_go_on.set()


def _rested(window: MainWindow) -> bool:
    """Whether nothing is being scanned, or will be."""
    embeddings = window.session.embeddings
    return not embeddings._delay.isActive() and not embeddings._tasks.is_running("scan")


def test_a_change_is_scanned_once_for_all_pages(
    window: MainWindow, qtbot: QtBot, project: Path, films: list[Path], scans: Scans
) -> None:
    open_project(window, project)
    window.show()
    embeddings = window.session.embeddings
    assert window.session.do(RenameVideo(1, "not looked at.mp4"))
    assert _rested(window), "nobody asked"
    assert (scans.count, embeddings.index) == (0, None)
    for page in ("explore", "label", "export", "explore"):
        window.show_page(page)
        qtbot.waitUntil(lambda: embeddings.index is not None and _rested(window))
    explore, export = window.page("explore"), window.page("export")
    assert isinstance(explore, ExploreController)
    assert isinstance(export, ExportController)
    scans.count = 0
    embed_by_hand(project, "run-2", [(film, course(np.linspace(0, 1, 12))) for film in films])
    with qtbot.waitSignal(embeddings.changed):  # as several jobs end and videos change
        embeddings.schedule_scan()
        for number, name in ((1, "first.mp4"), (2, "second.mp4")):
            QApplication.processEvents()  # what would begin at once has begun
            assert window.session.do(RenameVideo(number, name))
    qtbot.waitUntil(lambda: _rested(window))
    assert scans.count == 1
    assert embeddings.index is not None
    assert embeddings.index.source("run-2") is not None
    assert explore.panel.encoders._combo.count() == 2
    assert export.panel.rows["encoder"]._run.count() == 2


def test_who_asks_while_it_is_scanned_gets_that_scan(stand: Stand, project: Path, scans: Scans) -> None:
    stand.session.open(project)
    embeddings, heard = stand.session.embeddings, list[EmbeddingIndex | None]()
    embeddings.changed.connect(lambda: heard.append(embeddings.index))
    scans.may_go_on.clear()
    tasks, got = Tasks(stand, stand.warned.append), list[EmbeddingIndex]()

    async def ask() -> None:
        got.append(await embeddings.latest())

    for name in ("one", "another"):
        tasks.start(name, ask())
        embeddings.refresh()
        stand.qtbot.waitUntil(lambda: scans.count > 0)
    scans.may_go_on.set()
    stand.qtbot.waitUntil(lambda: len(got) == 2)
    assert (scans.count, heard, got) == (1, [embeddings.index], [embeddings.index] * 2)
    tasks.start("later", ask())
    stand.qtbot.waitUntil(lambda: len(got) == 3)
    assert scans.count == 1, "nothing has changed since"
    embeddings.schedule_scan()
    tasks.start("after a change", ask())
    stand.qtbot.waitUntil(lambda: len(got) == 4)
    assert (scans.count, embeddings._delay.isActive()) == (2, False)


def test_what_changes_during_a_scan_is_scanned_after_it(
    stand: Stand, project: Path, films: list[Path], scans: Scans
) -> None:
    stand.session.open(project)
    embeddings, heard = stand.session.embeddings, list[EmbeddingIndex | None]()
    embeddings.changed.connect(lambda: heard.append(embeddings.index))
    scans.may_go_on.clear()
    embeddings.refresh()
    stand.qtbot.waitUntil(lambda: scans.count == 1)
    embed_by_hand(project, "run-2", [(films[0], course(np.linspace(0, 1, 12)))])
    embeddings.schedule_scan()
    stand.qtbot.waitUntil(lambda: embeddings.num_scans == 2)
    scans.may_go_on.set()
    stand.qtbot.waitUntil(lambda: bool(heard))
    assert scans.count == 2
    assert [None if one is None else len(one.sources) for one in heard] == [2], "what is out of date is not shown"


def test_explore_says_that_it_looks_for_embeddings(stand: Stand, project: Path, scans: Scans) -> None:
    scans.may_go_on.clear()
    stand.session.open(project)
    page = stand.stage(ExploreController)
    stand.qtbot.waitUntil(lambda: scans.count == 1)
    assert page.panel.empty.isVisible()
    assert page.panel.empty._title.text() == "Looking for embeddings…"
    assert page.panel.empty.action == ""
    scans.may_go_on.set()
    view = page.views["pair"]
    stand.qtbot.waitUntil(lambda: not page.panel.empty.isVisible() and view.pair is not None)


def test_a_scan_that_fails_is_said_and_nobody_waits_for_ever(
    stand: Stand, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> EmbeddingIndex:
        raise StorageError("The disk cannot be read.")

    monkeypatch.setattr(embedding_index, "scan_embeddings", fail)
    stand.session.open(project)
    tasks, got = Tasks(stand, stand.warned.append), list[EmbeddingIndex]()

    async def ask() -> None:
        got.append(await stand.session.embeddings.latest())

    tasks.start("ask", ask())
    stand.qtbot.waitUntil(lambda: bool(got))
    assert got[0].sources == ()
    assert stand.warned == ["The disk cannot be read."]
