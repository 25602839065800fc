"""Search with an index: it proposes frames, whose cosines and order are then worked out exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.arrays import load_array
from core.base.errors import StorageError
from core.base.files import content_digest, explain_errors
from core.embedding.card import INDEX
from core.embedding.packed import PackedVideos, unit_rows
from core.search.candidates import Candidates, apart, best_of, cosines_of
from core.search.frames import find_frames
from core.search.index.card import TRAINED, IndexCard, Recall, damaged_index_in_words
from core.search.index.engine import import_faiss
from core.search.index.merging import open_lists
from core.search.index.runs import unpack
from core.search.index.training import Coder
from core.search.matches import FrameRange, SearchMatch, directions, gaps_by_video

_FIRST_RUNS, _RUNS_A_HIT, _MOST_RUNS = 1024, 64, 1 << 14
"""Runs that are proposed at first; four times as many each time that more could be results."""
_MOST_FRAMES = 1 << 19
"""Frames whose cosines are worked out for an answer."""


@dataclass(frozen=True)
class _Times:
    """The times of a video's frames, as `core.search.candidates.apart` asks for them."""

    embeddings: NDArray[np.float32]
    edges_seconds: NDArray[np.float64]


@dataclass(frozen=True)
class _Frames:
    """Frames of the proposed runs that belong to videos of the library; (N,) each."""

    runs: NDArray[np.int64]
    """Which run a frame is of."""
    videos: NDArray[np.int64]
    frames: NDArray[np.int64]
    cosines: NDArray[np.float64]

    def where(self, kept: NDArray[np.bool_]) -> _Frames:
        """Return only these."""
        return _Frames(self.runs[kept], self.videos[kept], self.frames[kept], self.cosines[kept])


class FrameIndex:
    """An opened index; any number of threads may ask at the same time. Made by `open`.

    Args:
        packed: the videos that are searched: all those of the index, or some.
        index: `faiss.Index` with all entries.
    """

    def __init__(
        self, packed: PackedVideos, index: Any, probes: int, score_error: float, recall: Recall | None
    ) -> None:
        self.packed = packed
        self.recall = recall
        """None: not measured yet."""
        self._index, self.probes, self.score_error = index, probes, score_error
        numbers = np.array([int(Path(name).stem) for name in packed.file_names], np.int64)
        keys = (numbers[packed.files] << 32) + packed.rows_in_file if len(packed) else np.empty(0, np.int64)
        self._order = np.argsort(keys, kind="stable")
        self._keys = keys[self._order]
        self._file_of_number = {int(number): place for place, number in enumerate(numbers)}

    @classmethod
    def open(cls, packed: PackedVideos) -> FrameIndex:
        """Open the index in the folder of packed videos.

        Raises:
            ConfigError: there is none, or FAISS is not installed.
            StorageError: it is damaged, or of other files than the folder has now.
        """
        card = IndexCard.read(packed.folder)
        card.check(packed)
        import_faiss()
        folder = packed.folder / INDEX
        try:
            if content_digest(folder / TRAINED) != card.trained_digest:
                raise ValueError(f"{TRAINED} has other content than the card names")
            coder = Coder.read(folder / TRAINED)
            sizes = load_array((folder / card.merged).with_suffix(".npy"))
            index = open_lists(folder / card.merged, coder, sizes)
        except (OSError, ValueError, RuntimeError) as error:
            raise StorageError(damaged_index_in_words(packed.folder, error)) from error
        return cls(packed, index, card.probes, card.score_error, card.recall)

    def find_frames(
        self,
        query: NDArray[np.float32],
        *,
        k: int,
        apart_seconds: float = 0.0,
        exclude: Sequence[FrameRange] = (),
    ) -> list[SearchMatch]:
        """Find the nearest frames as `core.search.find_frames` does for these videos, but perhaps not all of them.

        Those that are found have their exact cosines, and their order. Where all frames that are as near as the last
        one are proposed, the results are the exact ones.

        Raises:
            ValueError: as there.
            StorageError: the packed folder is damaged.
        """
        if k < 1 or not apart_seconds >= 0:
            raise ValueError(f"k must be >= 1 and apart_seconds >= 0, got {k} and {apart_seconds}")
        direction = directions(query, [])
        if direction.shape != (self.packed.width,):
            raise ValueError(f"a query of shape {direction.shape} does not fit embeddings of width {self.packed.width}")
        num_runs = max(_FIRST_RUNS, _RUNS_A_HIT * k)
        while True:
            scores, ids = self._propose(direction, num_runs)
            found = self._decide(self._left(self._expand(ids, direction), exclude), k, apart_seconds)
            is_all = len(ids) < num_runs
            if len(found) == k and (is_all or scores[-1] + self.score_error < found[-1].cosine):
                return found
            if is_all or num_runs >= max(_MOST_RUNS, _RUNS_A_HIT * k):
                break
            num_runs *= 4
        if len(found) == k:
            return found
        return find_frames(query, self.packed, k=k, apart_seconds=apart_seconds, exclude=exclude)  # too few lie there

    def measure_error(self, queries: Sequence[NDArray[np.float32]], share: float) -> float:
        """Return what this share of the scores is at most below the best cosine of their runs."""
        errors = []
        for query in queries:
            direction = directions(query, [])
            scores, ids = self._propose(direction, _FIRST_RUNS)
            frames = self._expand(ids, direction)
            best = np.full(len(ids), -np.inf)
            np.maximum.at(best, frames.runs, frames.cosines)
            errors.append((best - scores)[best > -np.inf])
        return float(np.quantile(np.concatenate(errors), share))

    def videos_of(self, ids: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return of each pair of a run and a video that holds it, the place of the run in `ids` and of the video."""
        numbers, rows, lengths = unpack(ids)
        keys = (numbers << 32) + rows
        last = np.searchsorted(self._keys, keys, side="right")
        first = np.searchsorted(self._keys, self._keys[np.maximum(last - 1, 0)] if len(self._keys) else keys)
        counts = np.where(last > 0, last - first, 0)  # of a video that is there under several names
        runs = np.repeat(np.arange(len(ids)), counts)
        within = np.arange(len(runs)) - np.repeat(np.cumsum(counts) - counts, counts)
        videos = self._order[first[runs] + within]
        stops = self._keys_of(videos) + self.packed.lengths[videos]
        is_inside = keys[runs] + lengths[runs] <= stops  # else it is of a video that was superseded
        return runs[is_inside], videos[is_inside]

    @cached_property
    def _first_keys(self) -> NDArray[np.int64]:
        keys: NDArray[np.int64] = np.empty_like(self._keys)
        keys[self._order] = self._keys
        return keys

    def _keys_of(self, videos: NDArray[np.int64]) -> NDArray[np.int64]:
        return self._first_keys[videos]

    def _propose(self, direction: NDArray[np.float64], num_runs: int) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        """Return scores and ids of the runs that seem nearest, best first; equal ones in the order of their frames."""
        faiss = import_faiss()
        row = np.ascontiguousarray(direction[None], np.float32)
        wanted = faiss.SearchParametersPreTransform(index_params=faiss.SearchParametersIVF(nprobe=self.probes))
        scores, ids = self._index.search(row, num_runs, params=wanted)
        scores, ids = scores[0][ids[0] >= 0], ids[0][ids[0] >= 0]
        order = np.lexsort((ids, -scores))
        return scores[order], ids[order]

    def _expand(self, ids: NDArray[np.int64], direction: NDArray[np.float64]) -> _Frames:
        """Return the frames of these runs, in the order of the runs, with their cosines."""
        numbers, rows, lengths = unpack(ids)
        lengths = np.where(np.cumsum(lengths) <= _MOST_FRAMES, lengths, 0)
        starts = np.cumsum(lengths) - lengths
        run_of = np.repeat(np.arange(len(ids)), lengths)
        row_of = rows[run_of] + np.arange(len(run_of)) - starts[run_of]
        cosines = self._cosines(numbers[run_of], row_of, direction)
        runs, videos = self.videos_of(ids)
        counts = lengths[runs]
        pair_of = np.repeat(np.arange(len(runs)), counts)
        within = np.arange(len(pair_of)) - (np.cumsum(counts) - counts)[pair_of]
        places = starts[runs][pair_of] + within
        frames = row_of[places] - self.packed.rows_in_file[videos][pair_of]
        expanded = _Frames(runs[pair_of], videos[pair_of], frames, cosines[places])
        return expanded.where(np.isfinite(expanded.cosines))

    def _cosines(
        self, numbers: NDArray[np.int64], rows: NDArray[np.int64], direction: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return (N,) of rows of files; NaN for files in which none of the videos lies."""
        cosines = np.full(len(rows), np.nan)
        for number in np.unique(numbers).tolist():
            if number not in self._file_of_number:
                continue
            places = np.flatnonzero(numbers == number)
            opened = self.packed.open_file(self._file_of_number[number])
            if rows[places].max() >= len(opened.embeddings):
                raise StorageError(
                    damaged_index_in_words(self.packed.folder, ValueError(f"it names rows that file {number} lacks"))
                )
            with explain_errors(opened.path):
                there = opened.read_rows(rows[places])
            cosines[places] = cosines_of(there if there.dtype == np.float32 else unit_rows(there), direction)
        return cosines

    @staticmethod
    def _left(frames: _Frames, exclude: Sequence[FrameRange]) -> _Frames:
        """Return the frames that are not left out."""
        kept = np.ones(len(frames.frames), np.bool_)
        gaps = gaps_by_video(exclude)
        for index in np.intersect1d(np.fromiter(gaps, np.int64, len(gaps)), frames.videos).tolist():
            for gap in gaps[index]:
                kept &= ~((frames.videos == index) & (frames.frames >= gap.start) & (frames.frames < gap.stop))
        return frames.where(kept)

    def _decide(self, frames: _Frames, k: int, apart_seconds: float) -> list[SearchMatch]:
        """Return the k best of these frames that lie apart, best first; of equal ones the earliest."""
        order = np.lexsort((frames.frames, -frames.cosines, frames.videos))
        videos, numbers, cosines = frames.videos[order], frames.frames[order], frames.cosines[order]
        firsts = np.flatnonzero(np.diff(videos, prepend=-1))
        stops = np.append(firsts[1:], len(videos))
        best = cosines[firsts]
        floor = np.partition(best, -k)[-k] if len(best) > k else -np.inf  # k videos have a hit at least as good
        found: list[SearchMatch] = []
        for start, stop in zip(firsts[best >= floor].tolist(), stops[best >= floor].tolist(), strict=True):
            index = int(videos[start])
            opened = self.packed.open_file(int(self.packed.files[index]))
            first_row = int(self.packed.rows_in_file[index])
            times = _Times(opened.embeddings[:0], opened.start_seconds[first_row:])
            found += apart(Candidates(index, numbers[start:stop], cosines[start:stop]), times, k, apart_seconds)
        return best_of(found, k)
