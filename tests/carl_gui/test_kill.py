"""SIGKILL of the window, while it edits and while it trains; `benchmarks/kills.py` does the same fifty times."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest

from tests.carl_gui.kills import WindowChild, check_edits, check_labels, check_saved, labelled_project, trainers
from tests.carl_gui.projects import new_project, tiny_videos
from tests.carl_gui.window_child import RUN
from tests.core.project.projects import filled
from training.run import Run

pytestmark = [
    pytest.mark.journey,
    pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL, and pipes that end with their process"),
]


def test_no_edit_that_the_screen_confirmed_is_lost(tmp_path: Path) -> None:
    generator = random.Random(20260401)
    filled(tmp_path / "p").close()
    confirmed = 0
    for _ in range(3):
        with WindowChild(tmp_path, "edit", str(tmp_path / "p")) as window:
            window.listen(generator.randrange(1, 30))
            window.kill_after(0.02 * generator.random())
            confirmed = check_edits(tmp_path / "p", window.told, confirmed)
    assert confirmed > 3


def test_no_label_that_the_timeline_showed_is_lost(tmp_path: Path) -> None:
    generator = random.Random(20261124)
    folder = labelled_project(tmp_path)
    steps = 0
    for _ in range(3):
        with WindowChild(tmp_path, "label", str(folder)) as window:
            window.listen(1 + generator.randrange(1, 30))
            window.kill_after(0.02 * generator.random())
            steps += check_labels(folder, window.told)
    assert steps > 3


def test_the_run_of_a_killed_window_is_saved_offered_again_and_goes_on_to_its_end(tmp_path: Path) -> None:
    folder = new_project(tmp_path / "p", tiny_videos(tmp_path / "films", 3), decodes=True)
    words = ("train", str(folder), "10")
    with WindowChild(tmp_path, *words) as window:
        window.listen(11)  # it has begun, and made ten steps
        window.kill()
    assert window.told[0] == "begun"
    saved = check_saved(folder)
    assert 10 <= saved < 300
    with WindowChild(tmp_path, *words) as window:
        window.listen(2)
        window.kill()
    assert window.told[0].startswith(
        f"offered CARL Studio closed unexpectedly while training {RUN}, at step {saved} of 300."
    )
    assert window.told[1] == f"step {saved + 1}"
    saved = check_saved(folder)
    with WindowChild(tmp_path, *words) as window:
        window.listen()
        assert window.status == 0
    assert f"step {saved}" in window.told[0]
    assert next(line for line in window.told if line.startswith("step")) == f"step {saved + 1}"
    assert window.told[-1].startswith("ended Finished(reason='done'")
    assert Run.open(folder / "runs" / RUN).curves().steps.tolist() == list(range(1, 301))
    assert not trainers(folder / "runs" / RUN)
