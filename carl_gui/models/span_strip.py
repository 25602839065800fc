"""Draw thousands of segments as a row of pixels, each with the mean colour of its frames. No Qt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.base.types import Span

FALLBACK = "#888888"
"""Of a phase that has no colour."""


class SpanStrip:
    """Segments in time order, without overlap, stored as arrays.

    Args:
        colours: `#rrggbb` of each phase.
        is_veiled: whether a span is the more transparent the less its confidence.
    """

    def __init__(self, spans: Sequence[Span], colours: Mapping[str, str], *, is_veiled: bool = False) -> None:
        self.spans = spans
        self.starts = np.array([span.start_frame for span in spans], np.int64)
        self.ends = np.array([span.end_frame_exclusive for span in spans], np.int64)
        self.is_predicted = [span.is_predicted for span in spans]
        """(N,) whether nobody said so."""
        names = {name: place for place, name in enumerate(dict.fromkeys(span.phase for span in spans))}
        palette = np.array([_rgba(colours.get(name, FALLBACK)) for name in names] or [_rgba(FALLBACK)])
        rgba = palette[[names[span.phase] for span in spans]] if spans else np.zeros((0, 4))  # (N, 4)
        if is_veiled:
            rgba = rgba * np.array([opacity(span.confidence) for span in spans])[:, None]
        edges = np.empty(2 * len(spans) + 1, np.int64)
        edges[0] = 0
        edges[1::2], edges[2::2] = self.starts, self.ends
        sums = np.zeros((len(edges), 4))
        sums[2::2] = np.cumsum(rgba * (self.ends - self.starts)[:, None], axis=0)
        sums[1::2] = sums[:-1:2]
        self._edges, self._sums = edges, sums

    def pixels(self, positions: NDArray[np.float64]) -> NDArray[np.uint8]:
        """(W, 4) premultiplied red, green, blue and opacity of the pixels between W + 1 positions in frames.

        A pixel's colour is the mean over its frames, those without a span being transparent: nothing flickers, and no
        span is too short to be seen.
        """
        at = np.stack([np.interp(positions, self._edges, self._sums[:, channel]) for channel in range(4)], axis=1)
        widths = np.maximum(np.diff(positions), 1e-9)
        mean = np.diff(at, axis=0) / widths[:, None]
        return (mean * 255 + 0.5).clip(0, 255).astype(np.uint8)

    def between(self, first: float, last: float) -> range:
        """Places of the spans that have a frame between those positions."""
        start = int(np.searchsorted(self.ends, first, side="right"))
        return range(start, max(start, int(np.searchsorted(self.starts, last, side="left"))))

    def place_at(self, frame: int) -> int | None:
        """Place of the span that covers that frame."""
        place = int(np.searchsorted(self.starts, frame, side="right")) - 1
        return place if place >= 0 and frame < self.ends[place] else None

    def span_at(self, frame: int) -> Span | None:
        """The span that covers that frame."""
        place = self.place_at(frame)
        return None if place is None else self.spans[place]


def opacity(confidence: float) -> float:
    """Of a span that nobody said for certain: the doubtful ones are still seen."""
    return 0.2 + 0.8 * confidence


class ValueStrip:
    """One value per frame, (S,), as a row of pixels."""

    def __init__(self, values: NDArray[np.float64]) -> None:
        self.values = values
        self._sums = np.concatenate(([0.0], np.cumsum(values)))
        self._frames = np.arange(len(self._sums), dtype=np.float64)

    def pixels(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        """(W,) mean over the frames of each pixel, between W + 1 positions in frames."""
        at = np.interp(positions, self._frames, self._sums)
        made: NDArray[np.float64] = np.diff(at) / np.maximum(np.diff(positions), 1e-9)
        return made


def _rgba(colour: str) -> tuple[float, float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue, 1.0
