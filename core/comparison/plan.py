"""The runs of a comparison, their folders, and the progress of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import ConfigError
from core.base.events import Event, Finished
from core.base.files import content_digest, write_text
from core.comparison.folds import Fold
from core.comparison.variants import Variant
from core.learning.run_folder import RunFolder
from core.objectives.kinds import KINDS, Needs
from core.settings.config import Config, tables, with_values
from core.settings.schedule import steps_per_epoch
from core.video.content import known_digests

_OF_NO_CONSEQUENCE = {
    "train.cpu_threads",
    "train.keep_checkpoints",
    "train.eval_interval_epochs",
    "frames.decode_workers",
    "frames.cache_size_gb",
    "frames.gpu_fraction",
}
"""Settings that change nothing of what is learned."""


@dataclass(frozen=True)
class Run:
    """One training of a comparison."""

    variant: Variant
    fold: Fold
    seed: int
    folder: Path

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def about(self) -> str:
        """For people."""
        left_out = f", without {self.fold.about}" if self.fold.about else ""
        return f"{self.variant.name}, seed {self.seed}{left_out}"

    @property
    def config(self) -> Config:
        return with_values(self.variant.config, {"train.seed": self.seed})

    @property
    def num_steps(self) -> int:
        """Of the whole training; with `train.patience` it may become fewer."""
        train = self.variant.config.train
        return steps_per_epoch(train, len(self.fold.learned)) * train.epochs

    @property
    def learns_from_labels(self) -> bool:
        return KINDS[self.variant.config.objective.name].needs is Needs.LABELS

    def is_done(self) -> bool:
        """Return whether it was trained to its end."""
        if not RunFolder.is_run(self.folder) or not (run := RunFolder.open(self.folder)).encoder_file.is_file():
            return False
        last: Event | None = None
        for last in run.events():  # noqa: B007 - the last one is wanted
            pass
        return isinstance(last, Finished) and last.reason == "done"

    def check(self, labels: Path) -> None:
        """Refuse a run that lies here and was trained otherwise than is asked for now. Raises ConfigError."""
        if not RunFolder.is_run(self.folder):
            return
        run = RunFolder.open(self.folder)
        remedy = "Pass another --out, or what it was trained with"
        for name, (there, here) in _differences(run.config(), self.config).items():
            if name not in _OF_NO_CONSEQUENCE:
                raise ConfigError(f"{self.folder} was trained with {name} = {there!r}, not {here!r}. {remedy}.")
        if [path.absolute() for path in run.videos()] != [path.absolute() for path in self.fold.learned]:
            raise ConfigError(f"{self.folder} was trained on other videos than those given now. {remedy}.")
        digests = run.digests()
        for path, digest in known_digests(self.fold.learned, self.variant.config.frames.image_rate).items():
            if digests.get(path.absolute(), digest) != digest:
                raise ConfigError(f"{path} has changed since {self.folder} was trained on it. {remedy}.")
        learned_from = self._labels_file.read_text(encoding="utf-8") if self._labels_file.is_file() else ""
        if learned_from not in ("", content_digest(labels)):
            raise ConfigError(f"{self.folder} was trained with other labels than those of {labels} now. {remedy}.")

    def keep_labels(self, labels: Path) -> None:
        """Remember which labels it learns from. StorageError: the folder cannot be written."""
        if not self._labels_file.is_file():
            write_text(self._labels_file, content_digest(labels))

    @property
    def _labels_file(self) -> Path:
        return self.folder / "evaluation" / "labels-learned.txt"


def plan_runs(variants: Sequence[Variant], folds: Sequence[Fold], seeds: int, out: Path) -> list[Run]:
    """Return all runs, seed by seed, so that the table of the first seed is complete as early as possible.

    Raises:
        ConfigError: two of them would have one folder.
    """
    runs = list(_runs(variants, folds, seeds, out / "runs"))
    places: dict[str, Run] = {}
    for run in runs:
        other = places.setdefault(run.name.casefold(), run)
        if other is not run:
            raise ConfigError(f"{other.about} and {run.about} would share the folder {run.folder}. Rename one of them.")
    return runs


def _runs(variants: Sequence[Variant], folds: Sequence[Fold], seeds: int, folder: Path) -> Iterator[Run]:
    for seed in range(seeds):
        for fold in folds:
            for variant in variants:
                own = variant.config.train.seed + seed
                here = folder / _folder_name(variant.name, fold, own)
                former = folder / _folder_name(variant.former_name or variant.name, fold, own)
                is_former = RunFolder.is_run(former) and not RunFolder.is_run(here)
                yield Run(variant, fold, own, former if is_former else here)


def _folder_name(variant: str, fold: Fold, seed: int) -> str:
    return "-".join(filter(None, map(_slug, (variant, fold.name, f"seed{seed}"))))


def _slug(name: str) -> str:
    """Return the text as part of a folder's name."""
    return re.sub(r"[^\w.-]+", "-", name).strip("-.")


def _differences(there: Config, here: Config) -> Mapping[str, tuple[object, object]]:
    one, other = (
        {f"{section}.{leaf}": value for section, leaves in tables(config).items() for leaf, value in leaves.items()}
        for config in (there, here)
    )
    return {name: (one.get(name), other.get(name)) for name in {**one, **other} if one.get(name) != other.get(name)}
