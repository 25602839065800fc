"""What a backbone says of each frame, computed once and kept on disk.

With a backbone that does not learn, the features of the clean video and of a few augmented copies are all that training
needs (paper, Table 7: frozen costs 2.4 points of accuracy on PennAction). Embedding reads the clean ones.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

import numpy as np
import torch
from numpy.typing import NDArray

from core.arrays import load_array
from core.augment.spatial import SpatialDraw, apply, draw, whole
from core.config import Config
from core.control import Control
from core.device import choose_precision
from core.disk_cache import DiskCache, Entry
from core.events import Sink, ignore
from core.files import cache_folder, replacing
from core.model.encoder import Encoder
from core.progress import Meter
from core.video.frame_store import StoredVideo

_CHUNK_FRAMES = 64
"""Decoded at once: bounds memory whatever the video's length."""

_FORMAT = 2
"""Part of every key: to be raised when the same settings come to mean other features."""

_FLOAT16_MAX = float(np.finfo(np.float16).max)


class FeatureFile:
    """Features of one video, memory-mapped; pinned in the cache until closed."""

    def __init__(self, entry: Entry) -> None:
        self._entry = entry
        self._array: NDArray[np.float16] = load_array(entry.path / "features.npy", is_mapped=True)

    def __len__(self) -> int:
        return len(self._array)

    def rows(self, indices: NDArray[np.int64]) -> NDArray[np.float16]:
        """(len(indices), F) float16, in memory."""
        return self._array[indices]

    def mean(self) -> NDArray[np.float32]:
        """(F,) over all frames."""
        return np.asarray(self._array.mean(axis=0, dtype=np.float32))

    def chunks(self) -> Iterator[NDArray[np.float16]]:
        """All rows in order, a bounded number at a time."""
        for start in range(0, len(self), 16 * _CHUNK_FRAMES):
            yield self._array[start : start + 16 * _CHUNK_FRAMES]

    def close(self) -> None:
        self._entry.close()

    def __enter__(self) -> FeatureFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


class FeatureCache:
    """Features by video content, backbone and augmentation.

    Args:
        encoder: in eval mode; its backbone computes them.
        folder: where they lie; None: the user's cache folder.
        max_bytes: the least recently used features go first.
    """

    def __init__(
        self,
        encoder: Encoder,
        config: Config,
        device: torch.device,
        *,
        max_bytes: int,
        folder: Path | None = None,
    ) -> None:
        self._encoder, self._config, self._device = encoder, config, device
        self._cache = DiskCache(folder or cache_folder("features"), max_bytes)
        self._identity = encoder.backbone.identity
        self._precision = choose_precision(device, config.train, through_backbone=True)

    def prepare(self, videos: Sequence[StoredVideo], control: Control, sink: Sink = ignore) -> None:
        """Do nothing: pictures are looked at one by one."""

    def variant(self, video: StoredVideo) -> str:
        """Return what names a choice that was made in a video, for the keys of what is computed: none."""
        return ""

    def clean(self, video: StoredVideo, control: Control, meter: Meter) -> FeatureFile:
        """Features of the whole, unchanged frames."""
        return self._file(video, None, "clean", control, meter)

    def copies(self, videos: Sequence[StoredVideo], control: Control, sink: Sink = ignore) -> list[list[FeatureFile]]:
        """For each video the clean features and those of `train.copies` augmented copies.

        A copy is augmented with one draw for all its frames; the draw depends on the seed, the video's content and the
        copy's number alone.

        Raises:
            Stopped: `control` asked for it; what was computed stays in the cache.
        """
        train = self._config.train
        meter = Meter(sink, "features", sum(map(len, videos)) * (train.copies + 1), "frame")
        made = []
        for video in videos:
            files = [self.clean(video, control, meter)]
            for copy in range(train.copies):
                generator = np.random.default_rng([train.seed, 3, copy, int(video.digest[:16], 16)])
                chosen = draw(self._config.augment, generator)
                files.append(self._file(video, chosen, f"{train.seed}/{copy}", control, meter))
            made.append(files)
        return made

    def _key(self, video: StoredVideo, name: str) -> str:
        augment = asdict(self._config.augment)
        size = augment.pop("image_size")
        parts = [_FORMAT, self._identity, self._config.frames.short_side, size, name]
        if self._precision != torch.float32:
            parts.append(str(self._precision))
        if name != "clean":
            parts.append(sorted(augment.items()))
        if video.meta.grey_key:
            parts.append(video.meta.grey_key)
        return f"{video.digest}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:24]}"

    def _file(
        self, video: StoredVideo, chosen: SpatialDraw | None, name: str, control: Control, meter: Meter
    ) -> FeatureFile:
        entry = self._cache.entry(self._key(video, name))
        with entry.making(control):
            if entry.is_complete:
                meter.skip(len(video))
            else:
                self._compute(video, chosen, entry, control, meter)
        return FeatureFile(entry)

    def _compute(
        self, video: StoredVideo, chosen: SpatialDraw | None, entry: Entry, control: Control, meter: Meter
    ) -> None:
        array: np.memmap[tuple[int, ...], np.dtype[np.float16]] | None = None
        with replacing(entry.path / "features.npy") as partial:
            for start in range(0, len(video), _CHUNK_FRAMES):
                control.raise_if_stopped()
                indices = np.arange(start, min(start + _CHUNK_FRAMES, len(video)))
                rows = self._rows(video, indices, chosen)
                if array is None:
                    shape = (len(video), *rows.shape[1:])
                    self._cache.make_room(int(np.prod(shape)) * 2)
                    array = np.lib.format.open_memmap(partial, mode="w+", dtype=np.float16, shape=shape)
                array[start : start + len(rows)] = rows
                meter.add(len(rows))
            assert array is not None
            array.flush()
            del array
        entry.publish()

    def _rows(self, video: StoredVideo, indices: NDArray[np.int64], chosen: SpatialDraw | None) -> NDArray[np.float16]:
        """(len(indices), F) float16."""
        size = self._config.augment.image_size
        frames = torch.from_numpy(video.frames_at(indices).images).to(self._device)  # (n, h, w, 3) uint8
        images = whole(frames, size) if chosen is None else apply(frames, chosen, size)  # (n, 3, size, size)
        fast = torch.autocast(self._device.type, self._precision, enabled=self._precision != torch.float32)
        with torch.inference_mode(), fast:
            rows = self._encoder.features(images).float().clamp(-_FLOAT16_MAX, _FLOAT16_MAX)  # (n, F)
        result: NDArray[np.float16] = rows.to(torch.float16).cpu().numpy()
        return result
