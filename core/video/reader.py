"""A video as a sequence of frames: `len(video)`, `video[i]`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.base.types import Clip, Frame, VideoMeta
from core.settings.config import DEFAULT_IMAGE_RATE
from core.video.clock import edges_seconds
from core.video.cursor import Cursor
from core.video.frame_converter import FrameConverter
from core.video.image_decoding import open_decoding
from core.video.index import FrameIndex, levels_of, scan


class VideoReader(Sequence[Frame]):
    """The frames of a file that decode, in presentation order, each at its exact index and time.

        with VideoReader(path) as video:
            for frame in video: ...                       # one pass, nothing is decoded twice
            clip = video.frames_at([120, 130, 140])

    Opening decodes the file once to know its frames (docs/decisions/0001); the frame store hands its own knowledge over
    instead (`StoredVideo.reader`). One thread at a time.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        known: tuple[FrameIndex, VideoMeta] | None = None,
        image_rate: float = DEFAULT_IMAGE_RATE,
    ) -> None:
        """Open a video file, or a folder of images.

        Args:
            image_rate: of a folder, in images a second; no frame depends on it, but its time does.
            known: the index and what was said of this very content by an earlier decode.

        Raises:
            VideoError: the file is missing or unreadable, or no frame of it decodes.
        """
        self.path = Path(path)
        self._index, self.meta = known or scan(open_decoding(self.path, image_rate=image_rate))
        self.pts_seconds: NDArray[np.float64] = self._index.entries["seconds"].copy()
        """(S,) presentation times, the container's start offset included; strictly increasing. Times that people see or
        write are those of `edges_seconds`."""
        self._decoding = open_decoding(self.path, careful=self._index.needs_care, image_rate=image_rate)
        self._cursor = Cursor(self._decoding, self._index)
        first = self._cursor.read(0)
        self._upright = FrameConverter(
            first, self._decoding, codec_name=self._decoding.codec_name, levels=levels_of(self.meta)
        )

    @property
    def edges_seconds(self) -> NDArray[np.float64]:
        """(S + 1,) start of every frame and end of the last, by the medium's clock (`core.video.clock`)."""
        return edges_seconds(self.pts_seconds, self.meta)

    def __len__(self) -> int:
        return len(self._index)

    def __getitem__(self, index: int) -> Frame:  # type: ignore[override]  # a slice of frames would not fit into memory
        """The frame at that place, from 0; negative places count from the end. IndexError past the ends."""
        if not -len(self) <= index < len(self):
            raise IndexError(f"{self.path.name} has frames 0 to {len(self) - 1}, not {index}")
        position = int(index) % len(self)
        frame = self._cursor.read(position)
        return Frame(self._upright.image(frame), position, float(self.pts_seconds[position]))

    def frames_at(self, indices: ArrayLike) -> Clip:
        """Return the frames at those places, in that order; (T, H, W, 3)."""
        positions = np.asarray(indices, np.int64).reshape(-1)
        images = np.empty((len(positions), self.meta.height, self.meta.width, 3), np.uint8)
        for slot in np.argsort(positions, kind="stable"):  # forwards through the file
            images[slot] = self[int(positions[slot])].image
        return Clip(images, positions % len(self), self.pts_seconds[positions])

    def frames(self, start_frame: int = 0) -> Iterator[Frame]:
        """Return the frames from there to the end, decoded one after the other."""
        return (self[index] for index in range(start_frame, len(self)))

    def close(self) -> None:
        self._decoding.close()

    def __enter__(self) -> VideoReader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
