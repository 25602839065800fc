"""Read a LeRobot data set, version 3: which episodes it has, and where each lies in which video.

https://huggingface.co/docs/lerobot/lerobot-dataset-v3: many episodes share an MP4 a camera, and a Parquet file of
frames; `meta/episodes` says where each begins. No video is opened here.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from core.base.csv_files import write_rows
from core.base.errors import ConfigError
from core.base.listing import some
from core.video.episode import SUFFIX, Episode, write_episode

INFO, TASKS, EPISODES, DATA, VIDEOS = "meta/info.json", "meta/tasks.parquet", "meta/episodes", "data", "videos"
LIST = "episodes.csv"
"""What `write_episodes` writes beside the episodes."""
_MOST_EPISODES = 10_000_000


@dataclass(frozen=True)
class RobotEpisode:
    """An episode of a data set."""

    index: int
    num_frames: int
    tasks: tuple[str, ...]
    spans: dict[str, Episode]
    """By camera, where it lies."""

    @property
    def file_name(self) -> str:
        """Return the name of its file among those of `write_episodes`."""
        return f"episode_{self.index:06d}{SUFFIX}"


@dataclass(frozen=True)
class RobotDataset:
    """A LeRobot data set."""

    folder: Path
    info: dict[str, Any]
    """What `meta/info.json` holds."""
    fps: float
    cameras: tuple[str, ...]
    """Keys of the features that are videos."""
    episodes: tuple[RobotEpisode, ...]
    """In order of their index."""

    def camera(self, key: str | None) -> str:
        """Return the camera of that key, or of the only one that ends so; None: the only one. ConfigError otherwise."""
        found = [name for name in self.cameras if key in (None, name)]
        found = found or [name for name in self.cameras if key and name.endswith(f".{key}")]
        if len(found) != 1:
            wanted = f"There is no camera {key!r} in" if key is not None else "--camera must name one of the cameras of"
            raise ConfigError(f"{wanted} {self.folder}. It has {some(self.cameras, 8) or 'none as video'}.")
        return found[0]


def read_robot_dataset(folder: Path) -> RobotDataset:
    """Read what a data set says of itself.

    Raises:
        ConfigError: it is none, of another version, or damaged.
    """
    if not (folder / INFO).is_file():
        raise ConfigError(
            f"{folder} is not a LeRobot data set: it has no {INFO}. Name the folder that holds meta and data."
        )
    try:
        info = json.loads((folder / INFO).read_text(encoding="utf-8"))
        version = str(info["codebase_version"])
        if not version.startswith("v3."):
            raise ConfigError(
                f"{folder} is a LeRobot data set of version {version}, not v3. Convert it first, with LeRobot's "
                "convert_dataset_v21_to_v30."
            )
        fps = float(info["fps"])
        if not (math.isfinite(fps) and fps > 0):
            raise ValueError(f"fps is {fps:g}")
        cameras = tuple(name for name, feature in info["features"].items() if feature["dtype"] == "video")
        episodes = tuple(sorted(_episodes(folder, info, cameras), key=lambda one: one.index))
    except _DAMAGE as error:
        reason = f"there is no {error}" if isinstance(error, KeyError) else str(error).split("\n")[0]
        raise ConfigError(f"The LeRobot data set {folder} cannot be read ({reason}). Copy it again.") from error
    indices = [one.index for one in episodes]
    if not episodes or len(set(indices)) != len(indices):
        what = "names no episodes" if not episodes else "names an episode twice"
        raise ConfigError(f"The LeRobot data set {folder} {what} in {EPISODES}. Copy it again.")
    return RobotDataset(folder, info, fps, cameras, episodes)


_DAMAGE = (
    OSError,
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    OverflowError,
    RecursionError,
    pa.ArrowException,
)
"""What damaged or foreign files raise while they are read."""


def _episodes(folder: Path, info: dict[str, Any], cameras: tuple[str, ...]) -> Iterator[RobotEpisode]:
    places = ("chunk_index", "file_index", "from_timestamp", "to_timestamp")
    for file in sorted((folder / EPISODES).glob("*/*.parquet")):
        names = ["episode_index", "length", "tasks", *(f"videos/{key}/{one}" for key in cameras for one in places)]
        for row in pq.read_table(file, columns=names).to_pylist():
            spans = {}
            for key in cameras:
                chunk, number, start, end = (row[f"videos/{key}/{one}"] for one in places)
                path = folder / str(info["video_path"]).format(video_key=key, chunk_index=chunk, file_index=number)
                spans[key] = Episode(path, float(start), float(end))
            index, length = int(row["episode_index"]), int(row["length"])
            if not (0 <= index < _MOST_EPISODES and length > 0):
                raise ValueError(f"episode {index} has {length} frames")
            yield RobotEpisode(index, length, tuple(map(str, row["tasks"])), spans)


def write_episodes(dataset: RobotDataset, camera: str, folder: Path) -> list[Path]:
    """Write an episode file for each episode as that camera saw it, and `episodes.csv` with tasks and lengths.

    Raises:
        ConfigError: a video is missing.
        StorageError: the disk refuses.
    """
    missing = sorted({str(one.spans[camera].file) for one in dataset.episodes if not one.spans[camera].file.is_file()})
    if missing:
        raise ConfigError(f"Videos of {dataset.folder} are missing: {some(missing)}. Download them, or copy it again.")
    paths, rows = [], []
    for one in dataset.episodes:
        path, span = folder / one.file_name, one.spans[camera]
        write_episode(path, span)
        paths.append(path)
        rows.append(
            (
                path.name,
                "; ".join(one.tasks),
                one.index,
                one.num_frames,
                f"{dataset.fps:g}",
                camera,
                span.file.name,
                f"{span.start_seconds:.6f}",
            )
        )
    header = ("video", "action", "episode_index", "frames", "fps", "camera", "file", "file_seconds")
    write_rows(folder / LIST, header, rows)
    return paths
