"""One phase has one colour, and so have A and B: in the window, in statistics, in exported pictures and in films."""

from __future__ import annotations

import colorsys
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from carl_gui.explore.page import ExploreController
from carl_gui.explore.pair.controller import PairView
from carl_gui.explore.pair.files import draw_heatmap
from carl_gui.export.controller import ExportController
from carl_gui.label.controller import LabelController
from carl_gui.main_window import MainWindow
from carl_gui.models.overlay import overlay
from carl_gui.theme import DARK, LIGHT
from core.base.colours import ON_DARK, ON_LIGHT
from core.base.types import Alignment, Span
from core.drawing.text import VideoSource
from core.pictures.side_by_side import write_side_by_side
from core.project.phase_edits import AddPhase, ColourPhase
from core.project.span_edits import ReplaceSpans
from core.video.reader import VideoReader
from tests.carl_gui.pairs import numbers, paired_project
from tests.carl_gui.projects import new_project, tiny_videos
from tests.carl_gui.windows import open_project

FRAMES = 40
PHASES = {"reach": "#7a3ff2", "pour": "#0a8f5b"}
"""What a person chose; none of them is a colour that we would give."""


def _share(image: NDArray[np.uint8], colour: str) -> float:
    """Of the pixels of (H, W, 3) RGB, those of that colour."""
    wanted = QColor(colour)
    apart = np.abs(image.astype(int) - np.array([wanted.red(), wanted.green(), wanted.blue()])).max(axis=2)
    return float((apart < 4).mean())


def _picture(path: Path) -> NDArray[np.uint8]:
    return np.asarray(cv2.imread(str(path))[..., ::-1], np.uint8)


def test_statistics_have_the_colours_of_the_project(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> None:
    films = tiny_videos(tmp_path / "films", 2, FRAMES)
    open_project(window, new_project(tmp_path / "project", films, decodes=True))
    for number, (name, colour) in enumerate(PHASES.items(), 1):
        window.session.do(AddPhase(name))
        window.session.do(ColourPhase(number, colour))
    for video_id, source in ((1, "label"), (2, "probe")):
        window.session.do(ReplaceSpans(video_id, (Span("reach", 0, 15), Span("pour", 15, 40, 1.0, source))))
    window.resize(1200, 800)
    window.show_page("label")
    label = window.page("label")
    assert isinstance(label, LabelController)
    qtbot.waitUntil(lambda: len(label.playback.seconds) == FRAMES)
    timeline = label.panel.timeline
    seen, y = timeline.grab().toImage(), round(timeline.current_layout.rows["manual"].top()) + 4
    for frame, phase in ((7, "reach"), (25, "pour")):
        assert seen.pixelColor(round(timeline.x_of(frame)), y).name() == PHASES[phase]
    window.show_page("export")
    page = window.page("export")
    assert isinstance(page, ExportController)
    page.panel.rows["phases"].kind_selected.emit("statistics")
    page.exporter.write("phases", tmp_path)
    qtbot.waitUntil(lambda: page.panel.rows["phases"].result != "" and not page.exporter.is_writing("phases"))
    (folder,) = [path.parent for path in tmp_path.rglob("durations.png")]
    for name in ("videos.png", "durations.png"):
        image = _picture(folder / name)
        for phase, colour in PHASES.items():
            assert _share(image, colour) > 0.0005, f"{phase} in {name}"
    assert _striped_rows(_picture(folder / "videos.png"), PHASES["reach"]) == (True, False)
    assert _striped_rows(_picture(folder / "videos.png"), PHASES["pour"]) == (True, True), "one was predicted"


def _striped_rows(image: NDArray[np.uint8], colour: str) -> tuple[bool, bool]:
    """Whether there are bars in that colour that are filled by it, and such as have stripes over it."""
    wanted = QColor(colour)
    is_it = np.abs(image.astype(int) - np.array([wanted.red(), wanted.green(), wanted.blue()])).max(axis=2) < 4
    across = np.flatnonzero(is_it.sum(axis=0) > 20)  # a swatch of the legend is lower
    shares = is_it[:, across[0] : across[-1] + 1].mean(axis=1)
    return int((shares > 0.95).sum()) > 8, int(((shares > 0.3) & (shares < 0.9)).sum()) > 8


@pytest.fixture
def pair(window: MainWindow, qtbot: QtBot, tmp_path: Path) -> PairView:
    open_project(window, paired_project(tmp_path))
    window.resize(1400, 860)
    window.show_page("explore")
    page = window.page("explore")
    assert isinstance(page, ExploreController)
    view = page.views["pair"]
    assert isinstance(view, PairView)
    qtbot.waitUntil(lambda: None not in numbers(view) and view.panel._pair is not None)
    return view


def test_a_and_b_have_the_same_colours_in_window_and_exported_heatmap(
    window: MainWindow, qtbot: QtBot, pair: PairView, tmp_path: Path
) -> None:
    window.apply_theme("light")
    titles = [label for label in window.findChildren(QLabel) if label.text() in ("A, the reference", "B")]

    def shown() -> list[str]:
        seen = [label for label in titles if label.isVisible()]
        return [label.palette().color(QPalette.ColorRole.WindowText).name() for label in seen]

    assert (LIGHT.pair, DARK.pair) == (ON_LIGHT, ON_DARK)
    qtbot.waitUntil(lambda: shown() == list(ON_LIGHT))
    draw_heatmap(tmp_path / "x.png", pair.exported())
    image = _picture(tmp_path / "x.png")
    assert min(_share(image, colour) for colour in ON_LIGHT) > 0.0002
    window.apply_theme("dark")
    qtbot.waitUntil(lambda: shown() == list(ON_DARK))


def _hue(colour: QColor) -> float:
    """In degrees."""
    return colorsys.rgb_to_hsv(colour.redF(), colour.greenF(), colour.blueF())[0] * 360


def test_the_onion_skin_shows_a_and_b_in_their_colours() -> None:
    white, black = np.full((9, 9, 3), 255, np.uint8), np.zeros((9, 9, 3), np.uint8)
    for side, pictures in enumerate(((white, black), (black, white))):
        tinted = overlay(*pictures, "onion", 0.5)[4, 4]
        for colours in (ON_LIGHT, ON_DARK):
            assert _hue(QColor(*map(int, tinted))) == pytest.approx(_hue(QColor(colours[side])), abs=4)
    assert overlay(white, white, "onion", 0.5)[4, 4].tolist() == [255, 255, 255], "grey where they agree"


def test_a_film_shows_a_and_b_in_their_colours(tmp_path: Path) -> None:
    films = tiny_videos(tmp_path, 2, 12)
    steps = np.arange(12)
    with VideoReader(films[0]) as a, VideoReader(films[1]) as b:
        write_side_by_side(
            tmp_path / "x.mp4", VideoSource("a", a), VideoSource("b", b), Alignment(steps, steps.copy(), 0.0)
        )
    with VideoReader(tmp_path / "x.mp4") as film:
        last = film[len(film) - 1].image
    halves = last[:, : last.shape[1] // 2], last[:, last.shape[1] // 2 :]
    for half, colour in zip(halves, ON_DARK, strict=True):
        hsv = cv2.cvtColor(np.ascontiguousarray(half), cv2.COLOR_RGB2HSV)
        vivid = (hsv[..., 1] > 120) & (hsv[..., 2] > 120)
        hues = hsv[..., 0][vivid].astype(float) * 2
        assert vivid.sum() > 50
        assert np.median(hues) == pytest.approx(_hue(QColor(colour)), abs=6)


def test_accepted_predictions_are_hatched_until_they_are_confirmed(
    window: MainWindow, qtbot: QtBot, tmp_path: Path
) -> None:
    films = tiny_videos(tmp_path / "films", 2, FRAMES)
    open_project(window, new_project(tmp_path / "project", films, decodes=True))
    window.session.do(AddPhase("reach"))
    window.session.do(ReplaceSpans(1, (Span("reach", 0, 20), Span("reach", 20, 40, 0.8, "probe"))))
    window.resize(1200, 800)
    window.show_page("label")
    page = window.page("label")
    assert isinstance(page, LabelController)
    qtbot.waitUntil(lambda: len(page.playback.seconds) == FRAMES)
    timeline = page.panel.timeline

    def tones(row: str, first: int, last: int) -> int:
        """How many colours there are inside of these frames, away from names and edges."""
        box = timeline.current_layout.rows[row]
        image = timeline.grab().toImage()
        y = round(box.top()) + 4
        return len({image.pixel(x, y) for x in range(round(timeline.x_of(first)), round(timeline.x_of(last)))})

    for row in ("manual", "overview"):
        assert tones(row, 3, 17) == 1, "by hand"
        assert tones(row, 23, 37) > 1, "accepted"
    assert "not confirmed" in timeline.tooltip_at(timeline.x_of(30))
    page.playback.seek(30)
    steps = len(window.session.require().steps())
    qtbot.keyClick(page.panel.player.view, Qt.Key.Key_C)
    assert [(span.source, span.confidence) for span in page.spans] == [("label", 1.0), ("label", 1.0)]
    assert len(window.session.require().steps()) == steps + 1
    page.playback.seek(1)  # the cursor is out of the way
    assert tones("manual", 23, 37) == 1
    assert page.panel.videos.model.rows[0].note == "100 %"
    qtbot.keyClick(page.panel.player.view, Qt.Key.Key_C)
    assert "Nothing to confirm" in page.panel.line
    window.session.undo()
    page.playback.seek(30)
    assert page.panel.videos.model.rows[0].note == "50 % predicted"
    qtbot.keyClick(page.panel.player.view, Qt.Key.Key_C, Qt.KeyboardModifier.ShiftModifier)
    assert [span.source for span in page.spans] == ["label", "label"], "all of the video at once"
