"""What an index learns from a sample of frames before any is entered: the centres of its lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.control import Control
from core.base.errors import ConfigError
from core.base.events import Sink
from core.base.progress import Meter
from core.embedding.packed import PackedVideos, unit_rows
from core.search.index.engine import import_faiss
from core.search.index.runs import TOLERANCE

_SAMPLE_OF_A_LIST, _LEAST_DRAWN, _LEAST_DIFFERENT = 40, 20_000, 500
_ROUNDS = 10
_LEAST_LISTS, _MOST_LISTS = 16, 1 << 16
_CELLS = 1 << 27
"""Products of rows and centres between two checks of what is asked: some tenths of a second."""


def choose_num_lists(num_frames: int) -> int:
    """Return a power of two near half the square root: to enter a frame takes as long as there are lists."""
    return int(np.clip(2 ** round(np.log2(max(num_frames, 1)) / 2 - 1), _LEAST_LISTS, _MOST_LISTS))


class Coder:
    """Enters frames into lists and codes them: a random rotation, the nearest of the centres by cosine, and of what is
    left the sign of each number, with two factors (RaBitQ: Gao and Long, SIGMOD 2024).

    Product quantisation errs twice as much in as many bytes, and trains for minutes. Neither lists nor codes are a
    graph: a frame that is searched for comes to the very list in which it was entered, however many equal frames there
    are elsewhere.
    """

    def __init__(self, index: Any) -> None:
        self.index = index
        """`faiss.IndexPreTransform`, without entries."""
        self._lists = import_faiss().extract_index_ivf(index)

    @classmethod
    def read(cls, path: Path) -> Coder:
        """Read what `write` wrote. OSError, RuntimeError: it is missing or damaged."""
        return cls(import_faiss().deserialize_index(np.fromfile(path, np.uint8)))

    def write(self, path: Path) -> None:
        """Write the file."""
        import_faiss().serialize_index(self.index).tofile(path)

    @property
    def num_lists(self) -> int:
        return int(self._lists.nlist)

    @property
    def code_bytes(self) -> int:
        """Of an entry."""
        return int(self._lists.code_size)

    def encode(self, rows: NDArray[np.float32], control: Control) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
        """Return the (N,) list and the (N, code_bytes) code of each (N, D) row of norm 1. Stopped: asked to."""
        faiss = import_faiss()
        lists, codes = np.empty(len(rows), np.int32), np.empty((len(rows), self.code_bytes), np.uint8)
        step = max(1, _CELLS // self.num_lists)
        for first in range(0, len(rows), step):
            control.obey()
            turned = self.index.chain.at(0).apply(np.ascontiguousarray(rows[first : first + step]))
            numbers = self._lists.quantizer.search(turned, 1)[1].ravel()
            pointers = (faiss.swig_ptr(one) for one in (turned, numbers, codes[first : first + step]))
            self._lists.encode_vectors(len(turned), *pointers, False)
            lists[first : first + step] = numbers
        return lists, codes


def train(packed: PackedVideos, seed: int, sink: Sink, control: Control) -> Coder:
    """Train on a sample of the frames; the same seed and frames give the same coder.

    Raises:
        ConfigError: there are too few different frames.
        Stopped: asked to.
    """
    faiss = import_faiss()
    rng = np.random.default_rng(seed)
    num_lists = choose_num_lists(packed.num_frames)
    sample = _sample(packed, max(_SAMPLE_OF_A_LIST * num_lists, _LEAST_DRAWN), rng, control)
    if len(sample) < _LEAST_DIFFERENT:
        raise ConfigError(
            f"{packed.folder} has too few different frames for an index. Search without one: reading all of them is "
            "quick."
        )
    rotation = faiss.RandomRotationMatrix(packed.width, packed.width)
    rotation.init(seed)
    centres = _find_centres(rotation.apply(sample), min(num_lists, len(sample) // 8), rng, sink, control)
    quantizer = faiss.IndexFlatIP(packed.width)
    quantizer.add(centres)
    lists = faiss.IndexIVFRaBitQ(quantizer, packed.width, len(centres), faiss.METRIC_INNER_PRODUCT)
    lists.is_trained = True
    index = faiss.IndexPreTransform(rotation, lists)
    quantizer.this.disown()
    rotation.this.disown()
    lists.this.disown()
    lists.own_fields = index.own_fields = True
    return Coder(index)


def _sample(packed: PackedVideos, size: int, rng: np.random.Generator, control: Control) -> NDArray[np.float32]:
    """Return different frames in random order: of a still camera's few, whatever share of the library it has."""
    numbers = np.sort(rng.choice(packed.num_frames, min(size, packed.num_frames), replace=False))
    pieces = []
    for first, rows in packed.blocks(0, packed.num_frames):
        control.obey()
        start, stop = np.searchsorted(numbers, (first, first + len(rows)))
        wide = unit_rows(rows[numbers[start:stop] - first])
        wide = wide[np.isfinite(wide).all(axis=1) & wide.any(axis=1)]
        is_new = np.linalg.norm(np.diff(wide, axis=0), axis=1) > TOLERANCE
        pieces.append(wide[np.append(True, is_new)[: len(wide)]])
    rows = np.concatenate(pieces) if pieces else np.empty((0, packed.width), np.float32)
    return rows[rng.permutation(len(rows))]


def _find_centres(
    rows: NDArray[np.float32], count: int, rng: np.random.Generator, sink: Sink, control: Control
) -> NDArray[np.float32]:
    """Return (count, D) centres of norm 1: k-means by cosine. FAISS's own cannot be stopped."""
    faiss = import_faiss()
    meter = Meter(sink, "train the index", _ROUNDS * len(rows), "frame")
    centres = rows[:count].copy()
    step = max(1, _CELLS // count)
    for _ in range(_ROUNDS):
        quantizer = faiss.IndexFlatIP(rows.shape[1])
        quantizer.add(centres)
        nearest = np.empty(len(rows), np.int64)
        for first in range(0, len(rows), step):
            control.obey()
            nearest[first : first + step] = quantizer.search(rows[first : first + step], 1)[1].ravel()
            meter.add(min(step, len(rows) - first))
        order = np.argsort(nearest, kind="stable")
        kept, starts = np.unique(nearest[order], return_index=True)
        centres[kept] = np.add.reduceat(rows[order], starts, axis=0)
        empty = np.setdiff1d(np.arange(count), kept)
        centres[empty] = rows[rng.choice(len(rows), len(empty), replace=False)]
        centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    return centres
