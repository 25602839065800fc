"""One embedded video after the other: the same as alone, ahead by a few, and nothing kept of those that are done."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.base.control import Control, Stopped
from core.base.errors import VideoError
from core.base.events import Event, Notice, Progress
from core.base.progress import Counter
from core.embedding.compute import Embedder
from core.embedding.embedded_video import EmbeddedVideo
from core.features.backbone_features import FeatureCache, FeatureFile
from core.model.checkpoint import save_encoder
from core.model.one_thread import one_thread_each
from core.model.onnx_extractor import OnnxExtractor
from core.pose.networks import PoseNetworks
from core.settings.config import FramesConfig
from core.video.stored_video import StoredVideo
from tests.conftest import VideoWriter, reached
from tests.core.pose.figures import person
from tests.core.small import small_config, small_encoder

pytestmark = pytest.mark.usefixtures("narrow")

LENGTHS = (12, 70, 5, 33, 1, 66, 9, 20)


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    return saved(tmp_path / "run")


@pytest.fixture
def clips(write_video: VideoWriter) -> list[Path]:
    return [write_video(f"clips/{number}.mp4", frames) for number, frames in enumerate(LENGTHS)]


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """What empties the cache; torch has as many threads afterwards as before."""
    threads, number = torch.get_num_threads(), iter(range(100))
    yield lambda: monkeypatch.setenv("CARL_CACHE", str(tmp_path / f"cache-{next(number)}"))
    torch.set_num_threads(threads)


def saved(folder: Path, **changed: object) -> Path:
    config = small_config(**changed)
    save_encoder(folder / "encoder.safetensors", small_encoder(config), config, {})
    return folder


def rows_of(videos: list[EmbeddedVideo]) -> dict[str, bytes]:
    return {video.path.name: video.embeddings.tobytes() for video in videos}


def notices(events: list[Event]) -> list[str]:
    return [event.message for event in events if isinstance(event, Notice)]


def waving(index: int, width: int, height: int) -> NDArray[np.uint8]:
    return person(width, height, arm=1.0 + 0.6 * np.sin(index / 3))


def test_a_videos_embeddings_depend_on_neither_the_others_nor_the_workers(
    clips: list[Path], encoder: Path, empty_cache: Callable[[], None]
) -> None:
    """A video that is alone is decoded by several threads, and is the only one on its way."""
    alone = {}
    for clip in clips:
        empty_cache()
        alone |= rows_of(list(Embedder(encoder, device="cpu").each([clip])))
    for threads, workers in ((1, 1), (3, 4)):
        torch.set_num_threads(threads)
        for paths in (clips, clips[::-1]):
            empty_cache()
            embedder = Embedder(encoder, frames=FramesConfig(decode_workers=workers), device="cpu")
            found = list(embedder.each(paths))
            assert [video.path for video in found] == paths
            assert rows_of(found) == alone
            assert rows_of(embedder.embedded(paths)) == alone
            assert torch.get_num_threads() == threads


@pytest.mark.parametrize("threads", [1, 3])
def test_a_body_pose_depends_on_neither_the_others_nor_the_workers(
    write_video: VideoWriter, tmp_path: Path, empty_cache: Callable[[], None], threads: int
) -> None:
    run = saved(tmp_path / "pose", backbone__name="pose", backbone__weights="none", frames__short_side=160)
    paths = [
        write_video(f"people/{number}.mp4", frames, image=waving, size=(160, 160), fps=5)
        for number, frames in enumerate((4, 7, 3))
    ]
    alone = {}
    for path in paths:
        empty_cache()
        alone |= rows_of(list(Embedder(run, device="cpu").each([path])))
    torch.set_num_threads(threads)
    empty_cache()
    assert rows_of(list(Embedder(run, device="cpu").each(paths[::-1]))) == alone


def test_a_few_videos_are_ahead_and_nothing_is_kept_of_those_given_away(
    write_video: VideoWriter, encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [write_video(f"many/{number}.mp4", 2 + number % 5) for number in range(20)]
    workers = 2
    ahead = workers + FeatureCache.at_once
    begun = list[str]()
    opened: weakref.WeakSet[object] = weakref.WeakSet()
    for kind in (StoredVideo, FeatureFile):
        init = kind.__init__
        monkeypatch.setattr(kind, "__init__", lambda self, *given, init=init: (opened.add(self), init(self, *given))[1])
    real = Embedder._embedded
    monkeypatch.setattr(
        Embedder, "_embedded", lambda self, video, *given: (begun.append(video.path.name), real(self, video, *given))[1]
    )
    each = Embedder(encoder, frames=FramesConfig(decode_workers=workers), device="cpu").each(paths)
    assert begun == [], "nothing is done before it is asked for"
    for taken, path in enumerate(paths, start=1):
        video = next(each)
        assert video.path == path
        del video
        limit = min(taken + ahead - 1, len(paths))
        assert reached(lambda limit=limit: len(begun) >= limit)  # a slow taker is waited for
        gc.collect()
        assert len(begun) == limit
        assert len(opened) <= 2 * ahead, "frames and features of a few"


def test_whoever_takes_no_more_stops_the_work(
    clips: list[Path], encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, ended = Embedder._embedded, list[bool]()

    def wait(self: Embedder, video: StoredVideo, control: Control, counter: Counter) -> EmbeddedVideo:
        if video.path != clips[0]:
            ended.append(reached(lambda: control.stop_requested))
        return real(self, video, control, counter)

    monkeypatch.setattr(Embedder, "_embedded", wait)
    monkeypatch.setattr(FeatureCache, "at_once", len(clips))  # else the first might wait for those that wait here
    each = Embedder(encoder, frames=FramesConfig(decode_workers=2), device="cpu").each(clips)
    assert next(each).path == clips[0]
    each.close()
    assert all(ended)


def test_broken_videos_are_left_out_where_they_are(clips: list[Path], encoder: Path, tmp_path: Path) -> None:
    """One is no video; of another, the header opens and not a frame."""
    text, cut = tmp_path / "clips" / "2b.mp4", tmp_path / "clips" / "5b.mp4"
    text.write_bytes(b"no video")
    whole = clips[1].read_bytes()
    media = whole.index(b"mdat") + 4
    end = whole.index(b"moov") - 4
    cut.write_bytes(whole[:media] + bytes(end - media) + whole[end:])
    said = list[Event]()
    paths = [*clips[:3], text, *clips[3:5], cut, *clips[5:]]
    found = list(Embedder(encoder, device="cpu", sink=said.append).each(paths))
    assert [video.path for video in found] == clips
    assert sorted(name for name in (text.name, cut.name) for one in notices(said) if name in one) == [
        text.name,
        cut.name,
    ]
    told = [event for event in said if isinstance(event, Progress) and event.stage == "embed"]
    assert (told[-1].done, told[-1].total) == (sum(LENGTHS), sum(LENGTHS))
    with pytest.raises(VideoError, match="None of 2 videos can be read"):
        list(Embedder(encoder, device="cpu").each([text, cut]))


def test_a_stop_in_the_middle_keeps_what_was_embedded(
    clips: list[Path], encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    control = Control()
    each = Embedder(encoder, device="cpu", control=control).each(clips)
    taken = [next(each), next(each)]
    control.stop()
    with pytest.raises(Stopped):
        list(each)
    made = list[str]()
    real = Embedder._embed
    monkeypatch.setattr(
        Embedder, "_embed", lambda self, video, *given: (made.append(video.path.name), real(self, video, *given))[1]
    )
    found = list(Embedder(encoder, device="cpu").each(clips))
    assert [len(video) for video in found] == list(LENGTHS)
    assert not {video.path.name for video in taken} & set(made)
    assert made, "the stop came before all were embedded"


def test_an_error_in_one_video_ends_the_work_on_the_others(
    clips: list[Path], encoder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = FeatureCache.clean

    def fail(self: FeatureCache, video: StoredVideo, *given: object) -> FeatureFile:
        if video.path == clips[2]:
            raise ZeroDivisionError
        return real(self, video, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(FeatureCache, "clean", fail)
    each = Embedder(encoder, device="cpu").each(clips)
    assert [next(each).path, next(each).path] == clips[:2]
    with pytest.raises(ZeroDivisionError):
        next(each)


def test_each_thread_has_one_thread_of_torch_and_the_others_as_many_as_before() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(3)
    try:
        with one_thread_each(4, "test") as threads:
            assert set(threads.map(lambda _: torch.get_num_threads(), range(20))) == {1}
            assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_an_extractor_runs_in_several_threads(shared: Path) -> None:
    file = shared / "weights" / "mobilenet_v1_075.onnx"
    if not file.is_file():
        pytest.skip("the extractor is not here")
    extractor = OnnxExtractor.from_file(file)
    frames = torch.rand(6, 1, 3, 224, 224, generator=torch.Generator().manual_seed(0))
    expected = [extractor(frame) for frame in frames]
    with one_thread_each(3, "test") as threads:
        for one, other in zip(expected, threads.map(extractor, frames), strict=True):
            assert torch.equal(one, other)


def test_what_a_pose_network_makes_of_a_picture_is_the_same_in_any_company() -> None:
    """As on a GPU, where several go through at once."""
    network = PoseNetworks().landmarks
    images = torch.rand(5, 3, 256, 256, generator=torch.Generator().manual_seed(0))
    for together, alone in zip(network.in_batches(images, 4), network.in_batches(images[4:], 4), strict=True):
        assert torch.equal(together[4:], alone)
