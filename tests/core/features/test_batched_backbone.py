"""Features that a GPU computes in large batches, here on a CPU: those of the plain way, whatever the other videos."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.base.control import Control, Stopped
from core.base.events import ignore
from core.base.progress import Meter
from core.base.types import Clip
from core.embedding.compute import Embedder
from core.embedding.embedded_video import EmbeddedVideo
from core.features import batch_reader, batched_backbone
from core.features.backbone_features import FeatureCache
from core.features.batch_reader import BatchReader
from core.model import batch_runner
from core.model.batch_runner import BatchRunner
from core.model.checkpoint import save_encoder
from core.model.encoder import Encoder
from core.model.frozen_copy import FrozenCopy
from core.model.one_thread import one_thread_each
from core.settings.config import FramesConfig
from core.video.frame_store import FrameStore, StoredVideo
from tests.conftest import VideoWriter, reached
from tests.core.small import small_config, small_encoder

pytestmark = pytest.mark.usefixtures("narrow")

CPU = torch.device("cpu")
NUM_FRAMES = 50
LENGTHS = (12, 70, 5, 33, 1, 66, 9, 20)
CHUNK = 8
"""Frames of a batch."""


@pytest.fixture
def batched(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """What has features computed in batches, or not; as many are under way as on a GPU."""
    monkeypatch.setattr(batch_runner, "_UNDER_WAY", {"cpu": 2})

    def choose(is_batched: bool) -> None:
        monkeypatch.setattr(batched_backbone, "suits", lambda device: is_batched)

    choose(True)
    return choose


@pytest.fixture
def video(write_video: VideoWriter) -> StoredVideo:
    return FrameStore(short_side=32, max_bytes=10**8).add([write_video(frames=NUM_FRAMES)])[0]


@pytest.fixture
def clips(write_video: VideoWriter) -> list[Path]:
    return [write_video(f"clips/{number}.mp4", frames) for number, frames in enumerate(LENGTHS)]


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    threads, number = torch.get_num_threads(), iter(range(100))
    yield lambda: monkeypatch.setenv("CARL_CACHE", str(tmp_path / f"cache-{next(number)}"))
    torch.set_num_threads(threads)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    config = small_config(backbone__chunk_size=CHUNK)
    save_encoder(tmp_path / "run" / "encoder.safetensors", small_encoder(config), config, {})
    return tmp_path / "run"


def cache_of(folder: Path, **changed: object) -> tuple[FeatureCache, Encoder]:
    config = small_config(backbone__chunk_size=CHUNK, **changed)
    encoder = small_encoder(config).eval()
    return FeatureCache(encoder, config, CPU, max_bytes=10**8, folder=folder), encoder


def meter() -> Meter:
    return Meter(ignore, "features", NUM_FRAMES, "frame")


def clean(cache: FeatureCache, video: StoredVideo) -> NDArray[np.float16]:
    with cache.clean(video, Control(), meter()) as features:
        return np.concatenate(list(features.chunks()))


def copies(cache: FeatureCache, video: StoredVideo) -> list[NDArray[np.float16]]:
    return [np.concatenate(list(file.chunks())) for file in cache.copies([video], Control())[0]]


def rows_of(videos: list[EmbeddedVideo]) -> dict[str, bytes]:
    return {video.path.name: video.embeddings.tobytes() for video in videos}


def close(one: NDArray[np.float16], other: NDArray[np.float16], tolerance: float) -> bool:
    wide, other_wide = one.astype(np.float32), other.astype(np.float32)
    return bool(np.abs(wide - other_wide).max() <= tolerance * np.abs(other_wide).max())


@pytest.mark.parametrize("stride", [1, 4])
@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-3), ("float16", 5e-3), ("bfloat16", 5e-2)])
def test_features_are_those_of_the_plain_way(
    precision: str, tolerance: float, stride: int, video: StoredVideo, tmp_path: Path, batched: Callable[[bool], None]
) -> None:
    """To the rounding of the precision, and of the cache: float16."""
    batched(False)
    plain, _ = cache_of(tmp_path / "plain", train__augmented_copies=2, train__copy_stride=stride)
    expected = [clean(plain, video), *copies(plain, video)]
    batched(True)
    changed = {"train__augmented_copies": 2, "train__copy_stride": stride, "train__precision": precision}
    cache, _ = cache_of(tmp_path / "batched", **changed)
    found = [clean(cache, video), *copies(cache, video)]
    for one, other in zip(found, expected, strict=True):
        assert close(one, other, tolerance)
    again, _ = cache_of(tmp_path / "together", **changed)
    for one, other in zip(found[1:], copies(again, video), strict=True):
        np.testing.assert_array_equal(one, other, err_msg="whether the clean ones are computed with the copies or not")


def test_a_videos_embeddings_depend_on_neither_the_others_nor_the_workers(
    clips: list[Path], run: Path, empty_cache: Callable[[], None], batched: Callable[[bool], None]
) -> None:
    batched(False)
    empty_cache()
    plain = {video.path.name: np.array(video.embeddings) for video in Embedder(run, device="cpu").each(clips)}
    batched(True)
    alone = {}
    for clip in clips:
        empty_cache()
        (made,) = Embedder(run, device="cpu").each([clip])
        np.testing.assert_allclose(made.embeddings, plain[clip.name], rtol=0, atol=2e-3)
        alone |= rows_of([made])
    for threads, workers in ((1, 1), (3, 4)):
        torch.set_num_threads(threads)
        for paths in (clips, clips[::-1]):
            empty_cache()
            found = list(Embedder(run, frames=FramesConfig(decode_workers=workers), device="cpu").each(paths))
            assert [video.path for video in found] == paths
            assert rows_of(found) == alone


def test_each_precision_and_way_has_features_and_embeddings_of_its_own(
    video: StoredVideo, tmp_path: Path, batched: Callable[[bool], None]
) -> None:
    caches = []
    for is_batched in (False, True):
        batched(is_batched)
        for precision in ("float32", "float16", "bfloat16"):
            cache, _ = cache_of(tmp_path, train__precision=precision)
            clean(cache, video)
            caches.append(cache)
    assert len({cache._key(video, "clean") for cache in caches}) == len(caches)
    assert [cache.precision_key for cache in caches[:3]] == ["", "-float16", "-bfloat16"]


@pytest.mark.usefixtures("batched")
def test_a_batch_is_of_one_video_and_large_frames_make_it_smaller(
    video: StoredVideo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, encoder = cache_of(tmp_path)
    sizes, real = list[int](), encoder.features_of_changed
    monkeypatch.setattr(
        encoder, "features_of_changed", lambda images, *how: (sizes.append(len(images)), real(images, *how))[1]
    )
    clean(cache, video)
    assert (sum(sizes), max(sizes) - min(sizes) <= 1, max(sizes) <= CHUNK) == (NUM_FRAMES, True, True)
    sizes.clear()
    monkeypatch.setattr(batch_reader, "_MAX_BYTES", 3 * video.height * video.width * 3)
    clean(cache_of(tmp_path / "small")[0], video)
    with one_thread_each(3, "test") as threads:
        reader = BatchReader(threads, CHUNK, is_pinned=False)
        frames = np.arange(NUM_FRAMES)[::-1]
        read = list(reader.batches(video, frames, Control()))
    assert max(map(len, read)) == 3
    np.testing.assert_array_equal(torch.cat(read).numpy(), video.frames_at(frames).images)


@pytest.mark.usefixtures("batched")
@pytest.mark.parametrize("stride", [1, 4])
def test_a_stop_is_obeyed_after_a_batch_and_ends_the_reading(
    video: StoredVideo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stride: int
) -> None:
    cache, encoder = cache_of(tmp_path, train__augmented_copies=2, train__copy_stride=stride)
    control, read, computed = Control(), list[int](), list[int]()
    frames_at, reduce = StoredVideo.frames_at, encoder._reduce

    def note(maps: Tensor) -> Tensor:
        computed.append(len(maps))
        control.stop()
        return reduce(maps)

    def read_slowly(self: StoredVideo, indices: NDArray[np.int64]) -> Clip:
        """What is ahead is still being read when the stop comes."""
        assert indices[0] == 0 or reached(lambda: control.stop_requested)
        clip = frames_at(self, indices)
        read.extend(indices.tolist())
        return clip

    monkeypatch.setattr(StoredVideo, "frames_at", read_slowly)
    monkeypatch.setattr(encoder, "_reduce", note)
    with pytest.raises(Stopped):
        cache.copies([video], control)
    assert len(computed) == 3, "a batch: as it is and of two copies"
    num_read = len(read)
    assert num_read <= 3 * CHUNK, "and two ahead"
    cache._threads.shutdown()  # type: ignore[attr-defined]
    assert len(read) == num_read, "nobody reads any more"


@pytest.mark.usefixtures("batched")
def test_a_pause_holds_and_ends_with_the_same_features(
    video: StoredVideo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = clean(cache_of(tmp_path / "undisturbed")[0], video)
    cache, encoder = cache_of(tmp_path / "paused")
    control, computed, real = Control(), list[int](), encoder.features_of_changed

    def note(images: Tensor, *how: object) -> Tensor:
        computed.append(len(images))
        if len(computed) == 2:
            control.pause()
        return real(images, *how)  # type: ignore[arg-type]

    monkeypatch.setattr(encoder, "features_of_changed", note)
    waiting = threading.Event()
    with control.reporting_pauses(lambda paused: waiting.set() if paused else None), ThreadPoolExecutor(1) as pool:
        computing = pool.submit(cache.clean, video, control, meter())
        try:
            assert waiting.wait(10)
            assert len(computed) == 2
        finally:
            control.resume()
        computing.result().close()
    np.testing.assert_array_equal(clean(cache, video), expected)


@pytest.mark.usefixtures("batched")
def test_a_stop_in_the_middle_keeps_the_finished_videos(
    clips: list[Path], run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = Control()
    each = Embedder(run, device="cpu", control=control).each(clips)
    taken = [next(each), next(each)]
    control.stop()
    with pytest.raises(Stopped):
        list(each)
    made, real = list[str](), Embedder._embed
    monkeypatch.setattr(
        Embedder, "_embed", lambda self, video, *given: (made.append(video.path.name), real(self, video, *given))[1]
    )
    found = list(Embedder(run, device="cpu").each(clips))
    assert [len(video) for video in found] == list(LENGTHS)
    assert not {video.path.name for video in taken} & set(made)


@pytest.mark.usefixtures("batched")
def test_while_one_video_waits_for_its_head_the_next_is_computed(
    clips: list[Path], run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, real = list[int](), BatchRunner.features
    monkeypatch.setattr(
        BatchRunner, "features", lambda self, *given: (begun.append(threading.get_ident()), real(self, *given))[1]
    )
    pieces = Encoder.embed_piece
    is_beside = list[bool]()

    def wait(self: Encoder, *given: object) -> Tensor:
        if not is_beside:
            is_beside.append(reached(lambda: len(set(begun)) > 1))
        return pieces(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Encoder, "embed_piece", wait)
    assert len(list(Embedder(run, device="cpu").each(clips))) == len(clips)
    assert is_beside == [True]


@pytest.mark.usefixtures("batched")
@pytest.mark.parametrize("stride", [1, 4])
def test_news_counts_each_frame_that_goes_through_the_backbone(
    video: StoredVideo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stride: int
) -> None:
    cache, _ = cache_of(tmp_path, train__augmented_copies=2, train__copy_stride=stride)
    counted = list[float]()
    monkeypatch.setattr(Meter, "add", lambda self, amount=1.0: counted.append(amount))
    cache.copies([video], Control())
    num_keys = len({*range(0, NUM_FRAMES, stride), NUM_FRAMES - 1})
    assert sum(counted) == NUM_FRAMES + 2 * num_keys
    assert max(counted) <= 3 * CHUNK


@pytest.mark.usefixtures("batched")
def test_what_overflows_in_float16_is_computed_in_float32(
    video: StoredVideo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the original, not by the copy in float16."""
    exact, _ = cache_of(tmp_path, train__precision="float32")
    expected = clean(exact, video)
    real = FrozenCopy._run
    monkeypatch.setattr(FrozenCopy, "_run", lambda self, images: real(self, images) * torch.nan)
    half, _ = cache_of(tmp_path, train__precision="float16")
    np.testing.assert_array_equal(clean(half, video), expected)
