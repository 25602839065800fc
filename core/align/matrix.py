"""Export the similarity matrix of two videos."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.align.area import over_time
from core.base.control import Control
from core.base.events import Sink, ignore
from core.base.files import replacing
from core.base.progress import Meter
from core.base.types import Alignment
from core.embedding.embedded_video import EmbeddedVideo
from core.video.names import distinct_names

MOST = 10_000
"""Rows and columns at most, where nothing else is asked for: 200 MB."""
_SINGLE_CELLS = 1 << 24
"""Up to so many cells single precision is kept (64 MB); beyond, half: cosines to within 0.0005."""
_BLOCK_CELLS = 1 << 22
"""Computed and written at once: what is in memory stays at some tens of megabytes."""


def write_matrix(
    path: Path,
    a: EmbeddedVideo,
    b: EmbeddedVideo,
    alignment: Alignment,
    encoder_digest: str,
    *,
    names: tuple[str, str] | None = None,
    most: int = MOST,
    sink: Sink = ignore,
    control: Control | None = None,
) -> tuple[int, int]:
    """Write a `.npz` file, part by part; NumPy opens it with `allow_pickle=False`. It holds:

    cosine                                    (R, C) of A's rows and B's columns
    row_edges_seconds, column_edges_seconds   (R + 1,), (C + 1,) when each row and column begins, and the last ends
    a_edges_seconds, b_edges_seconds          (A + 1,), (B + 1,) the same of the frames, as a player shows it
    a_frames, b_frames                        (P,) the path; a frame that is not on it has no partner
    confidence                                (P,) how sure each step is, 0 to 1; absent where it is not known
    a_name, b_name, a_digest, b_digest, encoder_digest

    A video of more than `most` frames has so many rows or columns: each is the mean over an equal part of its time.

    Args:
        names: of the two videos; None: those of their files, with as many folders as tell them apart.

    Returns:
        Rows and columns.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
        Stopped: `control` asked for it; nothing is written.
    """
    rows, row_edges = _axis(a, most)
    columns, column_edges = _axis(b, most)
    a_name, b_name = names or distinct_names([a.path, b.path])
    small: dict[str, NDArray[Any]] = {
        "row_edges_seconds": row_edges,
        "column_edges_seconds": column_edges,
        "a_edges_seconds": a.edges_seconds,
        "b_edges_seconds": b.edges_seconds,
        "a_frames": alignment.a_frames,
        "b_frames": alignment.b_frames,
        "a_name": _text(a_name),
        "b_name": _text(b_name),
        "a_digest": _text(a.digest),
        "b_digest": _text(b.digest),
        "encoder_digest": _text(encoder_digest),
    }
    if alignment.confidence is not None:
        small["confidence"] = alignment.confidence
    shape = len(rows), len(columns)
    meter = Meter(sink, "write similarity", shape[0], "row")
    with replacing(path) as partial, zipfile.ZipFile(partial, "w") as archive:
        for name, array in small.items():
            with archive.open(f"{name}.npy", "w") as file:
                np.lib.format.write_array(file, array, allow_pickle=False)
        kind = np.dtype("<f4") if shape[0] * shape[1] <= _SINGLE_CELLS else np.dtype("<f2")
        header = {"descr": np.lib.format.dtype_to_descr(kind), "fortran_order": False, "shape": shape}
        with archive.open("cosine.npy", "w", force_zip64=True) as file:
            np.lib.format.write_array_header_1_0(file, header)
            for block in _blocks(rows, columns):
                if control is not None:
                    control.obey()
                file.write(block.astype(kind).tobytes())
                meter.add(len(block))
    return shape


def _axis(video: EmbeddedVideo, most: int) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Return (R, D) what is multiplied, and (R + 1,) when each of it begins and the last ends."""
    if len(video) <= most:
        return video.embeddings, video.edges_seconds
    means = over_time(video.embeddings, video.edges_seconds, most).astype(np.float32)
    return means, np.linspace(video.edges_seconds[0], video.edges_seconds[-1], most + 1)


def _blocks(rows: NDArray[np.float32], columns: NDArray[np.float32]) -> Iterator[NDArray[np.float32]]:
    count = max(1, _BLOCK_CELLS // len(columns))
    for start in range(0, len(rows), count):
        block: NDArray[np.float32] = rows[start : start + count] @ columns.T
        yield np.clip(block, -1, 1, out=block)


def _text(text: str) -> NDArray[np.str_]:
    """Return the text with question marks for invalid characters."""
    return np.array(text.encode("utf-8", "replace").decode("utf-8"))
