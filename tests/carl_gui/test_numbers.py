"""Numbers are written as people read them, at the borders too."""

from __future__ import annotations

import math

import pytest

from carl_gui.numbers import bytes_of, count, duration, figure, percent, rate


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (59.6, "1 min"),
        (190, "3 min"),
        (3569, "59 min"),
        (3599, "1 h 0 min"),
        (4320, "1 h 12 min"),
        (86399, "1 d 0 h"),
        (183600, "2 d 3 h"),
        (-1, "–"),
        (math.inf, "–"),
        (math.nan, "–"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (9949, "9.9 kB"),
        (9951, "10 kB"),
        (999_600, "1.0 MB"),
        (2_140_000_000, "2.1 GB"),
        (4e18, "4000 PB"),
        (-5, "–"),
    ],
)
def test_bytes(number: float, text: str) -> None:
    assert bytes_of(number) == text


def test_counts_rates_and_shares() -> None:
    assert count(1234567) == "1\u202f234\u202f567"
    assert count(math.nan) == "–"
    assert [rate(number, "frames") for number in (0, 0.512, 3.24, 45.2, 1243)] == [
        "0 frames/s",
        "0.51 frames/s",
        "3.2 frames/s",
        "45 frames/s",
        "1\u202f243 frames/s",
    ]
    assert rate(math.inf, "frames") == "–"
    assert [percent(share) for share in (0, 0.42, 0.999, 1)] == ["0 %", "42 %", "99 %", "100 %"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "–"),
        (0.42314, "0.4231"),
        (12.346, "12.35"),
        (0.0, "0.000"),
        (1.234e-5, "1.234e-05"),
        (-0.5, "−0.5000"),
        (1234.6, "1235"),
        (math.nan, "NaN"),
        (-math.inf, "−∞"),
    ],
)
def test_figures(value: float | None, text: str) -> None:
    assert figure(value) == text
