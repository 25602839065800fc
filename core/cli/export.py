"""`python -m core.export RUN --format onnx --out FILE`: export a trained encoder as one file for programs without
torch."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from core.base.control import Control
from core.base.errors import CheckpointError
from core.base.events import Finished, Notice, Sink
from core.base.files import content_digest, explain_errors, replacing
from core.base.progress import Meter
from core.cli.command import check_output, new_parser, run
from core.embedding.embedded_video import encoder_path
from core.model.checkpoint import load_encoder
from core.model.encoder import Encoder
from core.model.export.encoder import as_onnx, largest_difference, session_of
from core.settings.config import Config
from core.version import VERSION

LENGTHS = (1, 2, 5, 17)
"""Frames of the videos on which what is written is compared with torch."""
TOLERANCE = 1e-5
"""Of each number of an embedding, whose norm is 1."""
_FORMAT_VERSION = 1


def _body(args: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    out: Path = args.out
    file = encoder_path(args.encoder)
    check_output(args, "out", ".onnx", [file])
    encoder, config = load_encoder(file)
    model = as_onnx(encoder, config, card(config, content_digest(file)))
    written = _serialise(model)
    difference = _verify(written, encoder, config, sink, control)
    with replacing(out) as partial, explain_errors(out):
        partial.write_bytes(written)
    lengths = ", ".join(map(str, LENGTHS))
    sink(
        Notice(f"Videos of {lengths} frames give the same embeddings as torch, to within {max(difference, 1e-7):.0e}.")
    )
    return Finished("done", str(out))


def card(config: Config, encoder_digest: str) -> dict[str, Any]:
    """Return the metadata of a model under the key `carl`, as JSON."""
    settings = config.encoder
    return {
        "kind": "carl encoder",
        "format_version": _FORMAT_VERSION,
        "project_version": VERSION,
        "encoder_digest": encoder_digest,
        "backbone": Path(config.backbone.name).name,
        "pooling": config.backbone.pool,
        "embedding": settings.embedding_dim,
        "frames": {
            "colours": "RGB",
            "range": [0, 1],
            "short_side": config.frames.short_side,
            "size": [config.augment.image_size, config.augment.image_size],
            "resizing": "decode to short_side (never larger than the video); the model itself squeezes whole frames to "
            "size, bilinear with antialiasing, rounded to 255ths; frames of that size are taken as they are",
        },
        "positions": {
            "kind": settings.positional_encoding if settings.temporal == "transformer" else "none",
            "rescale": settings.rescale_positions,
            "last": config.views.num_frames - 1 if settings.rescale_positions else None,
            "rule": "frame f of n stands at f * last / max(n - 1, 1); where nothing is rescaled, at f",
        },
        "delta_lag": settings.delta_lag,
        "max_frames": settings.max_frames,
    }


def _serialise(model: Any) -> bytes:
    try:
        return bytes(model.SerializeToString())
    except ValueError as error:  # protobuf's own bound
        raise CheckpointError(
            "This encoder is larger than 2 GB, the limit of an ONNX file. Train a smaller one."
        ) from error


def _verify(model: bytes, encoder: Encoder, config: Config, sink: Sink, control: Control) -> float:
    """Return the largest difference from torch over all lengths. CheckpointError: it is too large."""
    session = session_of(model)
    generator, side = torch.Generator().manual_seed(0), config.augment.image_size
    meter, largest = Meter(sink, "check", sum(LENGTHS), "frame"), 0.0
    for length in LENGTHS:
        control.obey()
        frames = torch.rand(length, 3, side, side, generator=generator)
        difference = largest_difference(session, encoder, frames)
        if not difference <= TOLERANCE:  # not a number is no answer either
            raise CheckpointError(
                f"The exported encoder gives other embeddings than torch for a video of {length} frames (they differ "
                f"by {np.float32(difference):.1e}, more than {TOLERANCE:.0e}); nothing was written. Please report "
                "this."
            )
        largest = max(largest, difference)
        meter.add(length)
    return largest


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit status."""
    parser = new_parser(
        "export", "Export a trained encoder for other programs; docs/encoder-onnx.md shows how to use it."
    )
    parser.add_argument("encoder", type=Path, metavar="RUN", help="encoder.safetensors, or the folder of its run")
    parser.add_argument("--format", choices=["onnx"], default="onnx", help="onnx (default): for onnxruntime and others")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="the .onnx file to write")
    return run(parser, _body, argv)


if __name__ == "__main__":
    sys.exit(main())
