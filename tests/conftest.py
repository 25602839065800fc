"""What all tests share: footage if it is there, a cache of their own, small videos made on the spot."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

SHARED = Path(__file__).resolve().parents[1].parent / "shared"

VideoWriter = Callable[..., Path]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real footage beside the project."""
    if not SHARED.is_dir():
        pytest.skip("../shared is not here")
    return SHARED


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARL_CACHE", str(tmp_path_factory.mktemp("cache")))


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
    """A function that writes a small video with PyAV and returns its path.

    write_video(name="video.mp4", frames=30, *, times=None, fps=30, codec="libx264", size=(64, 48), pixels="yuv420p",
    gop=12, options=None, image=numbered_image): frame i shows `image(i)` at `times[i]` (seconds; i / fps if None).
    """

    def write(
        name: str = "video.mp4",
        frames: int = 30,
        *,
        times: list[float] | None = None,
        fps: int = 30,
        codec: str = "libx264",
        size: tuple[int, int] = (64, 48),
        pixels: str = "yuv420p",
        gop: int = 12,
        options: dict[str, str] | None = None,
        image: Callable[[int, int, int], NDArray[np.uint8]] = numbered_image,
    ) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        quiet = {"x265-params": "log-level=none"} if codec == "libx265" else {}
        with av.open(str(path), "w") as container:
            stream = container.add_stream(codec, rate=fps, options={**quiet, **(options or {})})
            stream.width, stream.height = size
            stream.pix_fmt = pixels
            stream.codec_context.gop_size = gop
            stream.codec_context.time_base = Fraction(1, 1000 if times else fps)
            for index in range(frames):
                frame = av.VideoFrame.from_ndarray(image(index, *size), format="rgb24")
                frame.pts = round(times[index] * 1000) if times else index
                frame.time_base = stream.codec_context.time_base
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        return path

    return write
