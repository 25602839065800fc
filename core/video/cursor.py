"""Find a frame again that an earlier decode has seen."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from av.video.frame import VideoFrame

from core.base.errors import VideoError
from core.video.decoding import Decoding
from core.video.index import FrameIndex, checksum

_KEYFRAMES_TRIED = 2


class Cursor:
    """Decodes forwards if the frame is near, otherwise seeks and verifies the frame.

    Containers and codecs differ in where a seek lands and in what decodes right from there (open groups of pictures,
    refresh without keyframes). So a frame counts as found when its time and its checksum are those of the index;
    failing that, decoding starts one keyframe earlier, then at the start of the file.
    """

    def __init__(self, decoding: Decoding, index: FrameIndex) -> None:
        self._decoding = decoding
        self._index = index
        self._is_regular = index.is_regular
        self._position: int | None = -1
        """Place of the frame read last; -1 before the first, None where that is unknown."""
        self._frame: VideoFrame | None = None

    def read(self, index: int) -> VideoFrame:
        """Return the frame at `place`, with 0 <= place < len(index).

        Raises:
            VideoError: it is not there: the file changed.
        """
        if index == self._position and self._frame is not None:
            return self._frame
        keys = self._index.keys_before(index) if self._is_regular else np.empty(0, np.int64)
        is_near = self._position is not None and self._position < index and not np.any(keys > self._position + 1)
        if is_near and self._forward_to(index):
            return self._find()
        for key in keys[::-1][:_KEYFRAMES_TRIED]:
            if self._decoding.seek(*self._index.key(int(key))) and self._forward_to(index):
                return self._find()
        self._decoding.reopen()
        self._position = -1
        if self._forward_to(index, is_proof_needed=False):
            return self._find()
        raise VideoError(f"{self._decoding.path} changed while in use. Open it again.")

    def rest(self) -> Iterator[VideoFrame]:
        """Return every frame after the last one of the index, which was read just before."""
        assert self._position == len(self._index) - 1
        pts = self._index.entries["pts"]
        keys = self._index.keys_before(len(self._index) - 1)
        return self._decoding.every_frame(
            already=len(self._index),
            last=int(pts[-1]) if self._is_regular else None,
            key=self._index.key(int(keys[-1])) if len(keys) else None,
        )

    def _find(self) -> VideoFrame:
        assert self._frame is not None
        return self._frame

    def _forward_to(self, index: int, *, is_proof_needed: bool = True) -> bool:
        wanted = self._index.entries[index]
        current, self._position = self._position, None
        for frame in self._decoding.frames():
            if self._is_regular:
                if frame.pts is None or frame.pts < wanted["pts"]:
                    continue
                if frame.pts > wanted["pts"]:
                    return False
            else:
                assert current is not None
                current += 1
                if current < index:
                    continue
            if is_proof_needed and checksum(frame) != wanted["check"]:
                return False
            self._position, self._frame = index, frame
            return True
        return False
