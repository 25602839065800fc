"""Batches: what is drawn depends on the seed, the step and the place in the batch, and on nothing else."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from core.augment.temporal import TemporalView
from core.base.control import Stopped
from core.base.disk_cache import DiskCache
from core.features.backbone_features import FeatureFile
from core.learning.data import Batch, Batches, FeatureSource, ViewData
from core.model.inputs import with_changes
from core.settings.config import Config, with_values
from core.video.sampling import Crop


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
    return with_values(Config(), {"views.num_frames": 8, "train.batch_size": 4, "train.seed": 7})


def rows(batches: list[Batch]) -> list[list[list[int]]]:
    return [[view.rows.flatten().tolist() for view in batch.views] for batch in batches]


def test_an_epoch_shows_every_video_and_every_batch_is_full(config: Config) -> None:
    batches = Batches(Ramp([30] * 6), config)
    assert batches.steps_per_epoch == 2
    shown = [video for step in range(2) for video in batches.videos_of(step)]
    assert len(shown) == 8
    assert set(shown) == set(range(6))
    assert [batches.videos_of(step) for step in range(2)] != [batches.videos_of(step) for step in range(2, 4)]


def test_a_few_videos_are_shown_until_the_epoch_is_long_enough(config: Config) -> None:
    batches = Batches(Ramp([30] * 3), with_values(config, {"train.min_steps_per_epoch": 6}))
    assert batches.steps_per_epoch == 6
    shown = [video for step in range(6) for video in batches.videos_of(step)]
    assert [shown.count(video) for video in range(3)] == [8, 8, 8]


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


class Stuck(Ramp):
    """Reads nothing until it is let go."""

    def __init__(self, lengths: list[int]) -> None:
        super().__init__(lengths)
        self.goes_on = threading.Event()
        self.begun = 0

    def load(self, video: int, view: TemporalView, generator: np.random.Generator) -> ViewData:
        self.begun += 1
        self.goes_on.wait(60)
        return super().load(video, view, generator)


def test_one_who_waits_for_a_batch_looks_up_and_may_give_it_up(config: Config) -> None:
    source, looks = Stuck([30, 9, 50, 12, 5]), list[int]()

    def look() -> None:
        looks.append(len(looks))
        if len(looks) == 2:
            source.goes_on.set()
            raise Stopped

    with pytest.raises(Stopped):
        next(Batches(source, config).from_step(0, 6, workers=1, poll=look))
    assert looks == [0, 1]
    assert source.begun <= 2, "the rest of the batch was not read any more"


def test_both_views_of_a_place_show_the_same_video(config: Config) -> None:
    (batch,) = Batches(Ramp([30, 9, 50, 12, 5]), config).from_step(0, 1, workers=2)
    for first, second in zip(batch.views[:4], batch.views[4:], strict=True):
        assert first.rows[0, 0] == second.rows[0, 0]
    assert batch.valid().shape == batch.timestamps().shape == (8, 8)
    assert batch.num_frames == int(batch.valid().sum())


@pytest.fixture
def copies(tmp_path: Path) -> list[list[FeatureFile]]:
    """Two copies of each of three videos, 20 to 40 frames of 3 features."""
    cache, generator = DiskCache(tmp_path, 10**9), np.random.default_rng(0)
    made = []
    for video in range(3):
        files = []
        for copy in range(2):
            entry = cache.entry(f"{video}-{copy}")
            with entry.making():
                np.save(entry.path / "features.npy", generator.normal(10 * video, 1, (20 + 10 * video, 3)).astype("f2"))
                entry.publish()
            files.append(FeatureFile(entry))
        made.append(files)
    return made


VIEW = TemporalView(np.array([5, 6, 9, 9]), np.array([True, True, True, False]), Crop(4, 7))


def test_features_of_a_view_come_from_one_copy_with_changes_inside_the_crop(copies: list[list[FeatureFile]]) -> None:
    source = FeatureSource(copies, differences=2)
    expected = [with_changes(copy.rows(np.arange(4, 11)).astype("f4"), 2)[[1, 2, 5]] for copy in copies[1]]
    seen = set()
    for seed in range(20):
        rows = source.load(1, VIEW, np.random.default_rng(seed)).rows.numpy()
        assert rows.shape == (3, 6)
        seen.add(next(i for i in range(2) if np.array_equal(rows, expected[i])))
    assert seen == {0, 1}


def test_a_swap_changes_the_mean_of_a_view_and_nothing_else(copies: list[list[FeatureFile]]) -> None:
    plain, swapping = FeatureSource(copies, differences=2), FeatureSource(copies, differences=2, swap=1.0)
    means = set()
    for seed in range(30):
        before = plain.load(0, VIEW, np.random.default_rng(seed)).rows.numpy()
        after = swapping.load(0, VIEW, np.random.default_rng(seed)).rows.numpy()
        np.testing.assert_allclose(after[:, 3:], before[:, 3:], atol=1e-4)
        shift = (after - before)[:, :3]
        np.testing.assert_allclose(shift, np.repeat(shift[:1], 3, axis=0), atol=1e-4)
        means.add(round(float(after[:, :3].mean()), -1))
    assert means == {0, 10, 20}


def test_means_and_chunks_are_those_of_the_whole_copy(copies: list[list[FeatureFile]]) -> None:
    rows = np.concatenate(list(copies[2][0].chunks()))
    assert len(rows) == len(copies[2][0]) == 40
    np.testing.assert_allclose(copies[2][0].mean(), rows.astype("f8").mean(axis=0), rtol=1e-4)
