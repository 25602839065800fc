"""Features are computed once, and are those that the encoder would compute."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from core.augment.spatial import resize_whole
from core.base.control import Control, Stopped
from core.base.disk_cache import CacheFullError
from core.base.events import Event, Progress, ignore
from core.base.progress import Meter
from core.features.backbone_features import FeatureCache
from core.model.encoder import Encoder
from core.settings.config import Config
from core.video.frame_store import FrameStore, StoredVideo
from tests.conftest import VideoWriter
from tests.core.small import small_config, small_encoder


@pytest.fixture
def video(write_video: VideoWriter) -> StoredVideo:
    return FrameStore(short_side=32, max_bytes=10**8).add([write_video(frames=70)])[0]


def cache_of(folder: Path, config: Config, *, max_bytes: int = 10**8) -> tuple[FeatureCache, Encoder]:
    encoder = small_encoder(config).eval()
    return FeatureCache(encoder, config, torch.device("cpu"), max_bytes=max_bytes, folder=folder), encoder


def meter() -> Meter:
    return Meter(ignore, "features", 70, "frame")


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 2e-3), ("bfloat16", 5e-2)])
def test_clean_features_are_the_encoders(video: StoredVideo, tmp_path: Path, precision: str, tolerance: float) -> None:
    cache, encoder = cache_of(tmp_path, small_config(train__precision=precision))
    with cache.clean(video, Control(), meter()) as features:
        got = features.rows(np.arange(70)).astype(np.float32)
    with torch.no_grad():
        expected = encoder.features(resize_whole(torch.from_numpy(video.frames_at(np.arange(70)).images), 32)).numpy()
    assert np.abs(got - expected).max() < tolerance * np.abs(expected).max()


def test_features_are_computed_once(video: StoredVideo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = small_config(train__augmented_copies=2)
    cache, encoder = cache_of(tmp_path, config)
    first = [[file.rows(np.arange(70)) for file in files] for files in cache.copies([video], Control())]
    again, other = cache_of(tmp_path, config)
    for one in (encoder, other):
        monkeypatch.setattr(one, "features_of_changed", lambda *_: pytest.fail("computed twice"))
    events: list[Event] = []
    second = [[file.rows(np.arange(70)) for file in files] for files in again.copies([video], Control(), events.append)]
    np.testing.assert_array_equal(first, second)
    assert [event.done for event in events if isinstance(event, Progress)][-1] == 210
    assert not np.array_equal(first[0][0], first[0][1])
    assert not np.array_equal(first[0][1], first[0][2])


def test_other_settings_make_other_features(video: StoredVideo, tmp_path: Path) -> None:
    def features(**changed: object) -> list[np.ndarray]:
        cache, _ = cache_of(tmp_path, small_config(**changed))
        return [file.rows(np.arange(70)) for file in cache.copies([video], Control())[0]]

    clean, copy = features()
    same_clean, other_copy = features(augment__min_scale=0.2)
    np.testing.assert_array_equal(clean, same_clean)
    assert not np.array_equal(copy, other_copy)
    assert not np.array_equal(copy, features(train__seed=2)[1])
    assert features(backbone__pool="avg2x2")[0].shape == (70, 2048)


def test_copies_of_few_frames_are_kept_apart_and_the_clean_features_are_shared(
    video: StoredVideo, tmp_path: Path
) -> None:
    def features(stride: int) -> tuple[list[np.ndarray], Progress]:
        cache, _ = cache_of(tmp_path, small_config(train__augmented_copies=2, train__copy_stride=stride))
        told: list[Event] = []
        found = [file.rows(np.arange(70)) for file in cache.copies([video], Control(), told.append)[0]]
        return found, [event for event in told if isinstance(event, Progress)][-1]

    every, told = features(1)
    assert (told.done, told.total) == (210, 210)
    some, told = features(30)
    assert (told.done, told.total) == (70 + 2 * 4, 70 + 2 * 4), "frames 0, 30, 60 and 69 of each copy"
    np.testing.assert_array_equal(some[0], every[0])
    at = [0, 30, 60, 69]
    for few, all_frames in zip(some[1:], every[1:], strict=True):
        assert np.abs(few[at].astype("f4") - all_frames[at]).max() < 5e-3 * np.abs(all_frames.astype("f4")).max()
        assert not np.array_equal(few, all_frames)
    np.testing.assert_array_equal(features(30)[0][1:], some[1:], err_msg="kept")


def test_all_features_of_a_video_take_one_pass_over_its_frames(
    video: StoredVideo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    frames_at = StoredVideo.frames_at
    monkeypatch.setattr(
        StoredVideo, "frames_at", lambda self, indices: (read.extend(indices.tolist()), frames_at(self, indices))[1]
    )
    cache, _ = cache_of(tmp_path, small_config(train__augmented_copies=3))
    cache.copies([video], Control())
    assert read == list(range(70))


def test_a_stop_leaves_no_half_made_features(video: StoredVideo, tmp_path: Path) -> None:
    cache, _ = cache_of(tmp_path, small_config())
    control = Control()
    control.stop()
    with pytest.raises(Stopped):
        cache.clean(video, control, meter())
    assert len(cache.clean(video, Control(), meter())) == 70


def test_features_that_do_not_fit_name_the_setting(video: StoredVideo, tmp_path: Path) -> None:
    cache, _ = cache_of(tmp_path, small_config(), max_bytes=1000)
    with pytest.raises(CacheFullError, match=r"frames\.cache_size_gb"):
        cache.clean(video, Control(), meter())


def test_features_of_stretched_grey_are_not_those_of_the_same_file_unstretched(
    video: StoredVideo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, _ = cache_of(tmp_path, small_config())
    cache.clean(video, Control(), meter()).close()
    video.meta = replace(video.meta, grey_black=7000, grey_white=8020, grey_full=65535)
    computed: list[int] = []
    compute = cache._compute
    monkeypatch.setattr(cache, "_compute", lambda *given: (computed.append(1), compute(*given)))
    for _ in range(2):
        cache.clean(video, Control(), meter()).close()
    assert computed == [1]


@pytest.mark.parametrize("stride", [1, 4])
def test_a_stop_is_obeyed_after_a_few_frames_however_long_the_video_is(
    video: StoredVideo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stride: int
) -> None:
    cache, encoder = cache_of(tmp_path, small_config(train__augmented_copies=2, train__copy_stride=stride))
    control, seen, real = Control(), list[int](), encoder.features_of_changed

    def look(frames: torch.Tensor, *changes: object) -> torch.Tensor:
        seen.append(len(frames))
        control.stop()
        return real(frames, *changes)

    monkeypatch.setattr(encoder, "features_of_changed", look)
    with pytest.raises(Stopped):
        cache.copies([video], control)
    assert len(seen) <= torch.get_num_threads(), "a piece in each thread"
    assert seen[0] <= 4


def test_news_of_features_comes_after_every_few_frames_and_ends_with_all(
    video: StoredVideo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, _ = cache_of(tmp_path, small_config(train__augmented_copies=2, train__copy_stride=4))
    counted: list[float] = []
    monkeypatch.setattr(Meter, "add", lambda self, amount=1.0: counted.append(amount))
    cache.copies([video], Control())
    assert sum(counted) == 70 + 2 * 19, "each frame that goes through the backbone"
    assert max(counted) <= 4
