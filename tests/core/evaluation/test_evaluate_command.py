"""`python -m core.evaluate` on a tiny data set, with a real encoder that knows nothing."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from core.cli import evaluate
from core.model.checkpoint import save_encoder
from tests.conftest import VideoWriter
from tests.core.small import small_config, small_encoder

pytestmark = pytest.mark.usefixtures("narrow")

REPRESENTATIONS = [
    "trained",
    "trained, positions only",
    "untrained",
    "untrained, positions only",
    "raw features",
    "diagonal",
]


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    config = small_config(encoder__positional_encoding="sincos")
    save_encoder(tmp_path / "run" / "encoder.safetensors", small_encoder(config), config, {})
    return tmp_path / "run"


@pytest.fixture
def dataset(tmp_path: Path, write_video: VideoWriter) -> Path:
    lines = ["video,phase,start_frame,end_frame_exclusive,split,action"]
    for number, (action, split) in enumerate([("lift", "train"), ("lift", "val"), ("push", "train"), ("push", "val")]):
        for take in range(2):
            name, frames = f"set/{action}{number}{take}.mp4", 20 + 3 * number + take
            write_video(name, frames)
            lines += [f"{Path(name).name},up,0,{6 + number},{split},{action}"]
            lines += [f"{Path(name).name},down,{6 + number},{frames},{split},{action}"]
    path = tmp_path / "set" / "labels.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def run(*words: object) -> int:
    return evaluate.main([*map(str, words), "--device", "cpu"])


def values(path: Path) -> dict[tuple[str, str], float]:
    with path.open(encoding="utf-8", newline="") as file:
        return {(row["representation"], row["figure"]): float(row["value"] or "nan") for row in csv.DictReader(file)}


def test_everything_that_needs_no_training_stands_beside_the_trained_one(
    dataset: Path, encoder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(dataset, "--encoder", encoder) == 0
    out = capsys.readouterr().out
    assert [line.split("  ")[0] for line in out.splitlines()[2:]] == REPRESENTATIONS
    assert "4 training videos, 4 validation videos" in out
    told = json.loads((encoder / "evaluation" / "labels-phases.json").read_text(encoding="utf-8"))
    assert [row["representation"] for row in told["rows"]] == REPRESENTATIONS
    assert (told["protocol"], told["stride"], told["layout"]) == ("phases", 1, "segments")
    found = values(encoder / "evaluation" / "labels-phases.csv")
    for row in told["rows"]:
        for figure, value in row["values"].items():
            assert value == pytest.approx(found[row["representation"], figure], abs=1e-6)
    markdown = (encoder / "evaluation" / "labels-phases.md").read_text(encoding="utf-8").splitlines()
    assert [line.split("|")[1].strip() for line in markdown[2:]] == REPRESENTATIONS
    assert f"{found['trained', 'accuracy']:.3f}" in (encoder / "evaluation" / "labels-phases.tex").read_text("utf-8")
    assert found["untrained, positions only", "tau"] > 0.95, "positions order the frames of uncut clips by themselves"


def test_figures_are_means_over_actions(dataset: Path, encoder: Path, tmp_path: Path) -> None:
    assert run(dataset, "--encoder", encoder, "--protocol", "penn_action", "--out", tmp_path / "both") == 0
    both = values(tmp_path / "both" / "labels-penn_action.csv")
    of_one = []
    for action in ("lift", "push"):
        lines = dataset.read_text(encoding="utf-8").splitlines()
        one = dataset.with_name(f"{action}.csv")
        one.write_text("\n".join([lines[0], *(line for line in lines if line.endswith(action))]), encoding="utf-8")
        assert run(one, "--encoder", encoder, "--protocol", "penn_action", "--out", tmp_path / action) == 0
        of_one.append(values(tmp_path / action / f"{action}-penn_action.csv"))
    for key, mean in both.items():
        defined = [figures[key] for figures in of_one if not np.isnan(figures[key])]
        assert (mean == pytest.approx(np.mean(defined), abs=2e-6)) if defined else np.isnan(mean), key


def test_runs_stand_side_by_side(
    dataset: Path, encoder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = small_config(encoder__layers=2)
    other = tmp_path / "a run with a long name"
    save_encoder(other / "encoder.safetensors", small_encoder(config), config, {})
    assert run(dataset, "--compare", encoder, other, "--out", tmp_path / "out") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split() == ["run", "a", "run", "with", "a", "long", "name"]
    assert lines[2] == "trained"
    assert {len(line) for line in lines[3:10]} == {len(lines[1])}, "columns are aligned"
    with (tmp_path / "out" / "labels-phases.csv").open(encoding="utf-8", newline="") as file:
        assert {row["run"] for row in csv.DictReader(file)} == {"run", other.name}


def test_events_replace_the_table(dataset: Path, encoder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(dataset, "--encoder", encoder, "--events") == 0
    events = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    done = [event for event in events if event["event"] == "eval_done"]
    assert [event["representation"] for event in done] == REPRESENTATIONS
    assert all(event["run"] == "run" for event in done)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "No encoder was given. Name one with --encoder"),
        (["--encoder", "none"], "There is no encoder none"),
        (["--encoder", "run", "--protocol", "tau"], "Unknown protocol 'tau'. There are: auto, phases"),
        (["--encoder", "run", "--layout", "segment"], "Unknown layout 'segment': did you mean 'segments'"),
        (["--encoder", "run", "--val-fraction", "2"], "--val-fraction"),
        (["--encoder", "run", "--ignore-class", "sideways"], "no class 'sideways'"),
    ],
)
def test_a_mistake_is_one_sentence_before_the_work(
    words: list[str],
    sentence: str,
    dataset: Path,
    encoder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(encoder.parent)
    assert run(dataset, *words) == 2
    (said,) = capsys.readouterr().err.splitlines()
    assert sentence in said


def test_labels_past_a_video_s_end_name_their_line(
    dataset: Path, encoder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dataset.write_text(
        dataset.read_text(encoding="utf-8").replace("lift00.mp4,down,6,20", "lift00.mp4,down,6,21"), "utf-8"
    )
    assert run(dataset, "--encoder", encoder) == 2
    assert "labels.csv, line 3: 'down' ends at 21, but lift00.mp4 has 20 frames" in capsys.readouterr().err
