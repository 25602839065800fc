"""The first window: it shows what runs say, as they say it, and leaves torch alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from unittest.mock import MagicMock

import numpy as np
import pytest
from carl_gui.controllers.welcome import WelcomeController
from carl_gui.runs import RunRow, RunsOfFolder
from carl_gui.welcome import WelcomePanel
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QTableWidget
from pytestqt.qtbot import QtBot

from core.errors import StorageError
from core.run_folder import RunFolder
from tests.carl_gui.conftest import step


def _cells(panel: WelcomePanel) -> list[list[str]]:
    table = panel.findChild(QTableWidget)
    assert isinstance(table, QTableWidget)
    return [[table.item(row, column).text() for column in range(3)] for row in range(table.rowCount())]


def test_importing_the_window_leaves_torch_and_the_plots_out() -> None:
    code = "import carl_gui.app, sys; sys.exit('torch' in sys.modules or 'pyqtgraph' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_window_shows_the_runs_saves_pictures_and_ends_with_0(
    runs: Path, tmp_path: Path, settings_path: Path
) -> None:
    words = [sys.executable, "-m", "carl_gui.app", str(runs), "--screenshot", str(tmp_path / "pictures")]
    ended = subprocess.run(words, check=False, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (0, "")
    assert not settings_path.exists(), "pictures change nothing that the person set"
    for name in ("runs-light.png", "runs-dark.png"):
        picture = QImage(str(tmp_path / "pictures" / name))
        colours = {picture.pixel(x, y) for x in range(0, picture.width(), 3) for y in range(0, picture.height(), 3)}
        assert len(colours) > 20, "an empty picture"


def test_a_folder_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "carl_gui.app", str(tmp_path / "none")]
    ended = subprocess.run(words, check=False, capture_output=True, text=True)
    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1].endswith(
        f"there is no folder or video {tmp_path / 'none'}: give the folder that holds your runs, or a video"
    )


def test_runs_are_listed_with_state_and_loss_and_the_first_is_drawn(qtbot: QtBot, runs: Path) -> None:
    panel = WelcomePanel()
    qtbot.addWidget(panel)
    controller = WelcomeController(panel)
    controller.open_folder(runs)
    assert _cells(panel) == [["a", "done", "1.000"], ["b", "stopped", "4.500"]]
    steps, losses = panel.curve()
    np.testing.assert_array_equal(steps, np.arange(1, 11))
    np.testing.assert_allclose(losses, 10.0 / np.arange(1, 11))
    controller.close()


def test_choosing_a_run_draws_it_and_news_of_it_arrive(qtbot: QtBot, runs: Path) -> None:
    panel = WelcomePanel()
    qtbot.addWidget(panel)
    controller = WelcomeController(panel)
    controller.open_folder(runs)
    panel.findChild(QTableWidget).setCurrentCell(1, 0)
    assert panel.curve()[1].tolist() == [4.5]
    with RunFolder.resume(runs / "b") as run:
        run.append(step(2, 2.25))
        qtbot.waitUntil(lambda: len(panel.curve()[1]) == 2)
        assert _cells(panel)[1] == ["b", "running", "2.250"]
    qtbot.waitUntil(lambda: _cells(panel)[1][1] == "stopped")
    assert panel.findChild(QTableWidget).currentRow() == 1
    controller.close()


def test_setters_announce_nothing(qtbot: QtBot) -> None:
    panel = WelcomePanel()
    qtbot.addWidget(panel)
    row = RunRow("x", "new", "", np.zeros(0, np.int64), np.zeros(0))
    with qtbot.assertNotEmitted(panel.run_chosen), qtbot.assertNotEmitted(panel.folder_chosen):
        panel.set_runs([row], "x")
        panel.set_curve(row)
        panel.set_folder(Path("runs"))


def test_a_run_that_said_nothing_new_is_not_read_again(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = RunsOfFolder(runs)
    first = model.rows()
    monkeypatch.setattr("core.run_folder.RunFolder.events", lambda self: pytest.fail("read again"))
    assert all(new is old for new, old in zip(model.rows(), first, strict=True))


def test_a_folder_that_cannot_be_read_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot) -> None:
    panel = MagicMock(spec=WelcomePanel)
    monkeypatch.setattr("carl_gui.controllers.welcome.QTimer", MagicMock())

    def refuse(self: RunsOfFolder) -> list[RunRow]:
        raise StorageError("No permission.")

    monkeypatch.setattr(RunsOfFolder, "rows", refuse)
    WelcomeController(panel).open_folder(tmp_path)
    panel.set_message.assert_called_once_with("No permission.")
    panel.set_runs.assert_called_once_with([], None)
