"""Exports of the Pair view. No Qt, so any thread may call them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from carl_gui.explore.deviation_files import deviation_arguments
from carl_gui.explore.pair.heatmap_look import Look, scale_of
from carl_gui.explore.pair.model import Pair
from carl_gui.explore.pair.repeated import RepeatedPair
from carl_gui.models.scene import Scene
from core.align.tables import write_path
from core.base.control import Control
from core.base.errors import VideoError
from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo
from core.project.places import find_file, likely_file
from core.project.rows import VideoRow
from core.repetitions.tables import write_repetitions
from core.video.frame_store import find_stored
from core.video.reader import VideoReader

if TYPE_CHECKING:
    from core.drawing.measures import Drawn
    from core.drawing.text import Frames
    from core.report.deviations import Judged


@dataclass(frozen=True, eq=False)
class PairSnapshot:
    """Snapshot of a pair and its display settings."""

    scene: Scene
    a: VideoRow
    b: VideoRow
    pair: Pair
    frames: tuple[int, int] = (0, 0)
    """The frames of A and of B that are shown."""
    have_partner: tuple[bool, bool] = (True, True)
    """Whether each of them is a match of the other."""
    measures: tuple[Sequence[Drawn], Sequence[Drawn]] = ((), ())
    """The lines and angles drawn on them."""
    look: Look = field(default_factory=Look)
    judged: Sequence[Judged] = ()
    """The known deviations of A and B from the right videos."""
    is_being_judged: bool = False
    """Whether more deviations are being computed."""
    read_spans: Callable[[], Mapping[int, Sequence[Span]]] = dict
    """Reads the labels of the project, by video."""

    @property
    def embedded(self) -> tuple[EmbeddedVideo, EmbeddedVideo]:
        """The two videos, as `core` writes them."""
        sides = ((self.a, self.pair.a), (self.b, self.pair.b))
        a, b = (
            EmbeddedVideo(likely_file(row, self.scene.project), row.digest, side.edges_seconds, side.embeddings)
            for row, side in sides
        )
        return a, b

    @property
    def scores(self) -> tuple[float, float]:
        """By how many times its limit each of the frames that are shown deviates; 0: it does not, or that is
        unknown."""
        known = {one.performance.video.digest: one.found.score for one in self.judged}
        a, b = (
            float(known[row.digest][frame]) if row.digest in known and known[row.digest][frame] > 1 else 0.0
            for row, frame in zip((self.a, self.b), self.frames, strict=True)
        )
        return a, b

    @property
    def deviates(self) -> list[NDArray[np.bool_] | None]:
        """(A,) and (B,) which frames deviate; None: unknown, or the video is right."""
        known = {one.performance.video.digest: one.found.deviates for one in self.judged}
        return [known.get(row.digest) for row in (self.a, self.b)]


def draw_frames(target: Path, snapshot: PairSnapshot) -> None:
    """Draw the two frames side by side as PNG, of the files themselves where they are there.

    Raises:
        VideoError: a video is neither stored nor where it was.
        StorageError: the disk refuses.
    """
    from core.drawing.text import VideoSource  # matplotlib
    from core.pictures.side_by_side import write_frames

    with ExitStack() as stack:
        a, b = (
            VideoSource(row.name, _whole_frames(row, snapshot.scene.project, stack)) for row in (snapshot.a, snapshot.b)
        )
        write_frames(
            target,
            a,
            b,
            *snapshot.frames,
            have_partner=snapshot.have_partner,
            scores=snapshot.scores,
            measures=snapshot.measures,
        )


def draw_heatmap(target: Path, snapshot: PairSnapshot) -> None:
    """Draw the heatmap as PNG or SVG.

    Raises:
        VideoError: a video is neither stored nor where it was.
        StorageError: the disk refuses.
    """
    from core.drawing.text import VideoSource  # matplotlib
    from core.pictures.heatmap import write_heatmap

    pair = snapshot.pair
    with ExitStack() as stack:
        a, b = (VideoSource(row.name, _frames(row, snapshot.scene.project, stack)) for row in (snapshot.a, snapshot.b))
        write_heatmap(
            target,
            a,
            b,
            pair.a.embeddings,
            pair.b.embeddings,
            pair.alignment,
            colours=snapshot.look.colours,
            scale=lambda cosine: scale_of(snapshot.look.scaling, cosine),
            deviates=snapshot.deviates,
        )


def write_numbers(target: Path, snapshot: PairSnapshot, control: Control) -> tuple[int, int]:
    """Write the matrix as NPZ, and return its rows and columns.

    Raises:
        StorageError: the disk refuses.
        Stopped: nothing was written.
    """
    from core.align.matrix import write_matrix

    return write_matrix(
        target, *snapshot.embedded, snapshot.pair.alignment, snapshot.scene.encoder_digest, control=control
    )


def write_table(target: Path, snapshot: PairSnapshot) -> int:
    """Write the path, or that of every repetition, as CSV, and return its number of steps. StorageError: the disk
    refuses.
    """
    if isinstance(snapshot.pair, RepeatedPair):
        a, b = snapshot.embedded
        write_repetitions(target, *((b, a) if snapshot.pair.side == 0 else (a, b)), snapshot.pair.found)
    else:
        write_path(target, *snapshot.embedded, snapshot.pair.alignment)
    return len(snapshot.pair.alignment)


def video_arguments(target: Path, snapshot: PairSnapshot, scratch: Path) -> list[str]:
    """Return the command that writes the film along the visible path, whose table is put into the folder `scratch`.

    Raises:
        VideoError: a video is not where it was, or one repeats the other.
        StorageError: the disk refuses.
    """
    if isinstance(snapshot.pair, RepeatedPair):
        raise VideoError(
            "A film follows a single path, but here one video repeats the other. Untick “Find repetitions” first."
        )
    files = [_file(row, snapshot.scene.project) for row in (snapshot.a, snapshot.b)]
    path = scratch / "path.csv"
    write_table(path, snapshot)
    marks = deviation_arguments(snapshot.scene, snapshot.judged, scratch)
    return ["core.align", *map(str, files), "--path", str(path), *marks, "--video", str(target)]


def _frames(row: VideoRow, folder: Path, stack: ExitStack) -> Frames:
    """Return the small stored frames; else those of the file."""
    stored = find_stored(row.digest, Path(row.name))
    return stored if stored is not None else stack.enter_context(VideoReader(_file(row, folder)))


def _whole_frames(row: VideoRow, folder: Path, stack: ExitStack) -> Frames:
    """Return the frames of the file; else the small stored ones."""
    if find_file(row, folder) is None and (stored := find_stored(row.digest, Path(row.name))) is not None:
        return stored
    return stack.enter_context(VideoReader(_file(row, folder)))


def _file(row: VideoRow, folder: Path) -> Path:
    file = find_file(row, folder)
    if file is None:
        raise VideoError(f"The file of {row.name} is missing. Find it on the Videos page.")
    return file
