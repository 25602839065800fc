"""Packed embeddings: many videos in few files, readable by pyarrow, polars and DuckDB, and how to open them.

embeddings.json      which encoder made them, at which precision, and the number of the first file that counts
frames/000001.arrow  a row per frame: digest, frame, start_seconds, end_seconds, strangeness, embedding; about 100 MB
videos/000001.arrow  a row per video: path, digest, frames, fps, where its frames lie, how to know the file again

Arrow's IPC format, uncompressed, one record batch a file: what is read is mapped, not copied. Files of `frames` without
one of `videos` are of a write that was cut off, and count for nothing. A path that comes twice counts where it comes
last; rows of `frames` that no row of `videos` names are superseded.
"""

from __future__ import annotations

import bisect
import contextlib
import itertools
import json
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.base.errors import StorageError
from core.embedding.card import CARD, FRAMES, VIDEOS, damaged_in_words, replaced_in_words
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.identity import check_entry, current_path, is_replaced
from core.video.names import compose, distinct_names

SUFFIX = ".arrow"

_OF_VIDEO = ["fps", "path", "relative", "digest", "num_bytes", "modified_ns", "image_rate"]


def frames_schema(width: int, precision: str) -> pa.Schema:
    """Return the columns of `frames`, for embeddings of `width` numbers of precision `float32` or `float16`."""
    number = {"float32": pa.float32(), "float16": pa.float16()}[precision]
    return pa.schema(
        [
            pa.field("digest", pa.dictionary(pa.int32(), pa.string()), nullable=False),
            pa.field("frame", pa.int32(), nullable=False),
            pa.field("start_seconds", pa.float64(), nullable=False),
            pa.field("end_seconds", pa.float64(), nullable=False),
            pa.field("strangeness", pa.float32()),
            pa.field("embedding", pa.list_(number, width), nullable=False),
        ]
    )


VIDEOS_SCHEMA = pa.schema(
    [
        pa.field("path", pa.string(), nullable=False),
        pa.field("relative", pa.string()),
        pa.field("digest", pa.string(), nullable=False),
        pa.field("frames", pa.int64(), nullable=False),
        pa.field("fps", pa.float64(), nullable=False),
        pa.field("num_bytes", pa.int64()),
        pa.field("modified_ns", pa.string()),  # of a folder of images it has more digits than an integer
        pa.field("image_rate", pa.float64()),
        pa.field("file", pa.dictionary(pa.int32(), pa.string()), nullable=False),
        pa.field("first_row", pa.int64(), nullable=False),
    ]
)


@dataclass(frozen=True)
class FramesFile:
    """An opened file of `frames`; all arrays are memory-mapped, a row per frame."""

    start_seconds: NDArray[np.float64]
    end_seconds: NDArray[np.float64]
    strangeness: NDArray[np.float32]
    """NaN where it is not known."""
    embeddings: NDArray[np.floating]
    """(N, D) float32 or float16."""
    path: Path
    state: tuple[int, ...]
    """Of the file that is mapped: another one may have its name since."""
    offset: int
    """Of the embeddings, in bytes from the start of the file."""

    @classmethod
    def open(cls, path: Path) -> FramesFile:
        """Map a file. OSError, ValueError: it is not there, or damaged."""
        state = _state_of(path)
        (batch,), start = _map(path)
        batch.validate()
        types = [batch.schema.field(name).type for name in ("start_seconds", "end_seconds", "strangeness", "embedding")]
        if types[:3] != [pa.float64(), pa.float64(), pa.float32()] or not pa.types.is_fixed_size_list(types[3]):
            raise ValueError(f"{path.name} has other columns")
        rows = rows_of(batch)
        return cls(
            batch.column("start_seconds").to_numpy(zero_copy_only=True),
            batch.column("end_seconds").to_numpy(zero_copy_only=True),
            batch.column("strangeness").to_numpy(zero_copy_only=False),
            rows,
            path,
            state,
            rows.ctypes.data - start,
        )

    def read_rows(self, numbers: NDArray[np.int64]) -> NDArray[np.floating]:
        """Return (M, D) rows, each read by itself: the system reads hundreds of others around a row of a mapped file.

        OSError: the disk refuses.
        """
        size = self.embeddings.shape[1] * self.embeddings.itemsize
        if not hasattr(os, "preadv") or not len(numbers):
            return np.asarray(self.embeddings)[numbers]
        read = np.empty((len(numbers), self.embeddings.shape[1]), self.embeddings.dtype)
        order = np.argsort(numbers, kind="stable")
        ordered = numbers[order]
        starts = np.flatnonzero(np.diff(ordered, prepend=ordered[0] - 2) != 1)  # of rows that lie together
        try:
            file = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:  # removed, and still mapped
            return np.asarray(self.embeddings)[numbers]
        try:
            if _state(os.fstat(file)) != self.state:
                return np.asarray(self.embeddings)[numbers]
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(file, 0, 0, os.POSIX_FADV_RANDOM)
            for start, stop in itertools.pairwise([*starts.tolist(), len(ordered)]):
                into, at = read[start:stop], self.offset + int(ordered[start]) * size
                if os.preadv(file, [into.data], at) < into.nbytes:
                    return np.asarray(self.embeddings)[numbers]
        finally:
            os.close(file)
        rows = np.empty_like(read)
        rows[order] = read
        return rows


def _state(found: os.stat_result) -> tuple[int, ...]:
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _state_of(path: Path) -> tuple[int, ...]:
    return _state(path.stat())


def rows_of(batch: pa.RecordBatch) -> NDArray[np.floating]:
    """Return the (N, D) embeddings of a batch of `frames`, not copied."""
    column = batch.column("embedding")
    rows: NDArray[np.floating] = column.flatten().to_numpy(zero_copy_only=True).reshape(-1, column.type.list_size)
    return rows


def read_batches(path: Path, *, is_mapped: bool = True) -> list[pa.RecordBatch]:
    """Return what a file holds; a mapped one is closed again too. OSError, ValueError: it is damaged, or missing."""
    if is_mapped:
        return _map(path)[0]
    with _explaining(path), pa.OSFile(str(path)) as file:
        return _batches_of(file)


def _map(path: Path) -> tuple[list[pa.RecordBatch], int]:
    """Return what a mapped file holds, and the address at which it starts."""
    with _explaining(path), pa.memory_map(str(path)) as file:
        start = file.read_buffer(file.size()).address
        file.seek(0)
        return _batches_of(file), start


def _batches_of(file: pa.NativeFile) -> list[pa.RecordBatch]:
    with pa.ipc.open_file(file) as reader:
        return [reader.get_batch(index) for index in range(reader.num_record_batches)]


@contextlib.contextmanager
def _explaining(path: Path) -> Iterator[None]:
    try:
        yield
    except (pa.ArrowException, MemoryError) as error:
        raise ValueError(f"{path.name} is damaged: {error}") from error


class PackedVideos(Sequence[EmbeddedVideo]):
    """The videos of a packed folder, in the order in which they were added; each is opened when it is asked for.

    Made by `open`.

    Args:
        card: of the folder, of format `PACKED`.
        table: rows of `videos`.
        refuses_replaced: whether a video whose file was replaced since is refused where it is asked for.

    Raises:
        ValueError, KeyError, TypeError: the card is damaged.
    """

    def __init__(self, folder: Path, card: dict[str, Any], table: pa.Table, *, refuses_replaced: bool) -> None:
        self.folder = folder
        self.encoder_digest = str(card["encoder_digest"])
        self.dtype = np.dtype({"float32": np.float32, "float16": np.float16}[card["precision"]])
        """As it is stored; the rows of a video are float32."""
        if type(card["width"]) is not int:
            raise TypeError("its width is not a whole number")
        self.width = card["width"]
        """D; 0 where nothing was added yet."""
        self.lengths: NDArray[np.int64] = table["frames"].to_numpy()
        """(V,) frames of each video."""
        self.first_rows: NDArray[np.int64] = np.concatenate([[0], np.cumsum(self.lengths)]).astype(np.int64)
        """(V + 1,) the frame at which each video starts, counted through all videos, and their sum."""
        files = pa.chunked_array(table["file"].chunks, table["file"].type).unify_dictionaries()
        self.file_names: list[str] = files.chunk(0).dictionary.to_pylist() if files.num_chunks else []
        """The files of `frames` that these videos lie in."""
        chunks = [chunk.indices.to_numpy() for chunk in files.chunks]
        self.files: NDArray[np.int32] = np.concatenate(chunks) if chunks else np.empty(0, np.int32)
        """(V,) which of these files each video lies in."""
        self.rows_in_file: NDArray[np.int64] = table["first_row"].to_numpy()
        """(V,) its first row there."""
        if len(self.lengths) and not (self.lengths.min() > 0 <= self.rows_in_file.min() and self.lengths.max() < 2**31):
            raise ValueError("the list of videos has frames that cannot be")
        self._card, self._table, self._refuses_replaced = card, table, refuses_replaced
        self._opened: dict[int, FramesFile] = {}
        self._batches: list[pa.RecordBatch] = table.select(_OF_VIDEO).to_batches()
        self._first_of_batch = [0, *itertools.accumulate(map(len, self._batches))]

    @classmethod
    def open(cls, folder: Path, only: Collection[str] | None = None, *, refuses_replaced: bool = False) -> PackedVideos:
        """Open a folder; no file of `frames` is opened yet.

        Args:
            only: digests of the videos to open; None: all.

        Raises:
            OSError, ValueError, KeyError, TypeError: the folder is damaged.
        """
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        table = _latest(read_videos(list_files(folder, VIDEOS, int(card["first"]))))
        if only is not None:
            table = table.filter(pc.is_in(table["digest"], pa.array(list(only), pa.string())))
        return cls(folder, card, table, refuses_replaced=refuses_replaced)

    def without_moved(self) -> PackedVideos:
        """Return the videos but those that were moved: whose file is gone while one of the same content is there."""
        counts = pc.value_counts(self._table["digest"])
        several = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
        if not len(several):
            return self
        places = np.flatnonzero(pc.is_in(self._table["digest"], several).to_numpy())
        is_there = {int(place): current_path(self.folder, self.entry(int(place))).exists() for place in places}
        there = {self.digests[place] for place, exists in is_there.items() if exists}
        moved = [place for place, exists in is_there.items() if not exists and self.digests[place] in there]
        kept = np.delete(np.arange(len(self)), moved)
        table = self._table.take(pa.array(kept))
        return PackedVideos(self.folder, self._card, table, refuses_replaced=self._refuses_replaced)

    def __len__(self) -> int:
        return len(self.lengths)

    @overload
    def __getitem__(self, key: int) -> EmbeddedVideo: ...
    @overload
    def __getitem__(self, key: slice) -> list[EmbeddedVideo]: ...
    def __getitem__(self, key: int | slice) -> EmbeddedVideo | list[EmbeddedVideo]:
        """Open a video, memory-mapped; float16 is widened, and the rows made of norm 1 again.

        Raises:
            StorageError: the folder is damaged; or the video's file was replaced, and that is to be refused.
        """
        if isinstance(key, slice):
            return [self[index] for index in range(*key.indices(len(self)))]
        index = range(len(self))[key]
        video = self.as_stored(index)
        if self._refuses_replaced and is_replaced(self.entry(index), video.path):
            raise StorageError(replaced_in_words(video.path, self.folder))
        return video if self.dtype == np.float32 else replace(video, embeddings=unit_rows(video.embeddings))

    def as_stored(self, index: int) -> EmbeddedVideo:
        """Open a video whose embeddings are as they are stored, in float16 too. StorageError: the folder is damaged."""
        path, entry = self._place(index)
        frames, rows = self._frames(index), self._slice(index)
        edges = np.append(frames.start_seconds[rows], frames.end_seconds[rows.stop - 1 : rows.stop])
        strangeness: NDArray[np.float32] | None = frames.strangeness[rows]
        if strangeness is not None and np.isnan(strangeness[:1]).any():
            strangeness = None
        if not np.isfinite(edges).all() or not (np.diff(edges) > 0).all():
            raise StorageError(damaged_in_words(self.folder, ValueError(f"the times of {path.name} do not increase")))
        return EmbeddedVideo(
            path,
            entry["digest"],
            edges,
            frames.embeddings[rows],
            strangeness=strangeness,
            encoder_digest=self.encoder_digest,
        )

    @property
    def num_frames(self) -> int:
        """Frames of all videos."""
        return int(self.first_rows[-1])

    @cached_property
    def digests(self) -> Sequence[str]:
        """(V,) of the videos' contents."""
        digests: list[str] = self._table["digest"].to_pylist()
        return digests

    def entry(self, index: int) -> dict[str, Any]:
        """Return path, digest and state of a video's file, as `core.embedding.identity` takes them."""
        piece = bisect.bisect_right(self._first_of_batch, index) - 1
        batch, row = self._batches[piece], index - self._first_of_batch[piece]
        values = zip(_OF_VIDEO, batch.columns, strict=True)  # a table looks through all its pieces for a row
        return _entry({name: column[row].as_py() for name, column in values})

    def entries(self) -> list[dict[str, Any]]:
        """Return `entry` of each video."""
        rows = self._table.select(_OF_VIDEO).to_pylist()
        return [_entry(row) for row in rows]

    def paths(self) -> list[Path]:
        """Return where the videos lie."""
        return [current_path(self.folder, entry) for entry in self.entries()]

    def _place(self, index: int) -> tuple[Path, dict[str, Any]]:
        """Return where a video lies and its `entry`. StorageError: the folder is damaged."""
        try:
            entry = self.entry(index)
            return current_path(self.folder, entry), entry
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StorageError(damaged_in_words(self.folder, error)) from error

    def with_digest(self, digest: str) -> list[int]:
        """Return the videos of that content."""
        return self._where(pc.equal(self._table["digest"], digest))

    def with_path(self, path: Path) -> list[int]:
        """Return the videos that lay at that path when they were embedded; where none did, those whose path ends so."""
        there = [str(path.absolute()), str(path.resolve())]
        return self._where(pc.is_in(self._table["path"], pa.array(there))) or self._ending_in(path)

    def name_of(self, index: int) -> str:
        """Return a video's name among all (`core.video.names.distinct_names`)."""
        of_same = self._ending_in(Path(self._path(index).name))
        return distinct_names([self._path(other) for other in of_same])[of_same.index(index)]

    def _ending_in(self, end: Path) -> list[int]:
        """Return the videos with paths that end in these parts, however their letters are composed."""
        paths = pc.replace_substring(pc.utf8_normalize(self._table["path"], "NFC"), "\\", "/")
        ending = compose(end.as_posix())
        return self._where(pc.or_(pc.equal(paths, ending), pc.ends_with(paths, f"/{ending}")))

    def _path(self, index: int) -> Path:
        return Path(self.entry(index)["path"])

    def _where(self, chosen: pa.ChunkedArray) -> list[int]:
        places: list[int] = np.flatnonzero(chosen.to_numpy()).tolist()
        return places

    def blocks(self, first: int, stop: int) -> Iterator[tuple[int, NDArray[np.floating]]]:
        """Yield the frames from `first` to before `stop`, counted through all videos, in their order.

        Yields:
            The number of the first frame, and (N, D) embeddings as they are stored, memory-mapped: as many as lie in
            one piece of a file. Of float16 the norms are 1 only to within its rounding.

        Raises:
            StorageError: the folder is damaged.
        """
        index = int(np.searchsorted(self.first_rows, first, side="right")) - 1
        while first < stop:
            beyond = self._run_end(index)
            frames = self._frames(index)
            start = int(self.rows_in_file[index]) + first - int(self.first_rows[index])
            num_frames = min(int(self.first_rows[beyond]), stop) - first
            yield first, frames.embeddings[start : start + num_frames]
            first, index = first + num_frames, beyond

    @cached_property
    def _run_ends(self) -> NDArray[np.int64]:
        """After which videos a run ends: of videos whose frames lie in one file, one after another."""
        follows = (np.diff(self.files) == 0) & (self.rows_in_file[1:] == self.rows_in_file[:-1] + self.lengths[:-1])
        return np.append(np.flatnonzero(~follows) + 1, len(self))

    def _run_end(self, index: int) -> int:
        return int(self._run_ends[np.searchsorted(self._run_ends, index, side="right")])

    def _slice(self, index: int) -> slice:
        start = int(self.rows_in_file[index])
        return slice(start, start + int(self.lengths[index]))

    def _frames(self, index: int) -> FramesFile:
        number = int(self.files[index])
        frames = self.open_file(number)
        if self._slice(index).stop > len(frames.embeddings):
            error = ValueError(f"{self.file_names[number]} has fewer frames than the list of videos names")
            raise StorageError(damaged_in_words(self.folder, error))
        return frames

    def open_file(self, number: int) -> FramesFile:
        """Return a file of `file_names`, memory-mapped; it stays so. StorageError: it is damaged."""
        opened = self._opened.get(number)
        try:
            if opened is None:
                opened = FramesFile.open(self.folder / FRAMES / self.file_names[number])
                self._opened[number] = opened  # mapped, not read: it costs neither memory nor an open file
            if opened.embeddings.shape[1] != self.width:
                raise ValueError(f"{self.file_names[number]} has other frames than the list of videos names")
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StorageError(damaged_in_words(self.folder, error)) from error
        return opened


def list_files(folder: Path, inside: str, first: int = 1) -> list[Path]:
    """Return the files of `frames` or `videos` in their order, from a number on."""
    found = (folder / inside).glob(f"[0-9]*{SUFFIX}")
    return sorted(file for file in found if file.stem.isdecimal() and int(file.stem) >= first)


def read_videos(files: Sequence[Path]) -> pa.Table:
    """Return the rows of files of `videos`, in their order; mapped, where a mapped file may be replaced.

    Raises:
        OSError, ValueError: a file is damaged.
    """
    batches = [batch for file in files for batch in read_batches(file, is_mapped=os.name != "nt")]
    for batch in batches:
        batch.validate(full=True)
    table = pa.Table.from_batches(batches, VIDEOS_SCHEMA)
    if damaged := next((one.name for one in VIDEOS_SCHEMA if not one.nullable and table[one.name].null_count), None):
        raise ValueError(f"{damaged} of a video is missing")
    return table


def _entry(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is known of a video's file."""
    entry = {name: value for name, value in row.items() if value is not None}
    if "modified_ns" in entry:
        entry["modified_ns"] = int(entry["modified_ns"])
    check_entry(entry)
    return entry


def _latest(table: pa.Table) -> pa.Table:
    """Return for each path the row that was added last."""
    if pc.count_distinct(table["path"]).as_py() == len(table):
        return table
    last = {path: index for index, path in enumerate(table["path"].to_pylist())}
    return table.take(pa.array(sorted(last.values()), pa.int64()))


def unit_rows(rows: NDArray[np.floating]) -> NDArray[np.float32]:
    """Return the rows in float32, those that have a direction made of norm 1."""
    wide = rows.astype(np.float32)
    with np.errstate(all="ignore"):
        norms = np.sqrt((wide * wide).sum(axis=1, keepdims=True))
        unit: NDArray[np.float32] = np.where(np.isfinite(norms) & (norms > 0), wide / norms, wide)
    unit.flags.writeable = False
    return unit
