"""The frame-level video encoder (CARL paper, section 3.3): a backbone for each frame, a head for their context."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.base.control import Control
from core.base.events import Sink, ignore
from core.model.backbone import Backbone, build_backbone
from core.model.inputs import FeatureInput, pool_maps, pooled_width, with_changes
from core.model.temporal import build_head, on_valid_steps
from core.settings.config import Config, EncoderConfig


class Encoder(nn.Module):
    """Videos to one embedding per frame.

    `features` looks at frames one by one, `forward` puts them in context, `project` maps to the space of the loss.
    Dropout draws from torch's global generator; nothing else here is random once built.

    Args:
        backbone: frames -> maps.
        config: sizes and kinds of the head.
        pool: how a map becomes a vector (`backbone.pool`).
        train_frames: T, the length that positions of a whole video are rescaled to.
    """

    def __init__(self, backbone: Backbone, config: EncoderConfig, *, pool: str, train_frames: int) -> None:
        super().__init__()
        self.config, self.pool, self.train_frames = config, pool, train_frames
        self.backbone = backbone
        self.keeps_maps = config.temporal == "conv3d"
        channels = backbone.channels
        self.feature_width = channels if self.keeps_maps else pooled_width(channels, pool)
        self.input = FeatureInput(self.feature_width, changes=bool(config.delta_lag))
        self.head = build_head(self.input.width, config)
        self.projection = nn.Sequential(
            nn.Linear(config.embedding_dim, config.projection_dim),
            nn.BatchNorm1d(config.projection_dim),
            nn.ReLU(),
            nn.Linear(config.projection_dim, config.projection_dim),
        )

    def features(self, frames: Tensor) -> Tensor:
        """Map (N, 3, H, W) float RGB in [0, 1] -> (N, F); for the conv3d head (N, C, h, w)."""
        return self.backbone.over_chunks(frames, self._reduce)

    def features_of_changed(self, frames: Tensor, changes: Sequence[Callable[[Tensor], Tensor]]) -> Tensor:
        """Return features of the frames' maps under each of some changes, such as crops; the backbone sees the frames
        once.

        Args:
            frames: as for `features`.
            changes: of maps (n, C, h, w).

        Returns:
            (N, changes, F), or (N, changes, C, h, w).
        """
        return self.backbone.over_chunks(
            frames, lambda maps: torch.stack([self._reduce(change(maps)) for change in changes], dim=1)
        )

    def _reduce(self, maps: Tensor) -> Tensor:
        return maps if self.keeps_maps else pool_maps(maps, self.pool)

    def forward(self, features: Tensor, valid: Tensor | None = None, positions: Tensor | None = None) -> Tensor:
        """Return embeddings h of frames in context, not normalised.

        Args:
            features: (B, T, F), or (B, T, C, h, w) for the conv3d head; (B, T, 2F) `with_changes` where the settings
                ask for differences.
            valid: (B, T) bool, one run of steps without gaps in each video, at least one; None: all are.
            positions: (B, T) places in time, in frames, need not be whole; None: 0..T-1.

        Returns:
            (B, T, D); zero at padded steps, which change nothing at the others.
        """
        if positions is None:
            positions = torch.arange(features.shape[1], device=features.device).expand(features.shape[:2])
        h: Tensor = self.head(self.input(features), valid, positions)
        return h

    def project(self, h: Tensor, valid: Tensor | None = None) -> Tensor:
        """Map h (B, T, D) -> z (B, T, P) float32 of norm 1 (paper, section 3.4); zero at padded steps."""
        return F.normalize(on_valid_steps(self.projection, h, valid).float(), dim=-1)

    def embed_features(self, features: Tensor) -> Tensor:
        """Return embeddings of one whole video, (S, F) -> (S, D) float32 rows of norm 1, on the encoder's device.

        The video goes in at once; above `max_frames` in pieces, see `pieces`. Runs in eval mode without gradient.
        """
        num_frames = len(features)
        spans = self.pieces(num_frames)
        return torch.cat([self.embed_piece(features[a:b], a, num_frames) for a, b in spans])

    def pieces(self, num_frames: int) -> Iterator[tuple[int, int]]:
        """Yield spans [start, end) of near-equal length, as few as `max_frames` allows, that cover the video in
        order."""
        count = math.ceil(num_frames / self.config.max_frames)
        bounds = [num_frames * i // count for i in range(count + 1)]
        yield from itertools.pairwise(bounds)

    @torch.no_grad()
    def embed_piece(self, features: Tensor, start_frame: int, num_frames: int) -> Tensor:
        """Return embeddings of one piece: it sees nothing of the others, but keeps its place in the whole video.

        Args:
            features: (P, F), of frames `start_frame`... of a video of `num_frames`.

        Returns:
            (P, D) float32, rows of norm 1.
        """
        positions = torch.arange(start_frame, start_frame + len(features), dtype=torch.float32)
        if self.config.rescale_positions:  # the whole video spans the training range (released code)
            positions *= (self.train_frames - 1) / max(num_frames - 1, 1)
        device = next(self.head.parameters()).device
        if self.config.delta_lag:
            features = torch.from_numpy(with_changes(features.float().cpu().numpy(), self.config.delta_lag))
        was_training = self.training
        self.eval()
        try:
            h = self(features[None].to(device), None, positions[None].to(device))[0]  # (P, D)
        finally:
            self.train(was_training)
        return F.normalize(h.float(), dim=-1)


def build_encoder(config: Config, *, sink: Sink = ignore, control: Control | None = None) -> Encoder:
    """Return the encoder of these settings. Random weights are a function of `train.seed`; torch's generators are
    untouched.

    Raises:
        ConfigError: settings that exclude each other, an unknown backbone, a package that is not installed.
        CheckpointError: pretrained weights that cannot be had or do not fit.
        Stopped: `control` asked for it during a download.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(config.train.seed)
        return assemble(build_backbone(config.backbone, sink=sink, control=control), config)


def assemble(backbone: Backbone, config: Config) -> Encoder:
    """Return the encoder of these settings around a backbone that was built before."""
    return Encoder(backbone, config.encoder, pool=backbone.pool, train_frames=config.views.num_frames)
