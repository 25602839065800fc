"""Reading frames at random: the frame store, VideoReader, OpenCV's seek and a plain PyAV seek, in one run.

Two videos with one keyframe in 250 frames, as encoders make them: 1280 x 720 at a constant rate, 640 x 360 at a
variable one. Every frame shows its number, so that wrong frames are counted. Rounds alternate, so that a busy machine
slows all rows alike; medians are shown. Exit status 1 where ours gave a wrong frame, or where the store is not 20 times
as fast as a seek.

    python benchmarks/video_seek.py [--frames 600] [--reads 24] [--rounds 3]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from core.video.frame_store import FrameStore
from core.video.reader import VideoReader

LEAST_RATIO = 20.0
Read = Callable[[int], NDArray[np.uint8]]


def picture(number: int, width: int, height: int, noise: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(H, W, 3) soft noise that drifts, with the number as 12 blocks."""
    image = np.roll(noise, 3 * number, axis=1)
    for bit in range(12):
        y, x = (bit // 4 * 2 + 1) * height // 6, (bit % 4 * 2 + 1) * width // 8
        image[y - height // 12 : y + height // 12, x - width // 16 : x + width // 16] = 235 if number >> bit & 1 else 20
    return image


def number_of(image: NDArray[np.uint8]) -> int:
    """The number that `picture` drew, at any size."""
    height, width = image.shape[:2]
    centres = [((bit // 4 * 2 + 1) * height // 6, (bit % 4 * 2 + 1) * width // 8) for bit in range(12)]
    return sum(1 << bit for bit, (y, x) in enumerate(centres) if image[y, x].mean() > 127)


def write(path: Path, size: tuple[int, int], times: NDArray[np.float64]) -> None:
    """H.264 with B-frames; frame i at `times[i]` seconds."""
    width, height = size
    coarse = np.random.default_rng(0).integers(60, 180, (height // 16, width // 16, 3), np.uint8)
    noise = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25, options={"preset": "veryfast", "crf": "23"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.gop_size = 250
        stream.codec_context.time_base = Fraction(1, 1000)
        for number, seconds in enumerate(times):
            frame = av.VideoFrame.from_ndarray(picture(number, width, height, noise), format="rgb24")
            frame.pts, frame.time_base = round(seconds * 1000), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def opencv(path: Path) -> Read:
    capture = cv2.VideoCapture(str(path))

    def read(place: int) -> NDArray[np.uint8]:
        capture.set(cv2.CAP_PROP_POS_FRAMES, place)
        return np.asarray(capture.read()[1], np.uint8)

    return read


def plain_pyav(path: Path) -> Read:
    """Place over rate is the time; seek there, decode forward to it."""
    container = av.open(str(path))
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"

    def read(place: int) -> NDArray[np.uint8]:
        assert stream.time_base is not None
        assert stream.average_rate is not None
        ticks = round(place / stream.average_rate / stream.time_base)
        container.seek(ticks, stream=stream)
        frame = None
        for frame in container.decode(stream):
            if frame.pts is not None and frame.pts >= ticks:
                break
        assert frame is not None
        return np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)

    return read


def timed(function: Callable[[], object]) -> float:
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def measure(path: Path, folder: Path, num_frames: int, num_reads: int, rounds: int) -> bool:
    """Print the tables of one video; returns whether what we claim holds."""
    scan_seconds = timed(lambda: VideoReader(path).close())
    store_seconds = timed(lambda: FrameStore(folder, max_bytes=10**10).add([path]))
    (stored,) = FrameStore(folder, max_bytes=10**10).add([path])
    full = stored.reader()
    ours: dict[str, Read] = {
        "frame store (short side 256)": lambda place: stored[place].image,
        "VideoReader": lambda place: full[place].image,
    }
    rows = {**ours, "OpenCV seek": opencv(path), "plain PyAV seek": plain_pyav(path)}
    spent: dict[str, list[float]] = {name: [] for name in rows}
    wrong = dict.fromkeys(rows, 0)
    rng = np.random.default_rng(1)
    for _ in range(rounds):
        places = rng.integers(0, num_frames, num_reads).tolist()
        for name, read in rows.items():
            started = time.perf_counter()
            images = [read(place) for place in places]
            spent[name].append((time.perf_counter() - started) / num_reads)
            wrong[name] += sum(number_of(image) != place for image, place in zip(images, places, strict=True))
    full.close()
    base = statistics.median(spent["plain PyAV seek"])
    print(f"\n{path.name}: {num_frames} frames; known after a whole decode of {scan_seconds:.2f} s,")
    print(f"stored in {store_seconds:.2f} s ({num_frames / store_seconds:.0f} frames/s)")
    print(f"{'random reads':<30}{'ms a frame':>12}{'x plain PyAV':>14}{'wrong frames':>16}")
    for name in rows:
        middle = statistics.median(spent[name])
        print(f"{name:<30}{middle * 1e3:>12.2f}{base / middle:>14.1f}{wrong[name]:>9} of {rounds * num_reads}")
    ratio = base / statistics.median(spent["frame store (short side 256)"])
    return ratio >= LEAST_RATIO and not any(wrong[name] for name in ours)


def main() -> int:
    """Print the tables; returns the exit status."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--frames", type=int, default=600)
    options.add_argument("--reads", type=int, default=24)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    steps = np.random.default_rng(2).integers(10, 90, chosen.frames) / 1000
    videos = {
        "constant-rate-720p.mp4": ((1280, 720), np.arange(chosen.frames) / 25),
        "variable-rate-360p.mp4": ((640, 360), np.cumsum(steps)),
    }
    holds = []
    with tempfile.TemporaryDirectory() as folder:
        for name, (size, times) in videos.items():
            path = Path(folder, name)
            write(path, size, times)
            holds.append(measure(path, Path(folder, "store"), chosen.frames, chosen.reads, chosen.rounds))
    return 0 if all(holds) else 1


if __name__ == "__main__":
    sys.exit(main())
