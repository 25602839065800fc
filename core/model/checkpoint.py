"""Save and load encoders: all weights in one safetensors file, with the settings to build the network."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from core.base.errors import CheckpointError, ConfigError
from core.base.files import write_text
from core.base.tensor_files import fit_tensors, load_tensors, read_meta, read_state_dict, save_tensors
from core.model.backbone import onnx_backbone
from core.model.encoder import Encoder, assemble, build_encoder
from core.model.onnx_extractor import OnnxExtractor
from core.settings.config import Config, tables, with_values
from core.version import VERSION

__all__ = [
    "config_of",
    "fit_tensors",
    "load_encoder",
    "load_tensors",
    "read_card",
    "read_state_dict",
    "save_encoder",
    "save_tensors",
]

FORMAT_VERSION = 1
_KIND = "carl encoder"
_FILE_NAME = "encoder.safetensors"
_ONNX_BYTES = "backbone.frozen._extra_state"


def save_encoder(path: Path, encoder: Encoder, config: Config, card: dict[str, Any]) -> None:
    """Write the encoder with all its weights, and its card as JSON in the header and beside it.

    An ONNX extractor's bytes are inside, so that the file needs no other.

    Args:
        path: `encoder.safetensors`; the card is `encoder.json`.
        card: what to say of it besides the settings: videos, epochs, loss, date; JSON values.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    meta = {
        "kind": _KIND,
        "format_version": FORMAT_VERSION,
        "project_version": VERSION,
        "embedding": config.encoder.embedding_dim,
        "architecture": _architecture(encoder, config),
        **card,
        "config": tables(config),
    }
    save_tensors(path, encoder.state_dict(), meta)
    write_text(path.with_suffix(".json"), json.dumps(meta, indent=2, ensure_ascii=False) + "\n")


def load_encoder(path: Path, *, device: str = "cpu") -> tuple[Encoder, Config]:
    """Return an encoder in eval mode on `device`, and the settings that it was made with. Nothing is downloaded or run.

    Args:
        path: the file, or a run folder that holds `encoder.safetensors`.

    Raises:
        CheckpointError: missing, damaged, not an encoder, of another architecture or of a newer version.
    """
    file = path / _FILE_NAME if path.is_dir() else path
    tensors, meta = load_tensors(file)
    config = config_of(meta, file)
    encoder = _skeleton(config, tensors, file)
    fit_tensors(encoder, tensors, str(file))
    return encoder.to(device).eval(), config


def read_card(path: Path) -> dict[str, Any]:
    """Return what an encoder's file says of itself, as `save_encoder` wrote it; no weight is read.

    Args:
        path: as of `load_encoder`.

    Raises:
        CheckpointError: missing or damaged.
    """
    return read_meta(path / _FILE_NAME if path.is_dir() else path)


def config_of(meta: Mapping[str, Any], file: Path) -> Config:
    """Return the settings in an encoder file's `meta`. Raises CheckpointError as `load_encoder`."""
    if meta.get("kind") != _KIND:
        raise CheckpointError(f"{file} is not an encoder of CARL Studio. Give the encoder.safetensors of a run.")
    written = meta.get("format_version")
    if not isinstance(written, int) or written > FORMAT_VERSION:
        raise CheckpointError(
            f"{file} has format {written}, but this program reads up to {FORMAT_VERSION}. Update CARL Studio (the "
            f"file was made by {meta.get('project_version')})."
        )
    try:
        sections = meta["config"].items()
        values = {f"{section}.{leaf}": value for section, leaves in sections for leaf, value in leaves.items()}
        return with_values(Config(), values, source=str(file))
    except (ConfigError, KeyError, AttributeError) as error:
        raise CheckpointError(f"The settings in {file} cannot be read ({error}). Train the encoder again.") from error


def _skeleton(config: Config, tensors: Mapping[str, Tensor], file: Path) -> Encoder:
    """Return the network of these settings; its weights are still to come, and so nothing is downloaded."""
    if config.backbone.name.endswith(".onnx"):
        if _ONNX_BYTES not in tensors:
            raise CheckpointError(f"{file} lacks the extractor {config.backbone.name}. Train the encoder again.")
        extractor = OnnxExtractor(tensors[_ONNX_BYTES].numpy().tobytes(), config.backbone.name)
        return assemble(onnx_backbone(config.backbone, extractor), config)
    backbone = dataclasses.replace(config.backbone, weights="none")
    return build_encoder(dataclasses.replace(config, backbone=backbone))


def _architecture(encoder: Encoder, config: Config) -> str:
    head = config.encoder.temporal
    if head == "transformer":
        head = f"{config.encoder.layers}-layer transformer with {config.encoder.positional_encoding} positions"
    learnt = sum(parameter.numel() for parameter in encoder.parameters() if parameter.requires_grad)
    return (
        f"{Path(config.backbone.name).name} -> {head if head != 'none' else 'frame MLP'}, {learnt:,} trainable weights"
    )
