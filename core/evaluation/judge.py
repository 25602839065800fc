"""Judge whether an encoder is any good on the videos it embedded (see `core.evaluation.judgement`)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.align.ranking import rank_pairs
from core.base.control import Control
from core.base.events import Sink
from core.base.files import content_digest
from core.embedding.compute import Embedder
from core.embedding.embedded_video import EmbeddedVideo
from core.evaluation.judgement import Judgement
from core.evaluation.representations import make_untrained
from core.features.backbone_features import FeatureFile
from core.model.encoder import Encoder

_MOST_VIDEOS, _MOST_FRAMES = 12, 128
"""That are looked at, and of each video: enough for the first two digits."""


def judge(encoder_file: Path, videos: Sequence[EmbeddedVideo], device: str, sink: Sink, control: Control) -> Judgement:
    """Return how good an encoder is on videos that it embedded; their features must be at hand, or are computed.

    Raises:
        CheckpointError, VideoError: the encoder, or all the videos that are looked at, cannot be read any more.
        Stopped: `control` asked for it.
    """
    some = [videos[place] for place in sorted({round(at) for at in np.linspace(0, len(videos) - 1, _MOST_VIDEOS)})]
    embedder = Embedder(encoder_file, device=device, sink=sink, control=control)
    bare = make_untrained(embedder.encoder, embedder.config)
    of_untrained = []
    for stored, features in embedder.features([video.path for video in some]):
        with features:
            of_untrained.append(_embed(bare, features)[:: _stride(len(stored))])
    ranked = rank_pairs(
        [np.array(video.embeddings) for video in some],
        strange=[video.is_strange for video in some],
        control=control,
    )
    worst = ranked[-1] if ranked else None
    return Judgement(
        encoder_digest=content_digest(encoder_file),
        backbone=embedder.config.backbone.name,
        num_videos=len(videos),
        ordered=_share_in_order([np.asarray(video.embeddings[:: _stride(len(video))]) for video in some]),
        ordered_untrained=_share_in_order(of_untrained),
        num_pairs=len(ranked),
        num_alignable=sum(pair.is_alignable for pair in ranked),
        worst=(some[worst.a].digest, some[worst.b].digest) if worst else ("", ""),
        worst_frames=(worst.a_frame, worst.b_frame) if worst else (0, 0),
        worst_score=worst.score if worst else 0.0,
    )


def _stride(num_frames: int) -> int:
    return max(1, math.ceil(num_frames / _MOST_FRAMES))


def _embed(encoder: Encoder, features: FeatureFile) -> NDArray[np.float32]:
    """Return (S, D), with the features of one piece in memory."""
    pieces = []
    for start, stop in encoder.pieces(len(features)):
        rows = torch.from_numpy(features.rows(np.arange(start, stop)))
        rows = rows.to(next(encoder.parameters()).device, torch.float32)
        pieces.append(encoder.embed_piece(rows, start, len(features)).float().cpu().numpy())
    return np.concatenate(pieces)


def _share_in_order(videos: Sequence[NDArray[np.float32]]) -> float:
    """Return the share of pairs of moments in order: Kendall's tau scaled from -1..1 to 0..1."""
    from core.metrics.order import kendalls_tau  # brings scikit-learn, which not every embedding needs

    return (kendalls_tau(videos) + 1) / 2 if len(videos) > 1 else math.nan
