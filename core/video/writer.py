"""Write H.264 in MP4, for browsers and players."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace
from av.video.stream import VideoStream

from core.base.errors import StorageError
from core.base.files import replacing
from core.base.types import Image

_ENCODERS = ("libx264", "libopenh264", "h264_videotoolbox", "h264_mf", "libvpx-vp9", "mpeg4")
"""The first that this FFmpeg has; PyAV's wheels bring libx264, a distribution's FFmpeg may not."""

_SAME_BYTES = "mbtree=0"
"""With x264's macroblock tree, files of equal pictures differed in 1 of 3 runs; caches know a video by its bytes."""

_BT709 = 1
"""The number of ITU-R BT.709 in H.264's colour description."""


@contextlib.contextmanager
def writing_video(path: Path, *, width: int, height: int, fps: float) -> Iterator[Callable[[Image], None]]:
    """Yield a function that appends one (height, width, 3) uint8 RGB image; `path` appears when the block ends well.

    An odd width or height grows by a repeated column or row: 4:2:0 colour needs even sizes.

    Args:
        fps: constant frame rate, above 0.

    Raises:
        StorageError: the disk is full, the folder cannot be written, or this FFmpeg has no encoder.
    """
    encoder = _encoder()
    quality = {"crf": "20", "preset": "veryfast", "x264-params": _SAME_BYTES} if encoder == "libx264" else {}
    first_the_index = {"movflags": "+faststart"}  # so that a browser plays before it has everything
    with replacing(path) as partial, av.open(str(partial), "w", format="mp4", options=first_the_index) as mp4:
        stream = mp4.add_stream(encoder, rate=Fraction(fps).limit_denominator(1001), options=quality)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = width + width % 2, height + height % 2
        stream.pix_fmt = "yuv420p"
        context = stream.codec_context
        context.color_primaries = context.color_trc = context.colorspace = _BT709
        context.color_range = ColorRange.MPEG
        count = 0

        def append(image: Image) -> None:
            nonlocal count
            if image.shape != (height, width, 3) or image.dtype != np.uint8:
                raise ValueError(f"an image of this video must be {(height, width, 3)} uint8, not {image.shape}")
            even = np.pad(image, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
            frame = av.VideoFrame.from_ndarray(even, format="rgb24").reformat(
                format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
            )
            frame.pts = count
            count += 1
            mp4.mux(stream.encode(frame))

        yield append
        mp4.mux(stream.encode(None))


def _encoder() -> str:
    for name in _ENCODERS:
        with contextlib.suppress(av.codec.codec.UnknownCodecError):
            av.codec.Codec(name, "w")
            return name
    raise StorageError("This FFmpeg cannot write videos. Install PyAV's own wheel (pip install --force-reinstall av).")
