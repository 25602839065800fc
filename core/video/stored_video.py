"""A video in the frame store: small frames with random access in a millisecond or two."""

from __future__ import annotations

import dataclasses
import json
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.base.arrays import load_array
from core.base.checksums import Checksum, fits
from core.base.disk_cache import CacheEntry
from core.base.errors import StorageError
from core.base.files import replacing, write_text
from core.base.types import Clip, Frame, Image, VideoMeta
from core.video.clock import edges_seconds
from core.video.index import ENTRY, FrameIndex
from core.video.reader import VideoReader

FORMAT = "v2"
"""Changes whenever other bytes are stored for the same video."""

CHUNK = ".jpegs"

ROW = np.dtype([*ENTRY.descr, ("chunk", "<i4"), ("offset", "<i8"), ("num_bytes", "<i4")])
"""A stored frame: what is known of it, and where its JPEG lies in which chunk."""


class StoredVideo(Sequence[Frame]):
    """The frames of one video in the frame store; they stay on disk as long as this object exists.

    Any number of threads may read at the same time.
    """

    def __init__(
        self, path: Path, digest: str, entry: CacheEntry, remake: Callable[[CacheEntry], None] | None = None
    ) -> None:
        """Open what is complete in the store.

        Args:
            remake: makes the entry again when pictures prove damaged, which a chunk shows when it is first read; None:
                the entry is dropped then, and reading fails.

        Raises:
            StorageError: the files in the store are damaged.
        """
        self.path = path
        self.digest = digest
        """`core.video.content.video_digest` of the video."""
        self._entry = entry
        self._remake = remake
        self._sound: set[int] = set()
        """Chunks whose checksum was compared."""
        self._mending = threading.Lock()
        self._open()
        self.pts_seconds: NDArray[np.float64] = self._rows["seconds"].copy()
        """(S,) presentation times, the container's start offset included; strictly increasing. Times that people see or
        write are those of `edges_seconds`."""

    def _open(self) -> None:
        folder = self._entry.path
        try:
            self._checksums: dict[str, Checksum] = self._entry.checksums() or {}
            if not all(fits(folder / name, one) for name, one in self._checksums.items() if not name.endswith(CHUNK)):
                raise ValueError("they do not fit their checksums")
            known = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
            self.meta = VideoMeta(**known["video"])
            self.width, self.height = int(known["width"]), int(known["height"])
            self._rows: NDArray[np.void] = load_array(folder / "frames.npy")
            if self._rows.dtype != ROW or len(self._rows) != self.meta.num_frames or not are_whole(folder, self._rows):
                raise ValueError("frames are missing")
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise self._damage_error() from error

    @property
    def edges_seconds(self) -> NDArray[np.float64]:
        """(S + 1,) start of every frame and end of the last, by the medium's clock (`core.video.clock`)."""
        return edges_seconds(self.pts_seconds, self.meta)

    @property
    def num_bytes(self) -> int:
        """On disk."""
        return int(self._rows["num_bytes"].sum())

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> Frame:  # type: ignore[override]  # frames are read one by one, or by `frames_at`
        """The frame at that place, from 0; negative places count from the end. IndexError past the ends."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"{self.path.name} has frames 0 to {len(self) - 1}, not {index}")
        frame = int(index) % len(self)
        return Frame(self._image(frame), frame, float(self.pts_seconds[frame]))

    def frames_at(self, indices: ArrayLike) -> Clip:
        """Return the frames at those places, in that order; (T, height, width, 3). IndexError past the ends."""
        positions = np.asarray(indices, np.int64).reshape(-1)
        images = np.empty((len(positions), self.height, self.width, 3), np.uint8)
        for slot, frame in enumerate(positions.tolist()):
            is_repeated = slot > 0 and frame == positions[slot - 1]  # padding repeats the last frame
            images[slot] = images[slot - 1] if is_repeated else self[frame].image
        return Clip(images, positions % len(self), self.pts_seconds[positions])

    def half(self, index: int) -> Image:
        """Return the frame at half its width and height, rounded up, in half the time: its JPEG is decoded no further.

        Raises:
            IndexError: past the ends.
        """
        if not 0 <= index < len(self):
            raise IndexError(f"{self.path.name} has frames 0 to {len(self) - 1}, not {index}")
        return self._image(index, cv2.IMREAD_REDUCED_COLOR_2, (-(-self.height // 2), -(-self.width // 2)))

    def reader(self) -> VideoReader:
        """Return the video itself, at full size; opens at once, since its frames are known."""
        entries = np.empty(len(self), ENTRY)
        for name in ENTRY.names or ():
            entries[name] = self._rows[name]
        return VideoReader(self.path, known=(FrameIndex(entries), self.meta))

    def _image(self, frame: int, how: int = cv2.IMREAD_COLOR, size: tuple[int, int] | None = None) -> Image:
        image = self._read(frame, how)
        if image is None or image.shape != (*(size or (self.height, self.width)), 3):
            if self._remake is not None:
                self._entry.discard()  # an earlier version kept no checksum, so its own may fit what is damaged
            self._mend(int(self._rows[frame]["chunk"]))
            image = self._read(frame, how)
        if image is None or image.shape != (*(size or (self.height, self.width)), 3):
            raise self._damage_error()
        return np.asarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB, dst=image), np.uint8)

    def _read(self, frame: int, how: int) -> NDArray[np.uint8] | None:
        row = self._rows[frame]
        chunk = int(row["chunk"])
        if chunk not in self._sound and not self._fits(chunk):
            self._mend(chunk)
        try:
            with chunk_path(self._entry.path, chunk).open("rb") as file:
                file.seek(int(row["offset"]))
                data = file.read(int(row["num_bytes"]))
        except OSError:
            return None
        return cv2.imdecode(np.frombuffer(data, np.uint8), how) if data else None  # type: ignore[return-value]

    def _fits(self, chunk: int) -> bool:
        """Return whether a chunk holds what was stored, as far as is known: earlier versions kept no checksum."""
        file = chunk_path(self._entry.path, chunk)
        if file.name in self._checksums and not fits(file, self._checksums[file.name]):
            return False
        self._sound.add(chunk)
        return True

    def _mend(self, chunk: int) -> None:
        """Make the entry again, unless another thread or process has. StorageError: it cannot be made."""
        if self._remake is None:
            self._entry.discard()
            raise self._damage_error()
        with self._mending:
            self._sound.discard(chunk)
            self._remake(self._entry)
            self._open()
            if not self._fits(chunk):
                raise self._damage_error()

    def _damage_error(self) -> StorageError:
        return StorageError(
            f"The stored frames of {self.path} in {self._entry.path} are damaged. Decode it again: core.decode."
        )


def chunk_path(folder: Path, chunk: int) -> Path:
    """Return JPEG files one after the other."""
    return folder / f"{chunk:06d}{CHUNK}"


def are_whole(folder: Path, rows: NDArray[np.void]) -> bool:
    """Return whether the chunks are as long as their rows say."""
    chunks = np.unique(rows["chunk"])
    return all(
        chunk_path(folder, int(chunk)).stat().st_size == rows["num_bytes"][rows["chunk"] == chunk].sum()
        for chunk in chunks
    )


def write_known(folder: Path, rows: NDArray[np.void], meta: VideoMeta, size: tuple[int, int]) -> None:
    """Write what `StoredVideo` reads beside the chunks; `size` is width and height of the stored frames."""
    with replacing(folder / "frames.npy") as partial:
        np.save(partial, rows)
    known = {"video": dataclasses.asdict(meta), "width": size[0], "height": size[1]}
    write_text(folder / "meta.json", json.dumps(known, indent=1))
