"""The files that are hard to decode: the right frames, or one clear sentence."""

from __future__ import annotations

import contextlib
import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from core.base.errors import VideoError
from core.video.frame_converter import FrameConverter
from core.video.reader import VideoReader
from core.video.tone_mapping import PQ

_DECODED = {
    # The list stopped counting at the first error; one frame of 50 is lost, the others decode.
    "decord__corrupted.mp4": 49,
    # The list counted the first of two pictures; the larger one is the video, as its exact times agree.
    "torchcodec__nasa_13013.mp4": 390,
}
"""Where the list that came with the files is wrong."""

_WITH_PICTURE = [
    "decord__corrupted.mp4",
    "decord__flipping_a_pancake.mkv",
    "decord__unordered.mov",
    "decord__video_0.mov",
    "decord__video_180.mov",
    "decord__video_270.mov",
    "decord__video_90.mov",
    "torchcodec__animated.gif",
    "torchcodec__av1_video.mkv",
    "torchcodec__bt2020_10bit.mp4",
    "torchcodec__bt601_full_range.mp4",
    "torchcodec__bt601_limited_range.mp4",
    "torchcodec__bt709_full_range.mp4",
    "torchcodec__discard_first_keyframe.mp4",
    "torchcodec__frame_exceeds_screen.gif",
    "torchcodec__gradient.gif",
    "torchcodec__h264_10bits.mp4",
    "torchcodec__h265_10bits.mp4",
    "torchcodec__h265_video.mp4",
    "torchcodec__nasa_13013.mp4",
    "torchcodec__nasa_13013_hdr.mp4",
    "torchcodec__nasa_13013_rotated.mp4",
    "torchcodec__test_non_zero_start.mp4",
    "torchcodec__testsrc2.mp4",
    "torchcodec__testsrc2_12bit_hdr.mp4",
    "torchcodec__testsrc2_444_8bit_hevc.mp4",
    "torchcodec__testsrc2_av1_10bit.mp4",
    "torchcodec__testsrc2_h265.mp4",
    "torchcodec__testsrc2_hdr.mp4",
    "torchcodec__testsrc2_mpeg4.avi",
    "torchcodec__testsrc2_mpeg4.mp4",
    "torchcodec__testsrc2_odd_height_and_width_444.mp4",
    "torchcodec__testsrc2_odd_height_and_width_444_10bit.mp4",
    "torchcodec__testsrc2_odd_height_and_width_mpeg2.mp4",
    "torchcodec__testsrc2_odd_height_and_width_vp9.mp4",
    "torchcodec__testsrc2_odd_height_vp9.mp4",
    "torchcodec__testsrc2_odd_width_444.mp4",
    "torchcodec__testsrc2_odd_width_vp9.mp4",
    "torchcodec__testsrc2_odd_width_vp9_10bit.mp4",
    "torchcodec__testsrc2_vp8.webm",
    "torchcodec__testsrc2_vp9.webm",
]
"""Named here so that a file that goes missing fails; `test_no_file_is_forgotten` finds new ones."""

_WITHOUT_PICTURE = ["torchcodec__nasa_13013.mp4.audio.mp3", "torchcodec__reproduce_seek_bug.wav"]


def _listed(shared: Path, name: str) -> dict[str, str]:
    with (shared / "videos" / "MANIFEST.csv").open(encoding="utf-8", newline="") as file:
        return next(row for row in csv.DictReader(file) if row["file"] == f"hard/{name}")


@pytest.mark.parametrize("name", _WITH_PICTURE)
def test_the_right_frames(shared: Path, name: str) -> None:
    """Against PyAV's own loop from the first packet to the last."""
    path = shared / "videos" / "hard" / name
    with VideoReader(path) as video:
        num_frames = len(video)
        assert num_frames == _DECODED.get(name, int(_listed(shared, name)["frames_decoded"]))
        assert video.meta.num_frames_lost == (1 if name == "decord__corrupted.mp4" else 0)
        places = np.random.default_rng(0).permutation(num_frames)[:6]
        ours = {int(place): video[int(place)] for place in places}
        with av.open(str(path)) as container:
            stream = container.streams.best("video")
            times = []
            for place, frame in enumerate(_plainly_decoded(container, stream)):
                times.append(float(frame.pts * stream.time_base))
                if place in ours:
                    image = ours[place].image
                    assert image.shape == (video.meta.height, video.meta.width, 3)
                    np.testing.assert_array_equal(image, FrameConverter(frame, stream).image(frame))
                    _compare_colours(image, frame, stream)
        np.testing.assert_allclose(video.pts_seconds, times, atol=1e-9)


def _plainly_decoded(container: Any, stream: Any) -> Iterator[av.VideoFrame]:
    stream.codec_context.thread_count = 1
    for packet in container.demux(stream):
        with contextlib.suppress(av.FFmpegError):
            yield from packet.decode()


def _compare_colours(image: Any, frame: av.VideoFrame, stream: Any) -> None:
    """With PyAV's own conversion, which knows neither rotation, nor tone, nor shape of pixels, nor transparency."""
    is_plain = not frame.rotation and stream.sample_aspect_ratio in (None, 1) and frame.color_trc != PQ
    if is_plain and not any(component.is_alpha for component in frame.format.components):
        matrix = 1 if frame.colorspace == 2 and (frame.width >= 1280 or frame.height > 576) else None
        theirs = frame.to_ndarray(format="gbrp16le", src_colorspace=matrix, dst_color_range=2) / 257
        assert np.abs(image - theirs).mean() < 2


@pytest.mark.parametrize(
    "name", ["torchcodec__nasa_13013.mp4", "torchcodec__nasa_13013_rotated.mp4", "torchcodec__test_non_zero_start.mp4"]
)
def test_the_exact_times(shared: Path, name: str) -> None:
    (listed,) = (shared / "videos" / "hard").glob(f"{name}.*.all_frames_info.json")
    times = [float(frame["pts_time"]) for frame in json.loads(listed.read_text(encoding="utf-8"))]
    with VideoReader(shared / "videos" / "hard" / name) as video:
        np.testing.assert_allclose(video.pts_seconds, times, rtol=0, atol=1e-6)
        assert video.meta.start_seconds == pytest.approx(times[0], abs=1e-6)


@pytest.mark.parametrize(
    ("name", "rotation", "size"),
    [
        ("decord__video_0.mov", 0, (568, 320)),
        ("decord__video_90.mov", 90, (320, 568)),
        ("decord__video_180.mov", 180, (568, 320)),
        ("decord__video_270.mov", 270, (320, 568)),
        ("torchcodec__nasa_13013_rotated.mp4", 270, (270, 480)),
    ],
)
def test_the_phone_was_held_in_another_way(shared: Path, name: str, rotation: int, size: tuple[int, int]) -> None:
    with VideoReader(shared / "videos" / "hard" / name) as video:
        assert video.meta.rotation_degrees == rotation
        assert (video.meta.width, video.meta.height) == size


@pytest.mark.parametrize("name", _WITHOUT_PICTURE)
def test_sound_is_one_sentence(shared: Path, name: str) -> None:
    with pytest.raises(VideoError, match=r"has no video stream\. Name a video file\.$"):
        VideoReader(shared / "videos" / "hard" / name)


def test_no_file_is_forgotten(shared: Path) -> None:
    found = {path.name for path in (shared / "videos" / "hard").iterdir() if path.suffix != ".json"}
    assert found == {*_WITH_PICTURE, *_WITHOUT_PICTURE}
