"""Judgement of an encoder on the videos it embedded: the order of moments, next to an untrained encoder and chance.

The one number is a share of pairs of moments: of two moments of one video, their nearest frames in another video stand
in the same order. It is Kendall's tau (`core.metrics.order`) on a scale that a person knows: 50 % is chance, 100 % is
every pair. Where positions are added to the input, an untrained encoder reaches nearly 100 % too and knows nothing, so
that its share is always told beside it. Where an action repeats within a video, the nearest frame may lie in another
repetition, and the share is low although the frames are alike.
"""

from __future__ import annotations

import contextlib
import json
import math
from dataclasses import asdict, dataclass
from pathlib import Path

from core.base.errors import StorageError
from core.base.files import explain_errors, write_text

CHANCE = 0.5
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Judgement:
    """The judgement of an encoder."""

    encoder_digest: str
    backbone: str
    """`backbone.name` of its settings."""
    num_videos: int
    """Embedded."""
    ordered: float
    """Share of pairs of moments in order, 0 to 1; NaN: not defined, as with one video."""
    ordered_untrained: float
    """The same of an untrained encoder."""
    num_pairs: int
    """Pairs of videos that were aligned."""
    num_alignable: int
    """Of these, those that likely show one action."""
    worst: tuple[str, str] = ("", "")
    """Digests of the two videos that go together worst; empty: there is no pair."""
    worst_frames: tuple[int, int] = (0, 0)
    """Where their correspondence begins."""
    worst_score: float = 0.0
    """Whether they change alike, 0 to 1 (`core.align.alignable`)."""


def write_judgement(file: Path, found: Judgement) -> None:
    """Write it as JSON. Raises StorageError."""
    with explain_errors(file):
        file.parent.mkdir(parents=True, exist_ok=True)
    known = {name: value for name, value in asdict(found).items() if value == value}  # NaN is not itself
    write_text(file, json.dumps({"version": _VERSION, **known}, indent=1) + "\n")


def read_judgement(file: Path) -> Judgement | None:
    """Return what was written there; None where nothing was, or not by this version."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError, StorageError):
        written = json.loads(file.read_text(encoding="utf-8"))
        if written.pop("version") == _VERSION:
            a, b = written.pop("worst")
            a_frame, b_frame = written.pop("worst_frames")
            undefined = {"ordered": math.nan, "ordered_untrained": math.nan}
            return Judgement(
                **{**undefined, **written}, worst=(str(a), str(b)), worst_frames=(int(a_frame), int(b_frame))
            )
    return None
