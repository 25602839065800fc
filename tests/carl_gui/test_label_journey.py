"""Labelling with mouse and keys, in the real window: two clips of the sample teach the phases of the other ten."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QDialogButtonBox, QFileDialog, QInputDialog, QLineEdit, QPushButton
from pytestqt.qtbot import QtBot

from carl_gui.export.controller import ExportController
from carl_gui.job_control.order import TrainingOrder
from carl_gui.label.acceptance_dialog import AcceptDialog
from carl_gui.label.controller import LabelController
from carl_gui.label.probe_work import human_spans
from carl_gui.main_window import MainWindow
from core.base.types import Span
from core.labels.segments import read_segments
from core.settings.config import with_values
from core.settings.recipes import find_recipe
from tests.carl_gui import timelines
from tests.carl_gui.projects import CHILD_MS, shown
from tests.carl_gui.windows import button, dialog_of, dialogs, settle
from tests.children import children
from tests.core.sample.drawn import share_clips
from training.queue import JobOrder

_LEFT = Qt.MouseButton.LeftButton
_CLIPS = 12
_PHASES = ("reach", "lift", "pour", "return", "withdraw")
_GOAL = 0.9
"""Of all exported frames."""
_SETTINGS = {
    "views.min_crop_fraction": 0.7,
    "augment.min_scale": 0.95,
    "encoder.delta_lag": 2,
    "objective.name": "scl",
    "scl.variance": 4.0,
    "views.num_frames": 32,
    "train.mean_swap_prob": 0.3,
    "train.augmented_copies": 1,
    "train.batch_size": 4,
    "train.repeats_per_epoch": 4,
    "train.min_steps_per_epoch": 1,
    "train.epochs": 250,
    "train.learning_rate": 2e-3,
    "train.patience": 0,
    "train.eval_interval_epochs": 0,
    "train.cpu_threads": 1,
}
"""Over the recipe `quick`: moments must lie closer together to be taken for alike."""


@pytest.fixture
def _drawn_before(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sample of clips that another test may have had drawn."""

    def order(kind: str, name: str, command: tuple[str, ...], device: str) -> JobOrder:
        return JobOrder(kind, name, ("tests.core.sample.drawn", *command[1:]), device)

    share_clips(tmp_path_factory, monkeypatch)
    monkeypatch.setattr("carl_gui.projects.controller.JobOrder", order)


@pytest.mark.usefixtures("_drawn_before")
@pytest.mark.journey
def test_two_labelled_clips_teach_the_others(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    window.resize(1400, 900)
    _embedded_sample(window, qtbot)
    truth = _spans_of(window.session.require().folder / "videos" / "phases.csv")
    _activate(window, qtbot)
    qtbot.keyClick(window, Qt.Key.Key_4, Qt.KeyboardModifier.AltModifier)
    page = window.page("label")
    assert isinstance(page, LabelController)
    assert window.page_id == "label"
    _add_phases(window, page, qtbot)
    by_hand = []
    for label in (_label_by_dragging, _label_by_keys):
        name = _go_to_next(window, page, qtbot)
        label(page, qtbot, truth[name])
        assert list(page.spans) == truth[name], "as precisely as it was meant"
        by_hand.append(name)
        _await_prediction(window, page, qtbot)
    _accept_everything(window, page, qtbot)
    written = _exported(window, qtbot, tmp_path / "phases of all.csv")
    for name in by_hand:
        assert written[name] == truth[name]
    others = sorted(truth.keys() - set(by_hand))
    assert len(others) == _CLIPS - 2
    right = {name: _by_frame(truth[name]) == _by_frame(written[name], truth[name]) for name in truth}
    of_all = float(np.concatenate(list(right.values())).mean())
    of_others = float(np.concatenate([right[name] for name in others]).mean())
    print(
        f"\n{', '.join(by_hand)} labelled by hand: of all frames {of_all:.1%} are right, of the others {of_others:.1%}"
    )
    assert of_all >= _GOAL
    assert not window.banner.isVisible(), "nobody had to be warned of anything"
    window.close()
    assert children() == []


def _embedded_sample(window: MainWindow, qtbot: QtBot) -> None:
    """Drawn by the start page; trained and embedded as the step Train does it."""
    qtbot.mouseClick(shown(window, QPushButton, "Try the sample"), _LEFT)
    qtbot.waitUntil(lambda: window.session.project is not None, timeout=CHILD_MS)
    qtbot.waitUntil(lambda: not window.jobs.jobs and len(window.library.videos) == _CLIPS, timeout=CHILD_MS)
    config = with_values(find_recipe("quick"), _SETTINGS)
    window.training.start(TrainingOrder("run-1", "quick", _SETTINGS, config, "all", "cpu"))
    encoder = window.session.require().runs / "run-1" / "encoder.safetensors"
    qtbot.waitUntil(lambda: encoder.is_file() and not window.jobs.jobs, timeout=3 * CHILD_MS)
    window.training.choose("run-1")
    window.training.embed()
    qtbot.waitUntil(lambda: not window.jobs.jobs, timeout=CHILD_MS)


def _activate(window: MainWindow, qtbot: QtBot) -> None:
    """As a window system does where a dialog closed: keys are the window's again."""
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)


def _spans_of(path: Path) -> dict[str, list[Span]]:
    """Of every video by name, in order of time, whoever said so."""
    found: dict[str, list[Span]] = {}
    for segment in read_segments(path):
        assert segment.in_frames
        span = Span(segment.phase, int(segment.start), int(segment.end))
        found.setdefault(segment.video, []).append(span)
    return {name: sorted(spans, key=lambda span: span.start_frame) for name, spans in found.items()}


def _by_frame(spans: list[Span], like: list[Span] | None = None) -> NDArray[np.str_]:
    """(S,) the phase of each frame, empty where it has none; as many as `like` covers."""
    phases = np.full(max(span.end_frame_exclusive for span in like or spans), "", dtype="<U16")
    for span in spans:
        phases[span.start_frame : span.end_frame_exclusive] = span.phase
    return phases


def _add_phases(window: MainWindow, page: LabelController, qtbot: QtBot) -> None:
    for number, name in enumerate(_PHASES, 1):
        qtbot.mouseClick(page.panel.phases.buttons["add"], _LEFT)
        dialog = dialog_of(window, QInputDialog)
        line = dialog.findChild(QLineEdit)
        qtbot.keyClicks(line, name)
        qtbot.mouseClick(button(dialog, "OK"), _LEFT)
        settle()
        qtbot.waitUntil(lambda number=number: len(page.panel.phases.model.rows) == number)
    assert [phase.name for phase in page.panel.phases.model.rows] == list(_PHASES)


def _key(page: LabelController, qtbot: QtBot, key: Qt.Key) -> None:
    qtbot.keyClick(page.panel.player.view, key)


def _number_key(phase: str) -> Qt.Key:
    return Qt.Key(Qt.Key.Key_1 + _PHASES.index(phase))


def _go_to_next(window: MainWindow, page: LabelController, qtbot: QtBot) -> str:
    """To the video that the queue puts first; its name."""
    _await_prediction(window, page, qtbot)
    entry = page.queue.entries[0]
    assert entry.doubt is None, "a video without labels"
    _activate(window, qtbot)
    _key(page, qtbot, Qt.Key.Key_N)
    video = window.session.videos[entry.video_id]
    assert page.chosen == video.id
    qtbot.waitUntil(lambda: page.edits.edges is not None and len(page.edits.edges) == (video.num_frames or 0) + 1)
    qtbot.waitUntil(lambda: page.panel.player.view.image is not None)
    page.panel.player.view.setFocus()
    return Path(video.relative or video.absolute).name


def _await_prediction(window: MainWindow, page: LabelController, qtbot: QtBot) -> None:
    """Until it is of the labels as they are now, and the queue too."""

    def is_ready() -> bool:
        now, project = page.probe.prediction, window.session.require()
        if now is None or page.probe.is_pending or page.queue.is_busy:
            return False
        return all(
            human_spans(project.spans(key)) == human_spans(now.spans.get(key, ())) for key in window.session.videos
        )

    qtbot.waitUntil(is_ready, timeout=CHILD_MS)


def _label_by_dragging(page: LabelController, qtbot: QtBot, spans: list[Span]) -> None:
    """Each phase chosen in the list, then drawn in the ruler from frame to frame; Alt: edges hold on to nothing."""
    timeline = page.panel.timeline
    _key(page, qtbot, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: timeline.state.frame_index == spans[-1].end_frame_exclusive - 1)
    for done, span in enumerate(spans, 1):
        view, at = page.panel.phases.view, page.panel.phases.model.index(_PHASES.index(span.phase), 0)
        qtbot.mouseClick(view.viewport(), _LEFT, pos=view.visualRect(at).center())
        start, last = (_over(page, frame) for frame in (span.start_frame, span.end_frame_exclusive - 1))
        timelines.drag(timeline, start, last, timelines.ALT)
        qtbot.waitUntil(lambda done=done: len(page.spans) == done)


def _label_by_keys(page: LabelController, qtbot: QtBot, spans: list[Span]) -> None:
    """I and O at frames that were clicked in the ruler, then the number of the phase, or Enter."""
    for done, span in enumerate(spans, 1):
        if done == 1:
            _key(page, qtbot, _number_key(span.phase))
        for key, frame in ((Qt.Key.Key_I, span.start_frame), (Qt.Key.Key_O, span.end_frame_exclusive - 1)):
            timelines.click(qtbot, page.panel.timeline, _over(page, frame))
            qtbot.waitUntil(lambda frame=frame: page.playback.frame_index == frame)
            _key(page, qtbot, key)
        _key(page, qtbot, Qt.Key.Key_Return if done == 1 else _number_key(span.phase))
        qtbot.waitUntil(lambda done=done: len(page.spans) == done)


def _over(page: LabelController, frame: int) -> QPointF:
    """The middle of that frame in the ruler."""
    return timelines.spot(page.panel.timeline, frame + 0.5, "ruler")


def _accept_everything(window: MainWindow, page: LabelController, qtbot: QtBot) -> None:
    """However sure it is, in all videos; after a look at one of them."""
    videos, bar = page.panel.videos, page.panel.probe
    row = next(place for place, choice in enumerate(videos.model.rows) if not choice.note)
    spot = videos.view.visualRect(videos.model.index(row, 0)).center()
    qtbot.mouseClick(videos.view.viewport(), _LEFT, pos=spot)
    assert page.chosen == videos.model.rows[row].key
    qtbot.waitUntil(lambda: page.panel.timeline.state.predicted is not None)
    assert {span.phase for span in page.panel.timeline.state.predicted.spans} == set(_PHASES)
    bar.threshold.setFocus()
    bar.threshold.selectAll()
    qtbot.keyClicks(bar.threshold, "0")
    qtbot.keyClick(bar.threshold, Qt.Key.Key_Tab)
    qtbot.mouseClick(shown(bar, QPushButton, "Accept all ≥"), _LEFT)
    qtbot.waitUntil(lambda: any(one.accept_button.isEnabled() for one in dialogs(window, AcceptDialog)))
    dialog = dialog_of(window, AcceptDialog)
    print(f"\n{dialog.heading}\n{dialog.left_out}")
    qtbot.waitUntil(lambda: all(tile.image is not None for tile in dialog.tiles))
    qtbot.mouseClick(dialog.accept_button, _LEFT)
    settle()
    _activate(window, qtbot)
    for video in list(window.session.videos.values()):  # what was left out is looked at one by one
        if window.session.videos[video.id].num_frames_labelled < (video.num_frames or 0):
            row = videos.model.row_of(video.id)
            videos.view.scrollTo(videos.model.index(row, 0))
            spot = videos.view.visualRect(videos.model.index(row, 0)).center()
            qtbot.mouseClick(videos.view.viewport(), _LEFT, pos=spot)
            assert page.chosen == video.id
            qtbot.keyClick(page.panel.player.view, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: all(one.num_frames_labelled == one.num_frames for one in window.session.videos.values()))


def _exported(window: MainWindow, qtbot: QtBot, path: Path) -> dict[str, list[Span]]:
    """What the file says that the step Export writes."""
    _activate(window, qtbot)
    qtbot.keyClick(window, Qt.Key.Key_5, Qt.KeyboardModifier.AltModifier)
    page = window.page("export")
    assert isinstance(page, ExportController)
    row = page.panel.rows["phases"]
    qtbot.mouseClick(row.button, _LEFT)
    dialog = dialog_of(window, QFileDialog)
    dialog.selectFile(str(path))
    save = dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Save)
    qtbot.waitUntil(lambda: save.isEnabled())
    qtbot.mouseClick(save, _LEFT)
    qtbot.waitUntil(lambda: row.result != "" and not page.exporter.is_writing("phases"))
    assert row.result.startswith("Wrote ")
    assert "Left out" not in row.result
    return _spans_of(path)
