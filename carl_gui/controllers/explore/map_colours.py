"""Colour the points of a map in a thread, because a million of them, and clustering, take a moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from carl_gui.controllers.explore.map_layouts import MapLayout
from carl_gui.models.map_colours import ColourBy, Colouring, by_cluster, by_phase, by_time, by_video, middles
from carl_gui.tasks import Tasks, in_thread
from core.base.control import Control
from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo
from core.map.clusters import cluster_frames
from core.project.rows import PhaseRow

Spans = Mapping[int, Sequence[Span]]


@dataclass(frozen=True, eq=False)
class Coloured:
    """A colouring of a layout."""

    layout: MapLayout
    colouring: Colouring
    classes: NDArray[np.uint8]
    """(P,) of each point, in the order of the points."""
    middles: Sequence[tuple[int, float, float]]
    """Class of a phase or cluster, and a place in the thick of it."""


@dataclass(frozen=True)
class ColourRequest:
    """How to colour."""

    by: ColourBy
    num_clusters: int
    emphasised: int | None
    """The video that is meant, by id; None: all."""
    labels_version: int
    """Counts the changes of phases and spans."""


class MapColouring(QObject):
    """One colouring at a time; clusters are kept until the embeddings change."""

    changed = Signal()
    """A newer colouring is there."""
    refused = Signal(str)
    """There is none: a sentence says why."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.now: Coloured | None = None
        self._asked: tuple[MapLayout, ColourRequest] | None = None
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
        wish: ColourRequest,
        read_spans: Callable[[], Spans],
        phases: Sequence[PhaseRow],
    ) -> None:
        """Colour the points of this layout so, unless they are or will be; `changed` follows.

        Args:
            read_spans: called in the thread.
        """
        if self._asked is not None and self._asked[0] is layout and self._asked[1] == wish:
            return
        self._asked = layout, wish
        videos = [embedded[number] for number in layout.ids]
        lengths = [len(video) for video in videos]

        def colour(control: Control) -> Coloured:
            if wish.by == "time":
                made = by_time(lengths)
            elif wish.by == "video":
                made = by_video(lengths)
            elif wish.by == "phase":
                made = by_phase(list(zip(layout.ids, lengths, strict=True)), read_spans(), phases)
            else:
                made = by_cluster(self._clusters(videos, layout.made.encoder_digest, wish.num_clusters, control))
            return _coloured(layout, made, wish.emphasised)

        self._tasks.start("colour", self._colour(colour))

    def forget(self) -> None:
        """End the thread; nothing is known."""
        self._tasks.close()
        self.now = self._asked = None
        self._groups.clear()

    def _clusters(
        self, videos: Sequence[EmbeddedVideo], encoder_digest: str, count: int, control: Control
    ) -> NDArray[np.int16]:
        """In the thread."""
        key = (tuple(video.digest for video in videos), encoder_digest, count)
        if key not in self._groups:
            self._groups[key] = cluster_frames(videos, count, control=control)
        return self._groups[key]

    async def _colour(self, colour: Callable[[Control], Coloured]) -> None:
        self.now = await in_thread(colour)
        self.changed.emit()

    def _refuse(self, sentence: str) -> None:
        """It stays as it is coloured; the next wish is a new one."""
        self._asked = None
        self.refused.emit(sentence)


def _coloured(layout: MapLayout, made: Colouring, emphasised: int | None) -> Coloured:
    points = layout.points
    in_order = made.classes[points.frames]
    count = len(made.phases) or made.num_clusters
    places = middles(points.positions, in_order, count)
    if emphasised is not None and emphasised in layout.ids:
        shown = made.emphasised(*layout.range_of(emphasised))
        return Coloured(layout, shown, shown.classes[points.frames], places)
    return Coloured(layout, replace(made), in_order, places)
