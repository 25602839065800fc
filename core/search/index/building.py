"""Build the index of a packed folder, or add to it what the folder has got since."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from core.base.control import Control
from core.base.errors import CarlError, ConfigError, StorageError
from core.base.events import Notice, Sink, ignore
from core.base.files import check_folder, content_digest, explain_errors, replacing, write_text
from core.base.progress import Meter
from core.embedding.card import INDEX, damaged_in_words
from core.embedding.folder import is_packed
from core.embedding.packed import PackedVideos
from core.search.index.card import SHARDS, TRAINED, IndexCard, Recall
from core.search.index.engine import import_faiss
from core.search.index.frame_index import FrameIndex
from core.search.index.merging import merge_shards, open_lists
from core.search.index.recall import Sample, draw_sample, measure_recall
from core.search.index.shards import IndexedFile, open_shard, state_of_file, write_shard
from core.search.index.training import Coder, train

_LOCK, _TRAINING = ".lock", "trained.json"
_OUTGROWN = 10
"""An index is trained anew when the library has so many times the frames."""
_PROBES = (8, 16, 32, 64, 128)
_GAIN, _ENOUGH = 0.002, 0.995
"""More lists are read while recall gains so much, up to so much."""
_ERROR_SHARE = 0.99


def build_index(folder: Path, *, seed: int = 0, sink: Sink = ignore, control: Control | None = None) -> IndexCard:
    """Build the index of a packed folder; run again, it goes on, or adds what is new.

    Each file of frames gives a shard, which is kept while the file stays as it is; then the shards are merged, and the
    recall is measured. Whatever is there is whole.

    Raises:
        ConfigError: the folder is not packed, has too few frames, the seed is below 0, or FAISS is not installed.
        StorageError: it is damaged, another process builds the index, or the disk refuses.
        Stopped: `control` asked for it; what was made is kept.
    """
    control = control or Control()
    if seed < 0:
        raise ConfigError(f"--seed must be at least 0, not {seed}.")
    import_faiss()
    if not is_packed(folder):
        raise ConfigError(
            f"{folder} has no packed embeddings. Pack them first: python -m core.embed --merge FOLDER --out NEW_FOLDER"
        )
    check_folder(folder / INDEX / SHARDS)
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(FileLock(folder / INDEX / _LOCK, timeout=0))
        except Timeout as error:
            raise StorageError(
                f"The search index in {folder} is being built by another process. Wait for it."
            ) from error
        try:
            packed = PackedVideos.open(folder)
            files = _files(packed)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StorageError(damaged_in_words(folder, error)) from error
        card = _Build(packed, files, seed, sink, control).run()
    sink(Notice(card.recall.in_words()))
    return card


def _files(packed: PackedVideos) -> tuple[IndexedFile, ...]:
    frames = np.bincount(packed.files, weights=packed.lengths, minlength=len(packed.file_names)).astype(int).tolist()
    numbered = zip(packed.file_names, frames, strict=True)
    return tuple(IndexedFile(name, state_of_file(packed.folder, name), count) for name, count in sorted(numbered))


@dataclasses.dataclass(frozen=True)
class _Build:
    packed: PackedVideos
    files: tuple[IndexedFile, ...]
    seed: int
    sink: Sink
    control: Control

    @property
    def folder(self) -> Path:
        return self.packed.folder / INDEX

    def run(self) -> IndexCard:
        with contextlib.suppress(CarlError):
            card = IndexCard.read(self.packed.folder)
            FrameIndex.open(self.packed)
            if card.files == self.files and card.seed == self.seed:
                self._clear_all_but(card.trained_digest, card.merged)
                return card
        coder, digest, trained_frames = self._trained()
        shards = self._shards(coder, digest)
        merged, sizes = self._merged(coder, digest, shards)
        index = FrameIndex(self.packed, open_lists(merged, coder, sizes), _PROBES[0], 0.0, None)
        rng = np.random.default_rng(self.seed)
        sample = draw_sample(self.packed, index, (one["id"] for one in shards), rng, self.sink, self.control)
        recall = self._choose_probes(index, sample, coder.num_lists)
        card = IndexCard(
            encoder_digest=self.packed.encoder_digest,
            files=self.files,
            trained_digest=digest,
            trained_frames=trained_frames,
            seed=self.seed,
            code_bytes=coder.code_bytes,
            merged=merged.name,
            probes=index.probes,
            score_error=index.score_error,
            recall=recall,
        )
        card.write(self.folder)
        self._clear_all_but(digest, merged.name)
        return card

    def _trained(self) -> tuple[Coder, str, int]:
        """Return the coder, its digest, and the frames that the library had when it was trained."""
        file, about = self.folder / TRAINED, self.folder / _TRAINING
        made_for = {"encoder_digest": self.packed.encoder_digest, "seed": self.seed, "width": self.packed.width}
        try:
            known = json.loads(about.read_text(encoding="utf-8"))
            digest, frames = known.pop("digest"), known.pop("frames")
            if known == made_for and digest == content_digest(file) and self.packed.num_frames <= _OUTGROWN * frames:
                return Coder.read(file), digest, frames
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError):
            pass  # it is trained anew
        coder, frames = train(self.packed, self.seed, self.sink, self.control), self.packed.num_frames
        with replacing(file) as partial:
            coder.write(partial)
        digest = content_digest(file)
        write_text(about, json.dumps({**made_for, "digest": digest, "frames": frames}) + "\n")
        return coder, digest, frames

    def _shards(self, coder: Coder, digest: str) -> Sequence[NDArray[np.void]]:
        """Return the shards of all files, in the order of their names; those that are missing are made."""
        folder = self.folder / SHARDS / digest
        shards = []
        meter = Meter(self.sink, "index", sum(file.frames for file in self.files), "frame")
        for file in self.files:
            path = folder / file.shard_name
            try:
                shard = open_shard(path, coder.code_bytes)
                meter.skip(file.frames)
            except (OSError, ValueError):
                write_shard(folder, self.packed.folder, file, coder, self.control)
                shard = open_shard(path, coder.code_bytes)
                meter.add(file.frames)
            shards.append(shard)
        return shards

    def _merged(self, coder: Coder, digest: str, shards: Sequence[NDArray[np.void]]) -> tuple[Path, NDArray[np.int64]]:
        """Return the file of lists, and the number of entries of each."""
        state = hashlib.sha256("\n".join([digest, *(file.shard_name for file in self.files)]).encode()).hexdigest()
        path = self.folder / f"merged-{state[:16]}.lists"
        sizes = merge_shards(path, shards, coder.num_lists, self.sink, self.control)
        with replacing(path.with_suffix(".npy")) as partial:
            np.save(partial, sizes)
        return path, sizes

    def _choose_probes(self, index: FrameIndex, sample: Sample, num_lists: int) -> Recall:
        """Set how many lists are read for a query and how far scores err, and return the recall with these."""
        best: tuple[float, int, float, Recall] | None = None
        for probes in _PROBES:
            index.probes = min(probes, num_lists)
            index.score_error = max(index.measure_error(sample.queries, _ERROR_SHARE), 0.0)
            recall = measure_recall(index, sample, self.control)
            least = min(recall.share, recall.still_share)
            gain = least - best[0] if best else 1.0
            if best is None or gain > 0:
                best = least, index.probes, index.score_error, recall
            if gain < _GAIN or least >= _ENOUGH or index.probes == num_lists:
                break
        assert best is not None, "at least one number is tried"
        _, index.probes, index.score_error, recall = best
        return recall

    def _clear_all_but(self, digest: str, merged: str) -> None:
        """Remove what former states of the index have left, now that the card names this one."""
        shards = {file.shard_name for file in self.files}
        kept = {self.folder / SHARDS / digest / name for name in shards}
        kept |= {self.folder / merged, (self.folder / merged).with_suffix(".npy")}
        with explain_errors(self.folder):
            for path in (
                *self.folder.glob("merged-*"),
                *self.folder.glob(f"{SHARDS}/*/*"),
                *self.folder.glob(".*.part*"),
            ):
                if path not in kept and path.is_file():
                    path.unlink(missing_ok=True)
            for shard_folder in self.folder.glob(f"{SHARDS}/*"):
                if shard_folder.name != digest:
                    shard_folder.rmdir()
