"""The metrics of single runs as CSV."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from core.base.csv_files import write_rows
from core.comparison.plan import Run


def write_runs(path: Path, figures: Mapping[Run, Mapping[str, Mapping[str, float]]]) -> None:
    """Write the columns `run,variant,fold,seed,representation,figure,value`. StorageError: it cannot be written."""
    write_rows(
        path,
        ("run", "variant", "fold", "seed", "representation", "figure", "value"),
        (
            (run.name, run.variant.name, run.fold.name, run.seed, representation, figure, _format(value))
            for run, of_run in figures.items()
            for representation, values in of_run.items()
            for figure, value in values.items()
        ),
    )


def _format(value: float) -> str:
    return "" if math.isnan(value) else f"{value:.6f}"
