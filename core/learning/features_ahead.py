"""Features of a share of the videos, computed before a run learns from them: `core.train --shard I/N`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from core.base.control import Control
from core.base.errors import ConfigError, VideoError
from core.base.events import Notice, Sink
from core.features.cached import features_of
from core.learning.further_training import begin_with
from core.learning.run_folder import Origin
from core.learning.run_training import check_takes_frames, frame_store, usable_videos
from core.model import device as devices
from core.model.encoder import build_encoder
from core.settings.config import Config
from core.video.shards import Shard


def compute_share(
    config: Config,
    paths: Sequence[Path],
    inputs: Sequence[Path],
    shard: Shard,
    device_name: str,
    sink: Sink,
    control: Control,
    origin: Origin | None = None,
) -> None:
    """Decode the videos of a share, and compute the features that a run with these settings learns from.

    A run whose cache (`CARL_CACHE`) holds them finds them; what is there already is not computed again.

    Args:
        paths: all videos that the run is to learn from.
        inputs: what they were found from.
        origin: the encoder that the run is to begin with.

    Raises:
        ConfigError: the settings learn from no features, or choose the backbone by looking at all videos.
        CarlError: as of `core.learning.run_training.train_run`.
        Stopped: `control` asked for it; what was computed is kept.
    """
    if config.train.mode == "finetune":
        raise ConfigError(
            "With train.mode = finetune there are no features to compute in advance. Use core.decode --shard, or the "
            "recipe frozen."
        )
    if config.backbone.name == "auto":
        raise ConfigError(
            "--shard needs a fixed backbone: each share would choose its own. Add --recipe frozen, --recipe pose or "
            "--backbone.name."
        )
    own = shard.of(paths, inputs, config.frames.image_rate, sink, control)
    if not own:
        sink(Notice(f"None of the {len(paths)} videos is in share {shard}."))
        return
    if config.train.cpu_threads:
        torch.set_num_threads(config.train.cpu_threads)
    device = devices.choose_device(device_name)
    sink(Notice(f"Computing the features of {len(own)} of {len(paths)} videos on {devices.describe(device)}."))
    torch.manual_seed(config.train.seed)
    encoder = build_encoder(config, sink=sink, control=control)
    if origin is not None:
        begin_with(encoder, config, origin)
    encoder.to(device)
    check_takes_frames(encoder, config)
    try:
        videos = usable_videos(frame_store(config).add(own, sink, control), sink)
    except VideoError:  # each video was named; other shares may have better ones
        return
    cache = features_of(encoder.eval(), config, device, max_bytes=int(config.frames.cache_size_gb * 1e9))
    for files in cache.each_with_copies(videos, control, sink):
        for file in files:
            file.close()
