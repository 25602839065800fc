"""Videos -> one embedding per frame, with a trained encoder."""

from __future__ import annotations

import contextlib
import functools
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from core.base.arrays import is_finite, load_array
from core.base.control import Control
from core.base.disk_cache import DiskCache
from core.base.errors import CheckpointError
from core.base.events import Notice, Sink, ignore
from core.base.files import allow_open_files, cache_folder, content_digest, replacing
from core.base.progress import Counter, Tally
from core.embedding.embedded_video import EmbeddedVideo, encoder_path
from core.embedding.pipeline import Pipeline
from core.embedding.scenes import sample_frames, strangeness
from core.features.backbone_features import FeatureFile
from core.features.cached import features_of
from core.features.remaining import Costs, measure_costs, remaining_of_embedding
from core.model.checkpoint import load_encoder, read_card
from core.model.device import choose_device
from core.model.one_thread import one_thread_each
from core.pose.networks import PoseNetworks
from core.pose.people import People, Point
from core.settings.config import FramesConfig
from core.video.frame_store import FrameStore, StoredVideo

_FORMAT = 3
"""Part of every key: to be raised when the same encoder comes to make other embeddings, or other files beside them."""
_MAPS_AT_ONCE = 64
_IN_PRODUCTS = threading.Lock()
_Made = TypeVar("_Made")


class Embedder:
    """An encoder with the stores it reads from.

    Args:
        encoder_file: an `encoder.safetensors`, or the run folder that holds one.
        frames: the frame store's bounds; the short side is the one the encoder was trained with.
        device: `auto`, `cpu` or `cuda`.
        people: a table of whom body pose follows; None: whom the encoder was trained to follow in its own videos, in
            others the largest.

    Raises:
        LabelError: that table cannot be used.
        CheckpointError: the encoder cannot be read.
    """

    def __init__(
        self,
        encoder_file: Path,
        *,
        frames: FramesConfig | None = None,
        device: str = "auto",
        people: Path | None = None,
        sink: Sink = ignore,
        control: Control | None = None,
    ) -> None:
        self._control = control or Control()
        self._sink = remaining_of_embedding(sink, functools.cache(self._costs))
        self._device = choose_device(device)
        self._threads = one_thread_each(torch.get_num_threads(), "embedding")
        self.encoder, self.config = load_encoder(encoder_file, device=str(self._device))
        bounds = frames or self.config.frames
        max_bytes = int(bounds.cache_size_gb * 1e9)
        self._store = FrameStore(
            short_side=self.config.frames.short_side,
            max_bytes=max_bytes,
            workers=bounds.decode_workers,
            image_rate=bounds.image_rate,
        )
        known = {digest: Point(*point) for digest, point in read_card(encoder_file).get("people", {}).items()}
        if people and not isinstance(self.encoder.backbone.frozen, PoseNetworks):
            sink(Notice(f"{people} is not used: this encoder works on images, not on body pose."))
        followed = People.read(people, known) if people else People(known=known)
        self._features = features_of(
            self.encoder, self.config, self._device, max_bytes=max_bytes, people=followed, threads=self._threads
        )
        self._embeddings = DiskCache(cache_folder("embeddings"), max_bytes)
        self._digest = content_digest(encoder_path(encoder_file))
        self._identity = f"{_FORMAT}-{self._digest[:24]}-{self._device.type}{self._features.precision_key}"

    def embedded(self, paths: Sequence[Path]) -> list[EmbeddedVideo]:
        """Return all of `each`, held at once: each pins its place on disk, and is an open file.

        Raises: as `each`.
        """
        allow_open_files(len(paths))
        return list(self.each(paths))

    def each(self, paths: Sequence[Path]) -> Iterator[EmbeddedVideo]:
        """Embed each video whole (up to `encoder.max_frames`), at stride 1; what was embedded before is only opened.

        Yields the videos in order, each as soon as it is ready. Broken videos are left out with a notice.

        Raises:
            VideoError: no video is left.
            Stopped: asked to; what was embedded is kept.
        """
        for _, made in self._pipeline(self._embedded, "embed").run(paths):
            yield made

    def one(self, video: StoredVideo) -> EmbeddedVideo:
        """Embed a video whose frames are in the frame store; the file is not read.

        Raises:
            Stopped: asked to.
        """
        if self._features.together > 1:
            self._features.prepare([video], self._control)
        with one_thread_each(1, "embed") as thread:  # as in the pipeline
            made = thread.submit(self._embedded, video, self._control, Tally()).result()
        for sentence in self._features.notices(video):
            self._sink(Notice(sentence))
        return made

    def features(self, paths: Sequence[Path]) -> list[tuple[StoredVideo, FeatureFile]]:
        """Return videos and the features of their frames, computing missing ones; to be closed.

        Raises: as `each`.
        """
        allow_open_files(len(paths))
        return list(self._pipeline(self._features.clean, "features").run(paths))

    def _pipeline(self, make: Callable[[StoredVideo, Control, Counter], _Made], stage: str) -> Pipeline[_Made]:
        return Pipeline(self._store, self._features, make, stage, self._sink, self._control)

    def _costs(self) -> Costs:
        def measure() -> Costs:
            return measure_costs(self.encoder, self.config, self._device, trains=False, control=self._control)

        of_one = self._threads.submit(measure).result()
        return Costs(of_one.of_image / torch.get_num_threads())

    def _embedded(self, video: StoredVideo, control: Control, counter: Counter) -> EmbeddedVideo:
        grey = f"-{video.meta.grey_key}" if video.meta.grey_key else ""
        entry = self._embeddings.entry(f"{video.digest}-{self._identity}{grey}{self._features.variant(video)}")
        file, strangeness_file = entry.path / "embeddings.npy", entry.path / "strangeness.npy"
        with entry.making(control):
            if entry.is_sound():
                counter.skip(len(video))
            else:
                made, strange = self._embed(video, control, counter)
                if not is_finite(made):
                    raise CheckpointError(
                        f"The encoder gives NaN or infinity for {video.path}. Use another encoder or checkpoint."
                    )
                self._embeddings.make_room(made.nbytes + strange.nbytes)
                with replacing(strangeness_file) as partial:
                    np.save(partial, strange)
                with replacing(file) as partial:
                    np.save(partial, made)
                entry.publish()
        rows, strangeness = load_array(file, is_mapped=True), load_array(strangeness_file)
        return EmbeddedVideo(
            video.path, video.digest, video.edges_seconds, rows, video, strangeness, entry, self._digest
        )

    def _embed(
        self, video: StoredVideo, control: Control, counter: Counter
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return (S, D) embeddings and (S,) strangeness."""
        with self._features.clean(video, control, counter) as features:

            def embed(piece: tuple[int, int]) -> NDArray[np.float32]:
                control.obey()
                start, stop = piece
                rows = torch.from_numpy(features.rows(np.arange(start, stop))).to(self._device, torch.float32)
                return self.encoder.embed_piece(rows, start, len(video)).float().cpu().numpy()

            pieces = list(self._threads.map(embed, self.encoder.pieces(len(video))))
            return np.concatenate(pieces), self._strangeness(features)

    def _strangeness(self, features: FeatureFile) -> NDArray[np.float32]:
        """Return (S,) by the backbone's features, learned or not."""
        scale = float(self.encoder.input.scale) if self.encoder.config.standardise_features else None
        chosen = sample_frames(len(features))
        parts = np.array_split(chosen, -(-len(chosen) // _MAPS_AT_ONCE))
        sample = np.concatenate([_as_vectors(features.rows(part)) for part in parts])
        with _one_thread_in_products():
            return strangeness(sample, map(_as_vectors, features.chunks()), scale)


@contextlib.contextmanager
def _one_thread_in_products() -> Iterator[None]:
    """Let numpy's matrix products use one thread, for one caller at a time: the other cores have work of their own."""
    with _IN_PRODUCTS, _blas().limit(limits=1):
        yield


@functools.cache
def _blas() -> ThreadpoolController:
    return ThreadpoolController().select(user_api="blas")  # it looks at all libraries that are loaded


def _as_vectors(rows: NDArray[np.float16]) -> NDArray[np.float32]:
    """Map (N, F), or maps (N, C, h, w) -> (N, F) float32, means over the maps."""
    return rows.astype(np.float32) if rows.ndim == 2 else rows.mean(axis=(2, 3), dtype=np.float32)
