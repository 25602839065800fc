"""How long the curves of long runs take from the news to the painted picture, beside pyqtgraph's plot() of all of it.

    python benchmarks/curves.py [STEPS]

Six runs of 200 000 steps; one of them is under way, and each time another ten steps of it are done.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_RUNS, _STEPS, _NEW, _TIMES = 6, 200_000, 10, 21
_SIZE = (900, 600)


def _measured(seed: int, steps: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Steps, losses and learning rates of a run: a fall, and noise on it."""
    rng = np.random.default_rng(seed)
    at = np.arange(1, steps + 1)
    loss = 6 * np.exp(-at / (steps / 5)) + 0.3 + 0.1 * seed + 0.2 * rng.random(steps)
    return at, loss, 1e-3 * (0.5 + 0.5 * np.cos(np.pi * at / steps))


def _milliseconds(update: Callable[[int], None], paint: Callable[[], object]) -> tuple[float, float]:
    """Median of update and of painting."""
    taken = []
    for number in range(_TIMES):
        begun = time.perf_counter()
        update(number)
        updated = time.perf_counter()
        paint()
        taken.append(((updated - begun) * 1000, (time.perf_counter() - updated) * 1000))
    return statistics.median(one for one, _ in taken[1:]), statistics.median(one for _, one in taken[1:])


def main() -> None:
    """Print the table."""
    try:
        import pyqtgraph as pg
        from PySide6.QtWidgets import QApplication

        from carl_gui.models.runs import RunCurves
        from carl_gui.theme import LIGHT, palette_of
        from carl_gui.train.curves import CurvesPanel
    except ImportError as error:
        print(f"Qt does not load here: {error}.")
        return
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else _STEPS
    app = QApplication([])
    app.setPalette(palette_of(LIGHT))
    held = [_measured(seed, steps + _NEW * _TIMES) for seed in range(_RUNS)]
    others = {f"run {number}": RunCurves(*(part[:steps] for part in held[number])) for number in range(1, _RUNS)}

    panel = CurvesPanel()
    panel.resize(*_SIZE)
    panel.show()

    def tell(number: int) -> None:
        live = RunCurves(*(part[: steps + _NEW * number].copy() for part in held[0]))
        panel.set_curves({"live": live, **others}, "live")

    plain = pg.GraphicsLayoutWidget()
    plain.resize(*_SIZE)
    plots = [plain.addPlot(row=row, col=0) for row in range(2)]
    plain.show()

    def plot(number: int) -> None:
        for row, one in enumerate(plots):
            one.clear()
            for place, parts in enumerate(held):
                end = steps + (_NEW * number if place == 0 else 0)
                one.plot(parts[0][:end], parts[row + 1][:end], pen=pg.mkPen(place, width=1))

    ours, theirs = _milliseconds(tell, panel.grab), _milliseconds(plot, plain.grab)
    print(f"{_RUNS} runs of {steps} steps, {_SIZE[0]} x {_SIZE[1]}{'':14} {'update':>9} {'paint':>10} {'ratio':>6}")
    for name, (update, paint) in (("the panel, smoothed", ours), ("pyqtgraph, plot() of everything", theirs)):
        print(f"{name:40} {update:12.1f} ms {paint:7.1f} ms {(update + paint) / sum(ours):6.1f}")
    for widget in (panel, plain):
        widget.close()
        widget.deleteLater()
    app.processEvents()


if __name__ == "__main__":
    main()
