"""Backbone features of each frame, computed once and cached on disk.

With a backbone that does not learn, the features of the clean video and of a few augmented copies are all that training
needs (paper, Table 7: frozen costs 2.4 points of accuracy on PennAction). Embedding reads the clean ones.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import math
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, wait
from dataclasses import asdict
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.augment.maps import crop_maps
from core.augment.spatial import SpatialDraw, apply, draw, resize_whole
from core.base.arrays import load_array
from core.base.control import Control
from core.base.disk_cache import CacheEntry, DiskCache
from core.base.errors import CheckpointError
from core.base.events import Sink, ignore
from core.base.files import cache_folder, replacing
from core.base.progress import Counter, Meter
from core.features import batched_backbone
from core.features.batched_backbone import BatchedBackbone
from core.features.copies import complete_copy, key_frames
from core.model.device import choose_precision
from core.model.encoder import Encoder
from core.model.one_thread import one_thread_each
from core.model.onnx_extractor import OnnxExtractor
from core.settings.config import Config
from core.settings.renamed import former_name
from core.video.frame_store import StoredVideo

_CHUNK_FRAMES = 64
"""Decoded at once: bounds memory whatever the video's length."""

_PIECE_FRAMES = 4
"""Go through the backbone on a CPU between two looks at whether to wait or to stop: well below a second, even there."""

_FORMAT = 2
"""Part of every key: to be raised when the same settings come to mean other features."""

_CLEAN = "clean"
"""The name of the features of unchanged frames."""

_FLOAT16_MAX = float(np.finfo(np.float16).max)


class FeatureFile:
    """Features of one video, memory-mapped; pinned in the cache until closed."""

    def __init__(self, entry: CacheEntry) -> None:
        self._entry = entry
        self._array: NDArray[np.float16] = load_array(entry.path / "features.npy", is_mapped=True)

    def __len__(self) -> int:
        return len(self._array)

    def rows(self, indices: NDArray[np.int64]) -> NDArray[np.float16]:
        """Return (len(indices), F) float16, in memory."""
        return self._array[indices]

    def mean(self) -> NDArray[np.float32]:
        """Return (F,) over all frames."""
        return np.asarray(self._array.mean(axis=0, dtype=np.float32))

    def chunks(self) -> Iterator[NDArray[np.float16]]:
        """Yield all rows in order, a limited number at a time."""
        for start in range(0, len(self), 16 * _CHUNK_FRAMES):
            yield self._array[start : start + 16 * _CHUNK_FRAMES]

    def close(self) -> None:
        self._entry.close()

    def __enter__(self) -> FeatureFile:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _same(maps: Tensor) -> Tensor:
    return maps


class FeatureCache:
    """Features by video content, backbone and augmentation.

    Args:
        encoder: in eval mode; its backbone computes them, on a GPU as `BatchedBackbone` says.
        folder: where they lie; None: the user's cache folder.
        max_bytes: the least recently used features go first.
        threads: that compute one piece of work each, or read for a GPU; None: as many of its own as torch uses.
    """

    together = 1
    at_once = 2
    """While one video is written to disk there is work of another. On a GPU the frames of a third are read."""

    def __init__(
        self,
        encoder: Encoder,
        config: Config,
        device: torch.device,
        *,
        max_bytes: int,
        folder: Path | None = None,
        threads: Executor | None = None,
    ) -> None:
        self._threads = threads or one_thread_each(torch.get_num_threads(), "features")
        self._encoder, self._config = encoder, config
        self._cache = DiskCache(folder or cache_folder("features"), max_bytes)
        self._identity = encoder.backbone.identity
        self._precision = choose_precision(device, config.train, through_backbone=True, has_gradient=False)
        is_exact = self._precision == torch.float32
        self.precision_key = "" if is_exact else f"-{self._precision}".replace("torch.", "")
        self._batched: BatchedBackbone | None = None
        if batched_backbone.suits(device):
            self.at_once = 3
            size = config.augment.image_size
            self._batched = BatchedBackbone(encoder, size, device, self._precision, self._threads)

    def prepare(self, videos: Sequence[StoredVideo], control: Control, sink: Sink = ignore) -> None:
        """Do nothing: pictures are looked at one by one."""

    def notices(self, video: StoredVideo) -> list[str]:
        """Return what is to be reported of a video: nothing."""
        return []

    def closing_notices(self) -> list[str]:
        """Return what is to be reported of several videos: nothing."""
        return []

    def variant(self, video: StoredVideo) -> str:
        """Return what names a choice that was made in a video, for the keys of what is computed: none."""
        return ""

    def clean(self, video: StoredVideo, control: Control, meter: Counter) -> FeatureFile:
        """Return features of the whole, unchanged frames."""
        return self._files(video, {}, control, meter)[0]

    def copies(self, videos: Sequence[StoredVideo], control: Control, sink: Sink = ignore) -> list[list[FeatureFile]]:
        """Return for each video the clean features and those of `train.augmented_copies` augmented copies.

        A copy is augmented with one draw for all its frames; the draw depends on the seed, the video's content and the
        copy's number alone. Of a copy, every `train.copy_stride`-th frame and the last one go through the backbone
        (`core.features.copies` says what stands between them).

        Raises:
            Stopped: `control` asked for it; what was computed stays in the cache.
        """
        return list(self.each_with_copies(videos, control, sink))

    def each_with_copies(
        self, videos: Sequence[StoredVideo], control: Control, sink: Sink = ignore
    ) -> Iterator[list[FeatureFile]]:
        """Yield what `copies` returns; nothing of it is held. Stopped: as there."""
        draws_of = [(video, self._draws(video)) for video in videos]
        work = sum(self._work(video, name) for video, draws in draws_of for name in (_CLEAN, *draws))
        meter = Meter(sink, "features", work, "frame")
        for video, draws in draws_of:
            yield self._files(video, draws, control, meter)

    def _draws(self, video: StoredVideo) -> dict[str, SpatialDraw]:
        """Return draws by the name under which the features are stored."""
        seed, stride = self._config.train.seed, self._config.train.copy_stride
        generators = [
            np.random.default_rng([seed, 3, copy, int(video.digest[:16], 16)])
            for copy in range(self._config.train.augmented_copies)
        ]
        often = f"/every {stride}" if stride > 1 else ""
        return {
            f"{seed}/{copy}{often}": draw(self._config.augment, generator) for copy, generator in enumerate(generators)
        }

    def _key(self, video: StoredVideo, name: str) -> str:
        augment = asdict(self._config.augment)
        size = augment.pop("image_size")
        parts = [_FORMAT, self._identity, self._config.frames.short_side, size, name]
        if self._precision != torch.float32:
            parts.append(str(self._precision))
        if self._batched is not None:
            parts.append("batched")  # other last bits, again
        elif not isinstance(self._encoder.backbone.frozen, OnnxExtractor):
            parts.append("one thread")  # with several, torch's last bits are others
        if name != _CLEAN:
            # By the names of format 2: what was computed before a setting was renamed is still found.
            named = {former_name(f"augment.{name}").removeprefix("augment."): augment[name] for name in augment}
            parts.append(sorted(named.items()))
        if video.meta.grey_key:
            parts.append(video.meta.grey_key)
        return f"{video.digest}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:24]}"

    def _files(
        self, video: StoredVideo, draws: dict[str, SpatialDraw], control: Control, meter: Counter
    ) -> list[FeatureFile]:
        """Return the files of the clean frames and of each draw; missing ones are computed in one pass over the
        video."""
        wanted: dict[str, SpatialDraw | None] = {_CLEAN: None, **draws}
        entries = {name: self._cache.entry(self._key(video, name)) for name in wanted}
        with contextlib.ExitStack() as making:
            for entry in entries.values():  # in the same order in every process: none waits for one that waits for it
                making.enter_context(entry.making(control))
            missing = [name for name, entry in entries.items() if not entry.is_sound()]
            meter.skip(sum(self._work(video, name) for name in wanted if name not in missing))
            if missing:
                self._compute(video, {name: (entries[name], wanted[name]) for name in missing}, control, meter)
        return [FeatureFile(entry) for entry in entries.values()]

    def _work(self, video: StoredVideo, name: str, start: int = 0, stop: int | None = None) -> int:
        """Return how many of the frames [start, stop) go through the backbone for these features."""
        keys = key_frames(len(video), 1 if name == _CLEAN else self._config.train.copy_stride)
        first, last = np.searchsorted(keys, (start, len(video) if stop is None else stop))
        return int(last - first)

    def _compute(
        self,
        video: StoredVideo,
        missing: Mapping[str, tuple[CacheEntry, SpatialDraw | None]],
        control: Control,
        meter: Counter,
    ) -> None:
        """Make these features in one pass over the frames."""
        work = _Work(video, missing, key_frames(len(video), self._config.train.copy_stride))
        with _Writing([entry for entry, _ in missing.values()], self._cache, len(video)) as writing:
            if self._batched is None:
                self._add_in_pieces(work, writing, control, meter)
            else:
                self._add_in_batches(self._batched, work, writing, control, meter)
            for position, index in enumerate(work.guessed):
                complete_copy(writing.rows[index], work.keys, writing.seen(position))

    def _add_in_pieces(self, work: _Work, writing: _Writing, control: Control, meter: Counter) -> None:
        compute = self._features_of_maps if work.is_of_maps else self._features_of_augmented
        for start, frames in self._chunks(work.video):
            control.obey()
            stop = start + len(frames)
            own = work.keys[slice(*np.searchsorted(work.keys, (start, stop)))]
            counted = sum(self._work(work.video, name, start, stop) for name in work.missing)
            step = _Step(control, meter, counted, work.num_images(len(frames), len(own)))
            writing.add(compute(frames, work.draws, step))
            if work.guessed and len(own):
                writing.add_seen(self._features_of_augmented(frames[own - start], work.guessed_draws, step))

    def _add_in_batches(
        self, batched: BatchedBackbone, work: _Work, writing: _Writing, control: Control, meter: Counter
    ) -> None:
        """Add them in a pass over all frames and, where copies are guessed, one over their key frames."""
        video, images = work.video, work.num_images(len(work.video), len(work.keys))
        step = _Step(control, meter, sum(self._work(video, name) for name in work.missing), images)

        def add(rows: NDArray[np.float16]) -> None:
            writing.add(rows)
            step.took(work.num_images(len(rows), 0))

        def add_seen(rows: NDArray[np.float16]) -> None:
            writing.add_seen(rows)
            step.took(work.num_images(0, len(rows)))

        batched.run(video, np.arange(len(video)), work.draws, add, control, is_of_maps=work.is_of_maps)
        if work.guessed:
            batched.run(video, work.keys, work.guessed_draws, add_seen, control, is_of_maps=False)

    def _chunks(self, video: StoredVideo) -> Iterator[tuple[int, Tensor]]:
        """Yield the first frame's number and (n, H, W, 3) frames of each chunk, the next one being read meanwhile."""

        def read(start: int) -> Tensor:
            return torch.from_numpy(video.frames_at(np.arange(start, min(start + _CHUNK_FRAMES, len(video)))).images)

        starts = range(0, len(video), _CHUNK_FRAMES)
        reading = [self._threads.submit(read, start) for start in starts[:1]]
        for start, following in itertools.zip_longest(starts, starts[1:]):
            frames = reading.pop().result()
            if following is not None:
                reading.append(self._threads.submit(read, following))
            yield start, frames

    def look_at(self, frames: Tensor, draws: Sequence[SpatialDraw | None]) -> NDArray[np.float16]:
        """Return (n, draws, F) of (n, H, W, 3) frames in memory, augmented by each draw (None: as it is)."""
        if self._batched is not None:
            return self._batched.look_at(frames, draws)
        step = _Step(Control(), Meter(ignore, "features", 1, "frame"), 0, max(len(frames) * len(draws), 1))
        return self._features_of_augmented(frames, draws, step)

    def _features_of_augmented(
        self, frames: Tensor, draws: Sequence[SpatialDraw | None], step: _Step
    ) -> NDArray[np.float16]:
        """Return (n, draws, F) of frames that are augmented before they go through the backbone."""
        size = self._config.augment.image_size
        rows = [
            self._through([_same], apply(frames, chosen or SpatialDraw(), size), lambda images: images, step)
            for chosen in draws
        ]
        return np.concatenate(rows, axis=1)

    def _features_of_maps(
        self, frames: Tensor, draws: Sequence[SpatialDraw | None], step: _Step
    ) -> NDArray[np.float16]:
        """Return (n, draws, F) of what the clean maps tell."""
        height, width = frames.shape[1:3]
        crops = [
            _same if chosen is None else partial(crop_maps, draw=chosen, frame_height=height, frame_width=width)
            for chosen in draws
        ]
        return self._through(crops, frames, lambda part: resize_whole(part, self._config.augment.image_size), step)

    def _through(
        self,
        changes: Sequence[Callable[[Tensor], Tensor]],
        frames: Tensor,
        as_images: Callable[[Tensor], Tensor],
        step: _Step,
    ) -> NDArray[np.float16]:
        """Return (n, changes, F) of frames that go through the backbone as images, and whose maps are changed then."""

        def through(piece: Tensor) -> NDArray[np.float16]:
            step.obey()
            fast = torch.autocast("cpu", self._precision, enabled=self._precision != torch.float32)
            images = as_images(piece)
            with torch.inference_mode(), fast:
                made = self._encoder.features_of_changed(images, changes).float()
            if not made.isfinite().all():
                raise _not_finite()
            made = made.clamp(-_FLOAT16_MAX, _FLOAT16_MAX)
            return made.to(torch.float16).cpu().numpy()

        rows = []
        pieces = frames.tensor_split(max(math.ceil(len(frames) / _PIECE_FRAMES), 1))
        working = [self._threads.submit(through, piece) for piece in pieces]
        try:
            for done, piece in zip(working, pieces, strict=True):
                rows.append(done.result())
                step.took(len(piece))
        finally:
            for future in working:
                future.cancel()
            wait(working)
        return np.concatenate(rows)


def _not_finite() -> CheckpointError:
    return CheckpointError(
        "The image network gives NaN or infinity for a video's frames, which would spread to all results. Check its "
        "file of weights, or use another network."
    )


class _Work:
    """What is to be made of a video.

    Args:
        missing: entries and their draws (None: the clean frames) by name.
        keys: the frames of a copy that go through the backbone.
    """

    def __init__(
        self,
        video: StoredVideo,
        missing: Mapping[str, tuple[CacheEntry, SpatialDraw | None]],
        keys: NDArray[np.int64],
    ) -> None:
        self.video, self.missing, self.keys = video, missing, keys
        self.draws = [chosen for _, chosen in missing.values()]
        is_guessing = len(keys) < len(video)
        self.guessed = [index for index, chosen in enumerate(self.draws) if is_guessing and chosen is not None]
        """The copies that are guessed between their key frames."""
        self.guessed_draws = [self.draws[index] for index in self.guessed]
        self.is_of_maps = bool(self.guessed) or self.draws == [None]
        """Whether the unchanged frames' maps are all that is needed of most frames."""

    def num_images(self, num_frames: int, num_keys: int) -> int:
        """Return how many images so many frames, and so many key frames among them, are to the backbone."""
        return num_frames + num_keys * len(self.guessed) if self.is_of_maps else num_frames * len(self.draws)


class _Step:
    """Counts the images of a chunk of frames as they go through the backbone, and obeys between them."""

    def __init__(self, control: Control, meter: Counter, work: int, images: int) -> None:
        """`work` is what the chunk counts for; where the clean frames are looked at for copies alone, it is less."""
        self._control, self._meter, self._work, self._images = control, meter, work, images
        self._done = self._counted = 0

    def took(self, images: int) -> None:
        """Count so many more that went through. Stopped: it was asked for."""
        self._done += images
        counted = self._work * self._done // self._images
        self._meter.add(counted - self._counted)
        self._counted = counted
        self.obey()

    def obey(self) -> None:
        """Wait or stop as asked; in any thread."""
        self._control.obey()


class _Writing:
    """The features of a video on their way into files, all alike; published when left without an error.

    Beside them lies what was seen of the copies' key frames, which for a long video may not fit into memory either.
    """

    def __init__(self, entries: Sequence[CacheEntry], cache: DiskCache, num_frames: int) -> None:
        self._entries, self._cache, self._num_frames = entries, cache, num_frames
        self._files = contextlib.ExitStack()
        self._done = 0
        self._seen_shape: tuple[int, ...] = ()
        self.rows: list[np.memmap[tuple[int, ...], np.dtype[np.float16]]] = []
        """For each entry (S, F)."""

    def add(self, rows: NDArray[np.float16]) -> None:
        """Add (n, entries, F) of the next n frames. CheckpointError: they hold NaN or infinity."""
        if not np.isfinite(rows).all():
            raise _not_finite()
        if not self.rows:
            shape = (self._num_frames, *rows.shape[2:])
            self._cache.make_room(int(np.prod(shape)) * 2 * len(self._entries))
            self.rows = [
                np.lib.format.open_memmap(partial, mode="w+", dtype=np.float16, shape=shape)
                for partial in self._partials
            ]
        for index, array in enumerate(self.rows):
            array[self._done : self._done + len(rows)] = rows[:, index]
        self._done += len(rows)

    def add_seen(self, rows: NDArray[np.float16]) -> None:
        """Add (n, copies, F) of the next n key frames."""
        self._scratch.write(rows.tobytes())
        self._seen_shape = rows.shape[1:]

    def seen(self, copy: int) -> NDArray[np.float16]:
        """Return (key frames, F) that were added, to be changed at will."""
        self._scratch.flush()
        seen = np.memmap(self._scratch, np.float16, "r+").reshape(-1, *self._seen_shape)
        return seen[:, copy]

    def __enter__(self) -> Self:
        self._scratch = self._files.enter_context(tempfile.TemporaryFile(dir=self._entries[0].path))
        self._partials = [self._files.enter_context(replacing(entry.path / "features.npy")) for entry in self._entries]
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for array in self.rows:
            array.flush()
        self.rows = []  # before the files are renamed: some systems rename none that is mapped
        self._files.__exit__(kind, error, at)
        if error is None:
            for entry in self._entries:
                entry.publish()
