"""The page's drawings as SVG, in the colours of the page's style sheet."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from core.base.types import Alignment
from core.demo.agreement import TruePhases

_WIDTH, _HEIGHT = 560, 330
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 22, 18, 54
_MOST_POINTS = 400
_SMOOTHING = 0.06
"""Share of the curve that one point of the smooth line looks at."""


def loss_curve(steps: Sequence[int], losses: Sequence[float]) -> str:
    """Draw the loss over the steps: every step faint, a running mean bold."""
    x, y = np.asarray(steps, float), np.asarray(losses, float)
    if len(x) < 2:
        return '<p class="quiet">Too few steps for a curve.</p>'
    low, high = float(y.min()), float(y.max())
    pad = 0.06 * (high - low) or 1.0
    low, high = low - pad, high + pad
    smooth = _running_mean(y, max(1, round(_SMOOTHING * len(y))))

    def at(values: NDArray[np.float64]) -> str:
        keep = np.unique(np.linspace(0, len(x) - 1, _MOST_POINTS).astype(int))
        across = _LEFT + (x - x[0]) / (x[-1] - x[0]) * (_WIDTH - _LEFT - _RIGHT)
        up = _TOP + (high - values) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)
        return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(across[keep], up[keep], strict=True))

    parts = [f'<svg class="plot" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Loss over training steps">']
    for tick in _ticks(low, high):
        up = _TOP + (high - tick) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{up:.1f}" y2="{up:.1f}"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{up + 4.5:.1f}" text-anchor="end">{tick:g}</text>')
    for tick in _ticks(x[0], x[-1]):
        across = _LEFT + (tick - x[0]) / (x[-1] - x[0]) * (_WIDTH - _LEFT - _RIGHT)
        parts.append(f'<text x="{across:.1f}" y="{_HEIGHT - 32}" text-anchor="middle">{tick:g}</text>')
    parts.append(f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 11}" text-anchor="middle">step</text>')
    parts.append(f'<polyline class="faint" points="{at(y)}"/><polyline class="bold" points="{at(smooth)}"/></svg>')
    return "".join(parts)


def phase_strips(path: Alignment, a: TruePhases, b: TruePhases, names: tuple[str, str]) -> str:
    """Draw both clips as bars of their true phases, joined along the path; a link between different phases is red."""
    width, bar, gap = _WIDTH, 26, 104
    scale = width / max(a.num_frames, b.num_frames)
    parts = [f'<svg class="plot" viewBox="0 0 {width} {2 * bar + gap}" role="img" aria-label="Phases and path">']
    of_a, of_b = a.of_frames(), b.of_frames()
    for step in np.unique(np.linspace(0, len(path) - 1, 64).astype(int)):
        i, j = int(path.a_frames[step]), int(path.b_frames[step])
        kind = "link" if of_a[i] == of_b[j] else "link wrong"
        x1, x2 = (i + 0.5) * scale, (j + 0.5) * scale
        parts.append(f'<line class="{kind}" x1="{x1:.1f}" y1="{bar + 2}" x2="{x2:.1f}" y2="{bar + gap - 2}"/>')
    for phases, y in ((a, 0), (b, bar + gap)):
        ends = [*phases.start_frames[1:], phases.num_frames]
        for index, (start, end) in enumerate(zip(phases.start_frames, ends, strict=True)):
            x, length = start * scale + 0.5, (end - start) * scale - 1
            parts.append(f'<rect class="phase{index}" x="{x:.1f}" y="{y}" width="{length:.1f}" height="{bar}" rx="3"/>')
    above, below = (f'<p class="clip">{escape(n)} · {c.seconds:.1f} s</p>' for n, c in zip(names, (a, b), strict=True))
    return "".join([above, *parts, "</svg>", below])


def phase_legend(names: Sequence[str]) -> str:
    """Draw the phases' colours."""
    items = (f'<li><i class="phase{index}"></i>{escape(name)}</li>' for index, name in enumerate(names))
    return f'<ul class="legend">{"".join(items)}</ul>'


def _running_mean(values: NDArray[np.float64], width: int) -> NDArray[np.float64]:
    half = width // 2
    sums = np.concatenate([[0.0], np.cumsum(values)])
    index = np.arange(len(values))
    low, high = np.maximum(index - half, 0), np.minimum(index + half + 1, len(values))
    return np.asarray((sums[high] - sums[low]) / (high - low))


def _ticks(low: float, high: float) -> list[float]:
    """Return four to eight round numbers within the range."""
    size = 10.0 ** np.floor(np.log10((high - low) / 4))
    step = next(size * factor for factor in (1, 2, 2.5, 5, 10) if (high - low) / (size * factor) < 8)
    first = np.ceil(low / step)
    return [float(k * step) for k in np.arange(first, np.floor(high / step) + 1)]
