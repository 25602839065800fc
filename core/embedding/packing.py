"""Write packed embeddings (`core.embedding.packed`): add videos, or join folders that were written apart."""

from __future__ import annotations

import bisect
import contextlib
import enum
import json
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from core.base.errors import CheckpointError, StorageError
from core.base.files import make_folder, replacing, write_text
from core.embedding.card import CARD, FRAMES, KIND, PACKED, PACKED_VERSION, VIDEOS, damaged_in_words
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.identity import identity_of
from core.embedding.packed import (
    SUFFIX,
    VIDEOS_SCHEMA,
    FramesFile,
    frames_schema,
    list_files,
    read_batches,
    read_videos,
    rows_of,
    unit_rows,
)
from core.video.content import video_state
from core.video.urls import full_name

FILE_BYTES = 100_000_000
"""A file of frames is closed when its embeddings have so many bytes."""
_SAVE_SECONDS = 60.0
"""What was added lies on disk after so long, if perhaps in a file that is to be continued."""
_LOCK = ".lock"


class Added(enum.Enum):
    """What became of a video that was added."""

    NEW = enum.auto()
    PRESENT = enum.auto()
    """The same lay there; nothing was written."""
    ANOTHER_PATH = enum.auto()
    """Its content lay there under another path."""
    SUPERSEDES = enum.auto()
    """Other content lay there under its path, or other embeddings of its content."""


@dataclass(frozen=True, slots=True)
class _Held:
    """Where the frames of a video lie."""

    digest: str
    file: str
    first_row: int
    num_frames: int
    fps: float


class PackedWriter:
    """Adds videos to a packed folder, which is made where it is not there yet; one process at a time writes to it.

        with PackedWriter(folder, encoder_digest) as writer:
            for video in embedder.each(path for path in paths if not writer.holds(digests[path])):
                writer.add(video)

    What is added lies on disk within a minute, and when the block ends, however it ends. A video is held once: the
    same path with other content, or other embeddings, supersedes what was there.

    Args:
        precision: `float32` or `float16`.
        replaces: whether embeddings of another encoder that are there give way.
        file_bytes: of the embeddings in a file of frames.
        save_seconds: after which what was added is written, if perhaps to a file that is to be continued.

    Raises:
        CheckpointError: another encoder made what is there, and it is not to be replaced.
        StorageError: it was written at another precision, is being written by another process, is damaged, or the disk
            refuses.
    """

    def __init__(
        self,
        folder: Path,
        encoder_digest: str,
        precision: str = "float32",
        *,
        replaces: bool = False,
        file_bytes: int = FILE_BYTES,
        save_seconds: float = _SAVE_SECONDS,
    ) -> None:
        self.folder = folder
        self._encoder_digest, self._precision = encoder_digest, precision
        self._replaces = replaces
        self._file_bytes, self._save_seconds = file_bytes, save_seconds
        self._lock = FileLock(folder / _LOCK, thread_local=False)
        self._width = 0
        self._held: dict[str, _Held] = {}
        """By path."""
        self._by_digest: dict[str, _Held] = {}
        self._states: dict[str, tuple[int, int]] = {}
        """`core.video.content.video_state` of the files of those that lay there before, by path."""
        self._shard = _Shard(1)
        self._first = 1
        """Number of the first file that counts."""
        self._has_card = self._is_of_another = False
        self._of_others: list[Path] = []
        """Files of another encoder, which go when the first ones of this one are written."""

    def __enter__(self) -> PackedWriter:
        make_folder(self.folder)
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise StorageError(
                f"{self.folder} is being written by another process. Wait for it, or choose another folder."
            ) from error
        try:
            self._open()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.save()
            if error is None and not (self.folder / CARD).exists():
                self._write_card()  # of no videos, as a share may be
        finally:
            self._lock.release()

    def __len__(self) -> int:
        return len(self._held)

    def holds(self, digest: str) -> bool:
        """Return whether a video of that content is there."""
        return digest in self._by_digest

    def digest_of(self, path: Path) -> str:
        """Return the digest of a video that is there and whose file has its size and time of change since; else empty.

        The file is not read.
        """
        key = _readable(full_name(path))
        with contextlib.suppress(OSError):
            if key in self._states and self._states[key] == video_state(path):
                return self._held[key].digest
        return ""

    def has_rows(self, video: EmbeddedVideo) -> bool:
        """Return whether the content of a video is there with these embeddings. StorageError: as `add`."""
        held = self._by_digest.get(video.digest)
        return held is not None and np.array_equal(self._rows_of(held), self._as_stored(video), equal_nan=True)

    def add_path(self, path: Path, digest: str) -> Added:
        """Add another path, or the new content of a known one, of a video that is there. StorageError: as `add`."""
        held = self._by_digest[digest]
        edges = np.arange(held.num_frames + 1) / held.fps  # times are kept with the frames, which are there
        return self.add(EmbeddedVideo(path, digest, edges, self._rows_of(held)))

    def add(self, video: EmbeddedVideo, known: Mapping[str, Any] | None = None) -> Added:
        """Add a video; of what is there already nothing is written.

        Args:
            known: its identity in the folder that it comes from (`core.embedding.identity`); None: it was embedded now.

        Raises:
            StorageError: it has embeddings of another width; or the disk refuses.
        """
        rows = self._as_stored(video)
        key = _readable(full_name(video.path))
        held = self._by_digest.get(video.digest)
        is_same = held is not None and np.array_equal(self._rows_of(held), rows, equal_nan=True)
        if is_same and key in self._held and self._held[key].digest == video.digest:
            return Added.PRESENT
        if held is not None and is_same:
            file, first_row = held.file, held.first_row
        else:
            file, first_row = self._shard.name, self._shard.add(rows, video)
        supersedes = key in self._held or (held is not None and not is_same)
        row = self._row(video, known, file, first_row)
        place = _Held(video.digest, file, first_row, len(rows), float(row["fps"]))
        self._held[key] = self._by_digest[video.digest] = place
        self._shard.videos.append(row)
        self._shard.is_saved = False
        if self._shard.num_bytes >= self._file_bytes:
            self.save()
            self._shard = _Shard(self._shard.number + 1)
        elif time.monotonic() - self._shard.saved_at >= self._save_seconds:
            self.save()
        return Added.SUPERSEDES if supersedes else Added.ANOTHER_PATH if is_same else Added.NEW

    def save(self) -> None:
        """Write what was added. StorageError: the disk refuses."""
        shard = self._shard
        if shard.is_saved:
            return
        if shard.num_frames:
            with replacing(self.folder / FRAMES / shard.name) as partial:
                _write(partial, shard.batch(self._width, self._precision))
        if self._of_others:  # from here on nothing of another encoder counts, and nothing is taken for this one's
            self._write_card()
        with replacing(self.folder / VIDEOS / shard.name) as partial:
            _write(partial, _videos_batch(shard.videos))
        if not self._has_card:  # until here what lay there before, such as a file a video, is as it was
            self._write_card()
        for file in self._of_others:
            _remove(file)
        self._of_others = []
        shard.is_saved, shard.saved_at = True, time.monotonic()

    def _open(self) -> None:
        card = self._card()
        try:
            if card is None:
                every = [file for inside in (VIDEOS, FRAMES) for file in list_files(self.folder, inside)]
                self._of_others = every if self._is_of_another else []
                for file in [] if self._is_of_another else every:  # of a write that was cut off before its card
                    _remove(file)
                self._first = 1 + max((int(file.stem) for file in every), default=0)
                self._shard = _Shard(self._first)
                return
            self._width, self._first = int(card["width"]), int(card["first"])
            self._has_card = self._width > 0
            self._hold(read_videos(self._whole_lists()))
            self._continue()
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StorageError(damaged_in_words(self.folder, error)) from error

    def _whole_lists(self) -> list[Path]:
        """Return the lists of videos that can be read; others go, with their frames: those videos are added anew."""
        whole = []
        for file in list_files(self.folder, VIDEOS, self._first):
            try:
                read_videos([file])
                whole.append(file)
            except (OSError, ValueError):
                _remove(file)
        return whole

    def _hold(self, table: pa.Table) -> None:
        """Take what is listed for held, but for what has lost its frames."""
        num_rows = {name: _num_rows(self.folder / FRAMES / name) for name in pc.unique(table["file"]).to_pylist()}
        columns = ("path", "digest", "file", "first_row", "frames", "fps", "num_bytes", "modified_ns", "image_rate")
        for path, *row in zip(*(table[name].to_pylist() for name in columns), strict=True):
            held = _Held(*row[:5])
            if held.first_row + held.num_frames > num_rows[held.file]:
                continue
            self._held[path] = self._by_digest[held.digest] = held
            num_bytes, modified, image_rate = row[5:]
            if modified is not None and image_rate is None:  # a folder of images may be asked for at another rate
                self._states[path] = (num_bytes, int(modified))

    def _card(self) -> dict[str, Any] | None:
        """Return the card of a packed folder; None where there is none."""
        file = self.folder / CARD
        try:
            card: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
            if card.get("format") != PACKED:
                return None
            encoder, precision = str(card["encoder_digest"]), str(card["precision"])
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, AttributeError) as error:
            raise StorageError(damaged_in_words(self.folder, error)) from error
        if encoder != self._encoder_digest and self._replaces:
            self._is_of_another = True
            return None
        if encoder != self._encoder_digest:
            raise CheckpointError(
                f"{file}: these embeddings were made with another encoder (digest {encoder[:8]}) than the one given "
                f"(digest {self._encoder_digest[:8]}). Choose another folder."
            )
        if precision != self._precision:
            raise StorageError(
                f"The embeddings in {self.folder} are {precision}, not {self._precision}. Choose another folder, or "
                f"--precision {precision}."
            )
        return card

    def _remove_unlisted(self) -> None:
        """Remove what a write that was cut off has left."""
        listed = {file.name for file in list_files(self.folder, VIDEOS, self._first)}
        for inside in (FRAMES, VIDEOS):
            for file in list_files(self.folder, inside):
                if file.name not in listed:
                    _remove(file)
            for file in (self.folder / inside).glob(f".*.part{SUFFIX}"):
                _remove(file)

    def _write_card(self) -> None:
        card = {
            "kind": KIND,
            "format": PACKED,
            "format_version": PACKED_VERSION,
            "encoder_digest": self._encoder_digest,
            "precision": self._precision,
            "width": self._width,
            "first": self._first,
        }
        write_text(self.folder / CARD, json.dumps(card, indent=1) + "\n")
        self._has_card = self._width > 0

    def _continue(self) -> None:
        """Go on with the last file where it is not full, and remove what a write that was cut off has left."""
        self._remove_unlisted()
        names = [file.name for inside in (FRAMES, VIDEOS) for file in list_files(self.folder, inside, self._first)]
        last = max((file.name for file in list_files(self.folder, VIDEOS, self._first)), default="")
        self._shard = _Shard(int(Path(max(names)).stem) + 1 if names else self._first)
        if not last or last != max(names) or os.name == "nt":  # Windows replaces no file that a reader has mapped
            return
        listing = read_videos([self.folder / VIDEOS / last]).to_pylist()
        listed = max((row["first_row"] + row["frames"] for row in listing if row["file"] == last), default=0)
        file = self.folder / FRAMES / last
        num_rows = _num_rows(file)
        has_unlisted = num_rows > listed  # of a write that was cut off before its list
        num_bytes = listed * self._width * np.dtype(self._precision).itemsize
        if num_rows < listed or (num_bytes >= self._file_bytes // 2 and not has_unlisted):
            return
        self._shard = _Shard(int(Path(last).stem))
        self._shard.videos = listing
        if listed:
            self._shard.continue_with(read_batches(file)[0].slice(0, listed))
            self._shard.is_saved = not has_unlisted
        elif has_unlisted:
            _remove(file)

    def _as_stored(self, video: EmbeddedVideo) -> NDArray[np.floating]:
        width = video.embeddings.shape[1]
        self._width = self._width or width
        if width != self._width:
            raise StorageError(
                f"The embeddings of {video.path} have {width} numbers per frame, those in {self.folder} have "
                f"{self._width}. Choose another folder."
            )
        is_wider = video.embeddings.dtype == np.float16 and self._precision == "float32"
        rows: NDArray[np.floating] = np.array(  # a copy: nothing of it stays open
            unit_rows(video.embeddings) if is_wider else video.embeddings, self._precision
        )
        return rows

    def _rows_of(self, held: _Held) -> NDArray[np.floating]:
        """Return the (S, D) rows of a video that is held."""
        if held.file == self._shard.name:
            return self._shard.rows(held.first_row, held.num_frames)
        try:
            rows = FramesFile.open(self.folder / FRAMES / held.file).embeddings
            return rows[held.first_row : held.first_row + held.num_frames]
        except (OSError, ValueError, KeyError) as error:
            raise StorageError(damaged_in_words(self.folder, error)) from error

    def _row(self, video: EmbeddedVideo, known: Mapping[str, Any] | None, file: str, first_row: int) -> dict[str, Any]:
        fps = video.stored.meta.fps if video.stored else len(video) / video.seconds
        entry = {"fps": fps} | identity_of(self.folder, video, known)
        row = {name: _readable(value) if isinstance(value, str) else value for name, value in entry.items()}
        return row | {"frames": len(video), "file": file, "first_row": first_row}


class _Shard:
    """A file of frames that is being gathered, and its file of videos."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.name = f"{number:06d}{SUFFIX}"
        self.videos: list[dict[str, Any]] = []
        self.num_frames = self.num_bytes = 0
        self.is_saved = True
        self.saved_at = time.monotonic()
        self._digests: dict[str, int] = {}
        self._columns: list[tuple[NDArray[Any], ...]] = []
        """For each piece: number of the digest, frame, start, end, strangeness, embeddings."""
        self._first_rows: list[int] = []

    def add(self, rows: NDArray[np.floating], video: EmbeddedVideo) -> int:
        """Add a video's frames; returns its first row."""
        first = self.num_frames
        strange = video.strangeness
        self._take(
            np.full(len(rows), self._digests.setdefault(video.digest, len(self._digests)), np.int32),
            np.arange(len(rows), dtype=np.int32),
            video.edges_seconds[:-1].copy(),
            video.edges_seconds[1:].copy(),
            np.full(len(rows), np.nan, np.float32) if strange is None else np.array(strange, np.float32),
            rows,
        )
        return first

    def continue_with(self, batch: pa.RecordBatch) -> None:
        """Start with the rows of a file that is not full."""
        digests = batch.column("digest")
        self._digests = {digest: number for number, digest in enumerate(digests.dictionary.to_pylist())}
        self._take(
            digests.indices.to_numpy().copy(),
            *(batch.column(name).to_numpy().copy() for name in ("frame", "start_seconds", "end_seconds")),
            batch.column("strangeness").to_numpy(zero_copy_only=False).copy(),
            rows_of(batch).copy(),
        )

    def rows(self, first: int, num_frames: int) -> NDArray[np.floating]:
        """Return (num_frames, D) of its rows."""
        piece = bisect.bisect_right(self._first_rows, first) - 1
        start = first - self._first_rows[piece]
        rows: NDArray[np.floating] = self._columns[piece][-1][start : start + num_frames]
        return rows

    def batch(self, width: int, precision: str) -> pa.RecordBatch:
        """Return all its rows."""
        numbers, frames, starts, ends, strange, rows = (np.concatenate(one) for one in zip(*self._columns, strict=True))
        schema = frames_schema(width, precision)
        columns = [
            pa.DictionaryArray.from_arrays(pa.array(numbers), pa.array(list(self._digests), pa.string())),
            pa.array(frames),
            pa.array(starts),
            pa.array(ends),
            pa.array(strange, from_pandas=True),
            pa.FixedSizeListArray.from_arrays(pa.array(rows.reshape(-1)), type=schema.field("embedding").type),
        ]
        return pa.RecordBatch.from_arrays(columns, schema=schema)

    def _take(self, *columns: NDArray[Any]) -> None:
        self._columns.append(columns)
        self._first_rows.append(self.num_frames)
        self.num_frames += len(columns[-1])
        self.num_bytes += columns[-1].nbytes


def _num_rows(file: Path) -> int:
    """Return how many frames a file of frames has; 0 where it is missing or damaged."""
    try:
        return sum(len(batch) for batch in read_batches(file))
    except (OSError, ValueError):
        return 0


def _remove(file: Path) -> None:
    with contextlib.suppress(OSError):  # mapped by another process, which Windows minds
        file.unlink()


def _videos_batch(rows: Sequence[dict[str, Any]]) -> pa.RecordBatch:
    columns = [
        pa.array([_cell(row, field.name) for row in rows], pa.string() if field.name == "file" else field.type)
        for field in VIDEOS_SCHEMA
    ]
    encoded = [
        column.dictionary_encode() if field.name == "file" else column
        for field, column in zip(VIDEOS_SCHEMA, columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(encoded, schema=VIDEOS_SCHEMA)


def _cell(row: Mapping[str, Any], name: str) -> Any:
    value = row.get(name)
    return str(value) if name == "modified_ns" and value is not None else value


def _write(path: Path, batch: pa.RecordBatch) -> None:
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
        writer.write_batch(batch)


def _readable(text: str) -> str:
    """Return the text with what is no UTF-8 escaped, as file names on some disks have it."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
