"""The folder that `python -m core.embed` writes: embeddings that other programs read too, and what opens them again.

STEM.npy          (S, D) float32, rows of norm 1: the embeddings of a video
index.csv         video,frames,fps,seconds,digest
embeddings.json   which encoder made them, where the videos lay
seconds.npz       for each video (S + 1,) start of every frame and end of the last, as a player shows them
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.arrays import load_array, load_arrays
from core.csv_files import write_rows
from core.embedded import EmbeddedVideo
from core.errors import CheckpointError, StorageError
from core.files import allow_open_files, replacing, write_text
from core.video.times import known_edges

_CARD, _INDEX, _SECONDS = "embeddings.json", "index.csv", "seconds.npz"
_KIND, _FORMAT_VERSION = "carl embeddings", 2
_OF_FIRST_FRAMES = 1
"""Up to this version times counted from each video's first frame, not as a player shows them."""
_AGAIN = "run core.embed again, or name the videos themselves."


@dataclass(frozen=True)
class Card:
    """What a folder says of itself."""

    encoder_digest: str
    """`core.files.content_digest` of the encoder that made it."""
    digests: tuple[str, ...]
    """Of its videos."""
    is_of_first_frames: bool = False
    """An older version wrote it, with times that count from each video's first frame."""


def file_stems(videos: Sequence[tuple[Path, str]]) -> list[str]:
    """Names for the outputs: each video's stem; where two videos share one, its digest's start is added.

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
    rows = []
    for stem, video in zip(stems, videos, strict=True):
        seconds = video.seconds
        fps = video.stored.meta.fps if video.stored else len(video) / seconds
        rows.append((stem + video.path.suffix, len(video), f"{fps:.6g}", f"{seconds:.6f}", video.digest))
    write_rows(folder / _INDEX, ("video", "frames", "fps", "seconds", "digest"), rows)
    card = {
        "kind": _KIND,
        "format_version": _FORMAT_VERSION,
        "encoder_digest": encoder_digest,
        "videos": [
            {"embeddings": f"{stem}.npy", "path": str(video.path.absolute()), "digest": video.digest}
            for stem, video in zip(stems, videos, strict=True)
        ],
    }
    write_text(folder / _CARD, json.dumps(card, indent=1, ensure_ascii=False) + "\n")
    return stems


def is_embedded(folder: Path) -> bool:
    """Whether `core.embed` wrote it, if perhaps in an older version."""
    return folder.is_dir() and (
        (folder / _CARD).is_file() or ((folder / _INDEX).is_file() and any(folder.glob("*.npy")))
    )


def read_card(folder: Path) -> Card:
    """Which encoder made the folder, of which videos; no embedding is opened. StorageError: it is damaged."""
    try:
        card = _card(folder)
        digests = tuple(str(entry["digest"]) for entry in card["videos"])
        return Card(str(card["encoder_digest"]), digests, card["format_version"] <= _OF_FIRST_FRAMES)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(f"The embeddings in {folder} cannot be opened ({error}): {_AGAIN}") from error


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
                f"{folder / _CARD}: these embeddings were made by another encoder (digest "
                f"{card['encoder_digest'][:8]}) than the one given (digest {encoder_digest[:8]}): "
                f"give that one, or {_AGAIN}"
            )
        wanted = [(i, entry) for i, entry in enumerate(card["videos"]) if only is None or entry["digest"] in only]
        allow_open_files(len(wanted))
        seconds = load_arrays(folder / _SECONDS)
        is_old = card["format_version"] <= _OF_FIRST_FRAMES
        return [_opened(folder, entry, seconds[f"video{place}"], is_old=is_old) for place, entry in wanted]
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        raise StorageError(f"The embeddings in {folder} cannot be opened ({error}): {_AGAIN}") from error


def read_features(folder: Path) -> dict[str, NDArray[np.float32]]:
    """Return the (S, D) embeddings in the folder by the digest of their video, whichever encoder made them.

    Raises:
        StorageError: it is no such folder, or damaged.
    """
    videos = read_embedded(folder, read_card(folder).encoder_digest)
    return {video.digest: video.embeddings for video in videos}


def _card(folder: Path) -> dict[str, Any]:
    card: dict[str, Any] = json.loads((folder / _CARD).read_text(encoding="utf-8"))
    if card["kind"] != _KIND or card["format_version"] > _FORMAT_VERSION:
        raise ValueError(f"it is of kind {card['kind']!r}, format {card['format_version']}")
    return card


def _opened(folder: Path, entry: dict[str, Any], edges: Any, *, is_old: bool) -> EmbeddedVideo:
    file = folder / Path(entry["embeddings"]).name
    if is_old and (known := known_edges(entry["digest"], Path(entry["path"]))) is not None:
        edges = known if len(known) == len(edges) else edges
    return EmbeddedVideo(Path(entry["path"]), entry["digest"], edges, load_array(file, is_mapped=True))
