"""The shards of an index: the entries of one file of frames each, written once."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.base.arrays import load_array
from core.base.control import Control
from core.base.errors import StorageError
from core.base.files import content_digest, replacing
from core.embedding.card import FRAMES, VIDEOS, damaged_in_words
from core.embedding.packed import FramesFile, read_batches, unit_rows
from core.search.index.runs import Runs, find_runs, pack
from core.search.index.training import Coder

_BLOCK_FRAMES = 1 << 15
_DIGITS = 16


@dataclass(frozen=True)
class IndexedFile:
    """A file of frames as it was entered."""

    name: str
    state: str
    """Differs where the file does."""
    frames: int

    @property
    def number(self) -> int:
        """Of the file, by its name."""
        return int(Path(self.name).stem)

    @property
    def shard_name(self) -> str:
        return f"{Path(self.name).stem}-{self.state}.npy"


def state_of_file(folder: Path, name: str) -> str:
    """Return what changes whenever a file of frames does: by its size, and by the list of the videos that it holds.

    Raises:
        OSError: it cannot be read.
    """
    videos, num_bytes = content_digest(folder / VIDEOS / name), (folder / FRAMES / name).stat().st_size
    return hashlib.sha256(f"{videos} {num_bytes}".encode()).hexdigest()[:_DIGITS]


def entry_type(code_bytes: int) -> np.dtype[np.void]:
    """Return the columns of a shard: list, id of a run (`core.search.index.runs`) and code."""
    return np.dtype([("list", "<i4"), ("id", "<i8"), ("code", "u1", (code_bytes,))])


def write_shard(shards: Path, folder: Path, file: IndexedFile, coder: Coder, control: Control) -> None:
    """Write the entries of the frames of a file of the packed folder: one a run, sorted by list.

    Raises:
        StorageError: the packed folder is damaged, or the disk refuses.
        Stopped: asked to; nothing is written then.
    """
    try:
        stored = FramesFile.open(folder / FRAMES / file.name).embeddings
        is_first, is_used = _videos_of(folder, file.name, len(stored))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(damaged_in_words(folder, error)) from error
    pieces = [np.empty(0, entry_type(coder.code_bytes))]
    for first in range(0, len(stored), _BLOCK_FRAMES):
        control.obey()
        block = slice(first, first + _BLOCK_FRAMES)
        rows = unit_rows(stored[block])
        runs = find_runs(rows, is_first[block], is_used[block])
        entries = np.empty(len(runs.starts), pieces[0].dtype)
        entries["list"], entries["code"] = coder.encode(rows[runs.starts], control)
        entries["id"] = pack(file.number, Runs(runs.starts + first, runs.lengths))
        pieces.append(entries)
    joined = np.concatenate(pieces)
    with replacing(shards / file.shard_name) as partial:
        np.save(partial, joined[np.argsort(joined["list"], kind="stable")])


def open_shard(path: Path, code_bytes: int) -> NDArray[np.void]:
    """Open a shard, memory-mapped. OSError, ValueError: it is damaged, or missing."""
    entries = load_array(path, is_mapped=True)
    if entries.dtype != entry_type(code_bytes) or entries.ndim != 1:
        raise ValueError(f"{path.name} has other columns than an index")
    return entries


def _videos_of(folder: Path, name: str, num_rows: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which rows of a file begin a video, and which belong to one."""
    is_first, is_used = np.zeros(num_rows, np.bool_), np.zeros(num_rows, np.bool_)
    table = pa.Table.from_batches(read_batches(folder / VIDEOS / name)).select(["file", "first_row", "frames"])
    for row in table.to_pylist():
        if row["file"] == name:
            if row["first_row"] + row["frames"] > num_rows:
                raise ValueError(f"{name} has fewer frames than the list of videos names")
            is_first[row["first_row"]] = row["frames"] > 0
            is_used[row["first_row"] : row["first_row"] + row["frames"]] = True
    return is_first, is_used
