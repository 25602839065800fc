"""Figures as they are found, and the Markdown table that they end in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Found:
    """One figure of one pair of videos, or of one split."""

    measure: str
    item: str
    """The pair or the split."""
    value: float
    seed: int = 0


Column = Callable[[Sequence[Found]], str]
"""What stands in a cell, of all that was found for its row."""


def mean(measure: str, digits: int = 3) -> Column:
    """Of all pairs and seeds."""
    return _column(measure, digits, lambda by_seed: float(np.mean(by_seed)))


def least(measure: str, digits: int = 3) -> Column:
    """Of the pairs, each the mean of its seeds."""
    return _column(measure, digits, lambda by_seed: float(by_seed.mean(axis=0).min()))


def most(measure: str, digits: int = 0) -> Column:
    """Of all pairs and seeds."""
    return _column(measure, digits, lambda by_seed: float(by_seed.max()))


def spread_of_pairs(measure: str, digits: int = 3) -> Column:
    """The standard deviation of pairs, each the mean of its seeds."""
    return _column(measure, digits, lambda by_seed: float(by_seed.mean(axis=0).std()))


def spread_of_seeds(measure: str, digits: int = 3) -> Column:
    """The standard deviation of seeds, each the mean of its pairs; nothing where nothing is random."""
    return _column(measure, digits, lambda by_seed: float(by_seed.mean(axis=1).std()) if len(by_seed) > 1 else np.nan)


def _column(measure: str, digits: int, of: Callable[[np.ndarray], float]) -> Column:
    def cell(found: Sequence[Found]) -> str:
        values = by_seed(found, measure)
        return _number(of(values), digits) if values.size else "-"

    return cell


def by_seed(found: Iterable[Found], measure: str) -> np.ndarray:
    """(seeds, items) values; items without a value are left out."""
    rows: dict[int, list[float]] = {}
    for one in found:
        if one.measure == measure and np.isfinite(one.value):
            rows.setdefault(one.seed, []).append(one.value)
    return np.array(list(rows.values()))


def _number(value: float, digits: int) -> str:
    return "-" if not np.isfinite(value) else f"{value:.{digits}f}"


def markdown(title: str, columns: Mapping[str, Column], rows: Iterable[tuple[str, Sequence[Found]]]) -> Iterable[str]:
    """The lines of a table, each as soon as its row is found."""
    yield f"| {title} | {' | '.join(columns)} |"
    yield "|---" * (len(columns) + 1) + "|"
    for name, found in rows:
        yield f"| {name} | {' | '.join(cell(found) for cell in columns.values())} |"
