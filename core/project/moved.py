"""Find moved videos again. Needs no open project, so any thread may call it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from core.base.control import Control
from core.base.errors import StorageError
from core.base.events import Sink, ignore
from core.base.progress import Meter
from core.project.rows import VideoRow
from core.settings.config import DEFAULT_IMAGE_RATE
from core.video.content import video_digest, video_num_bytes
from core.video.image_folder import is_image


def find_moved(
    videos: Sequence[VideoRow], under: Path, sink: Sink = ignore, control: Control | None = None
) -> dict[int, Path]:
    """Find these videos below a folder, whatever their names, by size and then by content.

    Progress in stage "find", by file that has the right size.

    Returns:
        By video id what was found until `control` asked to stop; for `Project.move_videos`.

    Raises:
        StorageError: there is no such folder.
    """
    if not under.is_dir():
        raise StorageError(f"There is no folder {under}. Choose another one.")
    wanted = {video.digest: video for video in videos}
    names = {Path(video.absolute).name for video in videos}
    files = _files_of_size({video.num_bytes for video in videos}, under, control)
    files.sort(key=lambda file: file.name not in names)  # a file that kept its name is likely the one
    meter, found = Meter(sink, "find", len(files), "file"), dict[int, Path]()
    for file in files:
        if _should_stop(control):
            break
        with contextlib.suppress(OSError):  # a file that cannot be read is not the one
            num_bytes = video_num_bytes(file)
            for rate in _rates(wanted.values(), num_bytes, file):
                if (digest := video_digest(file, rate)) in wanted:
                    found[wanted.pop(digest).id] = file
        meter.add()
    return found


def _rates(videos: Iterable[VideoRow], num_bytes: int, file: Path) -> set[float]:
    """Return the rates at which the file could be one of the videos: several for a folder of images, which has none."""
    rates = {video.fps or DEFAULT_IMAGE_RATE for video in videos if video.num_bytes == num_bytes}
    return rates if file.is_dir() else {DEFAULT_IMAGE_RATE} if rates else set()


def _files_of_size(sizes: set[int], under: Path, control: Control | None) -> list[Path]:
    found = []
    for here, folders, files in os.walk(under):  # what cannot be read is passed over
        if _should_stop(control):
            break
        folders.sort()
        if any(map(is_image, files)):
            with contextlib.suppress(OSError):
                if video_num_bytes(Path(here)) in sizes:
                    found.append(Path(here))
        for name in sorted(files):
            with contextlib.suppress(OSError):
                if os.stat(os.path.join(here, name)).st_size in sizes:
                    found.append(Path(here, name))
    return found


def _should_stop(control: Control | None) -> bool:
    if control is None:
        return False
    control.wait_while_paused()
    return control.stop_requested
