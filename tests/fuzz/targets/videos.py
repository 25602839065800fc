"""Video files, by byte: a container and codec each."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path
from typing import Any

from tests.fuzz.raw_bytes import bytes_of
from tests.fuzz.target import Target

_FRAMES, _SIZE = 24, 48
_CODECS = {
    "h264.mp4": ("libx264", "yuv420p", {"g": "8", "bf": "2"}),
    "mjpeg.mov": ("mjpeg", "yuvj420p", {}),
    "vp8.webm": ("libvpx", "yuv420p", {"g": "8", "auto-alt-ref": "1", "lag-in-frames": "8", "cpu-used": "5"}),
    "vp9.mkv": ("libvpx-vp9", "yuva420p", {"g": "8", "auto-alt-ref": "0", "deadline": "realtime", "cpu-used": "8"}),
    "mpeg4.avi": ("mpeg4", "yuv420p", {"g": "8"}),
    "mpeg2.ts": ("mpeg2video", "yuv420p", {"g": "8"}),
}


def _write(path: Path) -> None:
    import av
    import numpy as np

    codec, pixels, options = _CODECS[path.name]
    generator = np.random.default_rng(1)
    background = generator.integers(0, 255, (_SIZE, _SIZE, 3), np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=25, options=options)
        stream.width = stream.height = _SIZE
        stream.pix_fmt = pixels
        stream.codec_context.thread_count = 1
        for number in range(_FRAMES):
            image = np.roll(background, 2 * number, axis=1)
            frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(format=pixels)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _read(folder: Path) -> None:
    """Read it as the program does, and by another number of threads: the frames must be the same."""
    import numpy as np

    from core.base.events import Event, Notice
    from core.video.frame_store import FrameStore
    from core.video.reader import VideoReader

    (path,) = folder.iterdir()
    heard: list[Event] = []
    store = FrameStore(folder / "store", short_side=16, max_bytes=10**8, workers=1)
    (stored,) = store.add([path], heard.append)
    with VideoReader(path) as video:
        assert len(video) == len(stored)
        assert np.all(np.diff(video.pts_seconds) > 0)
        assert np.isfinite(video.pts_seconds).all()
        assert video.meta.num_frames_lost <= 1000 * len(video), [event for event in heard if isinstance(event, Notice)]
        order = random.Random(0).sample(range(len(video)), min(3, len(video)))
        for index in order:
            assert video[index].image.shape == (video.meta.height, video.meta.width, 3)
        checks = video._index.entries["check"]
    for threads in (1, 3):
        np.testing.assert_array_equal(_checks(path, threads), checks, f"with {threads} threads")


def _checks(path: Path, threads: int) -> Any:
    from core.video.decoding import Decoding
    from core.video.index import DamageError, IndexBuilder

    for careful in (False, True):
        with contextlib.closing(Decoding(path, threads=threads, careful=careful)) as decoding:
            builder = IndexBuilder(decoding, is_careful=careful)
            with contextlib.suppress(DamageError):
                for frame in decoding.every_frame():
                    builder.add(frame)
                builder.check_damage()
                return builder.take()["check"]
    raise AssertionError


def _target(name: str) -> Target:
    return Target(
        f"video-{name.replace('.', '-')}",
        lambda folder: _write(folder / name),
        (bytes_of("*"),),
        _read,
        quick_count=15,
    )


TARGETS = tuple(map(_target, _CODECS))
