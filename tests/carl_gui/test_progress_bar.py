"""A bar whose end is not known never looks full, in either theme."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from carl_gui.theme import DARK, LIGHT, ThemeColours, palette_of
from carl_gui.widgets.progress import ProgressBar


@pytest.fixture(params=[LIGHT, DARK], ids=["light", "dark"])
def colours(request: pytest.FixtureRequest) -> ThemeColours:
    return request.param


@pytest.fixture
def bar(qtbot: QtBot, colours: ThemeColours) -> ProgressBar:
    made = ProgressBar()
    qtbot.addWidget(made)
    made.setPalette(palette_of(colours))
    made.resize(400, made.height())
    made.show()
    QApplication.processEvents()
    return made


def _filled(bar: ProgressBar, colours: ThemeColours) -> float:
    """Share of the bar's middle line that has the colour of work that is done."""
    image: QImage = bar.grab().toImage()
    done, line = QColor(colours.curve), image.height() // 2
    return sum(image.pixelColor(x, line) == done for x in range(image.width())) / image.width()


def test_it_fills_as_far_as_the_work_is_done(bar: ProgressBar, colours: ThemeColours) -> None:
    bar.setRange(0, 1000)
    for value in (0, 250, 1000):
        bar.setValue(value)
        assert _filled(bar, colours) == pytest.approx(value / 1000, abs=0.02)


def test_while_its_end_is_not_known_a_short_piece_wanders(
    bar: ProgressBar, colours: ThemeColours, monkeypatch: pytest.MonkeyPatch
) -> None:
    bar.setRange(0, 0)
    for moment in (0.0, 0.3, 0.8, 1.2, 1.6):
        monkeypatch.setattr("carl_gui.widgets.progress.time.monotonic", lambda moment=moment: moment)
        assert 0.15 < _filled(bar, colours) < 0.3
    starts = [bar.filled_range(moment)[0] for moment in (0.0, 0.4, 0.8)]
    assert starts == sorted(set(starts)), "it moves"
    assert bar.filled_range(0.8)[1] <= 1.0


def test_it_rests_while_it_is_hidden(bar: ProgressBar) -> None:
    assert bar._timer.isActive()
    bar.hide()
    assert not bar._timer.isActive()


def test_it_is_drawn_again_and_again_only_while_its_end_is_not_known(bar: ProgressBar, qtbot: QtBot) -> None:
    bar.setRange(0, 100)
    qtbot.waitUntil(lambda: not bar._timer.isActive())
    bar.setRange(0, 0)
    qtbot.waitUntil(bar._timer.isActive)
    bar.hide()
    assert not bar._timer.isActive()
    bar.show()
    assert bar._timer.isActive()
