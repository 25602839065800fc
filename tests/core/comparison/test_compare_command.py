"""`python -m core.compare` on a few tiny clips: what is trained, what is measured, what is written."""

from __future__ import annotations

import csv
import json
import os
import signal
import statistics
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.base.csv_files import read_rows
from core.base.errors import TrainingError
from core.base.events import CheckpointSaved, Event, Progress, StepDone, decode
from core.cli import compare, evaluate
from core.comparison.progress import Whole
from core.learning.run_folder import RunFolder
from core.learning.trainer import Trainer
from tests.conftest import VideoWriter
from tests.core.cli.test_train_command import ROOT, as_options, moving
from tests.core.small import SMALL

OPTIONS = ["--device", "cpu", *as_options(SMALL | {"backbone.name": "hog"})]
DYING = """
import os, signal, sys
from core.cli import compare
from core.comparison.progress import Whole
from core.base.events import StepDone
told = Whole.__call__
def dying(self, event):
    told(self, event)
    if isinstance(event, StepDone) and event.step == 5 and self._meter._done > 10:
        os.kill(os.getpid(), signal.SIGKILL)
Whole.__call__ = dying
compare.main(sys.argv[1:])
"""
"""A comparison that the system kills in the middle of its second run."""
PEOPLE = {"a1": "ann", "a2": "ann", "b1": "bob", "b2": "bob", "c1": "eve", "c2": "eve"}


@pytest.fixture
def clips(tmp_path: Path, write_video: VideoWriter) -> Path:
    """A list of six clips with their people, and `labels.csv` beside it; the last of each person validates."""
    labels = ["video,phase,start_frame,end_frame_exclusive,split"]
    for place, name in enumerate(PEOPLE):
        frames = 20 + 3 * place
        write_video(f"set/{name}.mp4", frames, image=lambda index, width, height: moving(index + 3, width, height))
        split = "val" if name.endswith("2") else "train"
        for phase, start, end in (("up", 0, 6), ("hold", 6, 12 + place), ("down", 12 + place, frames)):
            labels.append(f"{name}.mp4,{phase},{start},{end},{split}")
    folder = tmp_path / "set"
    (folder / "labels.csv").write_text("\n".join(labels), encoding="utf-8")
    rows = [f"{name}.mp4,{person}" for name, person in PEOPLE.items()]
    (folder / "list.csv").write_text("\n".join(["video,person", *rows]), encoding="utf-8")
    return folder / "list.csv"


def words(clips: Path, out: Path, *more: str) -> list[str]:
    return [str(clips), "--labels", str(clips.with_name("labels.csv")), "--out", str(out), *OPTIONS, *more]


def figures(path: Path, **wanted: str) -> dict[tuple[str, str], float]:
    """By the first and second of the columns that are not named."""
    found = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if all(row[column] == value for column, value in wanted.items()):
                found[row["representation"], row["figure"]] = float(row["value"] or "nan")
    return found


def table(out: Path) -> dict[tuple[str, str], Mapping[str, str]]:
    return {(row["row"], row["figure"]): row.cells for row in read_rows(out / "comparison.csv", ("row", "figure"))}


def refused(capsys: pytest.CaptureFixture[str], command: list[str]) -> str:
    assert compare.main(command) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert not any("Traceback" in line for line in said)
    return said[-1]


def test_the_figures_are_those_of_core_evaluate(clips: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert compare.main(words(clips, out, "--objectives", "scl,tcc,supervised", "--seeds", "1")) == 0
    for name in ("scl", "tcc", "supervised"):
        run = out / "runs" / f"{name}-seed1"
        assert (
            evaluate.main([str(clips.with_name("labels.csv")), "--encoder", str(run), "--out", str(tmp_path / name)])
            == 0
        )
        theirs = figures(tmp_path / name / "labels-phases.csv")
        ours = figures(out / "runs.csv", run=f"{name}-seed1")
        assert set(theirs) >= set(ours)
        assert len(ours) > 15
        for key, value in ours.items():
            assert value == pytest.approx(theirs[key], abs=2e-6, nan_ok=True), key
    beside = {representation for representation, _ in figures(out / "runs.csv", run="scl-seed1")}
    assert beside == {
        "trained",
        "trained, positions only",
        "untrained",
        "untrained, positions only",
        "raw features",
        "diagonal",
    }
    assert {name for name, _ in figures(out / "runs.csv", run="tcc-seed1")} == {"trained", "trained, positions only"}


def test_the_table_is_the_mean_over_folds_and_the_spread_over_seeds(clips: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = words(clips, out, "--objectives", "scl,tcn", "--seeds", "2", "--folds", "person", "--max-folds", "2")
    assert compare.main(command) == 0
    said = table(out)
    rows = list(dict.fromkeys(row for row, _ in said))
    assert rows == [
        "scl",
        "tcn",
        "untrained",
        "untrained, positions only",
        "raw features",
        "diagonal",
        "scl, positions only",
        "tcn, positions only",
    ]
    for name in ("accuracy", "tau", "event error", "cut", "by DTW", "AP@5", "progression"):
        means = []
        for seed in (1, 2):
            folds = [figures(out / "runs.csv", run=f"tcn-{person}-seed{seed}") for person in ("fold1", "bob")]
            defined = [fold["trained", name] for fold in folds if not np.isnan(fold["trained", name])]
            means.append(sum(defined) / len(defined))
        assert float(said["tcn", name]["mean"]) == pytest.approx(sum(means) / 2, abs=2e-6)
        assert float(said["tcn", name]["spread"]) == pytest.approx(statistics.stdev(means), abs=2e-6)
        assert said["tcn", name]["seeds"] == "2"
    assert said["diagonal", "event error"]["spread"] == "", "knowing nothing, it is the same for every seed"
    markdown = (out / "comparison.md").read_text(encoding="utf-8").splitlines()
    assert [line.split("|")[1].strip() for line in markdown[2:]] == rows
    latex = (out / "comparison.tex").read_text(encoding="utf-8")
    assert latex.count("\\\\\n") == len(rows) + 1
    mean = f"{float(said['scl', 'accuracy']['mean']):.3f}"
    assert mean in latex
    assert any(mean in line for line in markdown)
    with Image.open(out / "comparison.png") as picture:
        assert picture.width > 600


def test_folds_never_mix(clips: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    command = words(clips, out, "--objectives", "scl,supervised", "--seeds", "1", "--folds", "person")
    assert compare.main([*command, "--max-folds", "2"]) == 0
    told = json.loads((out / "comparison.json").read_text(encoding="utf-8"))
    held = [{Path(path).stem for path in fold["held"]} for fold in told["folds"]]
    assert len(held) == 2
    assert not held[0] & held[1]
    assert held[0] | held[1] == set(PEOPLE)
    for fold, names in zip(told["folds"], held, strict=True):
        people = {PEOPLE[name] for name in names}
        assert names == {name for name, person in PEOPLE.items() if person in people}, "a person is in one fold"
        for objective in ("scl", "supervised"):
            learned = RunFolder.open(out / "runs" / f"{objective}-{fold['name']}-seed1").videos()
            assert {path.stem for path in learned} == set(PEOPLE) - names
    name = f"supervised-{told['folds'][1]['name']}-seed1"
    split = resplit(clips.with_name("labels.csv"), held[1])
    assert evaluate.main([str(split), "--encoder", str(out / "runs" / name), "--out", str(tmp_path / "again")]) == 0
    theirs, ours = figures(tmp_path / "again" / "resplit-phases.csv"), figures(out / "runs.csv", run=name)
    for key, value in ours.items():
        assert value == pytest.approx(theirs[key], abs=2e-6, nan_ok=True), key


def resplit(labels: Path, held: set[str]) -> Path:
    """The same labels beside these, with those videos to validate on."""
    lines = [line.rsplit(",", 1)[0] for line in labels.read_text(encoding="utf-8").splitlines()]
    split = ["split", *("val" if line.split(".")[0] in held else "train" for line in lines[1:])]
    made = labels.with_name("resplit.csv")
    made.write_text("\n".join(f"{line},{word}" for line, word in zip(lines, split, strict=True)), encoding="utf-8")
    return made


def test_what_is_done_is_not_done_again(clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert compare.main(words(clips, out, "--objectives", "scl,tcn", "--seeds", "1")) == 0
    files = sorted(path for path in (out / "runs").rglob("*") if path.is_file())
    before = {path: path.stat().st_mtime_ns for path in files}
    first = (out / "comparison.csv").read_bytes()
    capsys.readouterr()
    assert compare.main(words(clips, out, "--objectives", "scl,tcn,sal", "--seeds", "1", "--events")) == 0
    events = [decode(line) for line in capsys.readouterr().out.splitlines()]
    assert {path: path.stat().st_mtime_ns for path in files} == before
    assert all(Path(event.path).parts[-3] == "sal-seed1" for event in events if isinstance(event, CheckpointSaved))
    progress = [event for event in events if isinstance(event, Progress) and event.stage == "compare"]
    assert progress[0].done >= 2 * progress[0].total / 3
    assert progress[-1].done == progress[-1].total
    rows = (out / "comparison.csv").read_text(encoding="utf-8").splitlines()
    assert set(first.decode().splitlines()) <= set(rows)


def test_a_killed_comparison_goes_on_to_the_very_table(clips: Path, tmp_path: Path) -> None:
    more = ["--objectives", "scl,tcc", "--seeds", "1"]
    assert compare.main(words(clips, tmp_path / "whole", *more)) == 0
    out = tmp_path / "parts"
    died = subprocess.run(
        [sys.executable, "-c", DYING, *words(clips, out, *more)],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        timeout=600,
    )
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert any((out / "runs" / "tcc-seed1" / "checkpoints").iterdir())
    assert not (out / "comparison.csv").exists()
    first = out / "runs" / "scl-seed1" / "encoder.safetensors"
    made = first.stat().st_mtime_ns
    assert compare.main(words(clips, out, *more)) == 0
    assert first.stat().st_mtime_ns == made
    assert (out / "comparison.csv").read_bytes() == (tmp_path / "whole" / "comparison.csv").read_bytes()


def test_a_stopped_comparison_says_so_and_goes_on(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    told = Whole.__call__

    def interrupted(self: Whole, event: Event) -> None:
        told(self, event)
        if isinstance(event, StepDone) and event.step == 4:
            signal.raise_signal(signal.SIGINT)

    command = words(clips, out, "--objectives", "scl,tcn", "--seeds", "1", "--events")
    with monkeypatch.context() as patch:
        patch.setattr(Whole, "__call__", interrupted)
        assert compare.main(command) == 0
    assert '"stopped"' in capsys.readouterr().out
    assert not (out / "comparison.csv").exists()
    assert compare.main(command) == 0
    steps = [event.step for event in RunFolder.open(out / "runs" / "scl-seed1").events() if isinstance(event, StepDone)]
    assert steps == list(range(1, len(steps) + 1)), "it went on where it was"


def test_a_run_that_fails_is_told_of_and_left_out_until_it_succeeds(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    command = words(clips, out, "--objectives", "scl,tcn", "--seeds", "1")
    step = Trainer._one_step

    def failing(self: Trainer, *rest: Any) -> None:
        step(self, *rest)
        if self.model.objective.kind.name == "tcn":
            raise TrainingError("the loss became nan")

    with monkeypatch.context() as patch:
        patch.setattr(Trainer, "_one_step", failing)
        assert compare.main(command) == 0
    assert "tcn, seed 1, is left out of the table: the loss became nan" in capsys.readouterr().err
    assert {row for row, _ in table(out)} & {"scl", "tcn"} == {"scl"}
    told = json.loads((out / "comparison.json").read_text(encoding="utf-8"))
    assert told["left_out"] == ["tcn-seed1"]
    assert compare.main(command) == 0
    assert {row for row, _ in table(out)} >= {"scl", "tcn"}


def test_labels_that_changed_are_measured_by_but_not_said_to_be_learned_from(
    clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, labels = tmp_path / "out", clips.with_name("labels.csv")
    assert compare.main(words(clips, out, "--objectives", "scl,supervised", "--seeds", "1")) == 0
    before = table(out)["scl", "accuracy"]["mean"]
    text = labels.read_text(encoding="utf-8")
    labels.write_text(text.replace("up,0,6", "up,0,3").replace("hold,6", "hold,3"), encoding="utf-8")
    capsys.readouterr()
    said = refused(capsys, words(clips, out, "--objectives", "scl,supervised", "--seeds", "1"))
    assert "supervised-seed1 was trained with other labels than those of" in said
    assert compare.main(words(clips, out, "--objectives", "scl", "--seeds", "1")) == 0
    assert table(out)["scl", "accuracy"]["mean"] != before
    clips.with_name("a1.mp4").write_bytes(clips.with_name("b1.mp4").read_bytes())
    said = refused(capsys, words(clips, out, "--objectives", "scl", "--seeds", "1"))
    assert "a1.mp4 has changed since" in said


def test_actions_are_those_of_the_list(clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    actions = {"a1": "lift", "b1": "lift", "a2": "lift", "b2": "lift", "c1": "push", "c2": "push"}
    rows = [f"{name}.mp4,{PEOPLE[name]},{action}" for name, action in actions.items()]
    clips.write_text("\n".join(["video,person,action", *rows]), encoding="utf-8")
    assert compare.main(words(clips, tmp_path / "out", "--objectives", "tcc", "--seeds", "1")) == 0
    assert "only one video of 'push' is evaluated" in capsys.readouterr().err
    run = RunFolder.open(tmp_path / "out" / "runs" / "tcc-seed1")
    assert dict(zip([path.stem for path in run.videos()], run.actions(), strict=True)) == {
        "a1": "lift",
        "b1": "lift",
        "c1": "push",
    }


def test_a_grid_of_settings(clips: Path, tmp_path: Path) -> None:
    grid = tmp_path / "layers.toml"
    grid.write_text("[encoder]\nlayers = [1, 2]\n[scl]\nvariance = 4.0\n", encoding="utf-8")
    out = tmp_path / "out"
    assert compare.main(words(clips, out, "--grid", str(grid), "--seeds", "1")) == 0
    rows = list(dict.fromkeys(row for row, _ in table(out)))
    assert rows[:2] == ["encoder.layers 1", "encoder.layers 2"]
    assert rows[2:4] == ["untrained (encoder.layers 1)", "untrained (encoder.layers 2)"]
    assert "raw features" in rows
    run = RunFolder.open(out / "runs" / "encoder.layers-2-seed1").config()
    assert (run.encoder.layers, run.section("scl").variance) == (2, 4.0)


def test_what_cannot_be_compared_is_one_sentence(
    clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"

    def said(*more: str) -> str:
        return refused(capsys, words(clips, out, *more))

    scl = ("--objectives", "scl")
    assert "Unknown objective 'suprvised': did you mean 'supervised'?" in said("--objectives", "scl,suprvised")
    assert "has no column 'persn': did you mean 'person'?" in said(*scl, "--folds", "persn")
    assert "scl.variance is a setting of the objective scl" in said("--objectives", "tcc", "--scl.variance", "4")
    assert "--objectives scl,tcc (or all), or --grid" in said()
    assert "Name a recipe" in said(*scl, "--recipe", "auto", "--backbone.name", "auto")
    assert "--seeds must be at least 1, not 0" in said(*scl, "--seeds", "0")
    assert "Unknown grid 'tabel6': did you mean 'table6'?" in said("--grid", "tabel6")
    one = [str(clips), *OPTIONS, "--out", str(out), *scl]
    assert "Pass --labels FILE.csv" in refused(capsys, one)
    folder = [str(clips.parent / "a1.mp4"), str(clips.parent / "a2.mp4"), *words(clips, out)[1:], *scl]
    assert "needs a list of the videos" in refused(capsys, [*folder, "--folds", "person"])
    pair = [*folder[:-1], "tcc"]
    assert "there is only one video" in refused(capsys, pair)
    same = clips.with_name("same.csv")
    same.write_text("video,person\na1.mp4,ann\na2.mp4,ann\n", encoding="utf-8")
    alone = [str(same), *words(clips, out)[1:], *scl, "--folds", "person"]
    assert "is 'ann' for all 2 videos" in refused(capsys, alone)
    same.write_text("video,person\na1.mp4,ann\na2.mp4,\nb1.mp4,bob\n", encoding="utf-8")
    assert "is empty for a2.mp4" in refused(capsys, alone)
    clips.with_name("copy.mp4").write_bytes(clips.with_name("a2.mp4").read_bytes())
    copied = [str(clips.parent), *words(clips, out)[1:], *scl]
    assert "a2.mp4 is a copy of" in refused(capsys, copied)
    clips.with_name("copy.mp4").unlink()
    assert not out.exists()
    assert compare.main(words(clips, out, *scl, "--seeds", "1")) == 0
    capsys.readouterr()
    assert "scl-seed1 was trained with train.epochs = 3, not 5" in said(*scl, "--epochs", "5")
