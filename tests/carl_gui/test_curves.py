"""The curves: what is drawn of runs, what is read out, and that what one looks at stays in sight."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QSlider
from pytestqt.qtbot import QtBot

from carl_gui.models.runs import RunCurves, RunSlots
from carl_gui.theme import DARK, LIGHT, palette_of
from carl_gui.train.curve_plot import log_ticks, plain_ticks
from carl_gui.train.curves import CurvesPanel
from tests.carl_gui.run_examples import curves_of


@pytest.fixture
def panel(qtbot: QtBot) -> CurvesPanel:
    made = CurvesPanel(RunSlots())
    qtbot.addWidget(made)
    made.resize(800, 600)
    made.show()
    return made


def _x_range(panel: CurvesPanel) -> tuple[float, float]:
    return tuple(panel.loss_plot.getViewBox().viewRange()[0])


def test_every_run_has_its_line_and_the_chosen_one_lies_on_top(panel: CurvesPanel) -> None:
    panel.set_curves({"a": curves_of(200), "b": curves_of(150, 1)}, "a")
    strokes = panel.loss_plot.strokes
    assert list(strokes) == ["raw b", "raw a", "loss b", "validation loss b", "loss a", "validation loss a"]
    assert np.array_equal(strokes["raw a"].values, curves_of(200).loss)
    assert strokes["loss a"].pen.widthF() > strokes["loss b"].pen.widthF()
    assert strokes["validation loss a"].pen.style() == Qt.PenStyle.DashLine
    assert strokes["validation loss a"].pen.color() == strokes["loss a"].pen.color() != strokes["loss b"].pen.color()
    assert np.array_equal(panel.rate_plot.strokes["b"].values, curves_of(150).learning_rate)
    assert list(panel.figure_plot.strokes["a"].steps) == [100, 200]


def test_a_long_run_is_drawn_with_no_more_points_than_the_screen_shows(panel: CurvesPanel) -> None:
    curves = curves_of(50_000)
    panel.set_curves({"a": curves}, "a")
    drawn = panel.loss_plot.strokes["raw a"]
    assert len(drawn.values) < 2 * panel.width()
    assert (drawn.values.min(), drawn.values.max()) == (curves.loss.min(), curves.loss.max())


def test_a_larger_panel_shows_more_points_and_all_values_fit(panel: CurvesPanel) -> None:
    curves = curves_of(50_000)
    panel.set_curves({"a": curves}, "a")
    seen = []
    for size in ((400, 300), (1900, 900)):
        panel.resize(*size)
        QApplication.processEvents()
        seen.append(len(panel.loss_plot.strokes["raw a"].values))
        low, high = panel.rate_plot.getViewBox().viewRange()[1]
        assert low < curves.learning_rate.min() < curves.learning_rate.max() < high
    assert seen[0] < seen[1]


def test_what_did_not_change_is_not_drawn_again(panel: CurvesPanel) -> None:
    still, live = curves_of(30_000), curves_of(40_000, 1)
    panel.set_curves({"still": still, "live": live}, "live")
    before = panel.loss_plot.strokes["raw still"].values
    panel.set_curves({"still": still, "live": curves_of(40_010, 1)}, "live")
    assert panel.loss_plot.strokes["raw still"].values is before


def test_without_smoothing_only_the_loss_itself_is_drawn(panel: CurvesPanel) -> None:
    panel.set_looks(is_log=False, smoothing=0.0)
    panel.set_curves({"a": curves_of(50)}, "a")
    assert list(panel.loss_plot.strokes) == ["loss a"]
    assert np.array_equal(panel.loss_plot.strokes["loss a"].values, curves_of(50).loss)


def test_new_steps_are_followed_until_one_looks_elsewhere(panel: CurvesPanel, qtbot: QtBot) -> None:
    panel.set_curves({"a": curves_of(1000)}, "a")
    assert _x_range(panel)[1] == pytest.approx(1000, rel=0.02)
    panel.set_curves({"a": curves_of(2000)}, "a")
    assert _x_range(panel)[1] == pytest.approx(2000, rel=0.02)
    qtbot.keyClick(panel.loss_plot, Qt.Key.Key_Plus)
    seen = _x_range(panel)
    assert seen[1] < 1900
    panel.set_curves({"a": curves_of(3000)}, "a")
    assert _x_range(panel) == seen
    for plot in (panel.figure_plot, panel.rate_plot):
        plot.getViewBox().translateBy(x=-100)  # as a drag does
        assert _x_range(panel) == pytest.approx((seen[0] - 100, seen[1] - 100))
        assert plot.getViewBox().viewRange()[0] == pytest.approx(_x_range(panel))
        seen = _x_range(panel)
    qtbot.keyClick(panel.loss_plot, Qt.Key.Key_Home)
    assert _x_range(panel)[1] == pytest.approx(3000, rel=0.02)


def test_the_values_in_sight_fit(panel: CurvesPanel, qtbot: QtBot) -> None:
    curves = curves_of(2000)
    panel.set_curves({"a": curves}, "a")
    for _ in range(6):
        qtbot.keyClick(panel.loss_plot, Qt.Key.Key_Plus)
        qtbot.keyClick(panel.loss_plot, Qt.Key.Key_Right)
    (left, right), (low, high) = panel.loss_plot.getViewBox().viewRange()
    seen = curves.loss[(curves.steps >= left) & (curves.steps <= right)]
    assert low <= seen.min() <= seen.max() <= high
    assert high < curves.loss.max(), "zoomed in, the early losses are out of sight"


@pytest.mark.filterwarnings("error")
def test_not_finite_values_are_gaps_on_either_scale(panel: CurvesPanel) -> None:
    curves = curves_of(300)
    loss = curves.loss.copy()
    loss[50:60], loss[100], loss[200] = np.nan, np.inf, -1.0
    for is_log in (False, True):
        panel.set_looks(is_log=is_log, smoothing=0.9)
        panel.set_curves({"a": replace(curves, loss=loss)}, "a")
        panel.grab()
        drawn = panel.loss_plot.strokes["raw a"].values
        assert np.isnan(drawn[50:60]).all()
        assert np.isnan(drawn[100])
        assert np.isfinite(panel.loss_plot.getViewBox().viewRange()[1]).all()
    panel.set_curves({"a": replace(curves, loss=np.full(300, np.nan))}, "a")
    panel.grab()


@pytest.mark.parametrize("num_steps", [0, 1, 2])
def test_short_runs_are_drawn(panel: CurvesPanel, num_steps: int) -> None:
    panel.set_curves({"a": curves_of(num_steps)}, "a")
    panel.grab()
    assert panel.loss_plot.isVisible() == (num_steps > 0)
    panel.set_curves({}, None)
    assert not panel.loss_plot.isVisible()


def test_the_value_of_every_run_is_read_out_at_the_cursor(panel: CurvesPanel) -> None:
    panel.set_looks(is_log=False, smoothing=0.0)
    a, b = curves_of(200), curves_of(120, 1)
    panel.set_curves({"a": a, "b": b}, "a")
    assert f"a {a.loss[-1]:#.4g}" in panel.legend.text
    panel.loss_plot.hovered.emit(110.2)
    lines = panel.legend.text.splitlines()
    assert "110" in lines[0]
    assert lines[1].startswith(f"a {a.loss[109]:#.4g} · 0.0100"), "the last figure before the cursor"
    assert lines[2].startswith(f"b {b.loss[109]:#.4g}")
    panel.loss_plot.hovered.emit(150)
    assert panel.legend.text.splitlines()[2].startswith("b –"), "it has not come so far"
    panel.loss_plot.hovered.emit(float("nan"))
    assert "Latest" in panel.legend.text


def test_the_latest_numbers_are_said(panel: CurvesPanel) -> None:
    curves = curves_of(1200)
    panel.set_curves({"a": curves}, "a")
    assert panel.accessibleDescription() == f"a: loss {curves.loss[-1]:#.4g} at step 1\u202f200"
    assert all(
        child.accessibleName()
        for child in panel.controls.findChildren(QSlider) + panel.controls.findChildren(QComboBox)
    )


def test_the_figure_is_chosen_and_stays(panel: CurvesPanel) -> None:
    def told(*names: str) -> RunCurves:
        return replace(curves_of(20), evaluations=[(10, dict.fromkeys(names, 0.5))])

    panel.set_curves({"a": curves_of(20)}, "a")
    assert not panel.figure_plot.isVisible()
    panel.set_curves({"a": told("accuracy", "tau")}, "a")
    choice = panel.controls.findChild(QComboBox)
    assert choice.currentText() == "Tau"
    choice.setCurrentText("Accuracy")
    panel.set_curves({"a": told("AP@5", "accuracy", "tau")}, "a")
    assert choice.currentText() == "Accuracy"
    assert list(panel.figure_plot.strokes["a"].values) == [0.5]


def test_a_low_panel_keeps_the_loss_and_its_steps(panel: CurvesPanel) -> None:
    panel.set_curves({"a": curves_of(200)}, "a")
    for height, seen in ((600, (True, True)), (360, (True, False)), (300, (False, False))):
        panel.resize(800, height)
        QApplication.processEvents()
        assert (panel.figure_plot.isVisible(), panel.rate_plot.isVisible()) == seen
    assert panel.loss_plot.getAxis("bottom").style["showValues"]


@pytest.mark.parametrize("size", [(520, 420), (1400, 860)])
def test_no_title_lies_on_a_curve(panel: CurvesPanel, size: tuple[int, int]) -> None:
    panel.resize(*size)
    panel.set_curves({"a": curves_of(200)}, "a")
    QApplication.processEvents()
    for plot in (panel.loss_plot, panel.figure_plot, panel.rate_plot):
        if plot.isVisible():
            title = plot.title.sceneBoundingRect()
            assert title.height() > 0
            assert plot.sceneRect().contains(title)
            assert title.bottom() <= plot.getViewBox().sceneBoundingRect().top()


def test_another_theme_has_other_colours_and_the_same_lines(panel: CurvesPanel) -> None:
    panel.set_curves({"a": curves_of(200)}, "a")
    seen = []
    for colours in (LIGHT, DARK):
        panel.setPalette(palette_of(colours))
        QApplication.processEvents()
        assert panel.loss_plot.strokes["loss a"].pen.color().name() == colours.series[0]
        assert panel.loss_plot.backgroundBrush().color().name() == colours.base
        seen.append(panel.loss_plot.strokes["loss a"].values)
    assert np.array_equal(*seen)


def test_turning_a_control_is_said_and_setting_it_is_not(panel: CurvesPanel, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(panel.looks_changed):
        panel.set_looks(is_log=True, smoothing=0.5)
    with qtbot.waitSignal(panel.looks_changed):
        panel.controls.findChild(QCheckBox).click()
    assert (panel.controls.is_log, panel.controls.smoothing) == (False, 0.5)


@pytest.mark.parametrize(("low", "high"), [(0.0, 1.0), (-6e-5, 1.05e-3), (5.0, 5.0001), (0, 123456), (-3, 7)])
def test_ticks_are_round_few_and_within(low: float, high: float) -> None:
    for most in (2, 4, 9):
        ticks = plain_ticks(low, high, most)
        assert 2 <= len(ticks) <= max(most, 3)
        assert all(low <= tick <= high for tick in ticks)


@pytest.mark.parametrize(("low", "high"), [(-1, 0.9), (-0.1, -0.05), (-7, 3), (0, 0.5), (2.2, 2.6)])
def test_ticks_of_a_logarithmic_scale_are_few_and_within(low: float, high: float) -> None:
    ticks = log_ticks(low, high, 5)
    assert 2 <= len(ticks) <= 6
    assert all(low <= tick <= high for tick in ticks)
    assert ticks == sorted(ticks)
