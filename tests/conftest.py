"""What all tests share: footage if it is there, a cache of their own, small videos made on the spot."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import hypothesis
import numpy as np
import pytest
from av.video.stream import VideoStream
from numpy.typing import NDArray

hypothesis.settings.register_profile("fixed", derandomize=True, deadline=None)
hypothesis.settings.load_profile("fixed")

SHARED = Path(__file__).resolve().parents[1].parent / "shared"

VideoWriter = Callable[..., Path]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs a GPU where there is none."""
    if item.get_closest_marker("gpu"):
        import torch

        if not torch.cuda.is_available():
            pytest.skip("torch finds no CUDA GPU")


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real footage beside the project."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not here")
    return SHARED


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARL_CACHE", str(tmp_path_factory.mktemp("cache")))


def reached(condition: Callable[[], bool]) -> bool:
    """Wait for a condition that another thread brings about."""
    never = threading.Event()
    for _ in range(1000):
        if condition():
            return True
        never.wait(0.01)
    return False


def numbered_image(number: int, width: int = 64, height: int = 48) -> NDArray[np.uint8]:
    """(H, W, 3) an image that shows its number in 12 black or white blocks, robust to lossy coding."""
    image = np.full((height, width, 3), 90, np.uint8)
    for bit in range(12):
        row, column = divmod(bit, 4)
        top, left = row * height // 3, column * width // 4
        image[top : top + height // 3, left : left + width // 4] = 230 if number >> bit & 1 else 20
    return image


def number_of(image: NDArray[np.uint8]) -> int:
    """The number that `numbered_image` drew, whatever the size of the image now."""
    height, width = image.shape[:2]
    centres = [(int((bit // 4 + 0.5) * height / 3), int((bit % 4 + 0.5) * width / 4)) for bit in range(12)]
    return sum(1 << bit for bit, (y, x) in enumerate(centres) if image[y, x].mean() > 125)


@pytest.fixture
def write_video(tmp_path: Path) -> VideoWriter:
    """A function that writes a small video with PyAV and returns its path; see `write_numbered_video`."""
    return functools.partial(write_numbered_video, tmp_path)


def write_numbered_video(
    folder: Path,
    name: str = "video.mp4",
    frames: int = 30,
    *,
    times: Sequence[float] | None = None,
    fps: int = 30,
    codec: str = "libx264",
    size: tuple[int, int] = (64, 48),
    pixels: str = "yuv420p",
    gop: int = 12,
    options: Mapping[str, str] | None = None,
    container_options: Mapping[str, str] | None = None,
    tweak: Callable[[VideoStream], None] = lambda stream: None,
    image: Callable[[int, int, int], NDArray[np.uint8]] = numbered_image,
) -> Path:
    """Write a video whose frame i shows `image(i, width, height)` at `times[i]` seconds (None: i / fps).

    `tweak` may set more on the stream before the first frame.
    """
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    ticks_per_second = 1000 if times else fps
    with av.open(str(path), "w", options=dict(container_options or {})) as container:
        stream = container.add_stream(codec, rate=fps, options=dict(options or {}))
        stream.width, stream.height = size
        stream.pix_fmt = pixels
        stream.codec_context.gop_size = gop
        stream.codec_context.time_base = Fraction(1, ticks_per_second)
        tweak(stream)
        for index in range(frames):
            frame = av.VideoFrame.from_ndarray(image(index, *size), format="rgb24")
            if pixels == "rgb8":
                frame = frame.reformat(format=pixels)
            frame.pts = round(times[index] * ticks_per_second) if times else index
            frame.time_base = stream.codec_context.time_base
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path
