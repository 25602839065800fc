"""What is pure about runs: colours that stay, settings that differ, curves that are short and smooth."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from carl_gui.models.runs import RunCurves, RunSlots, differing_settings, drawn_runs
from carl_gui.theme import DARK, LIGHT, ThemeColours, contrast
from carl_gui.train.curve_data import CurveLine, Floats, Smoothed, average, decimate
from carl_gui.train.run_comparison import as_csv, compare_runs
from tests.carl_gui.run_examples import BROKEN, FIRST, SECOND, curves_of


def _exponential_mean(values: Floats, keep: float) -> Floats:
    """By its definition."""
    means, total, weight = [], 0.0, 0.0
    for value in values:
        gap = np.isnan(value)
        total, weight = keep * total + (0.0 if gap else value), keep * weight + (0.0 if gap else 1.0)
        means.append(np.nan if gap else total / weight)
    return np.array(means)


@pytest.fixture
def values() -> Floats:
    made = np.random.default_rng(3).random(3000)
    made[[0, 1, 40, 41, 42, 2999]] = np.nan
    return made


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9, 0.99])
def test_smoothing_equals_its_definition_however_the_curve_grew(values: Floats, keep: float) -> None:
    whole = _exponential_mean(values, keep)
    growing = Smoothed(keep)
    for end in (1, 2, 41, 900, 900, 3000):
        assert growing.extend(values[:end]) == pytest.approx(whole[:end], nan_ok=True)


@pytest.mark.parametrize("length", [0, 1, 200, 201, 999, 3000])
def test_a_thinned_curve_keeps_its_extremes_its_order_and_its_ends(values: Floats, length: int) -> None:
    steps, seen = np.arange(length, dtype=np.float64), np.nan_to_num(values[:length], nan=0.5)
    x, y = decimate(steps, seen, 100)
    assert len(x) <= 202
    assert (np.diff(x) >= 0).all()
    assert np.array_equal(seen[x.astype(int)], y), "only what was measured"
    if length:
        assert (y.min(), y.max()) == (seen.min(), seen.max())


def test_a_short_gap_hides_no_extreme(values: Floats) -> None:
    _, y = decimate(np.arange(3000.0), values, 100)
    assert (np.nanmin(y), np.nanmax(y)) == (np.nanmin(values), np.nanmax(values))
    assert not np.isnan(y).any()


def test_a_gap_as_long_as_a_stretch_stays_one() -> None:
    seen = np.ones(4096)
    seen[1000:2000] = np.nan
    for shorten in (decimate, average):
        x, y = shorten(np.arange(4096.0), seen, 100)
        assert np.isnan(y[(x > 1064) & (x < 1936)]).all()
        assert (y[(x < 936) | (x > 2064)] == 1).all()


def test_a_growing_curve_does_not_flicker() -> None:
    seen = np.random.default_rng(0).random(1100)
    steps = np.arange(1100.0)
    before, after = decimate(steps[:1050], seen[:1050], 100), decimate(steps, seen, 100)
    whole = 2 * (1050 // 16)
    assert np.array_equal(before[1][:whole], after[1][:whole])


def test_averages_are_those_of_their_stretches_and_end_where_the_curve_does() -> None:
    seen = np.random.default_rng(0).random(1600)
    _, means = average(np.arange(1600.0), seen, 100)
    assert means[:-1] == pytest.approx(seen.reshape(100, 16).mean(1)[:-1])
    assert means[-1] == seen[-1]


def test_a_line_whose_past_changed_is_smoothed_anew() -> None:
    line, long = CurveLine(), curves_of(500)
    resumed = replace(long, loss=np.concatenate([long.loss[:300], long.loss[:200] * 2]))
    for curves in (replace(long, steps=long.steps[:400], loss=long.loss[:400]), long, resumed):
        assert line.update(curves, 0.9)
        assert line.smooth == pytest.approx(_exponential_mean(curves.loss, 0.9))
    assert not line.update(resumed, 0.9)


def test_the_same_view_gives_the_same_arrays_and_news_gives_others() -> None:
    line = CurveLine()
    line.update(curves_of(5000), 0.9)
    first = line.visible("loss", 0, 5000, 100)
    assert line.visible("loss", 0, 6000, 100) is first
    assert line.visible("loss", 0, 2000, 100) is not first
    line.update(curves_of(5001), 0.9)
    assert line.visible("loss", 0, 6000, 100)[0] is not first[0]


def test_not_finite_is_a_gap_and_a_step_finds_its_place() -> None:
    line = CurveLine()
    line.update(RunCurves(np.array([2, 4, 8]), np.array([1.0, np.inf, 2.0]), np.ones(3)), 0.0)
    assert np.isnan(line.loss[1])
    assert [line.index_of(step) for step in (1, 2, 3.1, 5, 7, 8, 9)] == [None, 0, 1, 1, 2, 2, None]


def test_a_run_keeps_its_colour_while_others_come_and_go() -> None:
    slots = RunSlots()
    assert slots.assign(["a", "b", "c"]) == {"a": 0, "b": 1, "c": 2}
    assert slots.assign(["c"]) == {"c": 2}
    assert slots.assign(["d", "c"]) == {"d": 0, "c": 2}
    given = slots.assign(["a", "d", "c", "e"])
    assert len(set(given.values())) == 4
    assert given["c"] == 2
    assert drawn_runs("b", ("a",)) == ("a", "b")
    assert drawn_runs("a", ("a", "c")) == ("a", "c")
    assert drawn_runs(None, ()) == ()


@pytest.mark.parametrize("colours", [LIGHT, DARK])
def test_lines_are_seen_on_their_background(colours: ThemeColours) -> None:
    assert colours.series[0] == colours.curve
    assert len(set(colours.series)) == len(colours.series)
    assert min(contrast(one, colours.base) for one in colours.series) >= 3


def test_only_settings_that_differ_are_told() -> None:
    assert differing_settings([FIRST, SECOND]) == {
        "train.learning_rate": (1e-3, 3e-4),
        "model.backbone": ("resnet50", None),
    }
    assert differing_settings([FIRST]) == differing_settings([FIRST, FIRST]) == differing_settings([]) == {}
    whole = replace(FIRST, settings={**FIRST.settings, "train.epochs": 30.0})
    assert differing_settings([FIRST, whole]) == {}


def test_the_best_is_lowest_for_losses_and_errors_and_highest_for_scores() -> None:
    curves = {"second": curves_of(300)}
    lines = {line.key: line for line in compare_runs([FIRST, SECOND, BROKEN], curves)}
    best = {key: set(line.best) for key, line in lines.items()}
    assert best["loss"] == best["tau"] == best["event error"] == {1}
    assert lines["best_loss"].values == (None, curves["second"].loss.min(), None)
    assert best["best_loss"] == best["steps"] == set(), "nothing to tell apart, nothing to tell"


def test_csv_reads_back_in_full_precision() -> None:
    odd = replace(FIRST, name='a "name", with\nlines', loss=0.1 + 0.2)
    rows = [odd, BROKEN]
    table = list(csv.reader(io.StringIO(as_csv(rows, compare_runs(rows, {})))))
    assert table[0] == ["", odd.name, "broken"]
    found = {line[0]: line[1:] for line in table}
    assert float(found["loss"][0]) == 0.1 + 0.2
    assert found["tau"] == ["0.912", ""]
