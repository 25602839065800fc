"""What a report is made of, seen through before the long work."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.embedded_folder import is_embedded
from core.errors import ConfigError, VideoError
from core.opening import content_finder, paths_of
from core.segments import Segment, check_videos, read_segments
from core.video.image_decoding import open_decoding


@dataclass(frozen=True)
class Sources:
    """What to open, and what is known of it."""

    inputs: tuple[Path, ...]
    """For `core.opening.open_embedded`: what was named, the reference put first where it is not among it."""
    segments: tuple[Segment, ...]


def sources(inputs: Sequence[Path], encoder: Path, reference: Path, phases: Path | None) -> Sources:
    """Check all that can be checked without decoding more than a frame.

    Raises:
        ConfigError: an input is missing, or none is there but the reference.
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
        raise ConfigError(f"There is nothing to compare with the reference {reference}: name other videos too.")
    segments = tuple(read_segments(phases)) if phases else ()
    check_videos(segments, [reference, *rest], content_finder(inputs, encoder))
    return Sources(tuple(inputs) if is_ready else (reference, *inputs), segments)


def is_same(path: Path, other: Path) -> bool:
    """Whether two paths mean one file, which need not exist."""
    return os.path.normcase(path.resolve()) == os.path.normcase(other.resolve())


def _check_decodes(reference: Path) -> None:
    with contextlib.closing(open_decoding(reference)) as decoding:
        if next(decoding.frames(), None) is None:
            raise VideoError(f"The reference {reference} cannot be used: no frame of it decodes. Give another video.")
