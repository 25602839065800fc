"""Format numbers for people. Invalid ones (not finite, negative) are a dash; groups are parted by a thin space,
which no language reads as a decimal sign."""

from __future__ import annotations

import math

from PySide6.QtCore import QCoreApplication

from carl_gui.translation import QT_TRANSLATE_NOOP

_CONTEXT = "Numbers"
UNKNOWN = "–"
_GROUP = "\u202f"
_DURATIONS = (
    (86400, 3600, QT_TRANSLATE_NOOP("Numbers", "{0} d {1} h")),
    (3600, 60, QT_TRANSLATE_NOOP("Numbers", "{0} h {1} min")),
)
_MINUTES = QT_TRANSLATE_NOOP("Numbers", "{0} min")
_SECONDS = QT_TRANSLATE_NOOP("Numbers", "{0} s")
_RATE = QT_TRANSLATE_NOOP("Numbers", "{0} {1}/s")
_PERCENT = QT_TRANSLATE_NOOP("Numbers", "{0} %")
_BYTES = ("B", "kB", "MB", "GB", "TB", "PB")


def _translate(text: str) -> str:
    return QCoreApplication.translate(_CONTEXT, text)


def duration(seconds: float) -> str:
    """Return `42 s`, `3 min`, `1 h 12 min`, `2 d 3 h`: two units at most, rounded to the smaller one."""
    if not math.isfinite(seconds) or seconds < 0:
        return UNKNOWN
    if round(seconds) < 60:
        return _translate(_SECONDS).format(round(seconds))
    for big, small, text in _DURATIONS:
        smalls = round(seconds / small)
        if smalls * small >= big:
            return _translate(text).format(*divmod(smalls, big // small))
    return _translate(_MINUTES).format(round(seconds / 60))


def count(number: float) -> str:
    """Return `1 234 567`; a part below one is rounded away."""
    return f"{round(number):,}".replace(",", _GROUP) if math.isfinite(number) else UNKNOWN


def bytes_of(number: float) -> str:
    """Return `512 B`, `3.2 MB`, `12 GB`: powers of 1000, two or three digits."""
    if not math.isfinite(number) or number < 0:
        return UNKNOWN
    power = 0
    while power < len(_BYTES) - 1 and round(number, 1 if number < 9.95 and power else 0) >= 1000:
        number, power = number / 1000, power + 1
    return f"{number:.1f} {_BYTES[power]}" if power and number < 9.95 else f"{round(number)} {_BYTES[power]}"


def rate(number: float, unit: str) -> str:
    """Return `1 240 frames/s`, `3.2 frames/s`; `unit` is translated by the caller."""
    if not math.isfinite(number) or number < 0:
        return UNKNOWN
    shown = count(number) if number >= 99.5 else f"{number:.2g}" if number < 9.95 else f"{number:.0f}"
    return _translate(_RATE).format(shown, unit)


def percent(share: float) -> str:
    """Return `42 %` of 0.42; never 100 % before the whole."""
    if not math.isfinite(share):
        return UNKNOWN
    return _translate(_PERCENT).format(min(round(share * 100), 99) if share < 1 else round(share * 100))


def figure(value: float | None, digits: int = 4) -> str:
    """Return a loss or a score with so many digits: `0.1235`, `12.35`, `1.2e-05`; NaN has a word of its own."""
    if value is None:
        return UNKNOWN
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    shown = f"{value:.{digits - 1}e}" if value and not 1e-3 <= abs(value) < 1e5 else f"{value:#.{digits}g}".rstrip(".")
    return shown.replace("-", "−", 1) if value < 0 else shown


def videos(number: int) -> str:
    """Return `1 video`, `12 videos`."""
    return QCoreApplication.translate("Numbers", "%n video(s)", "", number)


def frames(number: int) -> str:
    """Return `1 frame`, `1 200 frames`."""
    return QCoreApplication.translate("Numbers", "%n frame(s)", "", number)


def labels(number: int) -> str:
    """Return `1 label`, `12 labels`."""
    return QCoreApplication.translate("Numbers", "%n label(s)", "", number)


def segments(number: int) -> str:
    """Return `1 segment`, `12 segments`: predicted ones."""
    return QCoreApplication.translate("Numbers", "%n segment(s)", "", number)


def repetitions(number: int) -> str:
    """Return `1 repetition`, `12 repetitions`."""
    return QCoreApplication.translate("Numbers", "%n repetition(s)", "", number)
