"""What is taken out of a project: tables that other programs read, and what its runs made. The project stays as it is.

Nothing here needs the open project, so that any thread may do it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.control import Control
from core.csv_files import write_rows
from core.errors import LabelError, StorageError
from core.files import explained, replacing
from core.project.badges import Badges
from core.project.places import candidates, find_file
from core.project.rows import VideoRow
from core.segments import write_segments
from core.types import Span
from core.video.frame_store import find_stored
from core.video.sampling import edges_seconds

LIBRARY_COLUMNS = ("name", "path", "action", "split", "frames", "fps", "seconds", "state")


_OWN = {"runs", "embeddings", "backups", "labels"}
"""Folders of a project that hold what it made."""


@dataclass(frozen=True)
class LeftOut:
    """A video that could not be written, and why, as the end of a sentence."""

    name: str
    reason: str


@dataclass(frozen=True)
class WrittenPhases:
    """What a file of phases holds."""

    num_spans: int
    num_videos: int
    """That have a span in it."""
    left_out: tuple[LeftOut, ...]


@dataclass(frozen=True)
class _Timed:
    path: Path
    edges_seconds: NDArray[np.float64] = field(default_factory=lambda: np.zeros(1))


def check_target(path: Path, suffix: str | tuple[str, ...], folder: Path, videos: Iterable[VideoRow] = ()) -> None:
    """Refuse to write over what the project in `folder` made, over its videos, or over a file of another kind.

    Args:
        suffix: what `path` must end in, or one of several; empty: anything.
        videos: of the project.

    Raises:
        StorageError: choose another place or name.
    """
    suffixes = (suffix,) if isinstance(suffix, str) else suffix
    if any(suffixes) and path.suffix.casefold() not in suffixes:
        raise StorageError(f"{path} does not end in {' or '.join(suffixes)}: choose a name that does.")
    inside = path.resolve()
    if inside.is_relative_to(folder.resolve()) and inside.relative_to(folder.resolve()).parts[:1][0] in _OWN:
        raise StorageError(f"{path.parent} is a folder of the project itself: choose another one.")
    if path.exists() and any(_is_same(path, place) for video in videos for place in candidates(video, folder)):
        raise StorageError(f"{path} is a video of the project: choose another name.")


def _is_same(path: Path, other: Path) -> bool:
    with contextlib.suppress(OSError, ValueError):  # there is no other
        return path.samefile(other)
    return False


def write_phases(
    path: Path, videos: Sequence[VideoRow], spans: Mapping[int, Sequence[Span]], folder: Path
) -> WrittenPhases:
    """Write the spans of a project as `core.segments` and `core.label` read them.

    Times come from the frame store; of videos that are not in it, from their number of frames and their rate.

    Args:
        videos: all of the project: a name in the file must mean one of them alone.
        spans: by video id.
        folder: of the project.

    Raises:
        LabelError: nothing is left to be written.
        StorageError: the disk is full or the folder cannot be written.
    """
    timed: list[_Timed] = []
    tracks: list[Sequence[Span]] = []
    left_out = []
    for video in videos:
        track = spans.get(video.id, ())
        file = find_file(video, folder) or next(iter(candidates(video, folder)), Path(video.name))
        edges = _edges(video, file) if track else None
        if reason := _hindrance(video, track, file, edges):
            left_out.append(LeftOut(_readable(video.name), reason))
        elif _is_unicode(file):
            timed.append(_Timed(file) if edges is None else _Timed(file, edges))
            tracks.append(track)
    if not any(tracks):
        raise LabelError(_nothing_to_write(left_out))
    write_segments(path, tracks, timed)
    return WrittenPhases(sum(map(len, tracks)), sum(bool(track) for track in tracks), tuple(left_out))


def _hindrance(video: VideoRow, track: Sequence[Span], file: Path, edges: NDArray[np.float64] | None) -> str:
    """Why this track cannot be written; empty where it can, or there is none."""
    if not track:
        return ""
    if not _is_unicode(file):
        return "a table cannot hold its path, which is no valid text: rename the file"
    if edges is None:
        return "when its frames are shown is not known yet: add the video again to have it read"
    if track[-1].end_frame_exclusive >= len(edges):
        return f"a span ends at frame {track[-1].end_frame_exclusive - 1}, but it has {len(edges) - 1} frames"
    return ""


def _edges(video: VideoRow, file: Path) -> NDArray[np.float64] | None:
    """(S + 1,) start of every frame and end of the last; None where nobody knows."""
    stored = find_stored(video.digest, file)
    if stored is not None:
        return edges_seconds(stored.pts_seconds)
    if video.num_frames and video.fps:
        return np.arange(video.num_frames + 1) / video.fps
    return None


def _nothing_to_write(left_out: Sequence[LeftOut]) -> str:
    if not left_out:
        return "No phase is labelled yet: label some frames first."
    first = left_out[0]
    more = f" ({len(left_out) - 1} more videos are left out too)" if len(left_out) > 1 else ""
    return f"There is nothing to write: {first.name} is left out, since {first.reason}{more}."


def write_library(path: Path, videos: Sequence[VideoRow], badges: Mapping[int, Badges]) -> int:
    """Write one row a video: `LIBRARY_COLUMNS`; what is not known is empty. Returns how many.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    rows = [
        (
            _readable(video.name),
            _readable(os.fspath(badges[video.id].file or video.absolute or video.relative)),
            _readable(video.action),
            "" if video.split == "none" else video.split,
            "" if video.num_frames is None else video.num_frames,
            "" if video.fps is None else f"{video.fps:.6g}",
            "" if video.duration_seconds is None else f"{video.duration_seconds:.6f}",
            _state(badges[video.id]),
        )
        for video in videos
    ]
    write_rows(path, LIBRARY_COLUMNS, rows)
    return len(rows)


def _state(badges: Badges) -> str:
    """`missing`, or words such as `decoded embedded labelled`."""
    known = {
        "missing": badges.missing,
        "broken": bool(badges.broken),
        "decoded": badges.decoded,
        "embedded": badges.embedded,
        "labelled": badges.labelled,
    }
    return " ".join(word for word, is_so in known.items() if is_so)


def copy_encoder(encoder: Path, to: Path) -> None:
    """Copy an encoder, and its card to lie beside it as `NAME.json`.

    Args:
        encoder: the `encoder.safetensors` of a run.
        to: a file that may be there already, and then its card too.

    Raises:
        StorageError: there is no such encoder, another file has the card's name, or the disk refuses.
    """
    if not encoder.is_file():
        raise StorageError(f"The encoder {encoder} is gone: train the run again.")
    if to.resolve() == encoder.resolve():
        raise StorageError(f"{to} is the run's own encoder: choose another place for the copy.")
    card, card_to = encoder.with_suffix(".json"), to.with_suffix(".json")
    if card.is_file() and card_to.exists() and not to.exists():
        raise StorageError(f"{card_to} is there already, and the encoder's card has that name: choose another name.")
    for source, target in ((encoder, to), (card, card_to)):
        if source.is_file():
            with replacing(target) as partial:
                shutil.copyfile(source, partial)


def copy_folder(source: Path, to: Path, control: Control) -> int:
    """Copy the files of a folder to a new one, which is there as a whole or not at all.

    Returns:
        How many files were copied; 0 where `control` asked to stop, and then nothing is left.

    Raises:
        StorageError: the folder is gone, `to` is there already, or the disk refuses.
    """
    if to.exists():
        raise StorageError(f"{to} is there already: choose another folder.")
    partial = to.with_name(f".{to.name}-{os.getpid()}.part")
    try:
        with explained(source):
            files = [file for file in sorted(source.iterdir()) if file.is_file() and not file.name.startswith(".")]
        with explained(to):
            partial.mkdir(parents=True)
            for file in files:
                if control.stop_requested:
                    return 0
                shutil.copyfile(file, partial / file.name)
            os.replace(partial, to)
    except FileNotFoundError as error:
        raise StorageError(f"{error.filename} is gone: make it again, then export it.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return len(files)


def _is_unicode(path: Path) -> bool:
    return _readable(os.fspath(path)) == os.fspath(path)


def _readable(text: str) -> str:
    """With question marks for what is no valid text."""
    return text.encode("utf-8", "replace").decode("utf-8")
