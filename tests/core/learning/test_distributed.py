"""Several processes train as one: two real ones, over gloo."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from core.base.errors import ConfigError
from core.learning.distributed import Processes
from tests.core.learning.distributed_child import gradients, made_trainer

ROOT = Path(__file__).resolve().parents[3]


def run_two(task: str, out: Path) -> list[tuple[int, str]]:
    """Exit status and output of both processes."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    place = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port), "WORLD_SIZE": "2"}
    children = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.core.learning.distributed_child", task, str(out)],
            env=os.environ | place | {"RANK": str(rank), "LOCAL_RANK": str(rank)},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for rank in range(2)
    ]
    outputs = [child.communicate(timeout=120)[0] for child in children]
    return [(child.returncode, output) for child, output in zip(children, outputs, strict=True)]


@pytest.mark.journey
def test_the_averaged_gradient_is_that_of_one_process_on_the_same_batch(tmp_path: Path) -> None:
    assert [status for status, _ in run_two("gradient", tmp_path)] == [0, 0]
    averaged = torch.load(tmp_path / "gradients.pt", weights_only=True)
    alone = made_trainer(tmp_path, Processes(), encoder__dropout=0)
    expected = gradients(alone, alone.model)
    assert averaged.keys() == expected.keys()
    assert expected
    for name, gradient in expected.items():
        torch.testing.assert_close(averaged[name], gradient, rtol=1e-4, atol=1e-6, msg=name)


@pytest.mark.journey
def test_only_the_first_process_writes_and_a_stop_of_one_stops_all_at_the_same_step(tmp_path: Path) -> None:
    assert run_two("stop", tmp_path) == [(0, "stopped 2\n"), (0, "stopped 2\n")]
    assert [path.name for path in (tmp_path / "rank0").iterdir()] == ["step-00000002.safetensors"]
    assert not (tmp_path / "rank1").exists()


@pytest.mark.journey
def test_a_lost_process_ends_the_other_with_a_reason(tmp_path: Path) -> None:
    (status, output), (lost, _) = run_two("lose", tmp_path)
    assert lost == 9
    assert status == 2
    assert "another process of this training was lost" in output
    assert "--resume" in output
    assert list((tmp_path / "rank0").glob("step-*.safetensors"))


@pytest.mark.journey
def test_torchruns_one_process_learns_what_a_process_without_it_learns(tmp_path: Path) -> None:
    child = ["-m", "tests.core.learning.distributed_child", "whole"]
    launcher = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "1"]
    weights = []
    for name, before in (("alone", []), ("torchrun", launcher)):
        words = [sys.executable, *before, *child, str(tmp_path / name)]
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
        assert (done.returncode, done.stdout) == (0, f"{name == 'torchrun'} done 4\n"), done.stderr
        newest = tmp_path / name / "rank0" / "step-00000004.safetensors"
        weights.append(newest.read_bytes())
    assert weights[0] == weights[1]


def test_videos_that_do_not_divide_among_processes_are_refused() -> None:
    with pytest.raises(ConfigError, match=r"train.batch_size = 4 cannot be divided among 3 processes. Choose a mult"):
        Processes(rank=0, world=3).check(4)
    Processes(rank=0, world=2).check(4)
