"""Launched, trained two steps, left while training: exit status 0, not a word, and no child left.

`benchmarks/launches.py` does it 20 times.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.carl_gui.launches import STEPS, launch

_TIMES = 3


@pytest.mark.journey
def test_launch_train_two_steps_quit(tmp_path: Path) -> None:
    for number in range(_TIMES):
        went = launch(tmp_path / str(number))
        assert (went.status, went.said, went.left) == (0, (), ())
        assert went.state == "stopped", "it was saved and can be resumed"
        assert went.num_steps >= STEPS
