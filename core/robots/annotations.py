"""Write a LeRobot data set anew with subtasks and progress, frame by frame, as LeRobot names and stores them.

LeRobot 0.4 and 0.5 look for `meta/subtasks.parquet` (a pandas index of names, and `subtask_index`) and a feature
`subtask_index` of every frame, and give `subtask` with each item. Its reward-weighted training reads
`sarm_progress.parquet` beside `meta` (docs/source/sarm.mdx of the same releases): `index`, `episode_index`,
`frame_index`, `progress_sparse`.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.base.errors import ConfigError, StorageError
from core.base.files import explain_errors, write_text
from core.base.types import Span
from core.labels.segments import frame_labels
from core.robots.lerobot import DATA, EPISODES, INFO, RobotDataset, RobotEpisode

SUBTASKS, PROGRESS_FILE = "meta/subtasks.parquet", "sarm_progress.parquet"
SUBTASK, PROGRESS = "subtask_index", "progress"
_STATS = "meta/stats.json"
UNLABELLED = "unlabelled"
"""The subtask of frames without a phase: LeRobot has no number for none."""


@dataclass(frozen=True)
class EpisodeTimes:
    """An episode as labels mean it."""

    path: Path
    edges_seconds: NDArray[np.float64]
    """(S + 1,) from 0: its own clock, as LeRobot's `timestamp`."""

    @classmethod
    def of(cls, episode: RobotEpisode, fps: float) -> EpisodeTimes:
        """Return those of an episode."""
        return cls(Path(episode.file_name), np.arange(episode.num_frames + 1) / fps)


def write_annotated(
    dataset: RobotDataset,
    out: Path,
    *,
    spans: Sequence[Sequence[Span]] | None = None,
    progress: Mapping[int, NDArray[np.float64]] | None = None,
    copies: bool = False,
) -> int:
    """Write the data set into a new folder; nothing in the old one changes.

    Args:
        spans: of each episode, in order; None: no subtasks are written.
        progress: (S,) 0 to 1 by episode index; NaN for the others. None: none is written.
        copies: copy the videos; otherwise they are hard-linked where the disk can.

    Returns:
        How many frames have no phase.

    Raises:
        ConfigError: the folder exists, or lies within the data set.
        StorageError: the disk refuses, or the data set is damaged.
    """
    _check_out(dataset, out)
    names = sorted_phases(spans or ())
    columns: dict[str, dict[int, NDArray[Any]]] = {}
    num_without = 0
    if spans is not None:
        labels = {
            one.index: frame_labels(of_one, one.num_frames, names)
            for one, of_one in zip(dataset.episodes, spans, strict=True)
        }
        num_without = sum(int((of_one < 0).sum()) for of_one in labels.values())
        columns[SUBTASK] = {index: np.where(one < 0, len(names), one) for index, one in labels.items()}
        names += [UNLABELLED] if num_without else []
    if progress is not None:
        unknown = {one.index: np.full(one.num_frames, np.nan) for one in dataset.episodes}
        columns[PROGRESS] = unknown | dict(progress)
    partial = out.with_name(f".{out.name}.part")
    with explain_errors(out):
        shutil.rmtree(partial, ignore_errors=True)
        try:
            _copy(dataset.folder, partial, columns, copies=copies)
            _describe(partial, dataset.info, columns, names)
            os.replace(partial, out)
        except pa.ArrowException as error:
            raise StorageError(f"The data of {dataset.folder} cannot be read ({error}). Copy it again.") from error
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return num_without


def sorted_phases(spans: Sequence[Sequence[Span]]) -> list[str]:
    """Return the phases in the order in which they first appear in a video."""
    return list(dict.fromkeys(span.phase for of_one in spans for span in of_one))


def _check_out(dataset: RobotDataset, out: Path) -> None:
    own, new = dataset.folder.resolve(), out.resolve()
    if new == own or own in new.parents:
        raise ConfigError(f"--out {out} lies within the data set {dataset.folder}. Name a folder elsewhere.")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ConfigError(f"--out {out} exists. Name a new folder.")
    for name in (SUBTASK, PROGRESS):
        if name in dataset.info["features"]:
            raise ConfigError(f"{dataset.folder} has a feature {name!r} already. Annotate the data set without it.")


def _copy(source: Path, target: Path, columns: Mapping[str, Mapping[int, NDArray[Any]]], *, copies: bool) -> None:
    progress = []
    for here, folders, files in os.walk(source):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        inside = Path(here).relative_to(source)
        (target / inside).mkdir(parents=True, exist_ok=True)
        for name in sorted(files):
            file, copy = Path(here, name), target / inside / name
            if inside.parts[:1] == (DATA,) and file.suffix == ".parquet":
                table = _with_columns(pq.read_table(file), columns)
                pq.write_table(table, copy)
                if PROGRESS in columns:
                    kept = table.select(["index", "episode_index", "frame_index", PROGRESS])
                    progress.append(kept.rename_columns([*kept.column_names[:3], "progress_sparse"]))
            elif file.suffix == ".mp4" and not copies:
                _link(file, copy)
            else:
                shutil.copy2(file, copy)
    if progress:
        whole = pa.concat_tables([one.replace_schema_metadata(None) for one in progress]).sort_by("index")
        pq.write_table(whole, target / PROGRESS_FILE)


def _link(file: Path, copy: Path) -> None:
    try:
        os.link(file.resolve(), copy)
    except OSError:  # another disk, or one without hard links
        shutil.copy2(file, copy)


def _with_columns(table: pa.Table, columns: Mapping[str, Mapping[int, NDArray[Any]]]) -> pa.Table:
    episodes = table["episode_index"].to_numpy()
    frames = table["frame_index"].to_numpy()
    metadata = dict(table.schema.metadata or {})
    for name, values in columns.items():
        kind = _KINDS[name]
        column = np.empty(len(table), kind)
        for index in np.unique(episodes):
            rows = episodes == index
            try:
                column[rows] = values[int(index)][frames[rows]]
            except (KeyError, IndexError):
                raise StorageError(
                    f"Episode {index} has other frames in {DATA} than in {EPISODES}. Copy the data set again."
                ) from None
        table = table.append_column(name, pa.array(column))
        if known := metadata.get(b"huggingface"):
            card = json.loads(known)
            card["info"]["features"][name] = {"dtype": str(np.dtype(kind)), "_type": "Value"}
            metadata[b"huggingface"] = json.dumps(card).encode()
    return table.replace_schema_metadata(metadata or None)


_KINDS: dict[str, type[np.generic]] = {SUBTASK: np.int64, PROGRESS: np.float32}


def _describe(
    folder: Path,
    info: Mapping[str, Any],
    columns: Mapping[str, Mapping[int, NDArray[Any]]],
    names: Sequence[str],
) -> None:
    """Write what `meta` says of the new columns: features, statistics over all frames, names of subtasks."""
    features = dict(info["features"])
    stats = folder / _STATS
    known = json.loads(stats.read_text(encoding="utf-8")) if stats.is_file() else None
    for name, values in columns.items():
        features[name] = {"dtype": str(np.dtype(_KINDS[name])), "shape": [1], "names": None}
        if known is not None:
            known[name] = _statistics(np.concatenate(list(values.values())).astype(np.float64))
    write_text(folder / INFO, json.dumps({**info, "features": features}, indent=4, ensure_ascii=False))
    if known is not None:
        write_text(stats, json.dumps(known, indent=4, ensure_ascii=False))
    if SUBTASK in columns:
        pq.write_table(_as_pandas_index(names), folder / SUBTASKS)


def _statistics(values: NDArray[np.float64]) -> dict[str, list[float]]:
    values = values[np.isfinite(values)]
    if not len(values):
        values = np.zeros(1)
    levels = {f"q{level:02d}": [float(np.quantile(values, level / 100))] for level in (1, 10, 50, 90, 99)}
    return {
        "min": [float(values.min())],
        "max": [float(values.max())],
        "mean": [float(values.mean())],
        "std": [float(values.std())],
        "count": [len(values)],
        **levels,
    }


def _as_pandas_index(names: Sequence[str]) -> pa.Table:
    """Return the table that pandas reads as a frame of `subtask_index` with the names as its index."""
    label = "subtask"
    table = pa.table({SUBTASK: pa.array(range(len(names)), pa.int64()), label: pa.array(names, pa.string())})
    columns = [
        {"name": SUBTASK, "field_name": SUBTASK, "pandas_type": "int64", "numpy_type": "int64", "metadata": None},
        {"name": label, "field_name": label, "pandas_type": "unicode", "numpy_type": "object", "metadata": None},
    ]
    card = {"index_columns": [label], "column_indexes": [], "columns": columns, "pandas_version": "2.0.0"}
    return table.replace_schema_metadata({"pandas": json.dumps(card)})
