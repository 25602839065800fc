"""Finding moved videos again. Needs no open project: any thread may."""

from __future__ import annotations

import contextlib
import os
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from core.control import Control
from core.errors import StorageError
from core.events import Sink, ignore
from core.files import content_digest
from core.progress import Meter
from core.project.rows import VideoRow


def find_moved(
    videos: Sequence[VideoRow], under: Path, sink: Sink = ignore, control: Control | None = None
) -> dict[int, Path]:
    """Where these videos lie below a folder, whatever their files are called now: by size, then by content.

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
    left: dict[int, int] = defaultdict(int)
    for video in wanted.values():
        left[video.num_bytes] += 1
    for file in files:
        if _told_to_stop(control):
            break
        with contextlib.suppress(OSError):  # a file that cannot be read is not the one
            num_bytes = file.stat().st_size
            if left[num_bytes] and (digest := content_digest(file)) in wanted:
                found[wanted.pop(digest).id] = file
                left[num_bytes] -= 1
        meter.add()
    return found


def _files_of_size(sizes: set[int], under: Path, control: Control | None) -> list[Path]:
    found = []
    for here, folders, files in os.walk(under):  # what cannot be read is passed over
        if _told_to_stop(control):
            break
        folders.sort()
        for name in sorted(files):
            with contextlib.suppress(OSError):
                if os.stat(os.path.join(here, name)).st_size in sizes:
                    found.append(Path(here, name))
    return found


def _told_to_stop(control: Control | None) -> bool:
    if control is None:
        return False
    control.wait_while_paused()
    return control.stop_requested
