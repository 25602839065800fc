"""The strip of progress, the log and the chip: what they say of a run, and what can be done in which state."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPlainTextEdit, QProgressBar, QPushButton, QToolButton
from pytestqt.qtbot import QtBot

from carl_gui.commands.registry import takes_text
from carl_gui.job_control.status import JobChip, JobShown
from carl_gui.models.runs import RunRow, RunState
from carl_gui.train.log_tail import LogTail
from carl_gui.train.run_details import RunDetails
from carl_gui.widgets.buttons import PrimaryButton
from core.base.events import Progress, StepDone
from tests.carl_gui.run_examples import BROKEN, FIRST, SECOND

_STEP = StepDone(11, 840, 2000, 0.4231, 1e-3, 1.0, 1243.0, 4980.0, 0)


@pytest.fixture
def panel(qtbot: QtBot) -> RunDetails:
    made = RunDetails()
    qtbot.addWidget(made)
    made.resize(700, 200)
    made.show()
    return made


def _said(panel: RunDetails) -> str:
    return "\n".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def _buttons(panel: RunDetails) -> dict[str, QPushButton]:
    return {button.text(): button for button in panel.findChildren(QPushButton)}


def test_a_running_run_says_how_far_how_fast_and_how_good(panel: RunDetails) -> None:
    panel.set_run(FIRST, _STEP)
    said = _said(panel)
    assert "Training first · epoch 12 of 30 · step 840 of 2\u202f000" in said
    for expected in ("1\u202f243 frames/s", "1 h 23 min", "0.4231", "Tau", "0.912"):
        assert expected in said
    assert "GPU" not in said
    panel.set_run(FIRST, replace(_STEP, gpu_bytes=2_140_000_000))
    assert "2.1 GB" in _said(panel)
    assert panel.findChild(QProgressBar).value() / panel.findChild(QProgressBar).maximum() == pytest.approx(0.42)


def test_before_the_first_step_it_tells_the_stage(panel: RunDetails) -> None:
    starting = RunRow("first", "running", is_steerable=True)
    panel.set_run(starting, None)
    assert "Starting first" in _said(panel)
    assert panel.findChild(QProgressBar).maximum() == 0, "it only shows that something goes on"
    panel.set_stage(Progress("decode", 120, 900, "frame", 45.2, 17, 240))
    panel.set_run(starting, None)
    assert "Preparing first · Decoding videos: 120 of 900 frames" in _said(panel)
    for expected in ("45 frames/s", "17 s", "about 4 min"):
        assert expected in _said(panel)
    panel.set_run(replace(starting, state="paused"), None)
    assert "4 min" not in _said(panel), "while it waits nobody knows when it ends"
    panel.set_run(starting, None)
    panel.set_stage(Progress("a stage of tomorrow", 1, 2, "", 0, 0))
    assert "a stage of tomorrow: 1 of 2" in _said(panel)
    panel.set_run(FIRST, _STEP)
    assert "Preparing" not in _said(panel)


def test_a_failure_is_plain_selectable_and_not_told_by_colour_alone(panel: RunDetails) -> None:
    panel.set_run(BROKEN, None)
    shown = next(label for label in panel.findChildren(QLabel) if label.text() == BROKEN.reason)
    assert shown.isVisible()
    assert shown.textInteractionFlags() & Qt.TextInteractionFlag.TextSelectableByMouse
    assert any(label.isVisible() and not label.pixmap().isNull() for label in panel.findChildren(QLabel))
    panel.set_run(SECOND, None)
    assert BROKEN.reason not in _said(panel)


@pytest.mark.parametrize(
    ("state", "enabled"),
    [
        ("new", {"Resume"}),
        ("waiting", {"Stop"}),
        ("running", {"Pause", "Stop"}),
        ("pausing", {"Stop"}),
        ("paused", {"Resume", "Stop"}),
        ("stopping", set()),
        ("stopped", {"Resume"}),
        ("failed", {"Resume"}),
        ("done", {"Embed all videos", "Train further"}),
    ],
)
def test_buttons_follow_the_state(panel: RunDetails, state: RunState, enabled: set[str]) -> None:
    panel.set_run(replace(FIRST, state=state, is_resumable=state != "done"), None)
    assert {text for text, button in _buttons(panel).items() if button.isEnabled()} == enabled


@pytest.mark.parametrize(("state", "words"), [("pausing", "Pausing…"), ("stopping", "Stopping…")])
def test_what_was_asked_for_is_said_until_it_is_done(panel: RunDetails, state: RunState, words: str) -> None:
    panel.set_run(replace(FIRST, state=state), _STEP)
    assert not _buttons(panel)[words].isEnabled()
    assert f"{words[:-1].lower()} after this step…" in _said(panel)
    panel.set_stage(Progress("features", 120, 900, "frame", 45.2, 17, 240))
    assert f"{words[:-1].lower()} after this batch…" in _said(panel)


def test_a_run_of_somebody_else_is_only_looked_at(panel: RunDetails) -> None:
    panel.set_run(replace(FIRST, is_steerable=False), _STEP)
    assert not any(button.isEnabled() for button in _buttons(panel).values())
    panel.set_run(None, None)
    assert not any(button.isEnabled() for button in _buttons(panel).values())
    assert "No run selected" in _said(panel)


@pytest.mark.parametrize(
    ("state", "button", "signal"),
    [
        ("running", "Pause", "pause_requested"),
        ("paused", "Resume", "continue_requested"),
        ("running", "Stop", "stop_requested"),
        ("stopped", "Resume", "resume_requested"),
        ("done", "Embed all videos", "embed_requested"),
        ("done", "Train further", "further_requested"),
    ],
)
def test_each_button_says_its_own_thing(
    panel: RunDetails, qtbot: QtBot, state: RunState, button: str, signal: str
) -> None:
    panel.set_run(replace(FIRST, state=state, is_resumable=True), None)
    with qtbot.waitSignal(getattr(panel, signal)):
        _buttons(panel)[button].click()


def test_a_long_name_gives_way_and_stands_in_the_tip(panel: RunDetails) -> None:
    name = "push-up-" * 30
    panel.resize(500, 200)
    panel.set_run(replace(FIRST, name=name), _STEP)
    QApplication.processEvents()
    shown = next(label for label in panel.findChildren(QLabel) if "Training" in label.text())
    assert "step 840 of 2\u202f000" in shown.text()
    assert "…" in shown.text()
    assert name in shown.toolTip()
    assert panel.width() == 500


@pytest.fixture
def log(qtbot: QtBot) -> LogTail:
    made = LogTail()
    qtbot.addWidget(made)
    made.resize(400, 200)
    made.show()
    made.set_lines([f"line {number}" for number in range(100)])
    return made


def test_the_log_follows_its_end_unless_one_scrolled_up(log: LogTail) -> None:
    text = log.findChild(QPlainTextEdit)
    bar = text.verticalScrollBar()
    log.append(["the end"])
    assert bar.value() == bar.maximum()
    bar.setValue(10)
    log.append(["more", "and more"])
    assert bar.value() == 10
    assert log.text.endswith("the end\nmore\nand more")


def test_the_log_is_bounded_and_what_one_reads_stays_in_sight(log: LogTail) -> None:
    log.set_lines([f"line {number}" for number in range(5000)])
    assert log.text.count("\n") == 1999
    text = log.findChild(QPlainTextEdit)
    text.verticalScrollBar().setValue(500)
    first = text.firstVisibleBlock().text()
    log.append([f"later {number}" for number in range(50)])
    assert text.firstVisibleBlock().text() == first
    assert log.text.endswith("later 49")


def test_the_log_is_copied_folds_away_and_leaves_single_keys_alone(log: LogTail) -> None:
    next(button for button in log.findChildren(QPushButton)).click()
    assert QApplication.clipboard().text() == log.text
    text = log.findChild(QPlainTextEdit)
    assert not takes_text(text)
    log.findChild(QToolButton).click()
    assert not text.isVisible()
    assert not log.is_unfolded


def test_the_chip_tells_the_first_job_and_how_many_wait(qtbot: QtBot) -> None:
    chip = JobChip()
    qtbot.addWidget(chip)
    chip.set_jobs([])
    assert chip.isHidden()
    running, waiting = JobShown("Training first", 0.42, 190, "running"), JobShown("Training second", None, 0, "waiting")
    chip.set_jobs([running])
    assert chip.isVisible()
    assert chip.text() == chip.accessibleName() == "Training first 42 % · 3 min"
    chip.set_jobs([waiting, running, waiting])
    assert chip.text() == "Training first 42 % (+2 waiting)"
    assert chip.toolTip().splitlines()[0] == "Training second · waiting"
    chip.set_jobs([replace(running, state="paused")])
    assert chip.text() == "Training first 42 % · paused"
    chip.set_jobs([replace(running, state="pausing")])
    assert chip.text() == "Training first 42 % · pausing…"
    chip.set_jobs([JobShown("Training first", None, 600, "running", "checking videos")])
    assert chip.text() == "Training first · checking videos · 10 min", "a stage is not the whole"
    assert chip.focusPolicy() == Qt.FocusPolicy.TabFocus
    with qtbot.waitSignal(chip.clicked):
        qtbot.keyClick(chip, Qt.Key.Key_Space)
    chip.grab()
    chip.set_jobs([])
    assert chip.isHidden()


def test_the_button_of_the_next_step_alone_has_the_accent(panel: RunDetails) -> None:
    panel.set_run(replace(FIRST, state="done", is_resumable=False), None)
    embed = _buttons(panel)["Embed all videos"]
    assert isinstance(embed, PrimaryButton)
    assert embed.is_primary
    panel.set_embedding("going")
    assert not embed.is_primary
    assert not embed.isEnabled()
    assert embed.text() == "Embedding…"
    panel.set_embedding("done")
    assert not embed.is_primary
    assert embed.isEnabled()
    pair = _buttons(panel)["Open the best pair"]
    assert pair.isVisible()
    asked = []
    panel.pair_requested.connect(lambda: asked.append(True))
    pair.click()
    assert asked
