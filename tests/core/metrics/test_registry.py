"""Metrics by name: each that is computed is declared, and the declarations need no library."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from core.metrics.kinds import KINDS, Suite, is_lower_better, kind_of
from core.metrics.registry import Sample, Videos, compute_metrics

LABELS = [np.repeat(np.arange(3), lengths) for lengths in ([5, 7, 6], [8, 5, 9])]
ROWS = [
    np.stack([labels, np.linspace(0, 1, len(labels)), np.ones(len(labels))], axis=1).astype(np.float32)
    for labels in LABELS
]
SAMPLE = Sample(Videos(ROWS, LABELS), Videos(ROWS, LABELS), 3, lambda index, start, stop: ROWS[index][start:stop])


@pytest.mark.parametrize("suite", Suite)
def test_what_is_computed_is_declared(suite: Suite) -> None:
    values = compute_metrics(SAMPLE, [suite])
    assert values
    assert all(kind_of(name) for name in values)


def test_what_is_declared_is_computed() -> None:
    kinds = {kind_of(name) for name in compute_metrics(SAMPLE, list(Suite))}
    assert kinds == set(KINDS.values())


def test_errors_are_better_when_lower() -> None:
    assert {name for name in KINDS if is_lower_better(name)} == {"event error", "cut", "by DTW", "cut, by DTW"}
    assert not is_lower_better("accuracy, 10% of labels")
    assert not is_lower_better("unheard of")


def test_the_declarations_need_no_library() -> None:
    program = (
        "import sys, core.metrics.kinds; sys.exit(any(name in sys.modules for name in ('torch', 'sklearn', 'numpy')))"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
