"""Write a folder of clips with their true phases from a seed."""

from __future__ import annotations

import csv
import io
import os
import shutil
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from core.base.control import Control
from core.base.errors import ConfigError, StorageError
from core.base.events import Sink, ignore
from core.base.files import explain_errors, write_text
from core.base.leftovers import temporary_folder
from core.base.progress import Meter
from core.base.sample_files import OURS, PHASES_FILE
from core.sample.scene import SceneRenderer
from core.sample.take import FRAMES_PER_SECOND, HEIGHT, PHASES, WIDTH, Take, draw_take
from core.video.writer import writing_video

_COLUMNS = ("video", "phase", "start_frame", "end_frame_exclusive", "start_seconds", "end_seconds")
_OF_FILE_MANAGERS = {".DS_Store", "Thumbs.db", "desktop.ini"}


def make_sample(
    out: Path, *, videos: int = 12, seed: int = 0, sink: Sink = ignore, control: Control | None = None
) -> list[Path]:
    """Draw clips of a drink being poured, `out/pour_01.mp4` and on, and their true phases, `out/phases.csv`.

    Clip n of a seed is the same however many are drawn; the files are the same bytes on the same machine. An older
    sample in `out` is replaced once the new one is whole.

    Raises:
        ConfigError: fewer than one video, or a negative seed.
        StorageError: `out` holds other files, or cannot be written.
        Stopped: `control` asked for it; `out` is as it was.
    """
    if videos < 1:
        raise ConfigError(f"--videos {videos} must be at least 1.")
    if seed < 0:
        raise ConfigError(f"--seed {seed} is negative. Give 0 or more.")
    out = out.absolute()
    _refuse_other_files(out)
    takes = [draw_take(seed, number) for number in range(1, videos + 1)]
    with explain_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(f".{out.name}", out.parent) as staging:
            _draw_all(takes, staging, sink, control or Control())
            write_text(staging / PHASES_FILE, phases_text(takes))
            _publish(staging, out)
    return [out / f"{take.name}.mp4" for take in takes]


def phases_text(takes: Sequence[Take]) -> str:
    """Return the true phases as CSV; frames count from 0, seconds from the first frame."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(_COLUMNS)
    for take in takes:
        ends = np.cumsum(take.phase_frames)
        for phase, start, end in zip(PHASES, ends - take.phase_frames, ends, strict=True):
            seconds = (f"{frame / FRAMES_PER_SECOND:.2f}" for frame in (start, end))
            rows.writerow([f"{take.name}.mp4", phase, start, end, *seconds])
    return text.getvalue()


def _draw_all(takes: Sequence[Take], folder: Path, sink: Sink, control: Control) -> None:
    meter = Meter(sink, "draw", sum(take.num_frames for take in takes), "frame")
    counting = threading.Lock()

    def drawn() -> None:
        with counting:
            meter.add()

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:  # OpenCV and the encoder run beside Python
        drawing = [pool.submit(draw_clip, take, folder / f"{take.name}.mp4", drawn, control) for take in takes]
        try:
            for one in drawing:
                one.result()
        finally:
            pool.shutdown(cancel_futures=True)


def draw_clip(take: Take, path: Path, drawn: Callable[[], None], control: Control) -> None:
    """Write the video of one take; `drawn` is called after each frame. Raises Stopped: `control` asked for it."""
    scene = SceneRenderer(take)
    with writing_video(path, width=WIDTH, height=HEIGHT, fps=FRAMES_PER_SECOND) as append:
        for index in range(take.num_frames):
            control.obey()
            append(scene.frame(index))
            drawn()


def _refuse_other_files(out: Path) -> None:
    if not out.exists():
        return
    with explain_errors(out):
        names = {path.name for path in out.iterdir()} - _OF_FILE_MANAGERS
    strangers = sorted(name for name in names if not OURS.fullmatch(name))
    if names and PHASES_FILE not in names:  # without it, videos of such names may be somebody's own
        strangers = sorted(names)
    if strangers:
        raise StorageError(f"{out} holds other files ({strangers[0]}). Choose a new or empty folder for the sample.")


def _publish(staging: Path, out: Path) -> None:
    """Move the whole sample into place: phases.csv first, since it marks the folder as a sample."""
    out.mkdir(exist_ok=True)
    new = sorted(staging.iterdir(), key=lambda path: (path.name != PHASES_FILE, path.name))
    for path in new:
        shutil.move(path, out / path.name)
    for path in out.iterdir():
        if OURS.fullmatch(path.name) and path.name not in {one.name for one in new}:
            path.unlink()
