"""Pictures for the manual are taken when there is something to see."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from carl_gui.label.controller import LabelController
from carl_gui.main_window import MainWindow
from carl_gui.screenshots import _Photographer, _write_in_other_order
from core.base.types import Span
from core.project.phase_edits import AddPhase
from core.project.span_edits import ReplaceSpans
from core.video.reader import VideoReader
from tests.carl_gui.embedded import course, embed_by_hand
from tests.carl_gui.projects import new_project, tiny_videos
from tests.carl_gui.windows import open_project


def test_the_picture_of_label_waits_for_the_prediction(
    window: MainWindow, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    films = tiny_videos(tmp_path / "films", 3)
    folder = new_project(tmp_path / "project", films, decodes=True)
    embed_by_hand(folder, "run-1", [(film, course(np.linspace(0, 1, 12))) for film in films])
    open_project(window, folder)
    for phase in ("reach", "pull"):
        window.session.do(AddPhase(phase))
    window.session.do(ReplaceSpans(1, (Span("reach", 0, 6), Span("pull", 6, 12))))
    window.show_page("label")
    label = cast("LabelController", window.page("label"))
    photographer = _Photographer(window, tmp_path, folder)
    looks: list[bool] = []
    monkeypatch.setattr(photographer, "_poll", lambda: looks.append(label.probe.prediction is not None))
    steps = photographer._show_predicted(label)
    is_there = next(steps)
    assert not is_there()
    qtbot.waitUntil(is_there, timeout=60_000)
    assert looks[-1], "it is told, and does not only look now and then"
    assert "Predicting" not in label.panel.probe.line
    qtbot.waitUntil(next(steps))
    assert label.chosen == 2, "a video whose phases are predicted"
    assert label.panel.timeline.state.predicted is not None


def test_a_clip_is_put_together_out_of_its_pieces(tmp_path: Path) -> None:
    (clip,) = tiny_videos(tmp_path, 1)
    pieces = (2, 0, 1, 0)
    _write_in_other_order(clip, tmp_path / "torn.mp4", pieces)
    with VideoReader(clip) as whole, VideoReader(tmp_path / "torn.mp4") as torn:
        length = len(whole) // len(pieces)
        assert len(torn) == len(whole)
        for place, piece in enumerate(pieces):
            drawn, meant = torn[place * length].image, whole[piece * length].image
            assert np.abs(drawn.astype(int) - meant).mean() < 8
