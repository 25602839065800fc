"""Colours of a map's points: a class for each frame, a palette, and the legend. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from core.base.types import Span
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
"""Points without a class, and those that are not meant, against one that is."""
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
        """The same with all other frames dimmed."""
        classes = np.full_like(self.classes, _DIM)
        classes[start_frame:end_frame_exclusive] = self.classes[start_frame:end_frame_exclusive]
        return Colouring(self.by, classes, self.phases, self.num_clusters)

    def palette(self, *, is_dark: bool) -> NDArray[np.float32]:
        """(256, 4) red, green, blue and weight of each class."""
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
    """Of videos of so many frames: from the first to the last frame of each."""
    shares = [np.arange(length) * (SHADES - 1) // max(length - 1, 1) for length in lengths]
    return Colouring("time", np.concatenate([np.empty(0), *shares]).astype(np.uint8))


def by_video(lengths: Sequence[int]) -> Colouring:
    """Colours repeat: there are more videos than colours that can be told apart."""
    return Colouring("video", np.repeat(np.arange(len(lengths)) % _MANY_COLOURS, lengths).astype(np.uint8))


def by_phase(
    videos: Sequence[tuple[int, int]], spans: Mapping[int, Sequence[Span]], phases: Sequence[PhaseRow]
) -> Colouring:
    """Of videos by id and number of frames."""
    shown = [phase for phase in phases if phase.num_spans][: SHADES - 1]
    classes = {phase.name: place for place, phase in enumerate(shown, 1)}
    found = np.zeros(sum(length for _, length in videos), np.uint8)
    start = 0
    for number, length in videos:
        for span in spans.get(number, ()):
            end = start + min(span.end_frame_exclusive, length)
            found[start + span.start_frame : end] = classes.get(span.phase, 0)
        start += length
    return Colouring("phase", found, tuple((phase.name, phase.colour) for phase in shown))


def by_cluster(groups: NDArray[np.int16]) -> Colouring:
    """Of groups from 0 on, -1 for none."""
    return Colouring("cluster", (groups + 1).astype(np.uint8), num_clusters=int(groups.max(initial=-1)) + 1)


def cluster_colour(cluster: int, *, is_dark: bool) -> str:
    """Colours repeat; the numbers on the map do not."""
    return (_ON_DARK if is_dark else _ON_LIGHT)[cluster % _MANY_COLOURS]


def video_colour(place: int, *, is_dark: bool) -> str:
    """Of the video in that place of the order."""
    return (_ON_DARK if is_dark else _ON_LIGHT)[place % _MANY_COLOURS]


def grey(*, is_dark: bool) -> str:
    """Of what has no class."""
    return _GREY_DARK if is_dark else _GREY_LIGHT


def time_scale(count: int, *, is_dark: bool) -> NDArray[np.uint8]:
    """(count, 3) red, green and blue from the start to the end: viridis without the end that the background hides."""
    first, last = _TIME_DARK if is_dark else _TIME_LIGHT
    shades = np.linspace(first, last, count).round().astype(np.uint8)[:, None]
    return np.ascontiguousarray(cv2.applyColorMap(shades, cv2.COLORMAP_VIRIDIS)[:, 0, ::-1], np.uint8)


def middles(positions: NDArray[np.float32], classes: NDArray[np.uint8], count: int) -> list[tuple[int, float, float]]:
    """For each class from 1 to `count` that has points: the class and a place in the thick of them.

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
