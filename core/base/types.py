"""The values passed between packages: frozen, self-validating, with units in their names."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""(H, W, 3) RGB."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One decoded frame."""

    image: Image
    """(H, W, 3) uint8 RGB, upright, square pixels."""
    index: int
    """Position among the frames that decode, from 0, in order of presentation."""
    pts_seconds: float
    """The container's presentation time, its start offset included."""

    def __post_init__(self) -> None:
        if self.image.ndim != 3 or self.image.shape[2] != 3 or self.image.dtype != np.uint8:
            raise ValueError(f"a frame must be (H, W, 3) uint8, not {self.image.shape} {self.image.dtype}")
        if self.index < 0:
            raise ValueError(f"a frame's index must be at least 0, not {self.index}")


@dataclass(frozen=True, slots=True)
class Clip:
    """Several frames of one video."""

    images: NDArray[np.uint8]
    """(T, H, W, 3) uint8 RGB."""
    indices: NDArray[np.int64]
    """(T,) positions in the video."""
    pts_seconds: NDArray[np.float64]
    """(T,) presentation times, the container's start offset included."""

    def __post_init__(self) -> None:
        if self.images.ndim != 4 or self.images.shape[3] != 3 or self.images.dtype != np.uint8:
            raise ValueError(f"a clip must be (T, H, W, 3) uint8, not {self.images.shape} {self.images.dtype}")
        if not len(self.images) == len(self.indices) == len(self.pts_seconds):
            raise ValueError(
                f"images, indices and times must be equally many, not {len(self.images)}, {len(self.indices)} and "
                f"{len(self.pts_seconds)}"
            )

    def __len__(self) -> int:
        return len(self.images)


@dataclass(frozen=True, slots=True)
class VideoMeta:
    """Metadata of a video after all its frames were decoded."""

    width: int
    """Of the upright image with square pixels."""
    height: int
    num_frames: int
    """Frames that decode."""
    num_frames_lost: int
    """Frames that the file holds but that do not decode."""
    fps: float
    """Average: (num_frames - 1) / (last - first presentation time); the header's rate for a single frame."""
    start_seconds: float
    """Presentation time of the first frame."""
    duration_seconds: float
    """From the first frame's start to the last frame's end."""
    rotation_degrees: int
    """Clockwise rotation that was applied to make the image upright: 0, 90, 180 or 270."""
    codec: str
    grey_black: int = 0
    """Level of a grey video that is shown as black; it and the next two are 0 where nothing is stretched."""
    grey_white: int = 0
    grey_full: int = 0
    """The highest level that its format can hold."""
    num_frames_scaled: int = 0
    """Frames of another size than the first, to which they are scaled."""
    clock_start_seconds: float = 0.0
    """What a player's clock takes off presentation times: 0 in MP4, the start of the earliest stream in most others."""

    def __post_init__(self) -> None:
        if self.num_frames < 1 or self.width < 1 or self.height < 1:
            raise ValueError(f"invalid VideoMeta (num_frames, width and height must be positive): {self}")

    @property
    def grey_key(self) -> str:
        """Names how grey is stretched, for the keys of what is computed of the pictures; empty where it is not."""
        return f"grey{self.grey_black}-{self.grey_white}" if self.grey_full else ""


@dataclass(frozen=True, slots=True)
class Alignment:
    """The matching frames of A and B: a monotone path. A frame that is on no step has no match."""

    a_frames: NDArray[np.int64]
    """(P,) frame of A at each step, never decreasing."""
    b_frames: NDArray[np.int64]
    """(P,) frame of B at each step."""
    cost: float
    """Sum of the cost along the path, with what frames without a partner cost."""
    num_a: int = 0
    """Frames of A; 0 stands for as many as the path's last step says."""
    num_b: int = 0
    confidence: NDArray[np.float32] | None = None
    """(P,) how sure each step is, 0 to 1; None: not estimated."""

    def __post_init__(self) -> None:
        if self.a_frames.shape != self.b_frames.shape or self.a_frames.ndim != 1:
            raise ValueError(f"expected paths of equal length, not {self.a_frames.shape} and {self.b_frames.shape}")
        if self.confidence is not None and self.confidence.shape != self.a_frames.shape:
            raise ValueError(f"expected {len(self.a_frames)} confidences, one per step, not {self.confidence.shape}")
        for name, frames in (("num_a", self.a_frames), ("num_b", self.b_frames)):
            count = int(frames[-1]) + 1 if len(frames) else 0
            if not getattr(self, name):
                object.__setattr__(self, name, count)
            if getattr(self, name) < max(count, 1):
                raise ValueError(f"the path ends at frame {count - 1}, past the {getattr(self, name)} frames")

    def __len__(self) -> int:
        return len(self.a_frames)

    def __repr__(self) -> str:
        share = math.floor(100 * self.matched_share)  # 100 % is all of them
        return f"Alignment({len(self)} steps between {self.num_a} and {self.num_b} frames, {share} % of them matched)"

    @property
    def has_partner_a(self) -> NDArray[np.bool_]:
        """(A,) which frames of A have a partner in B."""
        return _present(self.a_frames, self.num_a)

    @property
    def has_partner_b(self) -> NDArray[np.bool_]:
        """(B,) which frames of B have a partner in A."""
        return _present(self.b_frames, self.num_b)

    @property
    def matched_share(self) -> float:
        """Of all frames of both videos, those with a partner: 0 to 1."""
        return float(self.has_partner_a.sum() + self.has_partner_b.sum()) / (self.num_a + self.num_b)


def _present(frames: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    present = np.zeros(count, np.bool_)
    present[frames] = True
    return present


PREDICTORS = ("both", "probe", "transfer", "localise")
"""All sources of spans that nobody said: what they predict is no label. The last one is `core.localise`."""


@dataclass(frozen=True, slots=True)
class Span:
    """Consecutive frames of one video with one phase."""

    phase: str
    start_frame: int
    end_frame_exclusive: int
    confidence: float = 1.0
    """0..1."""
    source: str = "label"
    """Who says so: `label` (a person), or the method that predicted it."""
    note: str = ""
    """What a person wrote about these frames; free text."""

    def __post_init__(self) -> None:
        if not 0 <= self.start_frame < self.end_frame_exclusive:
            raise ValueError(
                "a span must have start_frame < end_frame_exclusive, not "
                f"{self.start_frame}..{self.end_frame_exclusive}"
            )
        if not self.phase or not 0.0 <= self.confidence <= 1.0:
            raise ValueError(
                f"a span must have a phase and a confidence from 0 to 1, not {self.phase!r}, {self.confidence}"
            )

    @property
    def is_predicted(self) -> bool:
        """Whether it was predicted or transferred: nobody said so, though it may have been accepted."""
        return self.source.casefold() in PREDICTORS

    def __len__(self) -> int:
        return self.end_frame_exclusive - self.start_frame
