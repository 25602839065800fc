"""Exports of the Many view. No Qt, so any thread may call them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from carl_gui.explore.deviation_files import deviation_arguments
from carl_gui.models.scene import Scene
from core.align.many_tables import Follower, follower, write_followers
from core.base.errors import VideoError
from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo
from core.project.places import find_file, likely_file
from core.project.rows import VideoRow
from core.video.names import distinct_names

if TYPE_CHECKING:
    from core.align.many import AlignedVideo
    from core.report.deviations import Judged


@dataclass(frozen=True, eq=False)
class GridVideo:
    """One of the videos of the grid."""

    row: VideoRow
    embedded: EmbeddedVideo
    match: AlignedVideo | None
    """Its match with the reference; None: it is the reference."""

    def follower(self, name: str) -> Follower:
        """Return the video under that name, for a table or a film."""
        return Follower(name, np.arange(len(self.embedded))) if self.match is None else follower(name, self.match)


@dataclass(frozen=True, eq=False)
class GridSnapshot:
    """Snapshot of the grid: the reference first, then the others."""

    scene: Scene
    reference: GridVideo
    visible: Sequence[GridVideo]
    """The videos in the cells."""
    aligned: Sequence[GridVideo]
    """All that play and are aligned."""
    judged: Sequence[Judged] = ()
    """The known deviations of all that play, including the reference."""
    not_judged: Sequence[str] = ()
    """The names of those that cannot be judged."""
    is_being_judged: bool = False
    """Whether more deviations are being computed."""
    is_film_being_judged: bool = False
    """Whether deviations of visible videos are being computed."""
    read_spans: Callable[[], Mapping[int, Sequence[Span]]] = dict
    """Reads the labels of the project, by video."""

    @property
    def project(self) -> Path:
        """The project's folder."""
        return self.scene.project


def write_table(target: Path, snapshot: GridSnapshot) -> int:
    """Write all aligned videos as CSV, and return how many there are. StorageError: the disk refuses."""
    videos = [snapshot.reference, *snapshot.aligned]
    _write(target, videos, distinct_names([likely_file(one.row, snapshot.project) for one in videos]))
    return len(snapshot.aligned)


def grid_arguments(target: Path, snapshot: GridSnapshot, scratch: Path) -> list[str]:
    """Return the command that writes the film of the cells, along a table that is put into the folder `scratch`.

    Raises:
        VideoError: a video is not where it was.
        StorageError: the disk refuses.
    """
    videos = [snapshot.reference, *snapshot.visible]
    files = [_file(one.row, snapshot.project) for one in videos]
    table = scratch / "table.csv"
    _write(table, videos, [one.row.name for one in videos])  # the names that the film shows
    digests = {one.row.digest for one in videos}
    visible = [one for one in snapshot.judged if one.performance.video.digest in digests]
    marks = deviation_arguments(snapshot.scene, visible, scratch)
    return ["core.align", *map(str, files), "--path", str(table), *marks, "--grid", str(target)]


def _write(target: Path, videos: Sequence[GridVideo], names: Sequence[str]) -> None:
    followers = [one.follower(name) for name, one in zip(names, videos, strict=True)]
    write_followers(target, followers, [one.embedded for one in videos])


def _file(row: VideoRow, folder: Path) -> Path:
    file = find_file(row, folder)
    if file is None:
        raise VideoError(f"The file of {row.name} is missing. Find it on the Videos page.")
    return file
