"""What is said of a pair in words and numbers."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QCoreApplication

from carl_gui.models.pair import Pair
from carl_gui.panels.player.moments import clock
from core.align.repetition import Repetition


def read_out(pair: Pair | None, a_frame: int, b_frame: int) -> str:
    """Time and frame of each, and how alike they are."""
    if pair is None:
        return QCoreApplication.translate("PairReadOut", "Comparing…")
    a_frame, b_frame = min(a_frame, len(pair.a) - 1), min(b_frame, len(pair.b) - 1)
    return QCoreApplication.translate("PairReadOut", "A {0} · {1}   B {2} · {3}   cosine {4}").format(
        *_places(pair, a_frame, b_frame), _signed(pair.cosine_of(a_frame, b_frame))
    )


def step_read_out(pair: Pair, step: int) -> str:
    """Time and frame of each at a step of the path, and the curves there."""
    a_frame, b_frame = int(pair.alignment.a_frames[step]), int(pair.alignment.b_frames[step])
    tempo = float(pair.along.tempo[step])
    words = [
        QCoreApplication.translate("PairReadOut", "A {0} · {1}   B {2} · {3}").format(*_places(pair, a_frame, b_frame)),
        QCoreApplication.translate("PairReadOut", "distance {0}").format(_signed(float(pair.along.distance[step]))),
    ]
    if tempo == tempo:  # else one only waits for the other there
        words.append(QCoreApplication.translate("PairReadOut", "B's tempo {0}×").format(f"{tempo:.2f}"))
    return "   ".join(words)


def facts_of(pair: Pair | None) -> tuple[list[tuple[str, str]], str]:
    """Numbers with their captions, and a sentence on how they came about."""
    if pair is None:
        return [], ""
    if pair.repetition is not None:
        return _facts_of_one(pair.repetition)
    tempo = pair.a.duration_seconds / pair.b.duration_seconds
    facts = [
        (QCoreApplication.translate("PairReadOut", "Mean cosine on the path"), _signed(pair.mean_cosine)),
        (QCoreApplication.translate("PairReadOut", "B's tempo against A"), f"{tempo:.2f}×"),
    ]
    if pair.anchors:
        facts.append((QCoreApplication.translate("PairReadOut", "Pins"), str(len(pair.anchors))))
    if pair.band is None:
        return facts, ""
    sentence = QCoreApplication.translate(
        "PairReadOut",
        "These videos are too long to compare every frame with every other: matched frames lie at most "
        "{0} % of a video apart.",
    )
    return facts, sentence.format(f"{pair.band * 100:.2g}")


def _facts_of_one(found: Repetition) -> tuple[list[tuple[str, str]], str]:
    """Of a video against itself."""
    if found.period_seconds is None:
        return [], QCoreApplication.translate("PairReadOut", "No repetition is seen in this video.")
    cosine = float(np.interp(found.period_seconds, found.lags_seconds, found.cosine))
    facts = [
        (QCoreApplication.translate("PairReadOut", "Repeats about every"), f"{digits(found.period_seconds)} s"),
        (QCoreApplication.translate("PairReadOut", "Mean cosine then"), _signed(cosine)),
    ]
    return facts, ""


def digits(seconds: float) -> str:
    """A period to two digits, as it is known: 0.85, 1.2, 14."""
    return f"{seconds:.2f}" if seconds < 1 else f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}"


def _places(pair: Pair, a_frame: int, b_frame: int) -> tuple[str, int, str, int]:
    a_seconds, b_seconds = float(pair.a.edges_seconds[a_frame]), float(pair.b.edges_seconds[b_frame])
    return clock(a_seconds), a_frame, clock(b_seconds), b_frame


def _signed(number: float) -> str:
    return f"{number:.2f}".replace("-", "−")
