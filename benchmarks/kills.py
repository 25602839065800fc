"""SIGKILL at random moments: of a window that edits or labels, of the training child, of a window that trains.

Claimed, and each a row of the table:

* the project opens after each kill and holds every edit that the screen had confirmed;
* so it does for labels: all that a timeline had shown is undone and redone after the kill, state by state;
* a run that is killed again and again can be resumed each time, what it had said can be read, and at its end its
  weights and the losses of all steps are, bit for bit, those of a run that was never killed;
* the child of a killed window saves and ends by itself, the next window offers the run, and it goes on to the same end.

Exit status 1 where anything is lost. POSIX only.

    python benchmarks/kills.py [--kills 50] [--window-kills 10]     # some ten minutes: torch starts often
"""

from __future__ import annotations

import argparse
import math
import os
import random
import re
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # what is killed lies with the tests

from core.base.events import Failed, StepDone, decode  # noqa: E402
from tests.carl_gui.kills import (  # noqa: E402
    WindowChild,
    check_edits,
    check_labels,
    check_saved,
    labelled_project,
    trainers,
)
from tests.carl_gui.projects import new_project, tiny_config, tiny_videos  # noqa: E402
from tests.carl_gui.window_child import RUN, VIEWS_PER_VIDEO  # noqa: E402
from tests.core.project.projects import filled  # noqa: E402
from training.job import Job  # noqa: E402
from training.run import Run  # noqa: E402

VIDEOS = 6
STEPS_AN_EPOCH = VIDEOS * VIEWS_PER_VIDEO
EARLY = 0.15
"""Share of the kills that come before the first step, wherever the child is by then."""
START_SECONDS = 4.0
os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")  # the offscreen plugin has its say at each window


def train(folder: Path, last: float = math.inf, delay: float = 0.0, seconds: float | None = None) -> int:
    """Start or resume a run, and kill it.

    Args:
        last: kill it once it tells of this step,
        delay: and so many seconds more;
        seconds: or kill it so long after its start.

    Returns:
        How many steps it told. RuntimeError where it failed.
    """
    told = 0
    with Job.start(["core.train", "--out", str(folder), "--resume", "--device", "cpu"]) as job:
        timer = threading.Timer(seconds or 0.0, job.kill)
        if seconds is not None:
            timer.start()
        for event in job.follow():
            if isinstance(event, StepDone):
                told += 1
                if event.step >= last:
                    time.sleep(delay)
                    job.kill()
            elif isinstance(event, Failed):
                raise RuntimeError(f"{event.message}\n{job.stderr_tail}")
        timer.cancel()
    return told


def check_readable(folder: Path) -> None:
    """What was said: no line but the last can be torn, and the steps go up."""
    run = Run.open(folder)
    lines = run.files.events_file.read_bytes().split(b"\n")
    torn = [line for line in lines[:-1] if decode(line.decode("utf-8", "replace")) is None]
    assert not torn, torn
    steps = run.curves().steps
    assert (np.diff(steps) == 1).all(), steps
    assert run.status().state in ("new", "stopped"), run.status()


def check_same(folder: Path, other: Path) -> None:
    """The same weights, optimiser and losses, bit for bit."""
    one, two = Run.open(folder).curves(), Run.open(other).curves()
    assert one.steps.tolist() == two.steps.tolist()
    for name in ("loss", "gradient_norm", "learning_rate"):
        assert (getattr(one, name) == getattr(two, name)).all(), name
    last = sorted(path.name for path in (folder / "checkpoints").glob("step-*.safetensors"))[-1]
    for file in ("encoder.safetensors", f"checkpoints/{last}"):
        ours, theirs = load_file(folder / file), load_file(other / file)
        assert ours.keys() == theirs.keys()
        differing = [name for name in ours if ours[name].tobytes() != theirs[name].tobytes()]
        assert not differing, f"{file}: {differing}"


def kill_editing(folder: Path, kills: int, generator: random.Random) -> str:
    """Windows that edit."""
    filled(folder / "edited").close()
    confirmed = 0
    for _ in range(kills):
        with WindowChild(folder, "edit", str(folder / "edited")) as window:
            window.listen(generator.randrange(40))
            window.kill_after(0.05 * generator.random())
            confirmed = check_edits(folder / "edited", window.told, confirmed)
    return f"{confirmed} edits, none lost, the project opened each time"


def kill_labelling(folder: Path, kills: int, generator: random.Random) -> str:
    """Windows on whose timeline labels are drawn, split, merged and erased at random."""
    project, steps = labelled_project(folder), 0
    for _ in range(kills):
        with WindowChild(folder, "label", str(project)) as window:
            window.listen(1 + generator.randrange(50))
            window.kill_after(0.05 * generator.random())
            steps += check_labels(project, window.told)
    return f"{steps} steps, none lost; each undone and redone as the timeline had shown it"


def kill_training(folder: Path, reference: Path, kills: int, epochs: int, generator: random.Random) -> str:
    """One child after the other, on the same run."""
    run = folder / "killed"
    source = Run.open(reference)
    Run.create(run, source.config(), source.files.videos())
    early = num_steps = 0
    for _ in range(kills):
        if generator.random() < EARLY:
            early += 1
            num_steps += train(run, seconds=START_SECONDS * generator.random())
        else:
            before = Run.open(run).curves().latest
            last = (before.step if before else 0) + generator.randrange(1, 2 * STEPS_AN_EPOCH)
            num_steps += train(run, last, 0.02 * generator.random())
        check_readable(run)
    num_steps += train(run)
    check_same(run, reference)
    again = num_steps - epochs * STEPS_AN_EPOCH
    return f"{early} of them before a step; {again} steps done twice; the same end, bit for bit"


def kill_window(folder: Path, reference: Path, project: Path, kills: int, epochs: int, generator: random.Random) -> str:
    """Windows that train, on the same run; the last one sees it end."""
    words, steps, offered = ("train", str(project), str(epochs)), [], 0
    for _ in range(kills):
        with WindowChild(folder, *words) as window:
            if generator.random() < EARLY:
                window.listen(1)
                window.kill_after(START_SECONDS * generator.random())
            else:
                window.listen(2 + generator.randrange(2 * STEPS_AN_EPOCH))
                window.kill()
        offered += _check_offered(window.told, steps[-1] if steps else None)
        steps.append(check_saved(project))
    with WindowChild(folder, *words) as window:
        window.listen()
        assert window.status == 0, window.told[-3:]
    offered += _check_offered(window.told, steps[-1])
    assert window.told[-1].startswith("ended Finished(reason='done'"), window.told[-3:]
    assert not trainers(project / "runs" / RUN)
    check_same(project / "runs" / RUN, reference)
    return f"saved at steps {', '.join(map(str, steps))}; offered {offered} times; no child left; the same end"


def _check_offered(told: list[str], saved: int | None) -> int:
    """Whether the window offered the run, as it must where there was one; the first step is the one after the last."""
    if saved is None:
        return 0
    assert told[0].startswith("offered"), told[:3]
    assert not saved or f"at step {saved:,} of" in told[0] or f"at step {saved} of" in told[0], told[0]
    first = next((int(re.findall(r"\d+", line)[0]) for line in told if line.startswith("step")), None)
    assert first in (None, saved + 1), (saved, first)
    return 1


def main() -> int:
    """Print the table; returns the exit status."""
    if os.name == "nt":
        print("Windows has no SIGKILL, and its pipes end otherwise: nothing is measured.")
        return 0
    made = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    made.add_argument(
        "--kills", type=int, default=50, help="of the editing and the labelling window, and of the training child"
    )
    made.add_argument("--window-kills", type=int, default=10, help="of the training window")
    made.add_argument("--seed", type=int, default=1)
    given = made.parse_args()
    epochs = 2 * max(given.kills, given.window_kills) + 20  # so that it does not end before the last kill
    generator = random.Random(given.seed)
    with tempfile.TemporaryDirectory(prefix="carl-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        os.environ["CARL_CACHE"] = str(folder / "cache")
        project = new_project(folder / "project", tiny_videos(folder / "films", VIDEOS), decodes=True)
        config = tiny_config(epochs=epochs, repeats_per_epoch=VIEWS_PER_VIDEO)
        reference = folder / "reference"
        Run.create(reference, config, sorted((folder / "films").iterdir()))
        started = time.monotonic()
        train(reference)
        print(f"never killed: {epochs * STEPS_AN_EPOCH} steps in {time.monotonic() - started:.0f} s", flush=True)
        rows = {
            f"{given.kills} x the window, editing": lambda: kill_editing(folder, given.kills, generator),
            f"{given.kills} x the window, labelling": lambda: kill_labelling(folder, given.kills, generator),
            f"{given.kills} x the training child": lambda: kill_training(
                folder, reference, given.kills, epochs, generator
            ),
            f"{given.window_kills} x the window, training": lambda: kill_window(
                folder, reference, project, given.window_kills, epochs, generator
            ),
        }
        return 1 if sum([not _row(name, action) for name, action in rows.items()]) else 0


def _row(name: str, action: Callable[[], str]) -> bool:
    started = time.monotonic()
    try:
        said, is_kept = action(), True
    except (AssertionError, RuntimeError):
        traceback.print_exc()
        said, is_kept = "LOST", False
    print(f"{name:30}{said}   ({time.monotonic() - started:.0f} s)", flush=True)
    return is_kept


if __name__ == "__main__":
    sys.exit(main())
