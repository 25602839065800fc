"""Tone mapping from HDR (PQ, HLG) to the standard range: dark and middle tones unchanged, highlights rolled off.

Light is measured in units of the reference white of 203 cd/m2 (ITU-R BT.2408). The curve is the Moebius one of FFmpeg's
`tonemap` filter, on each of R, G, B, so that very bright colours pale as they do on film: straight up to 0.3, then bent
so that 1000 cd/m2, the brightest that HDR footage usually has, becomes white.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

from core.base.types import Image

PQ, HLG = 16, 18
"""Transfer characteristics as ITU-T H.273 numbers them."""

_WHITE_NITS, _PEAK_NITS = 203.0, 1000.0
_KNEE = 0.3
_GAMMA = 2.2

_BT2020_TO_BT709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
)
"""ITU-R BT.2087."""
_BT2020_LUMINANCE = np.array([0.2627, 0.6780, 0.0593], np.float32)


def to_sdr(coded: NDArray[np.uint16], transfer: int, *, is_wide_gamut: bool) -> Image:
    """Map (H, W, 3) uint16 R'G'B' of full range in PQ or HLG -> (H, W, 3) uint8 for a usual screen.

    Args:
        transfer: `PQ` or `HLG`.
        is_wide_gamut: the primaries are BT.2020's.
    """
    light = np.take(_light(transfer), coded)  # (H, W, 3)
    if transfer == HLG:  # BT.2100: the system gamma of 1.2 of a 1000 cd/m2 display
        luminance = light @ _BT2020_LUMINANCE
        light *= (_PEAK_NITS / _WHITE_NITS) * np.power(luminance, np.float32(0.2))[..., None]
    if is_wide_gamut:
        light = light @ _BT2020_TO_BT709.T
    np.maximum(light, 0, out=light)
    return np.take(_encode_for_screen(), (_roll_off(light) * 65535 + 0.5).astype(np.uint16))


def _roll_off(x: NDArray[np.float32]) -> NDArray[np.float32]:
    peak, knee = _PEAK_NITS / _WHITE_NITS, _KNEE
    a = -knee * knee * (peak - 1) / (knee * knee - 2 * knee + peak)
    b = (knee * knee - 2 * knee * peak + peak) / (peak - 1)
    x = np.minimum(x, np.float32(peak))
    bent = (b * b + 2 * b * knee + knee * knee) / (b - a) * (x + a) / (x + b)
    return np.where(x <= knee, x, np.minimum(bent, 1)).astype(np.float32)


@functools.cache
def _light(transfer: int) -> NDArray[np.float32]:
    """Return (65536,) PQ: light in units of the reference white. HLG: the scene's light, 0 to 1. ITU-R BT.2100."""
    signal = np.linspace(0, 1, 65536)
    if transfer == PQ:
        root = signal ** (1 / 78.84375)
        nits = 10_000 * (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)
        return (nits / _WHITE_NITS).astype(np.float32)
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12).astype(np.float32)


@functools.cache
def _encode_for_screen() -> NDArray[np.uint8]:
    """Return (65536,) from light of 0 to 1 to what a screen of gamma 2.2 wants."""
    return np.round(255 * np.linspace(0, 1, 65536) ** (1 / _GAMMA)).astype(np.uint8)
