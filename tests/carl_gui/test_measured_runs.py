"""Runs measured in the window have the figures of `core.evaluate`, beside what needs no training."""

from __future__ import annotations

import json
import math
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from carl_gui.models.runs import RunRow
from carl_gui.train.measuring import (
    MeasuredRuns,
    MeasureOrder,
    RunMeasuring,
    as_csv,
    command_of,
    group_by_settings,
    measured_rows,
)
from core.base.csv_files import read_rows
from core.base.errors import LabelError
from core.base.types import Span
from core.evaluation.names import DIAGONAL, RAW, TRAINED
from core.evaluation.summary import ResultRow
from core.project.phase_edits import AddPhase
from core.project.span_edits import ReplaceSpans
from core.project.store import Project
from tests.carl_gui.projects import CHILD_MS, Stand, standing
from tests.carl_gui.repeating import LENGTHS, ONCE, RUN, repeating_project

_SPANS = {
    1: [Span("first", 0, 20), Span("second", 20, ONCE)],
    2: [Span("first", 0, 20), Span("second", 20, ONCE)],
    3: [Span("first", 0, 15), Span("second", 15, LENGTHS[0])],
}
_OTHER = "run-2"


@pytest.fixture(scope="module")
def order(tmp_path_factory: pytest.TempPathFactory) -> MeasureOrder:
    """Of a project of three labelled films and two runs of one encoder."""
    folder = tmp_path_factory.mktemp("measured")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CARL_CACHE", str(folder / "cache"))
        project, _ = repeating_project(folder)
    shutil.copytree(project / "runs" / RUN, project / "runs" / _OTHER)
    with Project.open(project) as opened:
        for phase in ("first", "second"):
            opened.do(AddPhase(phase))
        for video, spans in _SPANS.items():
            opened.do(ReplaceSpans(video, tuple(spans)))
        return MeasureOrder(project, (RUN, _OTHER), tuple(opened.videos()), opened.spans_by_video())


@pytest.fixture
def stand(qtbot: QtBot, order: MeasureOrder, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stand]:
    monkeypatch.setenv("CARL_CACHE", str(order.project.parent / "cache"))
    with standing(qtbot) as one:
        one.session.open(order.project)
        yield one


@pytest.fixture
def panel(qtbot: QtBot) -> MeasuredRuns:
    shown = MeasuredRuns()
    qtbot.addWidget(shown)
    shown.show()
    return shown


@pytest.fixture
def measuring(stand: Stand, panel: MeasuredRuns) -> Iterator[RunMeasuring]:
    one = RunMeasuring(stand.app_context(), panel)
    yield one
    one.close()


def _runs(*seeds: int) -> list[RunRow]:
    return [
        RunRow(name, "done", settings={"train.seed": seed, "train.epochs": 3})
        for name, seed in zip((RUN, _OTHER), seeds, strict=True)
    ]


def _names(panel: MeasuredRuns) -> list[str]:
    return [panel.table.verticalHeaderItem(place).text() for place in range(panel.table.rowCount())]


@pytest.mark.journey
def test_the_window_shows_the_figures_of_the_command(
    stand: Stand, measuring: RunMeasuring, panel: MeasuredRuns, order: MeasureOrder, tmp_path: Path
) -> None:
    measuring.follow(_runs(1, 2))
    panel.button.click()
    measuring.follow(_runs(1, 2)[:1])  # while it goes on
    stand.qtbot.waitUntil(lambda: not measuring.is_running, timeout=2 * CHILD_MS)
    measuring.follow(_runs(1, 2))
    assert _names(panel)[0] == f"{RUN}, {_OTHER}", "they differ in the seed alone"
    assert {RAW, DIAGONAL} <= set(_names(panel))
    subprocess.run([sys.executable, "-m", *command_of(order, tmp_path)], check=True, capture_output=True)
    told = json.loads(next((tmp_path / "out").glob("*.json")).read_text(encoding="utf-8"))["rows"]
    expected = {line["representation"]: line["values"] for line in told if line["run"] == RUN}
    shown: dict[str, ResultRow] = {row.name: row for row in panel._rows}
    for name, value in expected[TRAINED].items():
        figure = shown[f"{RUN}, {_OTHER}"].figures[name]
        assert value is None or figure.mean == pytest.approx(value)
        assert value is None or figure.spread == 0.0, "both are the same encoder"
    assert shown[RAW].figures["accuracy"].mean == pytest.approx(expected[RAW]["accuracy"])
    panel._copy.click()
    assert QApplication.clipboard().text() == as_csv(panel._rows)
    measuring.follow(_runs(1, 2)[:1])
    assert panel.table.isHidden(), "what was measured of others is not shown"
    measuring.follow(_runs(1, 2))
    assert _names(panel)[0] == f"{RUN}, {_OTHER}"


def test_it_can_be_cancelled_and_begun_again(stand: Stand, measuring: RunMeasuring, panel: MeasuredRuns) -> None:
    measuring.follow(_runs(1, 2))
    panel.button.click()
    assert not panel.button.isEnabled()
    stand.qtbot.waitUntil(lambda: bool(stand.jobs.jobs))
    panel.cancel_requested.emit()
    assert not measuring.is_running
    assert panel.button.isEnabled()
    stand.qtbot.waitUntil(lambda: not stand.jobs.jobs, timeout=CHILD_MS)
    assert panel.table.isHidden()


def test_a_run_without_an_encoder_is_named(stand: Stand, measuring: RunMeasuring, panel: MeasuredRuns) -> None:
    measuring.follow([RunRow("run-9", "failed")])
    panel.button.click()
    stand.qtbot.waitUntil(lambda: "run-9" in panel.words, timeout=CHILD_MS)
    assert panel.button.isEnabled()


def test_only_what_a_person_labelled_counts(order: MeasureOrder) -> None:
    guessed = {2: [Span("first", 0, 5, 0.5, "both")], 3: order.spans[3]}
    with pytest.raises(LabelError, match="Label at least two videos"):
        replace(order, spans=guessed).lines()
    lines = replace(order, spans={**order.spans, 2: guessed[2]}).lines()
    assert {line[6] for line in lines} == {row.digest for row in order.videos if row.id != 2}


def test_the_projects_split_is_taken_where_it_has_both_sides(order: MeasureOrder, tmp_path: Path) -> None:
    assert {line[5] for line in order.lines()} == {""}
    videos = tuple(replace(row, split="val" if row.id == 2 else "none") for row in order.videos)
    assert {line[5] for line in replace(order, videos=videos).lines()} == {""}
    videos = tuple(replace(row, split={1: "train", 2: "val", 3: "none"}[row.id]) for row in order.videos)
    command_of(replace(order, videos=videos), tmp_path)
    said = {Path(row["video"]).stem: row["split"] for row in read_rows(tmp_path / "labels.csv", ("video",))}
    assert said == {"once": "train", "other": "val", "thrice": "train"}


def test_runs_that_differ_in_the_seed_alone_are_one_row(tmp_path: Path) -> None:
    settings = {"a": {"train.seed": 1, "x": 1}, "b": {"train.seed": 2, "x": 1}, "c": {"train.seed": 1, "x": 2}}
    assert group_by_settings(["a", "b", "c"], settings) == [["a", "b"], ["c"]]
    assert group_by_settings(["a", "b"], {}) == [["a"], ["b"]], "of damaged runs nothing is known"
    (tmp_path / "out").mkdir()
    rows = [
        {"run": run, "representation": kind, "values": {"tau": value}}
        for run, kind, value in (
            ("a", TRAINED, 0.5), ("b", TRAINED, 0.7), ("c", TRAINED, None),
            ("a", RAW, 0.1), ("b", RAW, 0.1), ("c", RAW, 0.2),
        )
    ]  # fmt: skip
    (tmp_path / "out" / "labels.json").write_text(json.dumps({"rows": rows}), encoding="utf-8")
    found = {row.name: row for row in measured_rows(tmp_path, settings)}
    assert list(found) == ["a, b", "c", f"a: {RAW}", f"c: {RAW}"]
    assert found["a, b"].figures["tau"].mean == pytest.approx(0.6)
    assert found["a, b"].figures["tau"].spread == pytest.approx(0.1 * math.sqrt(2))
    assert math.isnan(found["c"].figures["tau"].mean)
    assert [row.competes for row in found.values()] == [True, True, False, False]
