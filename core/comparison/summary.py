"""Summarise the metrics of single runs as table rows: mean over folds, then mean and spread over seeds."""

from __future__ import annotations

import math
import statistics
from collections import defaultdict
from collections.abc import Mapping, Sequence

from core.comparison.beside import BESIDE, OWN, Beside
from core.comparison.plan import Run
from core.evaluation.summary import Figure, ResultRow
from core.metrics.subsets import mean_of_defined


def rows_of(
    figures: Mapping[Run, Mapping[str, Mapping[str, float]]], beside: Beside, num_folds: int
) -> list[ResultRow]:
    """Return rows of trained variants, then baselines, then the positions alone of the trained ones.

    A seed of which a fold is missing does not count: its mean would be of other videos than that of the others.

    Args:
        figures: of each run, by representation and figure.
    """
    found: dict[str, dict[str, defaultdict[int, dict[str, list[float]]]]] = {name: {} for name in (*OWN, *BESIDE)}
    for run, of_run in figures.items():
        for representation, values in of_run.items():
            row = found[representation].setdefault(beside.row(representation, run.variant), defaultdict(dict))
            for figure, value in values.items():
                row[run.seed].setdefault(figure, []).append(value)
    order = (OWN[0], *BESIDE, OWN[1])
    return [
        ResultRow(name, _over_seeds(list(of_seeds.values()), num_folds), competes=representation == OWN[0])
        for representation in order
        for name, of_seeds in found[representation].items()
    ]


def _over_seeds(seeds: Sequence[Mapping[str, Sequence[float]]], num_folds: int) -> dict[str, Figure]:
    """Return the figures over all seeds. `seeds`: of each the values of a figure in its folds; those that are not
    defined do not count."""
    made = {}
    for name in dict.fromkeys(name for of_seed in seeds for name in of_seed):
        means = [mean_of_defined(of_seed[name]) for of_seed in seeds if len(of_seed.get(name, ())) == num_folds]
        known = tuple(mean for mean in means if not math.isnan(mean))
        spread = statistics.stdev(known) if len(known) > 1 else math.nan
        made[name] = Figure(mean_of_defined(known), spread, known)
    return made
