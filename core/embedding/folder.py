"""The folder written by `python -m core.embed`, readable by other programs, and how to open it again.

STEM.npy          (S, D) float32, rows of norm 1: the embeddings of a video; STEM-DIGEST.npy where two share a stem
index.csv         video,frames,fps,seconds,digest
embeddings.json   which encoder made them, where the videos lay and how to know them again
seconds.npz       for each video (S + 1,) start of every frame and end of the last, as a player shows them
strangeness.npz   for each video (S,) float32: above 1 a frame shows another scene (`core.embedding.scenes`); absent
where it is
                  of an older version, or not known of a video
"""

from __future__ import annotations

import contextlib
import json
import os
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import load_array, load_arrays
from core.base.csv_files import write_rows
from core.base.errors import CheckpointError, StorageError
from core.base.files import allow_open_files, replacing, write_text
from core.embedding.embedded_video import EmbeddedVideo
from core.settings.config import DEFAULT_IMAGE_RATE
from core.video.content import current_digest, video_state
from core.video.names import DIGEST, distinct_names
from core.video.times import known_edges

_CARD, _INDEX, _SECONDS, _STRANGENESS = "embeddings.json", "index.csv", "seconds.npz", "strangeness.npz"
_KIND, _FORMAT_VERSION = "carl embeddings", 2
_OF_FIRST_FRAMES = 1
"""Up to this version times counted from each video's first frame, not as a player shows them."""
_AGAIN = "Run core.embed again, or name the videos themselves."


@dataclass(frozen=True)
class Manifest:
    """The metadata of a folder."""

    encoder_digest: str
    """`core.base.files.content_digest` of the encoder that made it."""
    digests: tuple[str, ...]
    """Of its videos."""
    is_of_first_frames: bool = False
    """An older version wrote it, with times that count from each video's first frame."""
    states: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """`core.video.content.video_state` of those files, by digest, where they are known."""


def file_stems(videos: Sequence[tuple[Path, str]]) -> list[str]:
    """Return names for the outputs: each video's stem, plus the start of its digest if two are the same.

    Args:
        videos: path and content digest of each.
    """
    stems = [path.stem for path, _ in videos]
    folded = [stem.casefold() for stem in stems]  # some file systems do not tell A from a
    return [
        stem if folded.count(stem.casefold()) == 1 else f"{stem}-{digest[:8]}"
        for stem, (_, digest) in zip(stems, videos, strict=True)
    ]


def write_embedded(folder: Path, videos: Sequence[EmbeddedVideo], encoder_digest: str) -> list[str]:
    """Write the folder; each file is whole or as it was, and the card comes last.

    Returns:
        The stem of each video's file.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    stems = file_stems([(video.path, video.digest) for video in videos])
    for stem, video in zip(stems, videos, strict=True):
        with replacing(folder / f"{stem}.npy") as partial:
            np.save(partial, video.embeddings)
    with replacing(folder / _SECONDS) as partial:
        np.savez(partial, allow_pickle=False, **{f"video{i}": video.edges_seconds for i, video in enumerate(videos)})
    _write_strangeness(folder, videos)
    rows = []
    for name, video in zip(distinct_names([video.path for video in videos]), videos, strict=True):
        seconds = video.seconds
        fps = video.stored.meta.fps if video.stored else len(video) / seconds
        rows.append((name, len(video), f"{fps:.6g}", f"{seconds:.6f}", video.digest))
    write_rows(folder / _INDEX, ("video", "frames", "fps", "seconds", DIGEST), rows)
    card = {
        "kind": _KIND,
        "format_version": _FORMAT_VERSION,
        "encoder_digest": encoder_digest,
        "videos": [
            {"embeddings": f"{stem}.npy", **_identity(folder, video)} for stem, video in zip(stems, videos, strict=True)
        ],
    }
    write_text(folder / _CARD, json.dumps(card, indent=1, ensure_ascii=False) + "\n")
    return stems


def _write_strangeness(folder: Path, videos: Sequence[EmbeddedVideo]) -> None:
    """Write what is known, by digest: left beside a card that an older version wrote, it is never of other videos."""
    with replacing(folder / _STRANGENESS) as partial:
        known = {video.digest: video.strangeness for video in videos if video.strangeness is not None}
        np.savez(partial, allow_pickle=False, **known)


def _identity(folder: Path, video: EmbeddedVideo) -> dict[str, object]:
    """Return a video's path and digest; also size and modification time, while it is the embedded file."""
    path = video.path.absolute()
    entry: dict[str, object] = {"path": str(path), "digest": video.digest}
    with contextlib.suppress(ValueError):  # on another drive
        entry["relative"] = Path(os.path.relpath(path, folder.absolute())).as_posix()
    with contextlib.suppress(OSError):
        num_bytes, modified = video_state(path)
        if path.is_dir():
            entry["image_rate"] = len(video) / video.seconds
        if current_digest(path, _image_rate(entry)) == video.digest:
            entry |= {"num_bytes": num_bytes, "modified_ns": modified}
    return entry


def is_embedded(folder: Path) -> bool:
    """Return whether `core.embed` wrote it, if perhaps in an older version."""
    return folder.is_dir() and (
        (folder / _CARD).is_file() or ((folder / _INDEX).is_file() and any(folder.glob("*.npy")))
    )


def read_card(folder: Path) -> Manifest:
    """Return which encoder made the folder, of which videos; no embedding is opened. StorageError: it is damaged."""
    try:
        card = _card(folder)
        videos = card["videos"]
        digests = tuple(str(entry["digest"]) for entry in videos)
        states = {entry["digest"]: _state(entry) for entry in videos if "modified_ns" in entry}
        return Manifest(str(card["encoder_digest"]), digests, card["format_version"] <= _OF_FIRST_FRAMES, states)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(f"The embeddings in {folder} cannot be opened ({error}). {_AGAIN}") from error


def read_embedded(folder: Path, encoder_digest: str, only: Collection[str] | None = None) -> list[EmbeddedVideo]:
    """Open the folder, memory-mapped.

    Args:
        only: digests of the videos to open; None: all.

    Raises:
        CheckpointError: another encoder made it.
        StorageError: it is damaged, or lacks the card that says who made it.
    """
    try:
        card = _card(folder)
        if card["encoder_digest"] != encoder_digest:
            raise CheckpointError(
                f"{folder / _CARD}: these embeddings were made with another encoder (digest "
                f"{card['encoder_digest'][:8]}) than the one given (digest {encoder_digest[:8]}). Give that encoder, "
                "or run core.embed again."
            )
        wanted = [(i, entry) for i, entry in enumerate(card["videos"]) if only is None or entry["digest"] in only]
        allow_open_files(len(wanted))
        seconds = load_arrays(folder / _SECONDS)
        strangeness = load_arrays(folder / _STRANGENESS) if (folder / _STRANGENESS).is_file() else {}
        is_old = card["format_version"] <= _OF_FIRST_FRAMES
        return [
            replace(
                _open(folder, entry, seconds[f"video{place}"], strangeness.get(entry["digest"]), is_old=is_old),
                encoder_digest=encoder_digest,
            )
            for place, entry in wanted
        ]
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise StorageError(f"The embeddings in {folder} cannot be opened ({error}). {_AGAIN}") from error


def read_features(folder: Path) -> dict[str, NDArray[np.float32]]:
    """Return the (S, D) embeddings in the folder by the digest of their video, whichever encoder made them.

    Raises:
        StorageError: it is no such folder, or damaged.
    """
    videos = read_embedded(folder, read_card(folder).encoder_digest)
    return {video.digest: video.embeddings for video in videos}


def find_replaced(folder: Path) -> list[Path]:
    """Return the paths whose file was replaced since it was embedded. A missing file was not replaced.

    Quick: files are read only where size or time of change are not as they were.

    Raises:
        StorageError: the folder is damaged.
    """
    try:
        return [Path(entry["path"]) for entry in _card(folder)["videos"] if _is_replaced(entry, Path(entry["path"]))]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(f"The embeddings in {folder} cannot be opened ({error}). {_AGAIN}") from error


def describe_replaced(folder: Path) -> str:
    """Return the result of `find_replaced` as a sentence; empty if none. StorageError: as there."""
    found = find_replaced(folder)
    if not found:
        return ""
    more = f" (and {len(found) - 1} more videos)" if len(found) > 1 else ""
    return (
        f"{found[0]}{more} has changed since it was embedded in {folder}. Embed it again (python -m core.embed), or "
        "name the videos themselves."
    )


def _is_replaced(entry: dict[str, Any], path: Path) -> bool:
    try:
        if "modified_ns" in entry and _state(entry) == video_state(path):
            return False
        return current_digest(path, _image_rate(entry)) != str(entry["digest"])
    except OSError:
        return False


def _image_rate(entry: Mapping[str, Any]) -> float:
    return float(entry.get("image_rate", DEFAULT_IMAGE_RATE))


def _state(entry: dict[str, Any]) -> tuple[int, int]:
    return int(entry["num_bytes"]), int(entry["modified_ns"])


def _path(folder: Path, entry: dict[str, Any]) -> Path:
    """Return the video's path: as before, or relative to the folder, if both were moved together."""
    path = Path(entry["path"])
    if relative := entry.get("relative"):
        beside = Path(os.path.normpath(folder.absolute() / relative))
        if not path.exists() and beside.exists() and not _is_replaced(entry, beside):
            return beside
    return path


def _card(folder: Path) -> dict[str, Any]:
    card: dict[str, Any] = json.loads((folder / _CARD).read_text(encoding="utf-8"))
    if card["kind"] != _KIND or card["format_version"] > _FORMAT_VERSION:
        raise ValueError(f"it is of kind {card['kind']!r}, format {card['format_version']}")
    return card


def _open(folder: Path, entry: dict[str, Any], edges: Any, strangeness: Any, *, is_old: bool) -> EmbeddedVideo:
    file = folder / Path(entry["embeddings"]).name
    path = _path(folder, entry)
    if is_old and (known := known_edges(entry["digest"], path)) is not None:
        edges = known if len(known) == len(edges) else edges
    rows = load_array(file, is_mapped=True)
    if strangeness is not None and len(strangeness) != len(rows):
        strangeness = None  # an older version wrote the folder anew and left that file
    return EmbeddedVideo(path, entry["digest"], edges, rows, strangeness=strangeness)
