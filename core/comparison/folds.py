"""Folds: the videos to train on and those to evaluate on, never the same."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import ConfigError
from core.base.listing import some
from core.datasets import Dataset
from core.settings.config import did_you_mean
from core.video.inputs import column_of, columns_beside


@dataclass(frozen=True)
class Fold:
    """Videos to train on and the others to evaluate on."""

    name: str
    """"" where there is only one."""
    about: str
    """Who is left out, for people."""
    learned: tuple[Path, ...]
    held: tuple[Path, ...]

    def of(self, dataset: Dataset) -> Dataset:
        """Return the same data set, split as this fold is."""
        held = set(self.held)
        videos = (
            dataclasses.replace(video, split="val" if video.path in held else "train") for video in dataset.videos
        )
        return dataclasses.replace(dataset, videos=tuple(videos))


def folds_of(
    inputs: Sequence[Path], videos: Sequence[Path], dataset: Dataset, column: str | None, most: int
) -> list[Fold]:
    """Return the folds by what a column of the list says; without a column one, as the data set is split.

    Videos of which the column says the same are always in one fold. Where it says more different things than there may
    be folds, several go together, so that the folds have about as many videos.

    Args:
        inputs: as they were given: lists among them.
        videos: all of them.
        dataset: those with labels.
        most: folds.

    Raises:
        ConfigError: there is no such column, it leaves a video out, says the same of all, or leaves nothing to train or
            to evaluate on.
        LabelError: a list cannot be read.
    """
    if column is None:
        held = [video.path for video in dataset.of("val")]
        return [_check(Fold("", "", *_apart(videos, held)), dataset)]
    groups = _groups(inputs, videos, column)
    parts = _together(groups, most)
    folds = []
    for number, names in enumerate(parts, start=1):
        held = [video for name in names for video in groups[name]]
        name = names[0] if len(names) == 1 else f"fold{number}"
        folds.append(_check(Fold(name, f"{column} {some(names)}", *_apart(videos, held)), dataset))
    return folds


def check_contents(folds: Sequence[Fold], digests: Mapping[Path, str]) -> None:
    """Refuse a video that is learned from while a copy of it, under another name, is evaluated on. Raises ConfigError.

    Args:
        digests: of the videos' contents.
    """
    for fold in folds:
        learned = {digests[video]: video for video in fold.learned if video in digests}
        if both := next((video for video in fold.held if digests.get(video) in learned), None):
            raise ConfigError(
                f"{both} is a copy of {learned[digests[both]]}, which would be trained on while this one is "
                "evaluated. Leave one of them out, or keep them in one fold."
            )


def _groups(inputs: Sequence[Path], videos: Sequence[Path], column: str) -> dict[str, list[Path]]:
    """Return the videos by what the column says of them, in the order of the list."""
    known = columns_beside(inputs)
    if not known:
        raise ConfigError(
            f"--folds {column} needs a list of the videos (CSV or XLSX) with the columns video and {column}, but no "
            "list with columns was given."
        )
    if column.casefold() not in known:
        raise ConfigError(f"The list has no column {column!r}{did_you_mean(column.casefold(), known)}")
    values = column_of(inputs, column)
    if missing := [video.name for video in videos if video not in values]:
        raise ConfigError(f"The column {column!r} is empty for {some(missing)}. Fill it in, or leave them out.")
    groups: defaultdict[str, list[Path]] = defaultdict(list)
    for video in videos:
        groups[values[video]].append(video)
    if len(groups) < 2:
        raise ConfigError(
            f"The column {column!r} is {next(iter(groups))!r} for all {len(videos)} videos, but folds need at least "
            "two values. Choose another column, or leave --folds out."
        )
    return groups


def _together(groups: Mapping[str, Sequence[Path]], most: int) -> list[list[str]]:
    """Return the groups of each fold: the largest first, always to the fold that has the fewest videos."""
    parts: list[list[str]] = [[] for _ in range(min(most, len(groups)))]
    counts = [0] * len(parts)
    for name in sorted(groups, key=lambda name: -len(groups[name])):
        place = counts.index(min(counts))
        parts[place].append(name)
        counts[place] += len(groups[name])
    order = list(groups)
    return sorted((sorted(part, key=order.index) for part in parts), key=lambda part: order.index(part[0]))


def _apart(videos: Sequence[Path], held: Sequence[Path]) -> tuple[tuple[Path, ...], tuple[Path, ...]]:
    inside = set(held)
    return tuple(video for video in videos if video not in inside), tuple(held)


def _check(fold: Fold, dataset: Dataset) -> Fold:
    split = fold.of(dataset)
    for which, does in (("train", "train the classifier"), ("val", "evaluate")):
        if not split.of(which):  # type: ignore[arg-type]
            where = f"With {fold.about} left out" if fold.about else "As split"
            raise ConfigError(
                f"{where}, no labelled video is left to {does} on. Label more videos, or split them differently."
            )
    return fold
