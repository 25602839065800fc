"""Batches: what is drawn depends on the seed, the step and the place in the batch, and on nothing else."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.augment.temporal import TemporalView
from core.config import Config, with_values
from core.data import Batch, Batches, ViewData


class Ramp:
    """Videos whose features are (video, frame): a view shows what was read."""

    def __init__(self, lengths: list[int]) -> None:
        self.lengths = lengths

    def __len__(self) -> int:
        return len(self.lengths)

    def num_frames(self, video: int) -> int:
        return self.lengths[video]

    def load(self, video: int, view: TemporalView, generator: np.random.Generator) -> ViewData:
        frames = torch.from_numpy(view.indices[view.valid])
        return ViewData(view, torch.stack((torch.full_like(frames, video), frames), dim=1), None)


@pytest.fixture
def config() -> Config:
    return with_values(Config(), {"views.frames": 8, "train.videos_per_step": 4, "train.seed": 7})


def rows(batches: list[Batch]) -> list[list[list[int]]]:
    return [[view.rows.flatten().tolist() for view in batch.views] for batch in batches]


def test_an_epoch_shows_every_video_and_every_batch_is_full(config: Config) -> None:
    batches = Batches(Ramp([30] * 6), config)
    assert batches.steps_per_epoch == 2
    shown = [video for step in range(2) for video in batches.videos_of(step)]
    assert len(shown) == 8
    assert set(shown) == set(range(6))
    assert [batches.videos_of(step) for step in range(2)] != [batches.videos_of(step) for step in range(2, 4)]


def test_fewer_videos_than_a_batch_are_shown_several_times(config: Config) -> None:
    batches = Batches(Ramp([30, 20]), config)
    assert sorted(batches.videos_of(0)) == [0, 0, 1, 1]
    (batch,) = batches.from_step(0, 1, workers=1)
    first = [view.rows.flatten().tolist() for view in batch.views[:4]]
    assert len({tuple(view) for view in first}) == 4, "two draws of the same video are the same"


def test_views_do_not_depend_on_workers_nor_on_where_reading_began(config: Config) -> None:
    batches = Batches(Ramp([30, 9, 50, 12, 5]), config)
    alone = rows(list(batches.from_step(0, 6, workers=1)))
    assert rows(list(batches.from_step(0, 6, workers=4))) == alone
    assert rows(list(batches.from_step(4, 6, workers=2))) == alone[4:]


def test_processes_share_a_batch_between_them(config: Config) -> None:
    source = Ramp([30, 9, 50, 12, 5])
    (whole,) = Batches(source, config).from_step(3, 4, workers=1)
    parts = [next(Batches(source, config, rank=rank, world=2).from_step(3, 4, workers=1)) for rank in range(2)]
    expected = rows([whole])[0]
    for rank, part in enumerate(parts):
        got = rows([part])[0]
        assert got[:2] == expected[:4][rank::2]
        assert got[2:] == expected[4:][rank::2]


def test_both_views_of_a_place_show_the_same_video(config: Config) -> None:
    (batch,) = Batches(Ramp([30, 9, 50, 12, 5]), config).from_step(0, 1, workers=2)
    for first, second in zip(batch.views[:4], batch.views[4:], strict=True):
        assert first.rows[0, 0] == second.rows[0, 0]
    assert batch.valid().shape == batch.timestamps().shape == (8, 8)
    assert batch.num_frames == int(batch.valid().sum())
