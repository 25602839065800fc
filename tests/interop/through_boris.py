"""`python -m tests.interop.through_boris PYTHON`: labels through BORIS itself, and back to the same frames.

PYTHON is that of an environment with `boris-behav-obs` (10.0.2 wants Python 3.12 or newer, and libmpv). Random spans on
random presentation times, even and uneven ones, go out as a project; BORIS opens and checks it, and exports tabular
events (CSV, TSV, XLSX) and aggregated ones (TSV, XLSX); all of them, and the project, are read again. Prints a table;
the status is not 0 where a frame differs or BORIS complains.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from core.base.types import Span
from core.labels.formats.table import FORMATS, read_labels
from core.labels.tracks import Labels, Track, frame_of

PHASES = ("walk", "a=1+1", 'say "hi"; twice, ¡así!', "注ぐ", "1.0", "trailing.dot.")
Spans = dict[str, list[tuple[str, int, int, str]]]


def main(python: str) -> int:
    """Run it; returns the exit status."""
    worst = 0
    with tempfile.TemporaryDirectory() as name:
        for seed in range(5):
            folder = Path(name, str(seed))
            made = _labels(folder, np.random.default_rng(seed))
            worst |= _through(python, folder, made)
    return worst


def _labels(folder: Path, rng: np.random.Generator) -> Labels:
    tracks = []
    for number in range(3):
        num_frames = int(rng.integers(30, 400))
        lengths = rng.uniform(0.004, 0.2, num_frames) if number else np.full(num_frames, 1001 / 30000)
        edges = np.concatenate(([0.0], np.cumsum(lengths)))
        cuts = np.sort(rng.choice(num_frames + 1, 20, replace=False)).tolist()
        spans = tuple(
            Span(PHASES[int(rng.integers(len(PHASES)))], start, stop, 1.0, str(rng.choice(("label", "probe"))))
            for start, stop in itertools.pairwise(cuts)
            if rng.random() < 0.8
        )
        file = folder / f"day {number}" / "clip, 1; (å).mp4"
        file.parent.mkdir(parents=True)
        file.write_bytes(b"")  # BORIS only looks whether it is there
        tracks.append(Track(file, edges, spans, digest=f"{number:032x}"))
    return Labels(PHASES, tuple(tracks), colours=((PHASES[0], "#4477aa"),))


def _through(python: str, folder: Path, made: Labels) -> int:
    project = folder / "labels.boris"
    FORMATS["boris-project"].write(project, made)
    words = [python, str(Path(__file__).with_name("boris_child.py")), str(project), str(folder)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
    environment["QT_QPA_PLATFORM"] = "offscreen"
    child = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    if child.returncode:
        print(child.stderr)
        return 1
    told = json.loads(child.stdout.splitlines()[-1])
    wanted = {
        str(track.path): [(s.phase, s.start_frame, s.end_frame_exclusive, s.source) for s in track.spans]
        for track in made.tracks
    }
    print(
        f"BORIS {told['version']}: error {told['error']!r}, integrity {told['integrity']!r}, changed {told['changed']}"
    )
    is_right = not told["error"] and not told["integrity"] and not told["changed"]
    is_right &= sorted(told["states"]) == sorted(PHASES)
    together: dict[str, Spans] = {"project": _read([project], made)}
    for kind in ("csv", "tsv", "xlsx"):
        together[f"tabular {kind}"] = _read(sorted(folder.glob(f"tabular_*.{kind}")), made)
    for kind in ("tsv", "xlsx"):
        together[f"aggregated {kind}"] = _read([folder / f"aggregated.{kind}"], made)
    for what, found in together.items():
        same = found == wanted
        is_right &= same
        print(f"  {what}: {'the same' if same else 'DIFFERS'} ({sum(map(len, found.values()))} spans)")
    return 0 if is_right else 1


def _read(paths: list[Path], made: Labels) -> Spans:
    read = read_labels(paths)
    for problem in read.problems:
        print(f"  {problem.where}: {problem.sentence}")
    found: Spans = {str(track.path): [] for track in made.tracks}
    for segment in read.segments:
        (track,) = [one for one in made.tracks if str(one.path).endswith(segment.video)]
        start, stop = (int(frame_of(track.edges_seconds, bound)) for bound in (segment.start, segment.end))
        found[str(track.path)].append((segment.phase, start, stop, segment.source))
    return {path: sorted(spans, key=lambda span: span[1]) for path, spans in found.items()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
