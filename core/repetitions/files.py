"""Repetitions and the embeddings they were found with, in one NPZ file; needs no torch."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.align.repetitions import Prices, Repetitions, RepetitionSpan
from core.base.arrays import load_arrays
from core.base.errors import StorageError
from core.base.files import replacing
from core.embedding.embedded_video import EmbeddedVideo

LEAST_REPETITIONS = 2
"""Below it a video repeats nothing."""


@dataclass(frozen=True, eq=False)
class FoundRepetitions:
    """The repetitions in one video of what another shows once."""

    reference: EmbeddedVideo
    """Shows it once."""
    video: EmbeddedVideo
    """Each repetition embedded alone, so that the others do no harm (`core.repetitions.repeats`)."""
    repetitions: Repetitions


def write_found(path: Path, found: Sequence[FoundRepetitions], encoder_digest: str) -> None:
    """Write them as one NPZ.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    arrays: dict[str, NDArray[np.generic]] = {"encoder_digest": np.array(encoder_digest)}
    for index, one in enumerate(found):
        for side, video in (("reference", one.reference), ("video", one.video)):
            arrays[f"{index}_{side}"] = np.array([str(video.path), video.digest])
            arrays[f"{index}_{side}_edges"] = video.edges_seconds
            arrays[f"{index}_{side}_rows"] = video.embeddings
        repetitions, prices = one.repetitions, one.repetitions.prices
        spans = repetitions.spans
        arrays[f"{index}_spans"] = np.array([(s.start_frame, s.end_frame_exclusive) for s in spans]).reshape(-1, 2)
        arrays[f"{index}_confidence"] = np.array([span.confidence for span in spans], np.float64)
        arrays[f"{index}_frames"], arrays[f"{index}_numbers"] = repetitions.frames, repetitions.numbers
        arrays[f"{index}_prices"] = np.array(
            [repetitions.cost, prices.gap, prices.skip, prices.start, prices.most], np.float64
        )
    with replacing(path) as partial, partial.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)


def read_found(path: Path) -> tuple[list[FoundRepetitions], str]:
    """Read what `write_found` wrote, and the digest of the encoder that was used.

    Raises:
        StorageError: the file is gone, or no such file.
    """
    try:
        arrays = load_arrays(path)
        count = sum(name.endswith("_spans") for name in arrays)
        return [_parse(arrays, place) for place in range(count)], str(arrays["encoder_digest"])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise StorageError(f"The repetitions in {path} cannot be read ({error}). Find them again.") from error


def _parse(arrays: dict[str, NDArray[np.generic]], place: int) -> FoundRepetitions:
    def video(side: str) -> EmbeddedVideo:
        path, digest = arrays[f"{place}_{side}"].tolist()
        edges, rows = arrays[f"{place}_{side}_edges"], arrays[f"{place}_{side}_rows"]
        return EmbeddedVideo(Path(path), digest, edges.astype(np.float64), rows.astype(np.float32))

    ends, sure = arrays[f"{place}_spans"].tolist(), arrays[f"{place}_confidence"].tolist()
    spans = tuple(
        RepetitionSpan(number, int(start), int(end), float(confidence))
        for number, ((start, end), confidence) in enumerate(zip(ends, sure, strict=True), 1)
    )
    cost, gap, skip, start, most = arrays[f"{place}_prices"].tolist()
    frames, numbers = (arrays[f"{place}_{name}"].astype(np.int64) for name in ("frames", "numbers"))
    repetitions = Repetitions(spans, frames, numbers, cost, Prices(gap, skip, start, int(most)))
    return FoundRepetitions(video("reference"), video("video"), repetitions)
