"""Follow one person through each of several videos, processed by the networks in batches."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.base.types import Image
from core.pose.detector import Detector
from core.pose.landmarker import Found, Landmarker
from core.pose.landmarks import NAMES, Landmarks
from core.pose.networks import PoseNetworks
from core.pose.people import Point, Square, choose_person
from core.video.stored_video import StoredVideo

LEAST_SCORE = 0.5
"""Where the landmark network is less sure, nobody is there, and the detector looks again."""

_LEAST_DETECTED = 0.3
"""Of the detector's score; the landmark network confirms or refuses what is found."""

_PARTS = (1.0, 0.75, 0.5, 0.35, 0.2)
"""Of the picture's longer side: how much about a place that somebody clicked on the detector looks at. Who is small, or
half behind somebody else, is found in one of them."""
_REACH = 0.15
"""Of a person's square: so far from their nearest landmark a place is theirs."""

_CHUNK_FRAMES = 16
"""Of each video decoded at once."""


@dataclass(eq=False)
class _Walk:
    """One video: from 0 to its end, or from the clicked frame to its end and then back to 0."""

    video: StoredVideo
    point: Point | None
    found: list[Found | None] = field(default_factory=list)
    square: Square | None = None
    """Where to look in the next frame; None: anywhere."""
    lost_at: Square | None = None
    people: int = 0

    def __post_init__(self) -> None:
        start = self.point.frame if self.point else 0
        self.order = np.concatenate([np.arange(start, len(self.video)), np.arange(start)[::-1]])
        self._turns_at = len(self.video) - start
        self._first_square: Square | None = None

    def images(self) -> Iterator[Image]:
        """Yield the frames in the order of the walk, decoded a few at a time."""
        for start in range(0, len(self.order), _CHUNK_FRAMES):
            yield from self.video.frames_at(self.order[start : start + _CHUNK_FRAMES]).images

    @property
    def pointed(self) -> Point | None:
        """Where to look for the person in the next frame, as long as that is the one that somebody clicked on."""
        return None if self.found else self.point

    def choose(self, people: Sequence[Square]) -> Square | None:
        self.people = max(self.people, len(people))
        return choose_person(people, self.lost_at)

    def add(self, found: Found | None) -> None:
        """Add the result of the next frame of the walk."""
        self.found.append(found)
        self.lost_at = found.next_square if found else self.lost_at
        self.square = found.next_square if found else None
        if len(self.found) == 1:
            self._first_square = self.square
        if len(self.found) == self._turns_at:
            self.square = self.lost_at = self._first_square

    def landmarks(self) -> Landmarks:
        frames = len(self.video)
        picture = np.full((frames, len(NAMES), 4), np.nan, np.float32)
        space = np.full((frames, len(NAMES), 3), np.nan, np.float32)
        scores = np.zeros(frames, np.float32)
        for frame, found in zip(self.order, self.found, strict=True):
            if found:
                picture[frame], space[frame], scores[frame] = found.picture, found.space, found.score
        return Landmarks(picture, space, scores, self.video.width, self.video.height, self.people)


class Follower:
    """Finds the landmarks of one person in every frame of videos, on the device of the networks.

    Args:
        batch: pictures that always go through the networks at once, see `StepNetwork.in_batches`: on a CPU one in each
            of several threads is fastest.
    """

    def __init__(self, networks: PoseNetworks, batch: int = 1) -> None:
        self.batch = batch
        self._detect = Detector(networks.detector, _LEAST_DETECTED, batch)
        self._landmarker = Landmarker(networks.landmarks, batch)

    def follow(
        self,
        videos: Sequence[StoredVideo],
        points: Sequence[Point | None],
        step: Callable[[int], None] = lambda frames: None,
    ) -> list[Landmarks]:
        """Return the landmarks of each video; the videos go through the networks together, a frame of each at a time.

        Args:
            points: for each video where somebody clicked on the person to follow; None: the largest in the first frame
                that shows anybody, and, once that one is lost, the nearest to the place, else the largest again.
            step: is told how many frames have been looked at since the last call; may raise to stop.
        """
        walks = [_Walk(video, point) for video, point in zip(videos, points, strict=True)]
        active = [(walk, walk.images()) for walk in walks]
        while active:
            pairs = [(walk, next(images, None)) for walk, images in active]
            active = [one for one, (_, image) in zip(active, pairs, strict=True) if image is not None]
            now = [(walk, image) for walk, image in pairs if image is not None]
            if now:
                self._step(now)
                step(len(now))
        return [walk.landmarks() for walk in walks]

    def people(self, images: Sequence[Image]) -> NDArray[np.bool_]:
        """Return whether each picture shows somebody: found by the detector, and confirmed by the landmarks."""
        squares = [choose_person(people, None) for people in self._detect(images)]
        shows = np.array([square is not None for square in squares])
        looked = [(image, square) for image, square in zip(images, squares, strict=True) if square is not None]
        if looked:
            found = self._landmarker(*zip(*looked, strict=True))
            shows[shows] = [one.score >= LEAST_SCORE for one in found]
        return shows

    def _step(self, now: Sequence[tuple[_Walk, Image]]) -> None:
        """Follow every walk by one frame: look where the person must be, and anywhere where it is not there."""
        found = self._find_people([one for one in now if one[0].square is not None])
        lost = [one for one in now if one[0] not in found]
        for (walk, image), people in zip(lost, self._detect([image for _, image in lost]) if lost else [], strict=True):
            largest = walk.choose(people)
            walk.square = (self._find_pointed_at(walk.pointed, image) if walk.pointed else None) or largest
        found |= self._find_people([one for one in lost if one[0].square is not None])
        for walk, _ in now:
            walk.add(found.get(walk))

    def _find_pointed_at(self, point: Point, image: Image) -> Square | None:
        """Return the person at a place: with a landmark near it, the nearest, in the largest part of the picture with
        one."""
        where = np.array([point.x * image.shape[1], point.y * image.shape[0]])
        parts, corners = zip(*_parts_around(image, where), strict=True)
        for people, corner in zip(self._detect(parts), corners, strict=True):
            squares = [dataclasses.replace(one, x=one.x + corner[0], y=one.y + corner[1]) for one in people]
            there = [one for one in squares if one.holds(*where)]
            looked = self._landmarker([image] * len(there), there) if there else []
            far = [_distance(found, where, image) / square.side for found, square in zip(looked, there, strict=True)]
            near = [index for index, found in enumerate(looked) if found.score >= LEAST_SCORE and far[index] <= _REACH]
            if near:
                return there[min(near, key=lambda index: far[index])]
        return None

    def _find_people(self, now: Sequence[tuple[_Walk, Image]]) -> dict[_Walk, Found]:
        """Return who is sure enough to be a person, in the square of each walk."""
        if not now:
            return {}
        squares = [walk.square for walk, _ in now if walk.square is not None]
        made = self._landmarker([image for _, image in now], squares)
        return {walk: one for (walk, _), one in zip(now, made, strict=True) if one.score >= LEAST_SCORE}


def _parts_around(image: Image, where: NDArray[np.float64]) -> Iterator[tuple[Image, NDArray[np.int64]]]:
    """Yield parts of a picture about a place in pixels, the whole first, and where in the picture their corners are."""
    size = np.array(image.shape[1::-1])
    for share in _PARTS:
        part = np.minimum(size, np.ceil(share * size.max())).astype(np.int64)
        left, top = corner = np.clip(np.round(where - part / 2), 0, size - part).astype(np.int64)
        yield image[top : top + part[1], left : left + part[0]], corner


def _distance(found: Found, where: NDArray[np.float64], image: Image) -> float:
    """Return pixels from a place to the nearest landmark."""
    points = found.picture[:, :2] * image.shape[1::-1]
    return float(np.hypot(*(points - where).T).min())
