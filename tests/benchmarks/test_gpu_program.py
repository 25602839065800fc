"""`benchmarks/gpu.py` measures all that it is to, on a CPU in small; a part that fails does not hide the others."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

ROOT = Path(__file__).resolve().parents[2]
PARTS = ("training", "embedding", "precisions", "one process", "tests")


@pytest.mark.journey
def test_every_part_runs_on_a_cpu(tmp_path: Path) -> None:
    out = tmp_path / "gpu.json"
    command = [sys.executable, "benchmarks/gpu.py", "--tiny", "--device", "cpu", "--out", str(out)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    values = json.loads(out.read_text())
    assert (values["device"], values["not reached"]) == ("CPU, 1 thread", [])
    assert all(f"seconds of {part}" in values for part in PARTS)
    rates = {name: value for name, value in values.items() if name.endswith("frames/s")}
    assert len(rates) == 10
    assert all(rate > 0 for rate in rates.values())
    assert values["gloo, one process: largest difference of losses"] == 0
    assert len(values["losses in float32"]) == len(values["losses in bfloat16"]) > 1
    assert ">= 5" in done.stdout
    assert ">= 0.85" in done.stdout


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> object:
    monkeypatch.syspath_prepend(ROOT / "benchmarks")
    gpu = importlib.import_module("gpu")
    made = gpu.Bench(gpu.TINY, torch.device("cuda"), tmp_path, time.monotonic() + 60)
    return made


def test_what_fails_or_falls_short_is_named_and_the_rest_is_measured(
    bench: object, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(bench: object) -> None:
        raise RuntimeError("no kernel image")

    bench.part("first", fail)
    bench.part("second", lambda bench: bench.add("ratio", 4.0, "4.00", 5.0))
    bench.part("third", lambda bench: bench.add("ratio", 6.0, "6.00", 5.0))
    bench.part("fourth", lambda bench: bench.add("difference", 0.1, "0.1", 0.2, is_upper=True))
    bench.ends = 0.0
    bench.part("fifth", fail)
    assert bench.missed == ["first: failed", "ratio: 4.00, asked >= 5", "fifth: no time was left"]
    assert "no kernel image" in capsys.readouterr().err
