"""How many steps a run takes; without torch, so that it can be said before a run begins."""

from __future__ import annotations

from core.config import TrainConfig


def steps_per_epoch(config: TrainConfig, num_videos: int) -> int:
    """Steps of one pass over the videos: the last one is filled up, and `least_steps` holds."""
    return max(-(-num_videos * config.views_per_video // config.videos_per_step), config.least_steps)
