"""Aligning: every frame gets a partner, or a frame may have none, with other scenes told apart; how right "none" is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.align import align_embeddings
from core.base.types import Alignment
from pairs.material import Features
from pairs.pieces import NONE, NOT_COUNTED, Piece, truth
from pairs.tables import Found

try:
    from core.align.partial import align_partial
    from core.embedding.scenes import STRANGE, main_scene, sample_frames
except ImportError:  # a commit without them
    align_partial = None

Rows = NDArray[np.float32]


@dataclass(frozen=True)
class Seen:
    """A video, or what was made of it: as the extractor and as the encoder saw it."""

    features: Features
    rows: Rows

    def is_strange(self) -> NDArray[np.bool_]:
        """(S,) whether a frame shows another scene than most of them."""
        scene = main_scene(self.features[sample_frames(len(self.features))])
        strange: NDArray[np.bool_] = scene.strangeness(self.features) > STRANGE
        return strange


Align = Callable[[Seen, Seen], Alignment]
ALIGNERS: dict[str, Align] = {"DTW": lambda a, b: align_embeddings(a.rows, b.rows)}
if align_partial is not None:
    ALIGNERS["embeddings alone"] = lambda a, b: align_partial(a.rows, b.rows)
    ALIGNERS["partial"] = lambda a, b: align_partial(a.rows, b.rows, strange_a=a.is_strange(), strange_b=b.is_strange())


@dataclass(frozen=True)
class Partners:
    """The frame of the other piece, -1 for none."""

    of_a: NDArray[np.int64]
    of_b: NDArray[np.int64]


def partners(align: Align, a: Seen, b: Seen) -> Partners:
    """The middle of the frames that each one is matched with."""
    path, num_a, num_b = align(a, b), len(a.rows), len(b.rows)
    return Partners(_middles(path.a_frames, path.b_frames, num_a), _middles(path.b_frames, path.a_frames, num_b))


def _middles(here: NDArray[np.int64], there: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    frames = np.arange(count)
    first, beyond = (np.searchsorted(here, frames, side=side) for side in ("left", "right"))
    if not len(here):
        return np.full(count, -1)
    middle = (there[np.minimum(first, len(here) - 1)] + there[np.maximum(beyond - 1, 0)]) // 2
    return np.where(beyond > first, middle, -1)


def judged(item: str, a: Piece, b: Piece, found: Partners, plain: Partners, *, still_ends: bool) -> list[Found]:
    """Counts of frames called to have none, and the events' errors in shares of B, beside those of the whole videos.

    Args:
        plain: of the same two videos where nothing is missing.
    """
    made = []
    for one, other, own in ((a, b, found.of_a), (b, a, found.of_b)):
        true, said = truth(one, other, still_ends=still_ends), own < 0
        counts = {
            "right": (said & (true == NONE)).sum(),
            "said": (said & (true != NOT_COUNTED)).sum(),
            "true": (true == NONE).sum(),
            "called none": said.sum(),
            "frames": len(said),
        }
        made += [Found(name, item, float(count)) for name, count in counts.items()]
    for event_a, event_b in zip(a.events, b.events, strict=True):
        at, to = (one.at(event) if event >= 0 else -1 for one, event in ((a, event_a), (b, event_b)))
        if at < 0 or to < 0:
            continue
        made.append(Found("event found", item, float(found.of_a[at] >= 0)))
        if found.of_a[at] >= 0 and plain.of_a[event_a] >= 0:
            made.append(Found("event error", item, abs(int(found.of_a[at]) - to) / b.num_frames))
            made.append(Found("plain error", item, abs(int(plain.of_a[event_a]) - int(event_b)) / b.num_frames))
    return made
