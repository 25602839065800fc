"""Texts about a pair."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication

from carl_gui.explore.alignable import alignable_text
from carl_gui.explore.pair.model import Pair
from carl_gui.explore.pair.repeated import RepeatedPair
from carl_gui.models.metric_messages import metric_tip
from carl_gui.numbers import percent
from carl_gui.timecode import clock
from core.align.repetition import Repetition


def read_out(pair: Pair | None, a_frame: int, b_frame: int) -> str:
    """Return the time and frame of each, how similar they are, and the confidence of their match."""
    if pair is None:
        return QCoreApplication.translate("PairReadOut", "Comparing…")
    a_frame, b_frame = min(a_frame, len(pair.a) - 1), min(b_frame, len(pair.b) - 1)
    line = QCoreApplication.translate("PairReadOut", "A {0} · {1}   B {2} · {3}   similarity {4}").format(
        *_times_and_frames(pair, a_frame, b_frame), _signed(pair.cosine_of(a_frame, b_frame))
    )
    return "   ".join(
        part for part in (line, *_repetition(pair, a_frame, b_frame), _match(pair, a_frame, b_frame)) if part
    )


def step_read_out(pair: Pair, moment: int) -> str:
    """Return the time and frame of each at a moment along the path, the curves there, and the match's confidence."""
    a_frame, b_frame = (int(frames[moment]) for frames in pair.moments.frames)
    a_plays, b_plays = (bool(plays[moment]) for plays in pair.moments.plays)
    values = _times_and_frames(pair, a_frame, b_frame)
    if not b_plays:
        return QCoreApplication.translate("PairReadOut", "A {0} · {1}   no match in B").format(*values[:2])
    if not a_plays:
        return QCoreApplication.translate("PairReadOut", "B {0} · {1}   no match in A").format(*values[2:])
    tempo = float(pair.curves.tempo[moment])
    parts = [
        QCoreApplication.translate("PairReadOut", "A {0} · {1}   B {2} · {3}").format(*values),
        QCoreApplication.translate("PairReadOut", "distance {0}").format(_signed(float(pair.curves.distance[moment]))),
    ]
    if tempo == tempo:  # NaN where only one plays
        parts.append(QCoreApplication.translate("PairReadOut", "B's tempo {0}×").format(f"{tempo:.2f}"))
    parts += _repetition(pair, a_frame, b_frame)
    return "   ".join(part for part in (*parts, _match(pair, a_frame, b_frame)) if part)


def _repetition(pair: Pair, a_frame: int, b_frame: int) -> list[str]:
    """Return the number of the repetition and of all; empty outside of them."""
    repetition = pair.repetition_at(a_frame, b_frame) if isinstance(pair, RepeatedPair) else 0
    if not isinstance(pair, RepeatedPair) or not repetition:
        return []
    return [QCoreApplication.translate("PairReadOut", "repetition {0} of {1}").format(repetition, pair.count)]


def _match(pair: Pair, a_frame: int, b_frame: int) -> str:
    """Return the confidence of a match, or that a frame has none; empty: neither."""
    if pair.is_self:
        return ""
    if (a_frame, b_frame) in pair.anchors:
        return QCoreApplication.translate("PairReadOut", "pinned")
    step, confidence = pair.step_of(a_frame, b_frame), pair.alignment.confidence
    if step is not None:
        return "" if confidence is None else _confidence_text(float(confidence[step]))
    a_has, b_has = bool(pair.has_partner[0][a_frame]), bool(pair.has_partner[1][b_frame])
    if not a_has and not b_has:
        return QCoreApplication.translate("PairReadOut", "no match in either")
    if not a_has:
        return QCoreApplication.translate("PairReadOut", "A has no match")
    return "" if b_has else QCoreApplication.translate("PairReadOut", "B has no match")


def _confidence_text(confidence: float) -> str:
    return QCoreApplication.translate("PairReadOut", "confidence {0}").format(percent(confidence))


def verdict_of(pair: Pair | None) -> str:
    """Return how well the two match; empty for a video with itself."""
    if pair is None or pair.is_self:
        return ""
    return alignable_text(pair.alignment.matched_share, pair.mean_confidence, pair.alignable_score)


def repeats_text(pair: RepeatedPair) -> str:
    """Return which video repeats the other, and how often."""
    count = pair.count
    sentences = (
        QCoreApplication.translate("PairReadOut", "A repeats B %n time(s).", "", count),
        QCoreApplication.translate("PairReadOut", "B repeats A %n time(s).", "", count),
    )
    return sentences[pair.side]


def duration_text(pair: RepeatedPair) -> str:
    """Return how long the repetitions take."""
    edges = (pair.a, pair.b)[pair.side].edges_seconds
    durations = [float(edges[span.end_frame_exclusive] - edges[span.start_frame]) for span in pair.found.spans]
    shortest, longest = digits(min(durations)), digits(max(durations))
    if shortest == longest:
        return QCoreApplication.translate("PairReadOut", "Each takes {0} s.").format(shortest)
    return QCoreApplication.translate("PairReadOut", "Each takes {0} to {1} s.").format(shortest, longest)


def facts_of(pair: Pair | None) -> tuple[list[tuple[str, str]], str]:
    """Return numbers with their captions, and a sentence on their origin."""
    if pair is None:
        return [], ""
    if pair.repetition is not None:
        return _facts_of_one(pair.repetition)
    facts = []
    if pair.is_matched:
        facts = [
            (QCoreApplication.translate("PairReadOut", "Mean confidence"), percent(pair.mean_confidence)),
            (QCoreApplication.translate("PairReadOut", "Mean similarity on the path"), _signed(pair.mean_cosine)),
            (QCoreApplication.translate("PairReadOut", "B's tempo against A"), f"{pair.tempo:.2f}×"),
        ]
    if pair.anchors:
        facts.append((QCoreApplication.translate("PairReadOut", "Pins"), str(len(pair.anchors))))
    if pair.band is None:
        return facts, ""
    sentence = QCoreApplication.translate(
        "PairReadOut",
        "These videos are too long to compare all frames: matched frames are at most {0} % of a video apart.",
    )
    return facts, sentence.format(f"{pair.band * 100:.2g}")


def tips_of_facts() -> dict[str, str]:
    """Return the tooltips of the numbers, by caption."""
    similarity = metric_tip("similarity")
    return {
        QCoreApplication.translate("PairReadOut", "Mean confidence"): metric_tip("confidence"),
        QCoreApplication.translate("PairReadOut", "Mean similarity on the path"): similarity,
        QCoreApplication.translate("PairReadOut", "Mean similarity at that interval"): similarity,
    }


def _facts_of_one(found: Repetition) -> tuple[list[tuple[str, str]], str]:
    """Return the facts of a video against itself."""
    if found.period_seconds is None:
        return [], QCoreApplication.translate("PairReadOut", "No repetition found in this video.")
    cosine = float(np.interp(found.period_seconds, found.lags_seconds, found.cosine))
    facts = [
        (QCoreApplication.translate("PairReadOut", "Repeats about every"), f"{digits(found.period_seconds)} s"),
        (QCoreApplication.translate("PairReadOut", "Mean similarity at that interval"), _signed(cosine)),
    ]
    return facts, ""


def digits(seconds: float) -> str:
    """Return a period to two digits, which is its accuracy: 0.85, 1.2, 14."""
    return f"{seconds:.2f}" if seconds < 1 else f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}"


def _times_and_frames(pair: Pair, a_frame: int, b_frame: int) -> tuple[str, int, str, int]:
    a_seconds, b_seconds = float(pair.a.edges_seconds[a_frame]), float(pair.b.edges_seconds[b_frame])
    return clock(a_seconds), a_frame, clock(b_seconds), b_frame


def _signed(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")
