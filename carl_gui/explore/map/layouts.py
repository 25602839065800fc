"""Positions of the frames: principal components computed in a thread, or a UMAP map read from the project."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from carl_gui.models.scene import Scene
from carl_gui.tasks import Tasks, in_thread
from core.base.control import Control
from core.base.errors import StorageError
from core.embedding.embedded_video import EmbeddedVideo
from core.map import FrameMap, MapMethod, pca_map, read_map
from core.map.points import Points

_FileState = tuple[int, int, int]


@dataclass(frozen=True, eq=False)
class MapLayout:
    """A map of the currently embedded videos."""

    frame_map: FrameMap
    ids: tuple[int, ...]
    """Of the videos, in order."""
    starts: tuple[int, ...]
    """First frame of each, counted through all of them, and the end of the last."""
    points: Points
    num_missing: int
    """The number of videos that were embedded after the map was made, and are not on it."""
    is_outdated: bool
    """Whether another encoder made the embeddings of the map."""

    def frame_of(self, video_id: int, frame: int) -> int | None:
        """Return the index through all videos; None if the video is not among them."""
        if video_id not in self.ids:
            return None
        index = self.ids.index(video_id)
        position = self.starts[index] + frame
        return position if frame >= 0 and position < self.starts[index + 1] else None

    def range_of(self, video_id: int) -> tuple[int, int]:
        """Return the video's first frame and its exclusive end, counted through all videos."""
        index = self.ids.index(video_id)
        return self.starts[index], self.starts[index + 1]


class Layouts(QObject):
    """One scene at a time; its layouts are cached until it changes."""

    changed = Signal()
    """A layout was found, or there is none."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.problem = ""
        """Why the UMAP map cannot be opened."""
        self.is_known = False
        """Whether the result of the last request is there."""
        self._layouts: dict[MapMethod, MapLayout] = {}
        self._key: object = None
        self._file_state: _FileState | None = None
        self._tasks = Tasks(self, self._refuse)
        self._method: MapMethod = "pca"

    @property
    def layout(self) -> MapLayout | None:
        """The layout of the requested method; None: not known yet, or there is none."""
        return self._layouts.get(self._method)

    def ask(self, scene: Scene, embedded: Mapping[int, EmbeddedVideo], method: MapMethod) -> None:
        """Find this layout, unless it is known; emits `changed` if it was not."""
        key = (scene.embeddings, scene.encoder_digest, tuple((n, video.digest) for n, video in embedded.items()))
        file = umap_file(scene.project, scene.run)
        state = _state(file)
        if key != self._key:
            self._layouts.clear()
        elif state != self._file_state:
            self._layouts.pop("umap", None)
        elif method == self._method and (self.is_known or self._tasks.is_running("look")):
            return
        elif method in self._layouts:
            self._method, self.is_known, self.problem = method, True, ""
            self.changed.emit()
            return
        self._key, self._file_state, self._method = key, state, method
        self.is_known, self.problem = method in self._layouts, ""
        if not self.is_known:
            videos, digest = dict(embedded), scene.encoder_digest
            self._tasks.start(
                "look", self._find(method, lambda control: _find_layout(videos, digest, method, file, control))
            )
        else:
            self.changed.emit()

    def clear(self) -> None:
        """End the thread and clear the layouts."""
        self._tasks.close()
        self._layouts.clear()
        self._key, self.is_known, self.problem = None, False, ""

    async def _find(self, method: MapMethod, find: Callable[[Control], MapLayout | None]) -> None:
        layout = await in_thread(find)
        if layout is not None:
            self._layouts[method] = layout
        self.is_known = self.is_known or method == self._method
        self.changed.emit()

    def _refuse(self, sentence: str) -> None:
        self.problem, self.is_known = sentence, True
        self.changed.emit()


def umap_file(project: Path, run: str) -> Path:
    """Return the path of the UMAP map of a run's embeddings."""
    return project / "maps" / f"{run}-umap.npz"


def _state(file: Path) -> _FileState | None:
    """Return a value that changes when the file does; None if there is no file."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns, status.st_size


def _find_layout(
    embedded: Mapping[int, EmbeddedVideo], encoder_digest: str, method: MapMethod, file: Path, control: Control
) -> MapLayout | None:
    videos = list(embedded.values())
    keys = [(video.digest, len(video)) for video in videos]
    if method == "pca":
        frame_map = pca_map(videos, encoder_digest, control=control)
    else:
        if not file.is_file():
            return None
        frame_map = read_map(file)
        if frame_map.method != "umap":
            raise StorageError(f"{file} is not a UMAP map. Make it again.")
    starts = [0]
    for _, length in keys:
        starts.append(starts[-1] + length)
    known = set(zip(frame_map.digests, frame_map.num_frames, strict=True))
    missing = sum(key not in known for key in keys)
    points = Points.of(frame_map.of(keys))
    return MapLayout(
        frame_map, tuple(embedded), tuple(starts), points, missing, frame_map.encoder_digest != encoder_digest
    )
