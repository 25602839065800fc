"""The folder written by `python -m core.embed`, readable by other programs, and how to open it again.

Of many videos `core.embed` writes packed embeddings instead (`core.embedding.packed`), whose card says so; what opens a
folder here opens both.

STEM.npy          (S, D) float32, rows of norm 1: the embeddings of a video; STEM-DIGEST.npy where two share a stem
index.csv         video,frames,fps,seconds,digest
embeddings.json   which encoder made them, where the videos lay and how to know them again
seconds.npz       for each video (S + 1,) start of every frame and end of the last, as a player shows them
strangeness.npz   for each video (S,) float32: above 1 a frame shows another scene (`core.embedding.scenes`); missing
                  where it is not known, and in folders of an older version
"""

from __future__ import annotations

import contextlib
import errno
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import is_finite, load_array, load_arrays
from core.base.csv_files import write_rows
from core.base.errors import CheckpointError, StorageError
from core.base.files import allow_open_files, replacing, write_text
from core.embedding.card import (
    CARD,
    INDEX,
    KIND,
    PACKED,
    PACKED_FOLDERS,
    PACKED_VERSION,
    damaged_in_words,
    not_finite_in_words,
    replaced_in_words,
)
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.identity import check_entry, current_path, identity_of, is_replaced, state_of
from core.video.names import DIGEST, distinct_names
from core.video.times import known_edges

if TYPE_CHECKING:
    from core.embedding.packed import PackedVideos

_INDEX, _SECONDS, _STRANGENESS = "index.csv", "seconds.npz", "strangeness.npz"
_FORMAT_VERSION = 2
_DAMAGE = (OSError, ValueError, KeyError, TypeError, RecursionError)
"""What opening a damaged folder raises; the last one of a card that is nested without end."""
_OF_FIRST_FRAMES = 1
"""Up to this version times counted from each video's first frame, not as a player shows them."""


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
        "kind": KIND,
        "format_version": _FORMAT_VERSION,
        "encoder_digest": encoder_digest,
        "videos": [
            {"embeddings": f"{stem}.npy", **identity_of(folder, video)}
            for stem, video in zip(stems, videos, strict=True)
        ],
    }
    write_text(folder / CARD, json.dumps(card, indent=1, ensure_ascii=False) + "\n")
    return stems


def _write_strangeness(folder: Path, videos: Sequence[EmbeddedVideo]) -> None:
    """Write what is known, by digest: left beside a card that an older version wrote, it is never of other videos."""
    with replacing(folder / _STRANGENESS) as partial:
        known = {video.digest: video.strangeness for video in videos if video.strangeness is not None}
        np.savez(partial, allow_pickle=False, **known)


def is_embedded(folder: Path) -> bool:
    """Return whether `core.embed` wrote it, if perhaps in an older version."""
    return folder.is_dir() and (
        (folder / CARD).is_file() or ((folder / _INDEX).is_file() and any(folder.glob("*.npy")))
    )


def is_packed(folder: Path) -> bool:
    """Return whether it holds packed embeddings."""
    try:
        return _card(folder).get("format") == PACKED
    except _DAMAGE:
        return False


def precision_of(folders: Iterable[Path]) -> str:
    """Return the precision of the first of these folders that is packed; float32 where none is."""
    for folder in folders:
        with contextlib.suppress(*_DAMAGE):
            return str(_card(folder)["precision"])
    return "float32"


def read_card(folder: Path) -> Manifest:
    """Return which encoder made the folder, of which videos; no embedding is opened. StorageError: it is damaged."""
    try:
        card = _card(folder)
        videos = _entries(folder, card)
        digests = tuple(str(entry["digest"]) for entry in videos)
        states = {entry["digest"]: state_of(entry) for entry in videos if "modified_ns" in entry}
        return Manifest(str(card["encoder_digest"]), digests, card["format_version"] <= _OF_FIRST_FRAMES, states)
    except _DAMAGE as error:
        raise StorageError(damaged_in_words(folder, error)) from error


def read_embedded(folder: Path, encoder_digest: str, only: Collection[str] | None = None) -> Sequence[EmbeddedVideo]:
    """Open the folder, memory-mapped; of packed embeddings each video when it is asked for (`PackedVideos`).

    Args:
        only: digests of the videos to open; None: all.

    Raises:
        CheckpointError: another encoder made it.
        StorageError: it is damaged, or lacks the card that says who made it.
    """
    try:
        if _card_of(folder, encoder_digest).get("format") == PACKED:
            return read_packed(folder, encoder_digest, only)
    except _DAMAGE as error:
        raise StorageError(damaged_in_words(folder, error)) from error
    return [video for video, _ in each_embedded(folder, encoder_digest, only)]


def each_embedded(
    folder: Path, encoder_digest: str, only: Collection[str] | None = None
) -> Iterator[tuple[EmbeddedVideo, Mapping[str, Any]]]:
    """Yield each video with its identity there (`core.embedding.identity`); float16 is as it is stored.

    Args:
        only: as of `read_embedded`.

    Raises: as `read_embedded`.
    """
    try:
        card = _card_of(folder, encoder_digest)
        if card.get("format") == PACKED:
            packed = read_packed(folder, encoder_digest, only)
            for index in range(len(packed)):
                yield packed.as_stored(index), packed.entry(index)
            return
        wanted = [(i, entry) for i, entry in enumerate(card["videos"]) if only is None or entry["digest"] in only]
        allow_open_files(len(wanted))
        seconds = load_arrays(folder / _SECONDS)
        strangeness = load_arrays(folder / _STRANGENESS) if (folder / _STRANGENESS).is_file() else {}
        is_old, width = card["format_version"] <= _OF_FIRST_FRAMES, 0
        for place, entry in wanted:
            video = _open(folder, entry, seconds[f"video{place}"], strangeness.get(entry["digest"]), is_old=is_old)
            if video.embeddings.shape[1] != (width := width or video.embeddings.shape[1]):
                raise ValueError(
                    f"{entry['embeddings']} has {video.embeddings.shape[1]} numbers per frame, not {width}"
                )
            yield replace(video, encoder_digest=encoder_digest), entry
    except OSError as error:
        if error.errno == errno.EMFILE:
            raise StorageError(
                f"{folder} has more files than may be open at once. Pack them: "
                f"python -m core.embed --merge {folder} --out NEW"
            ) from error
        raise StorageError(damaged_in_words(folder, error)) from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise StorageError(damaged_in_words(folder, error)) from error


def other_files(folder: Path) -> list[Path]:
    """Return the files of a folder's embeddings but the card, to be removed once they were written in another format.

    Nothing that is not of the embeddings is among them; empty where the folder holds none.
    """
    try:
        card = _card(folder)
        if card.get("format") != PACKED:
            own = [folder / Path(entry["embeddings"]).name for entry in card["videos"]]
            return [*own, *(folder / name for name in (_SECONDS, _STRANGENESS, _INDEX))]
    except _DAMAGE:
        return []
    found = [file for inside in PACKED_FOLDERS for file in (folder / inside).glob("[0-9]*.arrow")]
    if (folder / INDEX / "index.json").is_file():
        found += [file for file in (folder / INDEX).rglob("*") if file.is_file()]
    return [*found, folder / ".lock"]


def remove_files(files: Iterable[Path]) -> None:
    """Remove files, and the folders that are empty then."""
    for file in files:
        with contextlib.suppress(OSError):  # mapped by another process, which Windows minds
            file.unlink()
    for folder in sorted({file.parent for file in files}, key=lambda path: -len(path.parts)):
        with contextlib.suppress(OSError):  # not empty
            folder.rmdir()


def read_packed(
    folder: Path, encoder_digest: str, only: Collection[str] | None = None, *, refuses_replaced: bool = False
) -> PackedVideos:
    """Open packed embeddings.

    Args:
        only: as of `read_embedded`.
        refuses_replaced: whether a video whose file was replaced since is refused where it is asked for.

    Raises: as `read_embedded`.
    """
    from core.embedding.packed import PackedVideos  # pyarrow, which most folders do without

    try:
        _card_of(folder, encoder_digest)
        return PackedVideos.open(folder, only, refuses_replaced=refuses_replaced).without_moved()
    except _DAMAGE as error:
        raise StorageError(damaged_in_words(folder, error)) from error


def read_digests(folder: Path, encoder_digest: str) -> dict[Path, str]:
    """Return the digest of each video by where it lies; no embedding is opened. Raises: as `read_embedded`."""
    try:
        entries = _entries(folder, _card_of(folder, encoder_digest))
        return {current_path(folder, entry): str(entry["digest"]) for entry in entries}
    except _DAMAGE as error:
        raise StorageError(damaged_in_words(folder, error)) from error


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
        entries = _entries(folder, _card(folder))
        return [Path(entry["path"]) for entry in entries if is_replaced(entry, Path(entry["path"]))]
    except _DAMAGE as error:
        raise StorageError(damaged_in_words(folder, error)) from error


def describe_replaced(folder: Path) -> str:
    """Return the result of `find_replaced` as a sentence; empty if none. StorageError: as there."""
    found = find_replaced(folder)
    if not found:
        return ""
    return replaced_in_words(found[0], folder, len(found) - 1)


def _entries(folder: Path, card: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what `core.embedding.identity` knows of each video."""
    if card.get("format") == PACKED:
        from core.embedding.packed import PackedVideos

        return PackedVideos.open(folder).without_moved().entries()
    entries: list[dict[str, Any]] = card["videos"]
    return entries


def _card(folder: Path) -> dict[str, Any]:
    card: dict[str, Any] = json.loads((folder / CARD).read_text(encoding="utf-8"))
    if not isinstance(card, dict):
        raise TypeError("its card is not an object")
    newest = PACKED_VERSION if card.get("format") == PACKED else _FORMAT_VERSION
    if card["kind"] != KIND or card["format_version"] > newest:
        raise ValueError(f"it is of kind {card['kind']!r}, format {card['format_version']}")
    if not isinstance(card["encoder_digest"], str):
        raise TypeError("the digest of its encoder is not text")
    if card.get("format") != PACKED:
        for entry in card["videos"]:
            if not isinstance(entry["embeddings"], str):
                raise TypeError("the name of a file in it is not text")
            check_entry(entry)
    return card


def _card_of(folder: Path, encoder_digest: str) -> dict[str, Any]:
    card = _card(folder)
    if card["encoder_digest"] != encoder_digest:
        raise CheckpointError(
            f"{folder / CARD}: these embeddings were made with another encoder (digest "
            f"{card['encoder_digest'][:8]}) than the one given (digest {encoder_digest[:8]}). Give that encoder, "
            "or run core.embed again."
        )
    return card


def _open(folder: Path, entry: dict[str, Any], edges: Any, strangeness: Any, *, is_old: bool) -> EmbeddedVideo:
    file = folder / Path(entry["embeddings"]).name
    path = current_path(folder, entry)
    if is_old and (known := known_edges(entry["digest"], path)) is not None:
        edges = known if len(known) == len(edges) else edges
    rows = load_array(file, is_mapped=True)
    if rows.ndim != 2 or rows.dtype != np.float32 or not rows.size:
        raise ValueError(f"{file.name} has {rows.dtype} of shape {rows.shape}, not (frames, numbers) of float32")
    if edges.dtype.kind != "f" or not np.isfinite(edges).all() or not (np.diff(edges) > 0).all():
        raise ValueError(f"the times of {file.name} do not increase")
    if strangeness is not None and strangeness.dtype.kind != "f":
        raise ValueError(f"the scene of {file.name} is given as {strangeness.dtype}, not as numbers")
    if not is_finite(rows):
        raise StorageError(not_finite_in_words(path, rows))
    if strangeness is not None and len(strangeness) != len(rows):
        strangeness = None  # an older version wrote the folder anew and left that file
    return EmbeddedVideo(path, entry["digest"], edges, rows, strangeness=strangeness)
