"""An edit of labels to the refreshed prediction in all videos, in a real window, beside what one would do instead.

A window without a screen shows the step Label of a project of 200 videos of 500 frames (128 numbers each, written as
`core.embed` writes them), of which five are labelled in four phases. Every edit moves a boundary in one of the five; it
ends when the timeline shows the prediction that was made with these very labels, and it is compared with what
`core.label.labelling.label_videos` says. Meanwhile a timer says how long the window answers nothing. Instead, one
would export the labels and run `python -m core.label --method probe`; without a window one would call the function
itself, which is the floor.

Claimed: 95 of 100 edits take less than 300 ms. Exit status 1 where they take longer, or predictions differ.

    python benchmarks/probe_window.py [--edits 100] [--videos 200] [--frames 500]    # about two minutes
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import cast

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication
from window.driving import live_in, shown_window, until

from carl_gui.label.controller import LabelController
from carl_gui.main_window import MainWindow
from core.base.files import content_digest, write_text
from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import write_embedded
from core.label.labelling import label_videos
from core.labels.segments import write_segments
from core.project.edits import Together
from core.project.phase_edits import AddPhase
from core.project.places import Place
from core.project.rows import Found
from core.project.span_edits import MoveBoundary, ReplaceSpans
from core.project.store import Project
from core.project.video_edits import AddVideos, NewVideo

CLAIMED_MS = 300.0
WIDTH, FPS, LABELLED, TURNS = 128, 25.0, 5, 3
PHASES = ("before", "descend", "ascend", "after")
NOISE = 0.5


def write_project(folder: Path, num_videos: int, num_frames: int) -> list[EmbeddedVideo]:
    """One course of four phases in every video, with noise; the first five are labelled."""
    rng = np.random.default_rng(0)
    centres, new, videos, tracks = rng.normal(size=(len(PHASES) + 1, WIDTH)), [], [], []
    for number in range(num_videos):
        cuts = np.sort(rng.choice(np.arange(num_frames // 20, num_frames - num_frames // 20), 3, replace=False))
        edges = [0, *cuts.tolist(), num_frames]
        moments = np.interp(np.arange(num_frames), edges, np.arange(len(edges)))
        at = np.floor(moments).astype(int)
        rows = centres[at] + (centres[at + 1] - centres[at]) * (moments - at)[:, None]
        rows = rows + NOISE * rng.normal(size=rows.shape)
        rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        path, digest = folder / "videos" / f"take{number:04d}.mp4", f"{number:032x}"
        new.append(NewVideo(path, digest, 1_000_000, Place.of(path, folder)))
        videos.append(EmbeddedVideo(path, digest, np.arange(num_frames + 1) / FPS, rows))
        tracks.append(tuple(Span(*one) for one in zip(PHASES, edges[:-1], edges[1:], strict=True)))
    with Project.create(folder) as project:
        project.do(AddVideos(tuple(new)))
        facts = Found(num_frames, FPS, num_frames / FPS, 640, 480)
        project.keep_facts(dict.fromkeys(range(1, num_videos + 1), facts))
        for name in PHASES:
            project.do(AddPhase(name))
        project.do(Together("Label", tuple(ReplaceSpans(i + 1, tracks[i]) for i in range(LABELLED))))
    encoder = folder / "runs" / "run-1" / "encoder.safetensors"
    encoder.parent.mkdir(parents=True)
    encoder.write_bytes(b"no weights")
    write_text(encoder.with_suffix(".json"), '{"kind": "carl encoder"}')
    write_embedded(folder / "embeddings" / "run-1", videos, content_digest(encoder))
    return videos


class Ticks:
    """The longest time for which a window answered nothing since it was asked last."""

    def __init__(self) -> None:
        self._last, self._longest = time.perf_counter(), 0.0
        self._timer = QTimer(interval=1)
        self._timer.timeout.connect(self._tick)
        self._timer.start()

    def _tick(self) -> None:
        now = time.perf_counter()
        self._longest, self._last = max(self._longest, now - self._last), now

    def take_ms(self) -> float:
        """Since the last call."""
        self._tick()
        taken, self._longest = 1e3 * self._longest, 0.0
        return taken


def edit(window: MainWindow, page: LabelController, rng: np.random.Generator) -> float:
    """Milliseconds from a boundary's move to the new row of the timeline."""
    number = int(rng.integers(1, LABELLED + 1))
    spans = window.session.require().spans(number)
    frame, by = spans[int(rng.integers(1, len(spans)))].start_frame, int(rng.choice((-2, -1, 1, 2)))
    loop = QEventLoop()
    page.probe.changed.connect(loop.quit)
    began = time.perf_counter()
    window.session.do(MoveBoundary(number, frame, frame + by))
    loop.exec()
    page.panel.timeline.repaint()
    took = 1e3 * (time.perf_counter() - began)
    page.probe.changed.disconnect(loop.quit)
    return took


def headless_ms(folder: Path, videos: list[EmbeddedVideo], spans: list[list[Span]]) -> float:
    """Of the command, with its start."""
    labels, out = folder / "labels.csv", folder / "out.csv"
    write_segments(labels, spans, videos)
    out.unlink(missing_ok=True)
    words = ["--labels", labels, "--library", folder / "embeddings" / "run-1", "--encoder", folder / "runs" / "run-1"]
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "core.label", *words, "--method", "probe", "--out", out], check=True, capture_output=True
    )
    return 1e3 * (time.perf_counter() - began)


def measure(folder: Path, videos: list[EmbeddedVideo], edits: int) -> tuple[dict[str, list[float]], list[float], int]:
    """Milliseconds by what was done, the longest silences of the window, and how many predictions differed."""
    rng = np.random.default_rng(1)
    taken: dict[str, list[float]] = {"edit to prediction on the screen": [], "floor: the function alone": []}
    silent, num_wrong = [], 0
    with shown_window() as window:
        window.projects.open(folder)
        window.show_page("label")
        page = cast("LabelController", window.page("label"))
        until(lambda: page.probe.prediction is not None and not page.probe.is_pending)
        page.choose(LABELLED + 1)
        until(lambda: bool(page.queue.entries))
        ticks = Ticks()
        edit(window, page, rng)
        for turn in range(edits):
            until(lambda: not page.queue.is_busy)
            ticks.take_ms()
            taken["edit to prediction on the screen"].append(edit(window, page, rng))
            silent.append(ticks.take_ms())
            all_spans = window.session.require().spans_by_video()
            spans = [all_spans.get(number, []) for number in range(1, len(videos) + 1)]
            began = time.perf_counter()
            made = label_videos(videos, spans, method="probe")
            taken["floor: the function alone"].append(1e3 * (time.perf_counter() - began))
            shown = page.panel.timeline.state.predicted
            num_wrong += shown is None or list(shown.spans) != list(made[LABELLED].spans)
            if turn < TURNS:
                taken.setdefault("python -m core.label", []).append(headless_ms(folder, videos, spans))
            QApplication.processEvents()
    return taken, silent, num_wrong


def main() -> int:
    """Print the table; returns the exit status."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--edits", type=int, default=100)
    options.add_argument("--videos", type=int, default=200)
    options.add_argument("--frames", type=int, default=500)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="carl-probe-", ignore_cleanup_errors=True) as name:
        live_in(Path(name))
        _app = QApplication([])
        videos = write_project(Path(name) / "project", chosen.videos, chosen.frames)
        taken, silent, num_wrong = measure(Path(name) / "project", videos, chosen.edits)
    own = taken["edit to prediction on the screen"]
    print(f"{chosen.videos * chosen.frames:,} frames in {chosen.videos:,} videos, {chosen.edits} edits")
    print(f"{'':36}{'p50':>8}{'p95':>8}   ms{'p50, x edit':>14}")
    for what, times in taken.items():
        middle, late = np.percentile(times, (50, 95))
        print(f"{what:36}{middle:8.0f}{late:8.0f}{middle / np.median(own):19.2f}")
    print(f"{'longest silence of the window':36}{np.median(silent):8.0f}{np.percentile(silent, 95):8.0f}")
    p95 = float(np.percentile(own, 95))
    print(f"\npredictions that differ from the function's: {num_wrong} of {chosen.edits}")
    print(f"95 of 100 edits within {p95:.0f} ms (claimed: less than {CLAIMED_MS:.0f})")
    return 0 if p95 < CLAIMED_MS and not num_wrong else 1


if __name__ == "__main__":
    sys.exit(main())
