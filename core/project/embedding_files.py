"""Export all embeddings of a run as one file for other programs: NumPy arrays or a table.

Read and written video by video: however many there are, some tens of megabytes are held.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from core.base.control import Control, Stopped
from core.base.errors import StorageError
from core.base.files import replacing
from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo
from core.embedding.folder import read_card, read_embedded
from core.project.places import likely_file
from core.project.rows import VideoRow, natural
from core.video.names import distinct_names

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS = 1 << 16
"""Of the table, made and written at once."""


def write_embeddings_npz(
    path: Path, folder: Path, videos: Sequence[VideoRow], control: Control, project: Path | None = None
) -> int:
    """Write a `.npz` file; NumPy opens it with `allow_pickle=False`. It holds, of N videos in the order of their names:

    names, digests, frames              (N,) of each video
    encoder_digest                      of the encoder that made the embeddings
    embeddings_0 ... embeddings_N-1     (S, D) float32, rows of norm 1
    edges_seconds_0 ...                 (S + 1,) start of every frame and end of the last, as a player shows them

    Args:
        folder: that `core.embed` wrote.
        videos: of the project: they know where the files lie now, by which they are named.
        project: its folder; None: as where they lay when they were embedded.

    Returns:
        N; 0 where `control` asked to stop, and then nothing is written.

    Raises:
        StorageError: the folder is damaged or holds no video, or the disk refuses.
    """
    encoder_digest, named = _open(folder, videos, project)
    index = {
        "names": np.array([name for name, _ in named]),
        "digests": np.array([video.digest for _, video in named]),
        "frames": np.array([len(video) for _, video in named]),
        "encoder_digest": np.array(encoder_digest),
    }
    try:
        with replacing(path) as partial, zipfile.ZipFile(partial, "w") as archive:
            for key, array in index.items():
                _add(archive, key, array)
            for position, (_, video) in enumerate(named):
                control.obey()
                _add(archive, f"embeddings_{position}", video.embeddings)
                _add(archive, f"edges_seconds_{position}", video.edges_seconds)
    except Stopped:
        return 0
    return len(named)


def _add(archive: zipfile.ZipFile, name: str, array: NDArray[Any]) -> None:
    with archive.open(f"{name}.npy", "w", force_zip64=True) as file:
        np.lib.format.write_array(file, array, allow_pickle=False)


def write_embeddings_parquet(
    path: Path,
    folder: Path,
    videos: Sequence[VideoRow],
    spans: Mapping[int, Sequence[Span]],
    control: Control,
    project: Path | None = None,
) -> int:
    """Write a Parquet table of one row a frame: `video`, `digest`, `frame`, `seconds` (its start, from the first one),
    `phase` (null where nobody labelled it), `embedding` (D numbers, norm 1). The metadata says `encoder_digest`.

    Args:
        folder: that `core.embed` wrote.
        videos: of the project.
        spans: by video id.
        project: as of `write_embeddings_npz`.

    Returns:
        How many videos; 0 where `control` asked to stop, and then nothing is written.

    Raises:
        StorageError: the folder is damaged or holds no video, or the disk refuses.
    """
    import pyarrow.parquet as pq

    encoder_digest, named = _open(folder, videos, project)
    ids = {video.digest: video.id for video in videos}
    schema = _schema(named[0][1].embeddings.shape[1], encoder_digest)
    few = ["video", "digest", "phase"]
    try:
        with (
            replacing(path) as partial,
            pq.ParquetWriter(partial, schema, compression="snappy", use_dictionary=few) as table,
        ):
            for name, video in named:
                track = spans.get(ids.get(video.digest, -1), ())
                for batch in _batches(name, video, track, schema):
                    control.obey()
                    table.write_batch(batch)
    except Stopped:
        return 0
    return len(named)


def _schema(width: int, encoder_digest: str) -> pa.Schema:
    import pyarrow as pa

    columns = [
        ("video", pa.string()),
        ("digest", pa.string()),
        ("frame", pa.int32()),
        ("seconds", pa.float64()),
        ("phase", pa.string()),
        ("embedding", pa.list_(pa.float32(), width)),
    ]
    return pa.schema(columns, metadata={"encoder_digest": encoder_digest})


def _batches(name: str, video: EmbeddedVideo, track: Sequence[Span], schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    phases = np.full(len(video), None, object)
    for span in track:
        phases[span.start_frame : span.end_frame_exclusive] = _readable(span.phase)
    width = video.embeddings.shape[1]
    for start in range(0, len(video), _ROWS):
        frames = np.arange(start, min(start + _ROWS, len(video)), dtype=np.int32)
        flat = np.ascontiguousarray(video.embeddings[frames[0] : frames[-1] + 1], np.float32).reshape(-1)
        columns = [
            pa.repeat(name, len(frames)),
            pa.repeat(video.digest, len(frames)),
            pa.array(frames),
            pa.array(video.edges_seconds[frames]),
            pa.array(phases[frames], pa.string()),
            pa.FixedSizeListArray.from_arrays(pa.array(flat), width),
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _open(
    folder: Path, videos: Sequence[VideoRow], project: Path | None
) -> tuple[str, list[tuple[str, EmbeddedVideo]]]:
    """Return the encoder's digest; name and embeddings of each video, by name."""
    card = read_card(folder)
    places = {video.digest: likely_file(video, project) for video in videos} if project else {}
    opened = read_embedded(folder, card.encoder_digest)
    if not opened:
        raise StorageError(f"{folder} has no embeddings. Embed some videos first.")
    names = distinct_names([places.get(video.digest, video.path) for video in opened])
    named = [(_readable(name), video) for name, video in zip(names, opened, strict=True)]
    return card.encoder_digest, sorted(named, key=lambda one: natural(one[0]))


def _readable(text: str) -> str:
    """Return the text with question marks for invalid characters."""
    return text.encode("utf-8", "replace").decode("utf-8")
