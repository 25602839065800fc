"""What accepting many labels would do, and what it leaves out, in words."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication

from carl_gui.models.acceptance import Acceptance
from carl_gui.models.probe_work import Tracks
from carl_gui.panels.numbers import count
from core.listing import some

_CONTEXT = "Acceptance"


def segments_of(number: int) -> str:
    """`1 segment`, `28 segments`."""
    translate = QCoreApplication.translate
    if number == 1:
        return translate(_CONTEXT, "1 segment")
    return translate(_CONTEXT, "{0} segments").format(count(number))


def videos_of(number: int) -> str:
    """`1 video`, `10 videos`."""
    translate = QCoreApplication.translate
    return translate(_CONTEXT, "1 video") if number == 1 else translate(_CONTEXT, "{0} videos").format(count(number))


def head_of(found: Acceptance) -> str:
    """`28 segments in 10 videos (2 310 frames)`."""
    translate = QCoreApplication.translate
    if not found.num_segments:
        return translate(_CONTEXT, "Nothing to accept")
    said = translate(_CONTEXT, "{0} in {1} ({2} frames)")
    return said.format(segments_of(found.num_segments), videos_of(len(found.accepted)), count(found.num_frames))


def left_out_of(found: Acceptance, names: Mapping[int, str]) -> list[str]:
    """One sentence for each reason, with the videos by name.

    Args:
        names: displayable, by id.
    """
    translate = QCoreApplication.translate
    reasons = (
        (found.disputed, translate(_CONTEXT, "Left out, as probe and transfer differ: {0} in {1}.")),
        (found.odd, translate(_CONTEXT, "Left out, as they do not align with the labelled videos: {0} in {1}.")),
        (found.others, translate(_CONTEXT, "Left out, as they show another action: {0} in {1}.")),
        (found.unsure, translate(_CONTEXT, "Left out, as they are not sure enough: {0} in {1}.")),
    )
    return [said.format(segments_of(_number(spans)), _named(spans, names)) for spans, said in reasons if spans]


def _number(spans: Tracks) -> int:
    return sum(map(len, spans.values()))


def _named(spans: Tracks, names: Mapping[int, str]) -> str:
    return some([names[key] for key in spans if key in names])
