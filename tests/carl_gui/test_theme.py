"""Both looks can be read, and a change of look is seen everywhere."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QSlider, QStyle, QStyleOptionSlider
from pytestqt.qtbot import QtBot

from carl_gui.main_window import MainWindow
from carl_gui.steps import STEPS
from carl_gui.theme import DARK, LIGHT, ThemeColours, colours_of, contrast, palette_of
from carl_gui.widgets.labels import InkLabel
from tests.carl_gui.embedded import course, embed_by_hand
from tests.carl_gui.projects import new_project, tiny_video
from tests.carl_gui.windows import open_project

_AA_TEXT, _AA_GRAPHICS = 4.5, 3.0
"""WCAG 2.2, 1.4.3 and 1.4.11."""


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("#000000", "#ffffff", 21.0), ("#777777", "#ffffff", 4.478), ("#123456", "#123456", 1)],
)
def test_contrast_equals_its_reference(one: str, other: str, expected: float) -> None:
    assert contrast(one, other) == contrast(other, one) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_every_text_meets_aa(colours: ThemeColours) -> None:
    poor = {pair: contrast(*pair) for pair in colours.text_pairs() if contrast(*pair) < _AA_TEXT}
    assert poor == {}


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_curves_and_the_chosen_row_meet_aa_for_graphics(colours: ThemeColours) -> None:
    assert contrast(colours.curve, colours.base) >= _AA_GRAPHICS
    assert contrast(colours.accent, colours.base) >= _AA_GRAPHICS or colours is DARK  # there its text tells it


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_a_palette_tells_its_look(colours: ThemeColours) -> None:
    assert colours_of(palette_of(colours)) is colours


@pytest.mark.parametrize("page", ["", *(step.id for step in STEPS)])
def test_a_change_of_look_repaints_every_page(window: MainWindow, runs: Path, page: str, qtbot: QtBot) -> None:
    if page:
        folder = _embedded(runs.parents[1] / "embedded") if page == "explore" else runs.parent
        open_project(window, folder)
        window.show_page(page)
    if page == "explore":
        qtbot.waitUntil(lambda: window.page("explore").views["pair"].pair is not None)
    seen = {}
    for theme, colours in (("light", LIGHT), ("dark", DARK), ("light", LIGHT)):
        window.commands.actions[f"view.theme_{theme}"].trigger()
        qtbot.waitUntil(lambda: QApplication.palette().window().color() == window.palette().window().color())
        picture = window.grab().toImage()
        dots = [picture.pixelColor(x, y).name() for x in range(0, picture.width(), 7) for y in range(0, 700, 7)]
        assert ({colours.window, colours.base} if page else {colours.window}) <= set(dots)
        other = DARK if colours is LIGHT else LIGHT
        assert other.window not in dots, "something kept the other look"
        assert dots.count(other.base) < len(dots) / 100, "white text on the chosen row, no more"
        assert QColor(colours.window) == QApplication.palette().window().color()
        seen[theme] = picture
    assert seen["light"] != seen["dark"]


def _embedded(folder: Path) -> Path:
    """A project with a pair to see."""
    films = [tiny_video(folder.parent / "films", f"film{n}.mp4", n, 12) for n in (1, 2)]
    new_project(folder, films, decodes=True)
    embed_by_hand(folder, "run-1", [(film, course(np.linspace(0, 1, 12))) for film in films])
    return folder


def test_an_ink_follows_the_look_and_plain_text_is_grey_where_it_is_off(window: MainWindow) -> None:
    label = InkLabel("text", window)
    role, group = QPalette.ColorRole.WindowText, QPalette.ColorGroup
    for ink, colour in (("warning", "warning"), ("muted", "muted_text"), ("text", "text")):
        label.set_ink(ink)
        for theme, colours in (("light", LIGHT), ("dark", DARK), ("light", LIGHT)):
            window.commands.actions[f"view.theme_{theme}"].trigger()
            QApplication.processEvents()
            assert label.palette().color(group.Active, role) == QColor(getattr(colours, colour))
    assert label.palette().color(group.Disabled, role) == QColor(LIGHT.disabled_text)


def test_system_follows_the_system(window: MainWindow) -> None:
    window.apply_theme("system")
    assert colours_of(QApplication.palette()) is LIGHT, "without a screen there is no dark system"
    assert window.commands.actions["view.theme_system"].isChecked()


def test_the_handle_of_a_slider_can_be_seen(window: MainWindow, qtbot: QtBot) -> None:
    seen = {}
    for look, colours in (("light", LIGHT), ("dark", DARK)):
        window.apply_theme("light" if look == "light" else "dark")
        QApplication.processEvents()
        slider = QSlider(Qt.Orientation.Horizontal)
        qtbot.addWidget(slider)
        slider.resize(120, 24)
        slider.show()
        image, option = slider.grab().toImage(), QStyleOptionSlider()
        slider.initStyleOption(option)
        kind, part = QStyle.ComplexControl.CC_Slider, QStyle.SubControl.SC_SliderHandle
        handle = slider.style().subControlRect(kind, option, part, slider)
        row = [image.pixelColor(x, handle.center().y()).name() for x in range(handle.left(), handle.right() + 1)]
        inside = row[2:-2] if look == "dark" else row
        seen[look] = max(contrast(colour, colours.window) for colour in inside)
    window.apply_theme("system")
    assert seen["dark"] >= _AA_GRAPHICS
    assert seen["light"] > 1.5, "by its edge"
