"""Convert folders of images, one per frame, to videos, as everything else here reads videos."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import cv2
import numpy as np

from core.base.control import Control
from core.base.errors import VideoError
from core.base.events import Sink, ignore
from core.base.progress import Meter
from core.base.types import Image
from core.datasets.dataset import Dataset
from core.video.writer import writing_video

_IMAGES = frozenset({".jpg", ".jpeg", ".png", ".bmp"})


def with_videos(
    dataset: Dataset, folder: Path, *, fps: float = 30.0, sink: Sink = ignore, control: Control | None = None
) -> Dataset:
    """Return the data set with a video in `folder` for every folder of images; those made before are taken as they are.

    Args:
        fps: frames a second; PennAction gives none, and its preparations for TCC and CARL take 30.

    Raises:
        VideoError: a folder holds no image, or one that cannot be read.
        StorageError: the disk is full or `folder` cannot be written.
        Stopped: `control` asked for it; the videos that are whole are kept.
    """
    made = {video.path: folder / _name(video.path, fps) for video in dataset.videos if video.path.is_dir()}
    wanted = [(images, path) for images, path in made.items() if not path.is_file()]
    meter = Meter(sink, "videos", len(wanted), "video")
    for images, path in wanted:
        (control or Control()).obey()
        write_video(images, path, fps)
        meter.add()
    videos = (dataclasses.replace(video, path=made.get(video.path, video.path)) for video in dataset.videos)
    return dataclasses.replace(dataset, videos=tuple(videos))


def write_video(images: Path, path: Path, fps: float) -> None:
    """Write the images of a folder, in order of their names, as a video of the first one's size.

    Raises:
        VideoError: there is none, or one cannot be read.
        StorageError: the disk is full or the folder cannot be written.
    """
    files = _files(images)
    if not files:
        raise VideoError(f"{images} has no image. Looked for {', '.join(sorted(_IMAGES))}.")
    height, width = _image(files[0]).shape[:2]
    with writing_video(path, width=width, height=height, fps=fps) as append:
        for file in files:
            image = _image(file)
            if image.shape[:2] != (height, width):
                image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA).astype(np.uint8)
            append(image)


def _files(images: Path) -> list[Path]:
    return sorted(path for path in images.iterdir() if path.suffix.lower() in _IMAGES)


def _image(file: Path) -> Image:
    data = np.fromfile(file, np.uint8)  # cv2.imread knows no Unicode names on Windows
    image = cv2.imdecode(data, cv2.IMREAD_COLOR_RGB) if len(data) else None
    if image is None:
        raise VideoError(f"{file} is not a readable image. Download it again.")
    return image.astype(np.uint8)


def _name(images: Path, fps: float) -> str:
    """Return another name when the images change."""
    parts = [f"{images.absolute()} {fps}"]
    for file in _files(images):
        status = file.stat()
        parts.append(f"{file.name} {status.st_size} {status.st_mtime_ns}")
    return f"{images.name}-{hashlib.sha256('|'.join(parts).encode()).hexdigest()[:12]}.mp4"
