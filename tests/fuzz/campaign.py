"""Mutations in child processes: whoever dies, hangs or takes too much memory is a failure with its number."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from tests.fuzz.target import Target

_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Failure:
    """One mutation that its reader did not survive as it should."""

    target: str
    seed: int
    number: int
    done: str
    """To the input."""
    why: str
    """A traceback, or how the process ended."""

    def __str__(self) -> str:
        return f"{self.again}: {self.done}\n{self.why}"

    @property
    def again(self) -> str:
        """The command that repeats it."""
        return f"python -m tests.fuzz {self.target} --seed {self.seed} --only {self.number}"


@dataclass(slots=True)
class Campaign:
    """What came of the mutations of one target."""

    outcomes: Counter[str] = field(default_factory=Counter)
    """How many were `read`, `refused` or `failed`."""
    failures: list[Failure] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    """What users would read."""


def run(target: Target, seed: int, count: int, first: int = 0, until: float = math.inf) -> Campaign:
    """Do `count` mutations of a seed from number `first`, no new one after `until`, in as many processes as die."""
    campaign, end = Campaign(), first + count
    while first < end and time.time() < until:
        first = _one_process(campaign, target, seed, first, end - first, until)
    return campaign


def _one_process(campaign: Campaign, target: Target, seed: int, first: int, count: int, until: float) -> int:
    """Return the number with which another process goes on."""
    command = [sys.executable, "-m", "tests.fuzz.child", target.name, *map(str, (seed, first, count, until))]
    started = None
    with (
        tempfile.TemporaryDirectory(prefix="carl-fuzz-") as temporary,  # what a process that dies leaves goes with it
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=errors,
            cwd=_ROOT,
            text=True,
            env={**_environment(), "TMPDIR": temporary},
        ) as child,
    ):
        assert child.stdout is not None
        for line in child.stdout:
            result = json.loads(line) if line.startswith("{") else {}
            if "started" in result:
                started = result["started"]
            elif "ended" in result:
                _count(campaign, target, seed, result)
                started, first = None, result["ended"] + 1
        status = child.wait()
        errors.seek(0)
        stderr = errors.read().decode(errors="replace")[-4000:]
    if started is not None:
        why = f"the process ended with status {status}\n{stderr}"
        _count(campaign, target, seed, {"ended": started, "done": "", "outcome": "failed", "failure": why})
        return int(started) + 1
    if status:
        raise RuntimeError(f"{target.name} cannot be made or read as it is (status {status}):\n{stderr}")
    return sys.maxsize


def _environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(_ROOT)}


def _count(campaign: Campaign, target: Target, seed: int, result: dict[str, str]) -> None:
    campaign.outcomes[result["outcome"]] += 1
    if "sentence" in result:
        campaign.sentences.append(result["sentence"])
    if result["outcome"] == "failed":
        campaign.failures.append(Failure(target.name, seed, int(result["ended"]), result["done"], result["failure"]))
