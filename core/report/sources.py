"""The inputs of a report, checked before the long work."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import ConfigError, VideoError
from core.embedding.folder import is_embedded
from core.embedding.library import content_finder, paths_of
from core.labels.segments import Segment, check_videos, read_segments
from core.settings.config import did_you_mean
from core.video.image_decoding import open_decoding
from core.video.names import VideoNames


@dataclass(frozen=True)
class Sources:
    """The inputs to open, and their segments and groups."""

    inputs: tuple[Path, ...]
    """For `core.embedding.library.open_embedded`: what was named, the reference put first where it is not among it."""
    segments: tuple[Segment, ...]
    right: tuple[Path, ...] = ()
    """The videos that are said to be right."""
    deviations: tuple[Segment, ...] = ()
    """What is labelled as a deviation, whatever its phase is called."""


def sources(
    inputs: Sequence[Path],
    encoder: Path,
    reference: Path,
    phases: Path | None,
    right: Sequence[str] = (),
    deviations: Path | None = None,
) -> Sources:
    """Check all that can be checked without decoding more than a frame.

    Args:
        right: names of videos that are said to be right: an end of the path that no other input has.
        deviations: a CSV as of `phases`.

    Raises:
        ConfigError: an input is missing, or none is there but the reference; a right video is not among them, or all
            of them are right.
        VideoError: the reference is no video, or no frame of it decodes.
        CheckpointError: there is no such encoder, or another one made the embeddings in a folder.
        LabelError: the phases cannot be read, or name a video that is not among the inputs.
        StorageError: an embedded folder is damaged.
    """
    folders = [folder for folder in inputs if is_embedded(folder)]
    others = [path for path in inputs if path not in folders]
    found = paths_of(folders, encoder)
    is_ready = any(is_same(path, reference) for path in found)
    if not is_ready:
        _check_decodes(reference)
    found += paths_of(others, encoder) if others else []
    rest = [path for path in found if not is_same(path, reference)]
    if not rest:
        raise ConfigError(f"There is nothing to compare with the reference {reference}. Name other videos too.")
    segments = tuple(read_segments(phases)) if phases else ()
    check_videos(segments, [reference, *rest], content_finder(inputs, encoder))
    chosen = _right(right, [reference, *rest])
    labelled = tuple(read_segments(deviations)) if deviations else ()
    check_videos(labelled, [reference, *rest], content_finder(inputs, encoder))
    return Sources(tuple(inputs) if is_ready else (reference, *inputs), segments, chosen, labelled)


def _right(names: Sequence[str], paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return the videos of the names, each once."""
    known = VideoNames([(path.absolute(), path) for path in paths])
    chosen: list[Path] = []
    for name in names:
        found = [path for path in paths if is_same(path, Path(name))] or known.ending_in(name)
        if not found:
            near = did_you_mean(name, [path.name for path in paths])
            raise ConfigError(f"--right {name} is not among the inputs{near} Every right video must be one of them.")
        if len(found) > 1:
            raise ConfigError(f"--right {name} may be {found[0]} or {found[1]}. Write more of its path.")
        chosen += [path for path in found if path not in chosen]
    if names and len(chosen) == len(paths):
        raise ConfigError("All videos are right videos, so there is none to judge. Leave one out of --right.")
    return tuple(chosen)


def is_same(path: Path, other: Path) -> bool:
    """Return whether two paths are the same file, which need not exist."""
    return os.path.normcase(path.resolve()) == os.path.normcase(other.resolve())


def _check_decodes(reference: Path) -> None:
    with contextlib.closing(open_decoding(reference)) as decoding:
        if next(decoding.frames(), None) is None:
            raise VideoError(f"None of the frames of the reference {reference} can be decoded. Give another video.")
