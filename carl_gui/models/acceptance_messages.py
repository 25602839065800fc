"""Sentences about the effect of accepting many labels."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from carl_gui.models.acceptance import Acceptance
from carl_gui.models.probe_work import Tracks
from carl_gui.numbers import frames, segments, videos
from core.base.listing import some

_CONTEXT = "Acceptance"


def head_of(found: Acceptance) -> str:
    """`28 segments in 10 videos (2 310 frames)`."""
    translate = QCoreApplication.translate
    if not found.num_segments:
        return translate(_CONTEXT, "No segments left to accept")
    said = translate(_CONTEXT, "{0} in {1} ({2})")
    return said.format(segments(found.num_segments), videos(len(found.accepted)), frames(found.num_frames))


def left_out_of(found: Acceptance, names: Mapping[int, str]) -> list[str]:
    """Return one sentence for each reason, with the videos by name.

    Args:
        names: displayable, by id.
    """
    translate = QCoreApplication.translate
    reasons = (
        (found.disputed, translate(_CONTEXT, "{0} left out in {1}, where probe and transfer disagree.")),
        (found.odd, translate(_CONTEXT, "{0} left out in {1}, not alignable with the labelled ones.")),
        (found.others, translate(_CONTEXT, "{0} left out in {1}, of another action.")),
        (found.unsure, translate(_CONTEXT, "{0} left out in {1}, not sure enough.")),
    )
    return [said.format(segments(_number(spans)), _named(spans, names)) for spans, said in reasons if spans]


def _number(spans: Tracks) -> int:
    return sum(map(len, spans.values()))


def _named(spans: Tracks, names: Mapping[int, str]) -> str:
    return some([names[key] for key in spans if key in names])
