"""Opening what can be decoded: a video file, or a folder of images as if it were one."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

from av.video.frame import VideoFrame

from core.config import DEFAULT_IMAGE_RATE
from core.video.decoding import Decoding
from core.video.image_folder import ImageDecoder, as_rate


def open_decoding(
    path: Path, *, threads: int = 0, careful: bool = False, image_rate: float = DEFAULT_IMAGE_RATE
) -> Decoding:
    """Open a video file, or a folder of images at that many a second; the rest as of `Decoding`.

    Raises:
        VideoError: the file is missing, unreadable or no video; the folder holds no image.
    """
    if path.is_dir():
        return ImageDecoding(path, image_rate)
    return Decoding(path, threads=threads, careful=careful)


class ImageDecoding(Decoding):
    """The images of a folder, decoded forward from a position; every one is a keyframe, and none is ever left out.

    Its presentation times count the images, so that they are the same at every rate.
    """

    def __init__(self, folder: Path, image_rate: float) -> None:
        """List the images. VideoError: the folder cannot be read, or holds none."""
        self.path = folder
        self.num_errors = 0
        self._images = ImageDecoder(folder)
        self._rate = as_rate(image_rate)
        self._next = 0

    @property
    def codec_name(self) -> str:
        return self._images.codec_name

    @property
    def sample_aspect_ratio(self) -> Fraction | None:
        return None

    @property
    def rate_from_header(self) -> Fraction | None:
        return self._rate

    @property
    def time_base(self) -> Fraction:
        return 1 / self._rate

    @property
    def num_frames_from_header(self) -> int:
        return len(self._images.files)

    def seek(self, pts: int) -> bool:
        self._next = max(0, pts)
        return True

    def reopen(self, *, careful: bool = False) -> None:
        self._next = 0

    def frames(self) -> Iterator[VideoFrame]:
        """The images from the position on. VideoError: one cannot be read or decoded."""
        while self._next < len(self._images.files):
            frame = self._images.frame(self._next)
            self._next += 1
            yield frame

    def every_frame(self, *, already: int = 0, last: int | None = None, key: int | None = None) -> Iterator[VideoFrame]:
        return self.frames()

    def close(self) -> None:
        """Nothing is open."""
