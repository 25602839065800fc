"""Training further: a run that begins with the weights of another encoder, on other videos or on more of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.config import Config
from core.errors import CheckpointError, ConfigError
from core.files import content_digest
from core.model.checkpoint import config_of, fit_tensors
from core.model.encoder import Encoder
from core.model.tensor_files import load_tensors
from core.run_folder import Origin

_FREE = {"backbone.chunk", "backbone.otherwise", "backbone.people", "encoder.dropout", "encoder.max_frames"}
"""Settings of the network that change neither its weights nor what they mean."""
_TOLD = ("steps", "videos", "frames", "loss", "created", "backbone_chosen")
"""What is kept of an ancestor's card."""


def settings_of_encoder(file: Path) -> Config:
    """The settings that an encoder was made with. Raises CheckpointError where it cannot be read."""
    return config_of(load_tensors(file)[1], file)


def check_fits(config: Config, file: Path) -> None:
    """Refuse before the long work settings that another network than that encoder's would follow from.

    Raises:
        ConfigError: names the first such setting, with both values.
        CheckpointError: the encoder cannot be read.
    """
    theirs = settings_of_encoder(file)
    for section in ("backbone", "encoder"):
        here, there = (dataclasses.asdict(getattr(one, section)) for one in (config, theirs))
        for leaf in here:
            name = f"{section}.{leaf}"
            if name not in _FREE and here[leaf] != there[leaf]:
                raise ConfigError(
                    f"{file} cannot be trained further with another network: {name} is {there[leaf]!r} there and "
                    f"{here[leaf]!r} here. Leave that setting (or --recipe) out, or train without --init-from."
                )


def begin_with(encoder: Encoder, config: Config, origin: Origin) -> list[Mapping[str, Any]]:
    """Give a new encoder the weights of another one.

    Returns:
        What the card says of it and of its own ancestors, the oldest first.

    Raises:
        ConfigError: it is of another network, or was trained on since the run was made.
        CheckpointError: it is gone or damaged, or does not fit.
    """
    tensors, meta = load_tensors(origin.path)
    if content_digest(origin.path) != origin.digest:
        raise ConfigError(f"{origin.path} has changed since this run was made of it: start a new run.")
    check_fits(config, origin.path)
    learnable = {name for name, value in encoder.backbone.named_parameters() if value.requires_grad}
    for name, value in encoder.backbone.state_dict().items():
        fixed = not learnable and not name.endswith("_extra_state")
        if fixed and not value.cpu().equal(tensors.get(f"backbone.{name}", value.new_empty(0).cpu())):
            raise CheckpointError(
                f"{origin.path} looks at frames through another network than {config.backbone.name} is now: put that "
                "file back, or train without --init-from."
            )
    fit_tensors(encoder, tensors, str(origin.path))
    own = {key: meta[key] for key in _TOLD if key in meta}
    return [*meta.get("ancestors", ()), {"encoder": str(origin.path), "digest": origin.digest, **own}]
