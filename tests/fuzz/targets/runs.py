"""Folders of runs: settings, list of inputs, events."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.folders import files_of
from tests.fuzz.raw_bytes import bytes_of
from tests.fuzz.target import Target, read_each
from tests.fuzz.texts import text_of
from tests.fuzz.trees import json_lines_of, json_of

_RUN = "runs/first"


def _make(folder: Path) -> None:
    from core.base.events import EvalDone, Finished, Notice, Progress, StepDone
    from core.learning.run_folder import RunFolder
    from tests.core.small import small_config

    videos = [folder / f"clip{number}.mp4" for number in range(3)]
    for video in (*videos, folder / "labels.csv", folder / "encoder.safetensors"):
        video.write_bytes(video.name.encode())
    run = RunFolder.create(
        folder / _RUN,
        small_config(),
        videos[:2],
        videos[2:],
        folder / "labels.csv",
        folder / "encoder.safetensors",
    )
    with run:
        run.keep_actions(["pour", "lift"])
        run.append(Progress("decode", 1, 2, "frame", 3.0, 4.0))
        run.append(Notice("A sentence."))
        for step in range(3):
            run.append(StepDone(0, step, 3, 1.5, 1e-3, 0.5, 100.0, 1.0, 0))
        run.append(EvalDone("", "trained", {"tau": 0.9}, 2))
        run.append(Finished("done", str(folder / _RUN)))


def _read(folder: Path) -> None:
    from core.base.events import sentence
    from core.learning.run_folder import RunFolder
    from training.left_job import LeftJob
    from training.run import Run, list_runs
    from training.tail import newest_first

    files = RunFolder.open(folder / _RUN)
    read_each(
        files.config,
        files.videos,
        files.validation,
        files.labels,
        files.origin,
        files.created,
        files.actions,
        files.digests,
        files.found_again,
        lambda: [sentence(event) for event in files.events()],
        lambda: [sentence(event) for event in newest_first(files.events_file)],
        lambda: _of_window(Run.open(folder / _RUN)),
        lambda: list_runs(folder / "runs"),
        lambda: LeftJob(folder / _RUN).poll(),
        lambda: RunFolder.resume(folder / _RUN).close(),
    )


def _of_window(run: object) -> None:
    from training.run import Run

    assert isinstance(run, Run)
    run.status()
    run.has_begun()
    curves = run.curves()
    _ = curves.steps, curves.loss, curves.learning_rate, curves.gradient_norm, curves.frames_per_second
    _ = curves.gpu_bytes, curves.evaluations, curves.latest
    tail = run.tail()
    while tail.read():
        pass


TARGETS = (
    Target(
        "run",
        _make,
        (
            bytes_of(f"{_RUN}/*.*"),
            text_of(f"{_RUN}/*.toml"),
            json_of(f"{_RUN}/*.json"),
            json_lines_of(f"{_RUN}/*.jsonl"),
            files_of(f"{_RUN}/*"),
        ),
        _read,
    ),
)
