"""Dynamic time warping against librosa, in one run: 5000 x 5000, both compiled and warm, same matrix, same steps.

The floor is one read of the matrix (its sum): no method can look at every cost in less. Rounds alternate, so that a
busy machine slows all rows alike; medians are shown. Exit status 1 where ours is not at least 4 times as fast, or open
ends and gaps take more than twice as long.

    python benchmarks/dtw.py [--frames 5000] [--rounds 7]
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

import librosa
import numpy as np
from numpy.typing import NDArray

from core.align import align_embeddings, align_partial, dtw
from core.align.partial import partial_dtw

LEAST_RATIO, MOST_OF_GAPS = 4.0, 2.0


def seconds(function: Callable[[], object]) -> float:
    started = time.perf_counter()
    function()
    return time.perf_counter() - started


def librosa_dtw(cost: NDArray[np.float64]) -> tuple[float, NDArray[np.int64]]:
    """Cost and path (P, 2) from (0, 0) to the end."""
    sums, path = librosa.sequence.dtw(C=cost)
    return float(sums[-1, -1]), path[::-1]


def main() -> int:
    """Print the table; returns the exit status."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--frames", type=int, default=5000)
    options.add_argument("--rounds", type=int, default=7)
    chosen = options.parse_args()
    frames: int = chosen.frames
    rng = np.random.default_rng(0)
    cost = rng.random((frames, frames))
    single = cost.astype(np.float32)
    video = rng.normal(size=(frames, 128)).astype(np.float32)
    long_video = rng.normal(size=(4 * frames, 128)).astype(np.float32)

    expected_cost, expected_path = librosa_dtw(cost)
    ours = dtw(cost)
    assert np.isclose(ours.cost, expected_cost, rtol=1e-9)
    assert (np.stack([ours.a_frames, ours.b_frames], axis=1) == expected_path).all()
    dtw(single)  # compiled for float32 too
    partial_dtw(single[:9, :9], 0.3)

    rows: dict[str, tuple[Callable[[], object], int]] = {
        "librosa.sequence.dtw, float64": (lambda: librosa_dtw(cost), 24),
        "core.align.dtw, float64": (lambda: dtw(cost), 8),
        "core.align.dtw, float32": (lambda: dtw(single), 4),
        "core.align.dtw, float32, band 0.1": (lambda: dtw(single, band=0.1), 4),
        "core.align.partial.partial_dtw, float32": (lambda: partial_dtw(single, 0.3, opening=0.9), 4),
        "core.align.align_partial": (lambda: align_partial(video, video), 0),
        "core.align.align_embeddings": (lambda: align_embeddings(video, video), 0),
        f"... {4 * frames} x {4 * frames}, band 0.05": (lambda: align_embeddings(long_video, long_video, band=0.05), 0),
        "floor: read the float32 matrix": (single.sum, 4),
    }
    taken: dict[str, list[float]] = {name: [] for name in rows}
    for _ in range(chosen.rounds):
        for name, (function, _) in rows.items():
            taken[name].append(seconds(function))
    medians = {name: float(np.median(times)) for name, times in taken.items()}
    base = medians["librosa.sequence.dtw, float64"]
    print(f"DTW {frames} x {frames}, median of {chosen.rounds} alternating rounds; the same path as librosa's")
    print(f"{'':42} {'ms':>8} {'x librosa':>10} {'x floor':>8}")
    for name, median in medians.items():
        faster = f"{base / median:.1f}" if "..." not in name else ""
        floor = f"{median / medians['floor: read the float32 matrix']:.0f}" if "..." not in name else ""
        print(f"{name:42} {median * 1e3:8.1f} {faster:>10} {floor:>8}")
    gaps = medians["core.align.partial.partial_dtw, float32"] / medians["core.align.dtw, float32"]
    print(f"open ends and gaps take {gaps:.2f} times as long as plain DTW (claimed: at most {MOST_OF_GAPS:.0f})")
    ratio = base / medians["core.align.dtw, float64"]
    print(f"core.align.dtw is {ratio:.1f} times as fast as librosa (claimed: at least {LEAST_RATIO:.0f})")
    return 0 if ratio >= LEAST_RATIO and gaps <= MOST_OF_GAPS else 1


if __name__ == "__main__":
    sys.exit(main())
