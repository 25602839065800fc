"""Run a detector on videos."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from numpy import float32
from numpy.typing import NDArray

from core.base.control import Control
from core.base.events import Sink, ignore
from core.base.progress import Meter
from core.base.types import Span
from core.localise.candidates import MOST_SEGMENTS, segments_of
from core.localise.detectors import Detector
from core.localise.examples import Scale, pad


def detect(
    detector: Detector,
    embeddings: Sequence[NDArray[float32]],
    classes: Sequence[str],
    *,
    most: int = MOST_SEGMENTS,
    sink: Sink = ignore,
    control: Control | None = None,
) -> list[list[Span]]:
    """Find segments, one video after the other.

    Args:
        detector: in eval mode.
        embeddings: (S, D) of each video.
        classes: in the order of the detector's numbers.
        most: segments of a video at most.

    Returns:
        Of each video, by falling confidence; they may lie over one another.

    Raises:
        Stopped: `control` asked for it.
    """
    control = control or Control()
    meter = Meter(sink, "localise", len(embeddings), "video")
    found = []
    for own in embeddings:
        control.obey()
        scale = Scale.of(len(own), detector.most_steps)
        rows, valid = pad([torch.from_numpy(scale.rows(own))], detector.multiple)
        (candidates,) = detector.candidates(rows, valid)
        found.append(segments_of(candidates, scale, classes, most))
        meter.add()
    return found
