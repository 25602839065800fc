"""Sound and sensors on the Label page: drawn on the clock of the frames, with the value at the playhead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QInputDialog
from pytestqt.qtbot import QtBot

from carl_gui.label.controller import LabelController
from carl_gui.label.lanes_drawing import LANE_HEIGHT, MOST_LANES, lane_of, number_text
from carl_gui.theme import LIGHT
from core.curves.curves import Curves
from tests.carl_gui.projects import Stand, new_project, standing, tiny_video
from tests.carl_gui.windows import settle
from tests.sounding import click_and_flash

_VARIABLE = [index / 30 + (1.0 if index > 20 else 0) for index in range(60)]
_FLASH = 40


@pytest.fixture
def stand(qtbot: QtBot, tmp_path: Path) -> Iterator[Stand]:
    """With a video that clicks, and a mute one."""
    films = [click_and_flash(tmp_path / "a.mov", _VARIABLE, _FLASH), tiny_video(tmp_path, "b.mp4", 1)]
    with standing(qtbot) as made:
        made.session.open(new_project(tmp_path / "p", films, decodes=True))
        yield made


@pytest.fixture
def label(stand: Stand) -> LabelController:
    page = stand.stage(LabelController)
    stand.qtbot.waitUntil(lambda: page.panel.player.view.image is not None)
    stand.qtbot.waitUntil(lambda: page.panel.timeline.state.sound is not None)
    return page


def _table(folder: Path) -> Path:
    """A step of the force at the flash."""
    path = folder / "imu.csv"
    at = _VARIABLE[_FLASH]
    path.write_text(
        f"seconds;Force (N)\n0;100\n{at - 0.002:.4f};100\n{at - 0.001:.4f};300\n3,5;300\n".replace(".", ",")
    )
    return path


def _picture(page: LabelController) -> QImage:
    settle()
    return page.panel.timeline.grab().toImage()


def _inked(image: QImage, colour: str, x: float, top: float, bottom: float) -> list[int]:
    wanted = QColor(colour)
    return [y for y in range(int(top) + 1, int(bottom)) if image.pixelColor(int(x), y) == wanted]


def test_the_click_is_drawn_above_its_frame(label: LabelController) -> None:
    timeline = label.panel.timeline
    row = timeline.current_layout.rows["sound"]
    image = _picture(label)
    tall = [
        x
        for x in range(int(row.left()) + 1, int(row.right()))
        if len(_inked(image, LIGHT.curve, x, row.top(), row.bottom())) > 10
    ]
    assert tall
    assert abs(min(tall) - timeline.x_of(_FLASH)) <= 1.5
    assert timeline.height() == timeline.current_layout.height, "no row is cut off"


def test_a_mute_video_has_no_row(stand: Stand, label: LabelController) -> None:
    label.choose(2)
    assert "sound" not in label.panel.timeline.current_layout.rows
    label.choose(1)
    stand.qtbot.waitUntil(lambda: "sound" in label.panel.timeline.current_layout.rows)


def test_curves_step_at_their_frame_and_the_value_is_shown(
    stand: Stand, label: LabelController, tmp_path: Path
) -> None:
    timeline = label.panel.timeline
    label.recordings.add(_table(tmp_path))
    stand.qtbot.waitUntil(lambda: timeline.state.curves is not None)
    assert "1 channel of imu.csv." in label.panel.line
    label.playback.seek(5)
    image = _picture(label)
    lane = lane_of(timeline.current_layout.rows["curves"], 0)
    heights = {
        frame: np.mean(_inked(image, LIGHT.series[0], timeline.x_of(frame + 0.5), lane.top(), lane.bottom()))
        for frame in (20, _FLASH - 1, _FLASH, 50)
    }
    assert heights[20] == heights[_FLASH - 1] > lane.center().y() > heights[_FLASH] == heights[50]
    y = lane.center().y()
    assert timeline.tooltip_at(timeline.x_of(_FLASH - 0.5), y) == f"Frame {_FLASH - 1}: Force (N) 100"
    assert timeline.tooltip_at(timeline.x_of(_FLASH + 0.5), y) == f"Frame {_FLASH}: Force (N) 300"


def test_curves_are_shifted_undone_and_removed(stand: Stand, label: LabelController, tmp_path: Path) -> None:
    timeline, commands = label.panel.timeline, label.panel.commands
    commands["sensors_shift"].trigger()
    assert "no sensor curves" in label.panel.line
    label.recordings.add(_table(tmp_path))
    stand.qtbot.waitUntil(lambda: timeline.state.curves is not None)
    commands["sensors_shift"].trigger()
    (dialog,) = stand.findChildren(QInputDialog)
    dialog.setDoubleValue(0.5)
    dialog.accept()

    def step() -> float:
        return float(timeline.state.curves.curves.seconds[2])

    stand.qtbot.waitUntil(lambda: step() == pytest.approx(_VARIABLE[_FLASH] + 0.5, abs=2e-3))
    stand.session.undo()
    stand.qtbot.waitUntil(lambda: step() == pytest.approx(_VARIABLE[_FLASH], abs=2e-3))
    commands["sensors_remove"].trigger()
    stand.qtbot.waitUntil(lambda: "curves" not in timeline.current_layout.rows)
    stand.session.undo()
    stand.qtbot.waitUntil(lambda: "curves" in timeline.current_layout.rows)
    label.choose(2)
    assert "curves" not in timeline.current_layout.rows, "they are of one video"


def test_a_bad_file_is_one_sentence_and_a_missing_one_stands_in_its_row(
    stand: Stand, label: LabelController, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("seconds,a\n1,1\n0,1\n")
    label.recordings.add(bad)
    stand.qtbot.waitUntil(lambda: "bad.csv, line 3: the time 0 s comes after 1 s." in label.panel.line)
    assert stand.session.require().sensor_file(1) is None
    table = _table(tmp_path)
    label.recordings.add(table)
    stand.qtbot.waitUntil(lambda: label.panel.timeline.state.curves is not None)
    table.unlink()
    label.choose(2)
    label.choose(1)
    stand.qtbot.waitUntil(lambda: label.panel.timeline.state.curves is not None)
    assert "imu.csv is missing. Put it back, or add it again." in label.panel.timeline.state.curves.sentence
    assert not _picture(label).isNull()


def test_many_channels_leave_room_for_the_picture(stand: Stand, label: LabelController, tmp_path: Path) -> None:
    path = tmp_path / "many.npz"
    np.savez(path, t=np.arange(100) / 10, emg=np.random.default_rng(0).normal(size=(100, MOST_LANES + 3)))
    label.recordings.add(path)
    stand.qtbot.waitUntil(lambda: label.panel.timeline.state.curves is not None)
    assert label.panel.timeline.current_layout.rows["curves"].height() == MOST_LANES * LANE_HEIGHT
    assert f"9 channels of many.npz. The first {MOST_LANES} are drawn." in label.panel.line


@pytest.mark.parametrize(
    ("value", "span", "text"),
    [
        (1.23456, 10, "1.2"),
        (-500.0, 1000, "−500"),
        (0.000123, 0.0002, "0.000123"),
        (3e9, 1e9, "3e+09"),
        (np.nan, 1, "–"),
    ],
)
def test_values_are_as_exact_as_their_range(value: float, span: float, text: str) -> None:
    assert number_text(value, span) == text


def test_a_constant_channel_has_a_range() -> None:
    assert Curves(np.array([0.0, 1.0]), {"a": np.array([5.0, 5.0])}).range_of("a") == (5.0, 5.0)
    assert number_text(5.0, 0.0) == "5.00"
