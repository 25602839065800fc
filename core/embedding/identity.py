"""Which file a video's embeddings were made of, and where it is now."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.embedding.embedded_video import EmbeddedVideo
from core.settings.config import DEFAULT_IMAGE_RATE
from core.video.content import current_digest, video_state
from core.video.urls import full_name, url_of


def identity_of(folder: Path, video: EmbeddedVideo, known: Mapping[str, Any] | None = None) -> dict[str, object]:
    """Return a video's path and digest; also size and modification time, while it is the embedded file.

    Args:
        folder: of the embeddings.
        known: its identity in another folder; the file is not read then.
    """
    path = video.path.absolute()
    entry: dict[str, object] = {**(known or {}), "path": full_name(video.path), "digest": video.digest}
    entry.pop("relative", None)
    with contextlib.suppress(ValueError):  # on another drive
        if not url_of(video.path):
            entry["relative"] = Path(os.path.relpath(path, folder.absolute())).as_posix()
    if known is not None:
        return entry
    with contextlib.suppress(OSError):
        num_bytes, modified = video_state(path)
        if path.is_dir():
            entry["image_rate"] = len(video) / video.seconds
        if current_digest(path, image_rate_of(entry)) == video.digest:
            entry |= {"num_bytes": num_bytes, "modified_ns": modified}
    return entry


def check_entry(entry: Mapping[str, Any]) -> None:
    """Check what was read of a video's identity. KeyError, TypeError, ValueError: it cannot be one."""
    for name in ("path", "digest"):
        if not isinstance(entry[name], str) or not entry[name]:
            raise TypeError(f"the {name} of a video is not text")
    if not isinstance(entry.get("relative", ""), str):
        raise TypeError("the relative path of a video is not text")
    for name in ("num_bytes", "modified_ns"):
        if type(entry.get(name, 0)) is not int or not -(2**63) <= int(entry.get("num_bytes", 0)) < 2**63:
            raise TypeError(f"{name} of a video is not a whole number")
    rate = entry.get("image_rate", DEFAULT_IMAGE_RATE)
    if not isinstance(rate, (int, float)) or isinstance(rate, bool) or not 0 < rate < 1e9:
        raise ValueError("the rate of the images of a video is not a number")
    if "\0" in entry["path"] or "\0" in entry.get("relative", ""):
        raise ValueError("the path of a video has a character that no path has")


def is_replaced(entry: Mapping[str, Any], path: Path) -> bool:
    """Return whether another file lies at `path` than was embedded; it is read only where its times differ."""
    try:
        if entry.keys() >= {"modified_ns", "num_bytes"} and state_of(entry) == video_state(path):
            return False
        return current_digest(path, image_rate_of(entry)) != str(entry["digest"])
    except OSError:
        return False


def image_rate_of(entry: Mapping[str, Any]) -> float:
    """Return the rate of a folder of images."""
    return float(entry.get("image_rate", DEFAULT_IMAGE_RATE))


def state_of(entry: Mapping[str, Any]) -> tuple[int, int]:
    """Return `core.video.content.video_state` when it was embedded. KeyError: it is not known."""
    return int(entry["num_bytes"]), int(entry["modified_ns"])


def current_path(folder: Path, entry: Mapping[str, Any]) -> Path:
    """Return the video's path: as before, or relative to the folder, if both were moved together."""
    path = Path(entry["path"])
    if relative := entry.get("relative"):
        beside = Path(os.path.normpath(folder.absolute() / relative))
        if not path.exists() and beside.exists() and not is_replaced(entry, beside):
            return beside
    return path
