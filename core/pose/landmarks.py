"""The 33 landmarks of a body as BlazePose orders them, and those of a whole video. Needs no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

NAMES = (
    "nose",
    *("left eye inner", "left eye", "left eye outer", "right eye inner", "right eye", "right eye outer"),
    *("left ear", "right ear", "mouth left", "mouth right"),
    *("left shoulder", "right shoulder", "left elbow", "right elbow", "left wrist", "right wrist"),
    *("left pinky", "right pinky", "left index", "right index", "left thumb", "right thumb"),
    *("left hip", "right hip", "left knee", "right knee", "left ankle", "right ankle"),
    *("left heel", "right heel", "left foot index", "right foot index"),
)
"""Left and right are the person's own."""

EDGES = (
    *((0, 1), (1, 2), (2, 3), (3, 7), (0, 4), (4, 5), (5, 6), (6, 8), (9, 10)),
    *((11, 12), (11, 23), (12, 24), (23, 24)),
    *((11, 13), (13, 15), (15, 17), (15, 19), (15, 21), (17, 19)),
    *((12, 14), (14, 16), (16, 18), (16, 20), (16, 22), (18, 20)),
    *((23, 25), (25, 27), (27, 29), (27, 31), (29, 31)),
    *((24, 26), (26, 28), (28, 30), (28, 32), (30, 32)),
)
"""Pairs of landmarks between which a skeleton has a line."""

LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_HIP, RIGHT_HIP = (
    NAMES.index(name) for name in ("left shoulder", "right shoulder", "left hip", "right hip")
)


def _opposites() -> NDArray[np.int64]:
    swapped = {"left": "right", "right": "left"}
    return np.array([NAMES.index(" ".join(swapped.get(word, word) for word in name.split())) for name in NAMES])


OPPOSITES = _opposites()
"""(33,) for every landmark the one on the other side of the body; its own place where it is in the middle."""


@dataclass(frozen=True, eq=False)
class Landmarks:
    """One person in every frame of a video; NaN in frames where no one was found."""

    picture: NDArray[np.float32]
    """(S, 33, 4): x and y as shares of the frame's width and height, depth in widths (less is nearer), and how sure it
    is that the landmark can be seen (0..1). Landmarks beyond the picture's edge are guessed: x and y leave 0..1."""
    space: NDArray[np.float32]
    """(S, 33, 3) metres from the middle of the hips: to the picture's right, down, away from the camera."""
    scores: NDArray[np.float32]
    """(S,) how sure it is that this is a person, 0..1; 0 where nobody was found."""
    width: int
    """Of the frames that were looked at, in pixels."""
    height: int
    people: int = 0
    """The most people in view where the detector looked, which it does where a person is first found or was lost."""

    def __post_init__(self) -> None:
        frames = len(self.picture)
        shapes = self.picture.shape, self.space.shape, self.scores.shape
        if shapes != ((frames, len(NAMES), 4), (frames, len(NAMES), 3), (frames,)) or self.width < 1 or self.height < 1:
            raise ValueError(
                f"expected (S, 33, 4), (S, 33, 3), (S,) and a size, got {shapes}, {self.width}x{self.height}"
            )

    def __len__(self) -> int:
        return len(self.picture)

    @property
    def is_seen(self) -> NDArray[np.bool_]:
        """(S,) whether somebody was found."""
        return np.isfinite(self.picture[:, 0, 0])

    def at(self, frames: Sequence[int] | NDArray[np.int64]) -> Landmarks:
        """Return those frames alone, in that order. IndexError past the ends."""
        places = np.asarray(frames, np.int64).reshape(-1)
        parts = self.picture[places], self.space[places], self.scores[places]
        return Landmarks(*parts, self.width, self.height, self.people)


def bridge_gaps(landmarks: Landmarks, most_frames: int) -> Landmarks:
    """Return landmarks with short gaps closed: what lies between two finds is interpolated, ends are held.

    Args:
        most_frames: longer gaps stay as they are.
    """
    seen = landmarks.is_seen
    close = short_runs(~seen, most_frames) if seen.any() else np.zeros(len(seen), bool)
    if not close.any():
        return landmarks
    rows = np.concatenate([landmarks.picture, landmarks.space], axis=2).reshape(len(seen), -1)
    at = np.arange(len(seen))
    for column in rows.T:  # a view: `rows` changes
        column[close] = np.interp(at[close], at[seen], column[seen])
    split = rows.reshape(len(seen), len(NAMES), 7)
    size = landmarks.width, landmarks.height
    return Landmarks(split[..., :4].copy(), split[..., 4:].copy(), landmarks.scores, *size, landmarks.people)


def short_runs(missing: NDArray[np.bool_], most: int) -> NDArray[np.bool_]:
    """Return (S,) which of the missing frames lie in a run of at most `most` missing ones."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], missing.astype(np.int8), [0]])))
    short = np.zeros(len(missing), bool)
    for start, end in edges.reshape(-1, 2):
        short[start:end] = end - start <= most
    return short
