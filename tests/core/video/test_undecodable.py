"""Files that are encrypted, transparent, of an unsupported kind or damaged: the truth, or a sentence."""

from __future__ import annotations

import contextlib
import random
import struct
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from core.base.errors import VideoError
from core.base.events import Event, Notice
from core.video.decoding import Decoding
from core.video.frame_store import FrameStore
from core.video.index import DamageError, IndexBuilder
from core.video.promised import believed
from core.video.reader import VideoReader
from tests.conftest import VideoWriter, numbered_image

_KEY = "00112233445566778899aabbccddeeff"
_CENC = {"encryption_scheme": "cenc-aes-ctr", "encryption_key": _KEY, "encryption_kid": _KEY}


def test_an_encrypted_video_is_named_so(write_video: VideoWriter) -> None:
    path = write_video("film.mp4", container_options=_CENC)
    for read in (VideoReader, _stored):
        with pytest.raises(VideoError, match=r"film\.mp4 is encrypted\. Decrypt it"):
            read(path)


def test_an_animated_webp_is_read_on_white_or_named_so(tmp_path: Path) -> None:
    """FFmpeg decodes it from version 9 on, which PyAV 19 brings."""
    path = tmp_path / "moving.webp"
    _write_rgba(path, "libwebp_anim", "bgra")
    if "webp_anim" in av.codecs_available:
        with VideoReader(path) as video:
            image = video[0].image.astype(int)
        assert np.abs(image[:, :24] - (255, 0, 0)).max() < 20
        assert np.abs(image[:, 40:] - 255).max() < 4
        return
    with pytest.raises(VideoError, match=r"moving\.webp is an animated WebP.* Convert it to MP4 \(H\.264\)\.$"):
        VideoReader(path)


@pytest.mark.parametrize("codec", ["libvpx", "libvpx-vp9"])
def test_hidden_colours_of_a_transparent_video_are_not_shown(tmp_path: Path, codec: str) -> None:
    path = tmp_path / "cut out.webm"
    _write_rgba(path, codec, "yuva420p", {"auto-alt-ref": "0"})
    with VideoReader(path) as video:
        assert len(video) == 4
        for frame in (video[2], video[0], *video.frames()):
            left, right = frame.image[:, :24].astype(int), frame.image[:, 40:].astype(int)
            assert np.abs(left - (255, 0, 0)).max() < 20
            assert np.abs(right - 255).max() < 4


@pytest.mark.parametrize(
    ("name", "codec", "options"),
    [
        ("clip.webm", "libvpx", {"auto-alt-ref": "1", "lag-in-frames": "8", "cpu-used": "5"}),
        ("clip.mp4", "libx264", {}),
        ("clip.avi", "mpeg4", {}),
    ],
)
def test_a_damaged_video_decodes_the_same_with_any_number_of_threads(
    write_video: VideoWriter, name: str, codec: str, options: dict[str, str]
) -> None:
    path = write_video(name, 24, codec=codec, options=options, image=_noise, gop=8)
    data = path.read_bytes()
    source = random.Random(3)
    for _ in range(6):
        changed = bytearray(data)
        for _ in range(6):
            changed[source.randrange(len(data) // 8, len(data))] ^= 1 << source.randrange(8)
        path.write_bytes(changed)
        with contextlib.suppress(VideoError):
            one, several = (_checks(path, threads) for threads in (1, 4))
            np.testing.assert_array_equal(one, several)


def test_a_count_of_frames_that_cannot_be_is_not_believed(write_video: VideoWriter) -> None:
    path = write_video("clip.mp4", 24, gop=4)
    data = bytearray(path.read_bytes())
    counts = data.index(b"stts") + 8
    data[counts : counts + 8] = struct.pack(">II", 1, 1937012351)
    middle = data.index(b"mdat") + 400
    data[middle : middle + 200] = bytes(200)
    path.write_bytes(data)
    with contextlib.closing(Decoding(path)) as decoding:
        assert decoding.num_frames_from_header < 10_000
    heard: list[Event] = []
    with contextlib.suppress(VideoError):
        _stored(path, heard)
    assert not any("1937012" in event.message for event in heard if isinstance(event, Notice))


@pytest.mark.parametrize("missing", [float("inf"), float("nan"), 1e9])
def test_times_that_cannot_be_are_not_believed(missing: float) -> None:
    assert believed(missing, 24) == 0
    assert believed(5.2, 24) == 5


def _stored(path: Path, heard: list[Event] | None = None) -> None:
    told = heard if heard is not None else []
    FrameStore(path.parent / "store", short_side=16, max_bytes=10**8).add([path], told.append)


def _checks(path: Path, threads: int) -> NDArray[np.uint32]:
    for careful in (False, True):
        with contextlib.closing(Decoding(path, threads=threads, careful=careful)) as decoding:
            builder = IndexBuilder(decoding, is_careful=careful)
            with contextlib.suppress(DamageError):
                for frame in decoding.every_frame():
                    builder.add(frame)
                builder.check_damage()
                checks: NDArray[np.uint32] = builder.take()["check"]
                return checks
    raise AssertionError


def _noise(number: int, width: int, height: int) -> NDArray[np.uint8]:
    background = np.random.default_rng(1).integers(0, 255, (height, width, 3), np.uint8)
    return np.asarray(np.roll(background, 2 * number, axis=1) // 2 + numbered_image(number, width, height) // 2)


def _write_rgba(path: Path, codec: str, pixels: str, options: dict[str, str] | None = None) -> None:
    """Write four frames of red, of which the right half is hidden."""
    image = np.zeros((64, 64, 4), np.uint8)
    image[..., 0], image[:, :32, 3] = 255, 255
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(codec, rate=10, options=options or {})
        stream.width, stream.height, stream.pix_fmt = 64, 64, pixels
        for number in range(4):
            frame = av.VideoFrame.from_ndarray(image, format="rgba").reformat(format=pixels)
            frame.pts = number
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
