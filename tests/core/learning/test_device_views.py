"""Views kept on a device or sent ahead: the numbers of those that are read, and none before they have arrived."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from core.augment import spatial
from core.augment.temporal import TemporalView
from core.base.events import Event, Notice
from core.learning import device_views, run_training
from core.learning.data import Batch, Batches, FrameViews, ViewData, ViewSource
from core.learning.device_views import DeviceFrames, SentViews, fitting_videos
from core.learning.trainer import ClipLoss
from core.model import device as devices
from core.model.uploads import Arrival, Uploader
from core.settings.config import Config, with_values
from core.video.frame_store import FrameStore, StoredVideo
from core.video.sampling import Crop
from tests.conftest import VideoWriter
from tests.core.small import Waves, small_config, small_encoder

CPU = torch.device("cpu")
CONFIG = small_config(
    train__mode="finetune", backbone__trainable_blocks="layer4", views__num_frames=8, train__precision="float32"
)
LENGTHS = [20, 33, 26]


@pytest.fixture
def videos(write_video: VideoWriter, tmp_path: Path) -> list[StoredVideo]:
    clips = [write_video(f"clip{number}.mp4", length) for number, length in enumerate(LENGTHS)]
    return FrameStore(tmp_path / "store", short_side=32, max_bytes=10**9).add(clips)


def batches(source: ViewSource, config: Config, *, workers: int, ahead: int) -> Iterator[Batch]:
    return Batches(source, config).from_step(0, 12, workers=workers, ahead=ahead)


def bytes_of(video: StoredVideo) -> int:
    return len(video) * video.height * video.width * 3


@pytest.mark.parametrize("kept", [0, 1, 3])
@pytest.mark.parametrize(("workers", "ahead"), [(1, 1), (4, 3)])
def test_the_batches_are_those_of_frames_that_are_read(
    videos: list[StoredVideo], kept: int, workers: int, ahead: int
) -> None:
    room = {0: 0, 1: bytes_of(videos[0]), 3: sum(map(bytes_of, videos))}[kept]
    there = DeviceFrames(videos, CONFIG.augment, CPU, room)
    assert (there.num_kept, there.kept_bytes) == (kept, room)
    plain = batches(FrameViews(videos, CONFIG.augment), CONFIG, workers=1, ahead=1)
    for one, other in zip(plain, batches(there, CONFIG, workers=workers, ahead=ahead), strict=True):
        assert (one.lengths, one.num_frames) == (other.lengths, other.num_frames)
        for expected, view in zip(one.views, other.views, strict=True):
            assert torch.equal(view.rows_on(CPU), expected.rows)
            assert view.spatial == expected.spatial
            assert np.array_equal(view.temporal.indices, expected.temporal.indices)


def test_as_many_videos_as_fit_are_kept_the_shortest_first(videos: list[StoredVideo]) -> None:
    sizes = [bytes_of(video) for video in videos]
    assert fitting_videos(videos, sizes[0] - 1) == []
    assert fitting_videos(videos, sizes[0] + sizes[2]) == [0, 2]
    assert fitting_videos(videos, sum(sizes) - 1) == [0, 2]
    assert fitting_videos(videos, sum(sizes)) == [0, 2, 1]


def test_a_frame_that_is_kept_is_decoded_once(videos: list[StoredVideo], monkeypatch: pytest.MonkeyPatch) -> None:
    decoded = list[int]()
    counting = threading.Lock()
    read = StoredVideo.frames_at

    def count(self: StoredVideo, indices: np.ndarray) -> object:
        with counting:
            decoded.extend(1000 * videos.index(self) + int(frame) for frame in indices)
        return read(self, indices)

    monkeypatch.setattr(StoredVideo, "frames_at", count)
    for _ in batches(DeviceFrames(videos, CONFIG.augment, CPU, 10**9), CONFIG, workers=4, ahead=2):
        pass
    assert len(decoded) == len(set(decoded)) > sum(LENGTHS) / 2


@dataclass
class Late(Uploader):
    """An uploader whose tensors hold nothing until they are waited for."""

    device: torch.device = CPU
    _due: list[tuple[Tensor, Tensor]] = field(default_factory=list)
    _writing: threading.Lock = field(default_factory=threading.Lock)

    @contextmanager
    def beside(self) -> Iterator[None]:
        yield

    def send(self, tensor: Tensor) -> Tensor:
        there = torch.zeros_like(tensor)
        with self._writing:
            self._due.append((there, tensor))
        return there

    def mark(self) -> Arrival:
        return self

    def wait(self, *tensors: Tensor) -> None:
        with self._writing:
            for there, tensor in self._due:
                there.copy_(tensor)
            self._due.clear()


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize("mode", ["finetune", "frozen"])
def test_the_loss_reads_nothing_before_it_has_arrived(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    config = CONFIG if mode == "finetune" else small_config(train__precision="float32")
    plain: ViewSource = Noise() if mode == "finetune" else Waves(LENGTHS, 64)
    model = ClipLoss(small_encoder(config), config).eval()
    monkeypatch.setattr(device_views, "Uploader", Late)
    sent = SentViews(plain, CPU)
    pairs = zip(batches(plain, config, workers=1, ahead=1), batches(sent, config, workers=3, ahead=2), strict=True)
    for number, (one, other) in enumerate(pairs):
        if number == 0:
            assert not any(view.rows.any() for view in other.views), "this uploader would prove nothing"
        assert model(other, CPU).item() == model(one, CPU).item()


class Noise:
    """Frames of noise, which are nowhere black."""

    def __init__(self) -> None:
        self._images = np.random.default_rng(3).integers(1, 256, (3, 40, 32, 32, 3)).astype(np.uint8)

    def __len__(self) -> int:
        return len(self._images)

    def num_frames(self, video: int) -> int:
        return LENGTHS[video]

    def load(self, video: int, view: TemporalView, generator: np.random.Generator) -> ViewData:
        images = self._images[video][view.indices[view.valid]]
        return ViewData(view, torch.from_numpy(images), spatial.draw(CONFIG.augment, generator))


def test_a_view_that_ends_in_padding_shows_its_valid_steps(videos: list[StoredVideo]) -> None:
    view = TemporalView(np.array([3, 5, 5, 5]), np.array([True, True, False, False]), Crop(0, 20))
    for room in (0, 10**9):
        made = DeviceFrames(videos, CONFIG.augment, CPU, room).load(1, view, np.random.default_rng(0))
        assert torch.equal(made.rows_on(CPU), torch.from_numpy(videos[1].frames_at([3, 5]).images))


def test_a_gpu_keeps_frames_in_a_fraction_of_its_free_memory(
    videos: list[StoredVideo], monkeypatch: pytest.MonkeyPatch
) -> None:
    cuda, notices, free = torch.device("cuda", 0), list[Event](), 2 * sum(map(bytes_of, videos))
    monkeypatch.setattr(devices, "free_bytes", lambda device: free)
    monkeypatch.setattr(run_training, "DeviceFrames", lambda *one: DeviceFrames(one[0], one[1], CPU, one[3]))
    for fraction, kept in ((0.5, 3), (0.49, 2), (0.0, 0)):
        config = with_values(CONFIG, {"frames.gpu_fraction": fraction})
        source = run_training.frame_source(videos, config, cuda, notices.append)
        assert isinstance(source, DeviceFrames)
        assert source.num_kept == kept
    assert [event.message for event in notices if isinstance(event, Notice)] == [
        "The GPU keeps the frames of 3 of 3 videos in 0.0 GB of its memory.",
        "The GPU keeps the frames of 2 of 3 videos in 0.0 GB of its memory.",
    ]
    assert isinstance(run_training.frame_source(videos, CONFIG, CPU, notices.append), FrameViews)
