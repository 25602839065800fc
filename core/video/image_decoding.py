"""Open a video file, or a folder of images or an episode as if it were one."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from core.base.errors import VideoError
from core.settings.config import DEFAULT_IMAGE_RATE
from core.video.decoding import Decoding
from core.video.episode import is_episode
from core.video.episode_decoding import EpisodeDecoding
from core.video.image_folder import IMAGE_EXTENSIONS, as_rate, image_files

_CODECS = ((b"\xff\xd8", "mjpeg"), (b"\x89PNG", "png"), (b"II*\0", "tiff"), (b"MM\0*", "tiff"), (b"BM", "bmp"))
"""FFmpeg's decoder, by how a file begins: its suffix may lie."""


def open_decoding(
    path: Path, *, threads: int = 0, careful: bool = False, image_rate: float = DEFAULT_IMAGE_RATE
) -> Decoding:
    """Open a video file, an episode, or a folder of images at that many a second; the rest as of `Decoding`.

    Raises:
        VideoError: the file is missing, unreadable or no video; the folder holds no image.
    """
    if path.is_dir():
        return ImageDecoding(path, image_rate)
    if is_episode(path):
        return EpisodeDecoding(path, threads=threads, careful=careful)
    return Decoding(path, threads=threads, careful=careful)


class ImageDecoding(Decoding):
    """The images of a folder, decoded forward from a position; each is a keyframe, and none is skipped.

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

    @property
    def format_name(self) -> str:
        return "images"

    @property
    def start_micros(self) -> int | None:
        return None

    def shift_of(self, frame: VideoFrame) -> int:
        return 0

    def seek(self, pts: int, shift: int = 0) -> bool:
        self._next = max(0, pts)
        return True

    def reopen(self, *, careful: bool = False) -> None:
        self._next = 0

    def frames(self) -> Iterator[VideoFrame]:
        """Yield the images from the position on. VideoError: one cannot be read or decoded."""
        while self._next < len(self._images.files):
            frame = self._images.frame(self._next)
            self._next += 1
            yield frame

    def every_frame(
        self, *, already: int = 0, last: int | None = None, key: tuple[int, int] | None = None
    ) -> Iterator[VideoFrame]:
        return self.frames()

    def close(self) -> None:
        """Do nothing: nothing is open."""


class ImageDecoder:
    """Decodes the images of a folder by index; each keeps its own pixel format, like a frame of a video."""

    def __init__(self, folder: Path) -> None:
        """List the images.

        Raises:
            VideoError: the folder cannot be read, or holds none.
        """
        self.folder = folder
        try:
            self.files = image_files(folder)
        except OSError as error:
            raise VideoError(
                f"The folder {folder} cannot be read ({error.strerror}). Change its permissions."
            ) from error
        if not self.files:
            kinds = ", ".join(sorted(IMAGE_EXTENSIONS))
            raise VideoError(
                f"{folder} is a folder, not a video, and has no image ({kinds}). Name a video file, or a folder of "
                "images."
            )
        self.codec_name = ""
        """FFmpeg's name of the codec of the image decoded last."""

    def frame(self, index: int) -> VideoFrame:
        """Return the image at that place, from 0; its time counts the images.

        Raises:
            VideoError: it cannot be read or decoded. One image left out would shift the numbers of all after it.
        """
        file = self.files[index]
        try:
            data = file.read_bytes()
        except OSError as error:
            raise VideoError(f"{file} cannot be read ({error.strerror}). Check the disk, or copy it again.") from error
        frame = self._decode(data)
        if frame is None:
            raise VideoError(
                f"{file}, image {index + 1} of {len(self.files)}, cannot be decoded. Copy it again, or move it out "
                "of the folder (the frames after it are then numbered one lower)."
            )
        frame.pts = frame.dts = index
        frame.duration = 1
        return frame

    def _decode(self, data: bytes) -> VideoFrame | None:
        codec = next((codec for start, codec in _CODECS if data.startswith(start)), None)
        if codec is None:
            return None
        context = av.CodecContext.create(codec, "r")  # anew: that of PNG may add an image to the one before
        assert isinstance(context, VideoCodecContext)
        context.thread_type, context.thread_count = "SLICE", 1  # the frame comes out at once
        try:
            frames = context.decode(Packet(data))
        except av.FFmpegError:
            return None
        self.codec_name = codec
        return None if not frames or frames[0].is_corrupt else frames[0]
