"""The skeleton over the picture: of the frame that is shown, as long as it is wanted and known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from carl_gui.player.playback import PlaybackController
from carl_gui.player.player import PlayerPanel
from core.base.errors import VideoError
from core.pose.landmarks import Landmarks
from core.video.frame_store import FrameStore
from tests.conftest import VideoWriter

FRAMES = 6


def landmarks() -> Landmarks:
    """A body whose every landmark is at a tenth of the width for each frame; nobody in frame 4."""
    picture = np.full((FRAMES, 33, 4), 0.5, np.float32)
    picture[..., 0] = np.arange(FRAMES)[:, None] / 10
    picture[4] = np.nan
    space, scores = picture[..., :3].copy(), np.nan_to_num(picture[:, 0, 3])
    return Landmarks(picture, space, scores, 64, 48)


@pytest.fixture
def playing(qtbot: QtBot, write_video: VideoWriter, tmp_path: Path):
    panel = PlayerPanel()
    qtbot.addWidget(panel)
    panel.resize(640, 480)
    panel.show()
    controller = PlaybackController(panel)
    path = write_video(frames=FRAMES)
    (stored,) = FrameStore(tmp_path / "store", short_side=48, max_bytes=10**8).add([path])
    controller.open(path, stored)
    yield controller, panel
    controller.close()


def across(panel: PlayerPanel) -> float | None:
    points = panel.view.skeleton
    return None if points is None else round(float(points[0, 0]), 3)


def test_the_skeleton_is_that_of_the_frame_that_is_shown(qtbot: QtBot, playing) -> None:
    controller, panel = playing
    controller.set_pose_source(landmarks)
    qtbot.waitUntil(lambda: panel.view.image is not None)
    assert across(panel) is None
    panel.commands["skeleton"].trigger()
    qtbot.waitUntil(lambda: across(panel) == 0.0)
    controller.seek(3)
    qtbot.waitUntil(lambda: across(panel) == 0.3)
    controller.set_mirrored(True)
    assert across(panel) == 0.7
    before = panel.view.grab().toImage()
    controller.seek(4)
    qtbot.waitUntil(lambda: across(panel) != 0.7)
    assert np.isnan(panel.view.skeleton).all()
    panel.view.grab()  # nothing is drawn, and nothing breaks
    assert not before.isNull()
    panel.commands["skeleton"].trigger()
    assert across(panel) is None


def test_what_is_not_known_is_said_once(qtbot: QtBot, playing) -> None:
    controller, panel = playing
    asked = []

    def unknown() -> Landmarks:
        asked.append(1)
        raise VideoError("The body pose in a.mp4 is not known yet.")

    controller.set_pose_source(unknown)
    qtbot.waitUntil(lambda: panel.view.image is not None)
    for _ in range(4):
        panel.commands["skeleton"].trigger()
    qtbot.waitUntil(lambda: "not known yet" in panel._title.toolTip())
    panel.commands["skeleton"].trigger()
    assert panel._title.toolTip().count("not known yet") == 1
    assert len(asked) <= 2


def test_another_video_has_its_own(qtbot: QtBot, playing, write_video: VideoWriter, tmp_path: Path) -> None:
    controller, panel = playing
    controller.set_pose_source(landmarks)
    panel.commands["skeleton"].trigger()
    qtbot.waitUntil(lambda: across(panel) == 0.0)
    controller.open(write_video(name="other.mp4", frames=3))
    assert across(panel) is None
