"""Colours of the map's points."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from carl_gui.explore.map.layouts import MapLayout
from carl_gui.tasks import Tasks, in_thread
from core.base.control import Control
from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo
from core.map.clusters import cluster_frames
from core.project.rows import PhaseRow

ColourBy = Literal["time", "video", "phase", "cluster"]
COLOURS_BY: tuple[ColourBy, ...] = get_args(ColourBy)

_ON_LIGHT = ("#332288", "#117733", "#cc6677", "#44aa99", "#aa4499", "#999933", "#88ccee", "#882255")
_ON_DARK = ("#77aadd", "#ee8866", "#eedd88", "#ffaabb", "#44bb99", "#bbcc33", "#99ddff", "#aaaa00")
"""Paul Tol's schemes "muted" and "light" (personal.sron.nl/~pault): colour-blind people tell them apart."""
_TIME_LIGHT, _TIME_DARK = (0, 225), (45, 255)
"""The part of the scale that is seen on the background."""
_GREY_LIGHT, _GREY_DARK = "#8a9392", "#66706f"
_PALE_LIGHT, _PALE_DARK = "#c3cbca", "#556162"
_NONE_WEIGHT, _DIM_WEIGHT = 0.3, 0.18
"""Points without a class, and dimmed ones, relative to an emphasised one."""
SHADES = 254
"""Classes for the shares of a video's time, and the most phases."""
_DIM = 255
_MANY_COLOURS = len(_ON_LIGHT)


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """One entry of the legend."""

    text: str
    colour: str
    """`#rrggbb`."""


@dataclass(frozen=True, eq=False)
class Colouring:
    """The classes do not depend on the look; the palette does."""

    by: ColourBy
    classes: NDArray[np.uint8]
    """(N,) of each frame."""
    phases: tuple[tuple[str, str], ...] = ()
    """Name and colour of those that have frames, class 1 first; 0 is unlabelled."""
    num_clusters: int = 0
    """Classes from 1 on; 0 is no cluster."""

    def emphasised(self, start_frame: int, end_frame_exclusive: int) -> Colouring:
        """Return the same with all other frames dimmed."""
        classes = np.full_like(self.classes, _DIM)
        classes[start_frame:end_frame_exclusive] = self.classes[start_frame:end_frame_exclusive]
        return Colouring(self.by, classes, self.phases, self.num_clusters)

    def palette(self, *, is_dark: bool) -> NDArray[np.float32]:
        """Return (256, 4) red, green, blue and weight of each class."""
        found = np.zeros((256, 4), np.float32)
        found[:] = (*_rgb(_GREY_DARK if is_dark else _GREY_LIGHT), 1.0)
        colours = _ON_DARK if is_dark else _ON_LIGHT
        if self.by == "time":
            found[:SHADES, :3] = time_scale(SHADES, is_dark=is_dark)
        elif self.by == "video":
            found[: len(colours), :3] = [_rgb(colour) for colour in colours]
        elif self.by == "phase":
            found[1 : len(self.phases) + 1, :3] = [_rgb(colour) for _, colour in self.phases] or np.empty((0, 3))
            found[0, 3] = _NONE_WEIGHT
        else:
            for cluster in range(self.num_clusters):
                found[cluster + 1, :3] = _rgb(cluster_colour(cluster, is_dark=is_dark))
            found[0, 3] = _NONE_WEIGHT
        found[_DIM] = (*_rgb(_PALE_DARK if is_dark else _PALE_LIGHT), _DIM_WEIGHT)
        return found


def by_time(lengths: Sequence[int]) -> Colouring:
    """Colour videos of these lengths from the first to the last frame of each."""
    shares = [np.arange(length) * (SHADES - 1) // max(length - 1, 1) for length in lengths]
    return Colouring("time", np.concatenate([np.empty(0), *shares]).astype(np.uint8))


def by_video(lengths: Sequence[int]) -> Colouring:
    """Colour each video of these lengths; colours repeat, as there are more videos than distinguishable colours."""
    return Colouring("video", np.repeat(np.arange(len(lengths)) % _MANY_COLOURS, lengths).astype(np.uint8))


def by_phase(
    videos: Sequence[tuple[int, int]], spans: Mapping[int, Sequence[Span]], phases: Sequence[PhaseRow]
) -> Colouring:
    """Colour by phase, given the videos by id and number of frames."""
    shown = [phase for phase in phases if phase.num_spans][: SHADES - 1]
    classes = {phase.name: index for index, phase in enumerate(shown, 1)}
    found = np.zeros(sum(length for _, length in videos), np.uint8)
    start = 0
    for number, length in videos:
        for span in spans.get(number, ()):
            end = start + min(span.end_frame_exclusive, length)
            found[start + span.start_frame : end] = classes.get(span.phase, 0)
        start += length
    return Colouring("phase", found, tuple((phase.name, phase.colour) for phase in shown))


def by_cluster(groups: NDArray[np.int16]) -> Colouring:
    """Colour by cluster, from 0 on; -1: none."""
    return Colouring("cluster", (groups + 1).astype(np.uint8), num_clusters=int(groups.max(initial=-1)) + 1)


def cluster_colour(cluster: int, *, is_dark: bool) -> str:
    """Return the colour of a cluster; colours repeat, the numbers on the map do not."""
    return (_ON_DARK if is_dark else _ON_LIGHT)[cluster % _MANY_COLOURS]


def video_colour(index: int, *, is_dark: bool) -> str:
    """Return the colour of the video at that position in the order."""
    return (_ON_DARK if is_dark else _ON_LIGHT)[index % _MANY_COLOURS]


def grey(*, is_dark: bool) -> str:
    """Return the colour of frames without a class."""
    return _GREY_DARK if is_dark else _GREY_LIGHT


def time_scale(count: int, *, is_dark: bool) -> NDArray[np.uint8]:
    """Return (count, 3) red, green and blue from start to end: viridis without the end that the background hides."""
    first, last = _TIME_DARK if is_dark else _TIME_LIGHT
    shades = np.linspace(first, last, count).round().astype(np.uint8)[:, None]
    return np.ascontiguousarray(cv2.applyColorMap(shades, cv2.COLORMAP_VIRIDIS)[:, 0, ::-1], np.uint8)


def middles(positions: NDArray[np.float32], classes: NDArray[np.uint8], count: int) -> list[tuple[int, float, float]]:
    """Return each class from 1 to `count` that has points, with a point in its densest part.

    Args:
        positions: (N, 2) of all frames, NaN for some.
        classes: (N,)
    """
    found = []
    for number in range(1, count + 1):
        members = positions[classes == number]
        members = members[np.isfinite(members).all(axis=1)]
        if len(members):
            distances = np.abs(members - np.median(members, axis=0)).sum(axis=1)
            x, y = members[int(distances.argmin())]  # a point of its own: the median may lie in a hole
            found.append((number, float(x), float(y)))
    return found


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


Spans = Mapping[int, Sequence[Span]]


@dataclass(frozen=True, eq=False)
class Coloured:
    """A colouring of a layout."""

    layout: MapLayout
    colouring: Colouring
    classes: NDArray[np.uint8]
    """(P,) of each point, in the order of the points."""
    middles: Sequence[tuple[int, float, float]]
    """Class of a phase or cluster, and a point in its densest part."""


@dataclass(frozen=True)
class ColourRequest:
    """How to colour."""

    by: ColourBy
    num_clusters: int
    emphasised: int | None
    """The id of the emphasised video; None: all."""
    labels_version: int
    """Counts the changes of phases and spans."""


class MapColouring(QObject):
    """One colouring at a time; clusters are kept until the embeddings change."""

    changed = Signal()
    """The colouring was updated."""
    refused = Signal(str)
    """The message why there is no colouring."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.current: Coloured | None = None
        self._request: tuple[MapLayout, ColourRequest] | None = None
        self._groups: dict[tuple[tuple[str, ...], str, int], NDArray[np.int16]] = {}
        """By videos, encoder and number of clusters."""
        self._tasks = Tasks(self, self._refuse)

    @property
    def is_running(self) -> bool:
        """Whether a newer colouring follows."""
        return self._tasks.is_running("colour")

    def ask(
        self,
        layout: MapLayout,
        embedded: Mapping[int, EmbeddedVideo],
        request: ColourRequest,
        read_spans: Callable[[], Spans],
        phases: Sequence[PhaseRow],
    ) -> None:
        """Colour the points of this layout as requested, unless that is done or running; emits `changed`.

        Args:
            read_spans: called in the thread.
        """
        if self._request is not None and self._request[0] is layout and self._request[1] == request:
            return
        self._request = layout, request
        videos = [embedded[video_id] for video_id in layout.ids]
        lengths = [len(video) for video in videos]

        def work(control: Control) -> Coloured:
            if request.by == "time":
                colouring = by_time(lengths)
            elif request.by == "video":
                colouring = by_video(lengths)
            elif request.by == "phase":
                colouring = by_phase(list(zip(layout.ids, lengths, strict=True)), read_spans(), phases)
            else:
                colouring = by_cluster(
                    self._clusters(videos, layout.frame_map.encoder_digest, request.num_clusters, control)
                )
            return _coloured(layout, colouring, request.emphasised)

        self._tasks.start("colour", self._colour(work))

    def clear(self) -> None:
        """End the thread and clear the colouring."""
        self._tasks.close()
        self.current = self._request = None
        self._groups.clear()

    def _clusters(
        self, videos: Sequence[EmbeddedVideo], encoder_digest: str, count: int, control: Control
    ) -> NDArray[np.int16]:
        """Find the clusters; runs in the thread."""
        key = (tuple(video.digest for video in videos), encoder_digest, count)
        if key not in self._groups:
            self._groups[key] = cluster_frames(videos, count, control=control)
        return self._groups[key]

    async def _colour(self, work: Callable[[Control], Coloured]) -> None:
        self.current = await in_thread(work)
        self.changed.emit()

    def _refuse(self, sentence: str) -> None:
        """Report the error; the colouring stays, and the next request is a new one."""
        self._request = None
        self.refused.emit(sentence)


def _coloured(layout: MapLayout, colouring: Colouring, emphasised: int | None) -> Coloured:
    points = layout.points
    in_order = colouring.classes[points.frames]
    count = len(colouring.phases) or colouring.num_clusters
    label_points = middles(points.positions, in_order, count)
    if emphasised is not None and emphasised in layout.ids:
        shown = colouring.emphasised(*layout.range_of(emphasised))
        return Coloured(layout, shown, shown.classes[points.frames], label_points)
    return Coloured(layout, replace(colouring), in_order, label_points)
