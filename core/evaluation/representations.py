"""What stands beside a trained encoder in every table: what its positions alone, its architecture alone, and its input
alone reach. Kendall's tau is near 1 without any learning where positions are added (docs/decisions).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.evaluation.names import POSITIONS, RAW, TRAINED, UNTRAINED
from core.model.encoder import Encoder, assemble
from core.settings.config import Config

Embed = Callable[[NDArray[np.float16]], NDArray[np.float32]]
"""(S, F) features of a clip, or of a part of it -> (S, D) rows of norm 1."""

_CONSTANT = 0.5


@dataclass(frozen=True)
class Representation:
    """One row of a table."""

    name: str
    embed: Embed


def representations(encoder: Encoder, config: Config) -> list[Representation]:
    """Return the trained encoder, the same untrained, each fed constant features, and the features themselves.

    Features are what the backbone gives, in the state in which the trained encoder has it. The untrained head keeps the
    trained one's shift and scale of the features: they are statistics, not learned.
    """
    bare = make_untrained(encoder, config)
    return [
        Representation(TRAINED, _embedder(encoder)),
        Representation(f"{TRAINED}{POSITIONS}", _embedder(encoder, constant=True)),
        Representation(UNTRAINED, _embedder(bare)),
        Representation(f"{UNTRAINED}{POSITIONS}", _embedder(bare, constant=True)),
        Representation(RAW, normalise),
    ]


def make_untrained(encoder: Encoder, config: Config) -> Encoder:
    """Return the same architecture with a head drawn anew from `train.seed`, around the same backbone; in eval mode."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(config.train.seed)
        made = assemble(encoder.backbone, config)
    made.input.load_state_dict(encoder.input.state_dict())
    return made.to(next(encoder.parameters()).device).eval()


def normalise(rows: NDArray[np.float16]) -> NDArray[np.float32]:
    """Return (S, F), or maps (S, C, h, w), as rows of norm 1; a row of zeros stays one."""
    flat = rows.reshape(len(rows), -1).astype(np.float32)
    norms = np.linalg.norm(flat, axis=1, keepdims=True)
    unit: NDArray[np.float32] = np.divide(flat, norms, out=np.zeros_like(flat), where=norms > 0)
    return unit


def _embedder(encoder: Encoder, *, constant: bool = False) -> Embed:
    def embed(rows: NDArray[np.float16]) -> NDArray[np.float32]:
        features = torch.from_numpy(rows.astype(np.float32))  # (S, F)
        made = encoder.embed_features(torch.full_like(features, _CONSTANT) if constant else features)
        result: NDArray[np.float32] = made.cpu().numpy()
        return result

    return embed
