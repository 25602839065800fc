"""A folder of images is a video: an image a frame, in natural order of the names, at a rate that no file tells."""

from __future__ import annotations

import hashlib
import os
from fractions import Fraction
from pathlib import Path

import av
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from core.config import DEFAULT_IMAGE_RATE
from core.errors import VideoError
from core.video.natural import natural

IMAGE_EXTENSIONS = frozenset({".bmp", ".jpeg", ".jpg", ".png", ".tif", ".tiff"})

_CODECS = ((b"\xff\xd8", "mjpeg"), (b"\x89PNG", "png"), (b"II*\0", "tiff"), (b"MM\0*", "tiff"), (b"BM", "bmp"))
"""FFmpeg's decoder, by how a file begins: its suffix may lie."""


def is_image(name: str) -> bool:
    """Whether a file of that name is taken for an image; hidden ones are not."""
    return not name.startswith(".") and os.path.splitext(name)[1].lower() in IMAGE_EXTENSIONS


def image_files(folder: Path) -> list[Path]:
    """The images directly in a folder, in the order of the video.

    Raises:
        OSError: it cannot be read, or is no folder.
    """
    with os.scandir(folder) as entries:
        return sorted((folder / entry.name for entry in entries if is_image(entry.name)), key=natural)


def is_image_folder(path: Path) -> bool:
    """Whether a path is a folder with an image directly in it. OSErrors count as no."""
    try:
        with os.scandir(path) as entries:
            return any(is_image(entry.name) for entry in entries)
    except (OSError, ValueError):
        return False


def as_rate(images_per_second: float) -> Fraction:
    """The rate as a fraction: 29.97002997 is 30000/1001."""
    return Fraction(images_per_second).limit_denominator(1001) or Fraction(images_per_second)


def folder_state(folder: Path) -> tuple[int, int]:
    """Bytes of all images together, and a number that changes with their names, sizes and times of change.

    Raises:
        OSError: the folder cannot be read.
    """
    known = [(file.name, file.stat()) for file in image_files(folder)]
    said = "|".join(f"{name} {status.st_size} {status.st_mtime_ns}" for name, status in known)
    return sum(status.st_size for _, status in known), int(hashlib.sha256(os.fsencode(said)).hexdigest(), 16)


def folder_digest(folder: Path, image_rate: float = DEFAULT_IMAGE_RATE) -> str:
    """32 hex digits that name the images' bytes, their order and the rate, wherever the folder lies.

    Raises:
        OSError: an image cannot be read.
    """
    whole = hashlib.sha256(f"images at {as_rate(image_rate)}".encode())
    for file in image_files(folder):
        with file.open("rb") as opened:
            whole.update(hashlib.file_digest(opened, "sha256").digest())
    return whole.hexdigest()[:32]


class ImageDecoder:
    """Decodes the images of a folder by place; each keeps its own pixel format, as a frame of a video does."""

    def __init__(self, folder: Path) -> None:
        """List the images.

        Raises:
            VideoError: the folder cannot be read, or holds none.
        """
        self.folder = folder
        try:
            self.files = image_files(folder)
        except OSError as error:
            raise VideoError(f"The folder {folder} cannot be read ({error.strerror}): change its rights.") from error
        if not self.files:
            kinds = ", ".join(sorted(IMAGE_EXTENSIONS))
            raise VideoError(
                f"{folder} is a folder, not a video, and holds no image ({kinds}): name a video file, or a folder "
                "of images."
            )
        self._contexts: dict[str, VideoCodecContext] = {}
        self.codec_name = ""
        """FFmpeg's name of the codec of the image decoded last."""

    def frame(self, place: int) -> VideoFrame:
        """The image at that place, from 0; its time counts the images.

        Raises:
            VideoError: it cannot be read or decoded. One image left out would shift the numbers of all after it.
        """
        file = self.files[place]
        try:
            data = file.read_bytes()
        except OSError as error:
            raise VideoError(f"{file} cannot be read ({error.strerror}): check the disk, or copy it again.") from error
        frame = self._decoded(data)
        if frame is None:
            raise VideoError(
                f"{file}, image {place + 1} of {len(self.files)}, cannot be decoded: copy it again, or move it out of "
                "the folder (the frames after it then count from one less)."
            )
        frame.pts = frame.dts = place
        frame.duration = 1
        return frame

    def _decoded(self, data: bytes) -> VideoFrame | None:
        codec = next((codec for start, codec in _CODECS if data.startswith(start)), None)
        if codec is None:
            return None
        try:
            frames = self._context(codec).decode(Packet(data))
        except av.FFmpegError:
            del self._contexts[codec]
            return None
        self.codec_name = codec
        return None if not frames or frames[0].is_corrupt else frames[0]

    def _context(self, codec: str) -> VideoCodecContext:
        if codec not in self._contexts:
            made = av.CodecContext.create(codec, "r")
            assert isinstance(made, VideoCodecContext)
            made.thread_type, made.thread_count = "SLICE", 1  # a frame comes out for every packet that goes in
            self._contexts[codec] = made
        return self._contexts[codec]
