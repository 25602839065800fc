"""Baselines of a comparison, and which run computes them, because most runs would compute the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict

from core.comparison.plan import Run
from core.comparison.variants import Variant
from core.evaluation.names import DIAGONAL, POSITIONS, RAW, TRAINED, UNTRAINED
from core.settings.config import Config

OWN = (TRAINED, f"{TRAINED}{POSITIONS}")
"""What every run says of itself."""
_UNTRAINED = (UNTRAINED, f"{UNTRAINED}{POSITIONS}")
BESIDE = (*_UNTRAINED, RAW, DIAGONAL)


class Beside:
    """The run that computes a baseline: the first of all variants for which it is the same.

    Args:
        variants: all, in order.
        seed: the first one.
    """

    def __init__(self, variants: Sequence[Variant], seed: int) -> None:
        self._first, self._seed = variants[0], seed
        self._heads = _leaders(variants, _head)
        self._inputs = _leaders(variants, _input)

    def wanted(self, run: Run) -> tuple[str, ...]:
        """Return which representations are evaluated with this run."""
        names = list(OWN)
        if run.variant in self._heads:
            names += _UNTRAINED
        if run.variant in self._inputs and (run.seed == self._seed or _is_drawn(run.variant.config)):
            names.append(RAW)
        if run.variant is self._first and run.seed == self._seed:
            names.append(DIAGONAL)
        return tuple(names)

    def row(self, representation: str, variant: Variant) -> str:
        """Return the name of its row in the table."""
        if representation in OWN:
            return f"{variant.name}{representation.removeprefix(TRAINED)}"
        several = len(self._inputs if representation == RAW else self._heads) > 1 and representation != DIAGONAL
        return f"{representation} ({variant.name})" if several else representation


def _leaders(variants: Sequence[Variant], key: Callable[[Variant], object]) -> list[Variant]:
    first: dict[str, Variant] = {}
    for variant in variants:
        first.setdefault(repr(key(variant)), variant)
    return list(first.values())


def _input(variant: Variant) -> object:
    """Return what the features depend on. A trained backbone differs in each variant."""
    config = variant.config
    own = "" if config.backbone.trainable_blocks == "none" else variant.name
    seen = (config.frames.short_side, config.frames.image_rate, config.augment.image_size)
    return own, seen, asdict(config.backbone)


def _head(variant: Variant) -> object:
    """Return what an untrained encoder depends on, besides its seed."""
    return _input(variant), asdict(variant.config.encoder), variant.config.views.num_frames


def _is_drawn(config: Config) -> bool:
    """Return whether the backbone's weights are drawn from the seed."""
    return config.backbone.weights == "none" and config.backbone.name.startswith(("resnet", "timm:"))
