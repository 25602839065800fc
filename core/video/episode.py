"""An episode: a span of a long video as a video of its own.

Every video is known by a path. That of an episode is a small JSON file, `NAME.episode`, which names the video and its
`start_seconds` and `end_seconds` on that file's clock (`core.video.clock`). Frames that start in the span are the
episode's, counted from 0; its own times start at 0 with its first frame.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base.errors import VideoError
from core.base.files import cache_folder, content_digest, write_text
from core.base.text_files import decode_text

SUFFIX = ".episode"
_KIND = "carl episode"
_MOST_BYTES = 100_000
"""Of such a file: another one is not read to its end."""


@dataclass(frozen=True)
class Episode:
    """A span of a video file."""

    file: Path
    start_seconds: float = 0.0
    """By the file's clock; a frame that starts here is the first."""
    end_seconds: float = math.inf
    """A frame that starts here is no more part of it; infinite: to the file's end."""

    def __post_init__(self) -> None:
        """Check the span. ValueError: its bounds are not in order; the sentence does not name the file."""
        start, end = self.start_seconds, self.end_seconds
        if not (math.isfinite(start) and start >= 0):
            raise ValueError(f"start_seconds must be 0 or more, not {start:g}")
        if not end > start:
            raise ValueError(f"end_seconds {end:g} is not after start_seconds {start:g}")

    @property
    def span(self) -> str:
        """Return both bounds, as digests and files have them."""
        return f"{self.start_seconds!r}-{self.end_seconds!r}"

    @property
    def words(self) -> str:
        """Return the span as sentences have it."""
        end = "its end" if math.isinf(self.end_seconds) else f"{self.end_seconds:g} s"
        return f"{self.start_seconds:g} s to {end}"


def is_episode(path: Path) -> bool:
    """Return whether a path is that of an episode, by its suffix."""
    return path.suffix.lower() == SUFFIX


def read_episode(path: Path) -> Episode:
    """Return which span of which video an episode is; the video may be missing.

    Raises:
        VideoError: the file is missing or is no episode.
    """
    try:
        state = path.stat()
        return _read(path, state.st_size, state.st_mtime_ns)
    except OSError as error:
        if not path.exists():
            raise VideoError(f"There is no file {path}. Read the list or data set again that it is from.") from None
        raise VideoError(f"{path} cannot be read ({error.strerror}). Check the disk, or copy it again.") from None


@functools.lru_cache(maxsize=100_000)
def _read(path: Path, num_bytes: int, _modified_ns: int) -> Episode:
    try:
        if num_bytes > _MOST_BYTES:
            raise ValueError("it is too long")
        card = json.loads(decode_text(path.read_bytes()))
        if not isinstance(card, dict) or card.get("kind") != _KIND:
            raise ValueError(f'it lacks "kind": "{_KIND}"')
        name = card["video"]
        if not isinstance(name, str) or not name or "\0" in name:
            raise ValueError("video is not a path")
        return Episode(
            _video_of(path, name, card.get("relative")),
            _seconds(card, "start_seconds", 0.0),
            _seconds(card, "end_seconds", math.inf),
        )
    except (ValueError, KeyError, RecursionError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise VideoError(f"{path} is not an episode of a video ({reason}). Read the list or data set again.") from None


def _seconds(card: dict[str, Any], name: str, default: float) -> float:
    value = card.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, (int, float)) or abs(value) > 1e12:
        raise ValueError(f"{name} is not a number of seconds")
    return float(value)


def _video_of(path: Path, name: str, relative: object) -> Path:
    """Return the video: where it was, or as far from the episode as it was, if both were moved together."""
    file = path.parent / name
    if isinstance(relative, str) and relative and "\0" not in relative and not file.exists():
        beside = Path(os.path.normpath(path.parent.absolute() / relative))
        if beside.exists():
            return beside
    return file


def write_episode(path: Path, episode: Episode) -> None:
    """Write an episode's file, unless it is there as it is to be. StorageError: the disk refuses."""
    card: dict[str, object] = {"kind": _KIND, "video": str(episode.file.absolute())}
    with contextlib.suppress(ValueError):  # on another drive
        card["relative"] = Path(os.path.relpath(episode.file.absolute(), path.parent.absolute())).as_posix()
    card["start_seconds"] = episode.start_seconds
    card["end_seconds"] = None if math.isinf(episode.end_seconds) else episode.end_seconds
    text = json.dumps(card, indent=1, ensure_ascii=False) + "\n"
    with contextlib.suppress(OSError, UnicodeError):
        if path.read_text(encoding="utf-8") == text:
            return
    write_text(path, text)


def kept_episode(episode: Episode) -> Path:
    """Return the path of an episode that a list names; its file lies in the program's own folder, always the same.

    Raises:
        StorageError: the disk refuses.
    """
    where = os.fsencode(os.path.realpath(episode.file)) + episode.span.encode()
    end = "end" if math.isinf(episode.end_seconds) else f"{episode.end_seconds:.3f}"
    name = f"{episode.file.stem[:80]}_{episode.start_seconds:.3f}-{end}{SUFFIX}"
    path = cache_folder("episodes", hashlib.sha256(where).hexdigest()[:16]) / name
    write_episode(path, episode)
    return path


def episode_digest(episode: Episode) -> str:
    """Return 32 hex digits that name the bytes of the video and the span, wherever they lie.

    Raises:
        OSError: the video cannot be read.
    """
    text = f"episode {_digest_of(episode.file, *_state(episode.file))} {episode.span}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def episode_state(episode: Episode) -> tuple[int, int]:
    """Return bytes of the video, and a number that changes with it or the span. OSError: it is not there."""
    num_bytes, modified = _state(episode.file)
    text = f"{modified} {episode.span}"
    return num_bytes, int(hashlib.sha256(text.encode()).hexdigest()[:15], 16)


def _state(file: Path) -> tuple[int, int]:
    status = file.stat()
    return status.st_size, status.st_mtime_ns


@functools.lru_cache(maxsize=100_000)
def _digest_of(file: Path, _num_bytes: int, _modified_ns: int) -> str:
    """Return the file's own digest; many episodes share a file, which is read once."""
    return content_digest(file)
