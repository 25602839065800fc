"""Training further: a run that starts from the weights of another encoder, on other or more videos."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from core.base.errors import CheckpointError, ConfigError
from core.base.files import content_digest
from core.base.listing import some
from core.base.tensor_files import load_tensors
from core.learning.run_folder import Origin
from core.model.checkpoint import config_of, fit_tensors, load_encoder
from core.model.encoder import Encoder
from core.model.resnet import RESNETS, fold_batch_norms
from core.settings.config import Config

_FREE = {
    "backbone.chunk_size",
    "backbone.fallback",
    "backbone.person_table",
    "backbone.trainable_blocks",
    "backbone.weights",
    "encoder.dropout",
    "encoder.max_frames",
}
"""Settings of the network that change neither its weights nor what they mean."""
_SAME = ("backbone.name", "backbone.pose_view")
"""What has to be the same: another network looks at frames otherwise, and all that was learned rests on that."""
_TOLD = ("steps", "videos", "frames", "loss", "created", "backbone_chosen")
"""What is kept of an ancestor's card."""


def settings_of_encoder(file: Path) -> Config:
    """Return the settings that an encoder was made with. Raises CheckpointError where it cannot be read."""
    return config_of(load_tensors(file)[1], file)


@dataclass(frozen=True)
class Beginning:
    """The start of a run from another encoder's weights."""

    ancestors: list[Mapping[str, Any]]
    """What the card says of that encoder and of its own ancestors, the oldest first."""
    has_input: bool
    """Whether the shift and scale of its input are that encoder's."""
    message: str
    """What did and what did not fit, for people."""


def check_fits(config: Config, file: Path) -> None:
    """Refuse before the long work to begin with an encoder that looks at frames through another network.

    Raises:
        ConfigError: names the setting, with both values.
        CheckpointError: the encoder cannot be read.
    """
    for name, there, here in _differing_settings(settings_of_encoder(file), config):
        if name in _SAME:
            raise ConfigError(
                f"{file} cannot be trained further with another network: {name} is {there!r} there and {here!r} "
                "here. Remove that setting (or --recipe), or train without --init."
            )


def begin_with(encoder: Encoder, config: Config, origin: Origin) -> Beginning:
    """Copy the weights of another encoder into a new one, as far as they fit.

    A block of a ResNet that learned there and is fixed here is taken with what it learned. One that is fixed there and
    learns here keeps the weights that it was built with.

    Raises:
        ConfigError: it is of another network, was trained on since the run was made, or nothing of it fits.
        CheckpointError: it is gone or damaged, or its fixed network is another one.
    """
    meta = load_tensors(origin.path)[1]
    if content_digest(origin.path) != origin.digest:
        raise ConfigError(f"{origin.path} has changed since this run was started from it. Start a new run.")
    check_fits(config, origin.path)
    theirs, their_config = load_encoder(origin.path)
    kept_blocks = _take_backbone(encoder, theirs, config, origin.path)
    fitting, new = _take_head(encoder, theirs)
    weights = {name for name, value in encoder.named_parameters() if name.startswith("head.") and value.dim() > 1}
    if weights.isdisjoint(fitting) and their_config.backbone.trainable_blocks == "none":
        raise ConfigError(
            f"None of the weights of {origin.path} fit: {_differences(their_config, config)}. Remove these settings "
            "(or --recipe), or train without --init."
        )
    own = {key: meta[key] for key in _TOLD if key in meta}
    ancestor = {"encoder": str(origin.path), "digest": origin.digest, **own, **({"new": new} if new else {})}
    message = _describe(origin.path, fitting, new, kept_blocks, _differences(their_config, config))
    has_input = "input.mean" in fitting and their_config.encoder.standardise_features
    return Beginning([*meta.get("ancestors", ()), ancestor], has_input, message)


def look_as_before(encoder: Encoder, own_file: Path, origin: Origin) -> None:
    """Restore the fixed backbone of a resumed run, which is not in its checkpoints.

    Args:
        own_file: where the run exports its encoder.

    Raises:
        CheckpointError: neither that nor the encoder that it began with is there.
    """
    if own_file.is_file():
        tensors = load_tensors(own_file)[0]
        own = {name.removeprefix("backbone."): value for name, value in tensors.items() if name.startswith("backbone.")}
        fit_tensors(encoder.backbone, own, str(own_file))
        return
    if not origin.path.is_file() or content_digest(origin.path) != origin.digest:
        raise CheckpointError(
            f"{origin.path}, from which this run was started, was deleted or has changed, and the run has no encoder "
            "of its own yet. Put that file back, or start a new run."
        )
    theirs, config = load_encoder(origin.path)
    _take_backbone(encoder, theirs, config, origin.path)


def _take_backbone(encoder: Encoder, theirs: Encoder, config: Config, file: Path) -> list[str]:
    """Return the blocks that keep what they were built with. CheckpointError: the fixed network is another one."""
    if config.backbone.name not in RESNETS:
        for name, value in encoder.backbone.state_dict().items():
            there = theirs.backbone.state_dict().get(name)
            if not name.endswith("_extra_state") and (there is None or not value.cpu().equal(there)):
                raise CheckpointError(
                    f"{file} was trained with another network than {config.backbone.name} is now. Put that network's "
                    "file back, or train without --init."
                )
        return []
    fixed, learned = (dict(part.named_children()) for part in (theirs.backbone.frozen, theirs.backbone.learnable))
    kept = []
    for name, block in encoder.backbone.frozen.named_children():
        block.load_state_dict(_fold(learned[name] if name in learned else fixed[name], name in learned).state_dict())
    for name, block in encoder.backbone.learnable.named_children():
        if name in learned:
            block.load_state_dict(learned[name].state_dict())
        else:
            kept.append(name)
    return kept


def _fold(block: nn.Module, learned: bool) -> nn.Module:
    """Fold batch norms into convolutions, as in a saved fixed block."""
    if learned:
        block = copy.deepcopy(block).eval()
        fold_batch_norms(block)
    return block


@torch.no_grad()
def _take_head(encoder: Encoder, theirs: Encoder) -> tuple[list[str], list[str]]:
    """Return the names of the tensors that fit and were taken, and of those that begin anew."""
    there = theirs.state_dict()
    own = {name: value for name, value in encoder.state_dict().items() if not name.startswith("backbone.")}
    fitting = [name for name, value in own.items() if name in there and there[name].shape == value.shape]
    for name in fitting:
        own[name].copy_(there[name])
    return fitting, [name for name in own if name not in fitting]


def _differing_settings(there: Config, here: Config) -> Iterator[tuple[str, object, object]]:
    """Yield the settings of the network that matter, with both values."""
    for section in ("backbone", "encoder"):
        one, other = (dataclasses.asdict(config.section(section)) for config in (there, here))
        for leaf in one:
            if f"{section}.{leaf}" not in _FREE and one[leaf] != other[leaf]:
                yield f"{section}.{leaf}", one[leaf], other[leaf]


def _differences(there: Config, here: Config) -> str:
    """Return the differences as part of a sentence; empty: none."""
    return ", ".join(
        f"{name} is {one!r} there and {other!r} here" for name, one, other in _differing_settings(there, here)
    )


def _describe(file: Path, fitting: list[str], new: list[str], kept_blocks: list[str], differences: str) -> str:
    if not new and not kept_blocks and not differences:
        return f"Training further from {file}: all weights fit."
    sentences = [f"Training further from {file}: {len(fitting)} of {len(fitting) + len(new)} tensors of its head fit."]
    if new:
        sentences.append(f"Reinitialised: {some(new)}.")
    if kept_blocks:
        sentences.append(f"{', '.join(kept_blocks)} was not trained there and starts from backbone.weights.")
    if differences:
        sentences.append(f"The settings differ: {differences}.")
    return " ".join(sentences)
