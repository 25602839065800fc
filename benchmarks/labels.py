"""How well some labelled clips label the others: frame accuracy against the number of labelled clips.

Needs `../shared/videos/push_up`, `../shared/videos/golf_swing` and `../shared/weights/mobilenet_v1_075.onnx` beside the
project. Push-ups: folds by person as in `push_up.py`; an encoder learns from the other people's clips without labels
(recipe `frozen`), some of these are labelled at random, and this fold's clips are predicted by `core.label`: whole, cut
at random by up to 35 % at either end, and two of them in one clip, which no labelled clip shows. Golf: one labelled
swing left out, an encoder from the other eight videos with two augmented copies, every choice of labelled swings.

Beside the accuracy stands the edit score of the phases' sequence (1 - Levenshtein distance / longer length): flicker
costs few frames, but makes a sequence wrong.

    python benchmarks/labels.py --plot labels.png     # 3 minutes on one core; 7 more the first time, for the features
"""

from __future__ import annotations

import argparse
import csv
import itertools
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from push_up import SHARED, Clips, Embed, Footage, embedder, phases, trained

from core.base.files import replacing
from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo
from core.label.labelling import label_videos
from core.labels.segments import runs_of
from core.metrics.events import random_cut

WEIGHTS = SHARED / "weights" / "mobilenet_v1_075.onnx"
PUSH_UP_PHASES = ("before", "descend", "ascend", "after")
ROWS: dict[str, dict[str, object]] = {
    "probe, no order": {"method": "probe", "order": False},
    "probe": {"method": "probe"},
    "transfer, no order": {"method": "transfer", "order": False},
    "transfer": {"method": "transfer"},
    "both, no order": {"method": "both", "order": False},
    "both (default)": {"method": "both"},
}
COLOURS = {"probe": "C0", "transfer": "C1", "both": "C2"}


@dataclass(frozen=True)
class Labelled:
    """A clip whose phases are all known."""

    video: EmbeddedVideo
    spans: list[Span]

    @staticmethod
    def of(embeddings: NDArray[np.float32], names: Sequence[str]) -> Labelled:
        """From (S, D) embeddings and S names of phases."""
        known = list(dict.fromkeys(names))
        runs = runs_of(np.array([known.index(name) for name in names]))
        video = EmbeddedVideo(Path("clip.mp4"), "", np.arange(len(names) + 1.0), embeddings)
        return Labelled(video, [Span(known[phase], start, stop) for phase, start, stop in runs])


@dataclass(frozen=True)
class Fold:
    """Clips of one encoder: those that may be labelled, and by kind those that are predicted."""

    pool: list[Labelled]
    tests: dict[str, list[Labelled]]

    def choices(self, count: int, draws: int, seed: int) -> list[tuple[int, ...]]:
        """Which clips are labelled: every choice of so many where these are few, else some drawn at random."""
        if len(self.pool) <= 5:
            return list(itertools.combinations(range(len(self.pool)), count))
        generator = np.random.default_rng([seed, count])
        drawn = [tuple(generator.permutation(len(self.pool))[:count].tolist()) for _ in range(draws)]
        return drawn if count < len(self.pool) else drawn[:1]


def push_up_folds(count: int) -> Iterator[Fold]:
    """Folds by person."""
    folder = SHARED / "videos" / "push_up"
    clips = Clips.read(folder)
    footage = Footage(clips, WEIGHTS, folder)
    config = footage.config({}, seed=1)
    files, features = footage.copies(config), footage.clean(config)
    names = [
        [PUSH_UP_PHASES[phase] for phase in phases(len(rows), events)]
        for rows, events in zip(features, clips.events, strict=True)
    ]
    for test in clips.folds(count):
        train = [i for i in range(len(files)) if i not in set(test.tolist())]
        encoder, _ = trained(config, [files[i] for i in train])
        embed = embedder(encoder)
        twos = [(i, next((j for j in test if j != i and clips.people[j] == clips.people[i]), i)) for i in test]
        yield Fold(
            [Labelled.of(embed(features[i]), names[i]) for i in train],
            {
                "push_up": [Labelled.of(embed(features[i]), names[i]) for i in test],
                "push_up, cut": [cut(embed, features[i], names[i], int(i)) for i in test],
                "push_up, two in one clip": [
                    Labelled.of(embed(np.concatenate([features[i], features[j]])), [*names[i], *names[j]])
                    for i, j in twos
                ],
            },
        )


def cut(embed: Embed, features: NDArray[np.float16], names: Sequence[str], seed: int) -> Labelled:
    """The clip without a random part at either end."""
    start, end = random_cut(len(features), np.random.default_rng([seed, 35]))
    return Labelled.of(embed(features[start:end]), names[start:end])


def golf_folds() -> Iterator[Fold]:
    """One labelled swing left out each."""
    folder = SHARED / "videos" / "golf_swing"
    tables = sorted((folder / "labels").glob("*_phase.csv"))
    names = []
    for table in tables:
        with table.open(encoding="utf-8", newline="") as file:
            names.append([row["phase"] for row in csv.DictReader(file)])
    labelled = [f"{table.stem.removesuffix('_phase')}.mp4" for table in tables]
    others = sorted(path.name for path in folder.glob("*.mp4") if path.name not in labelled)
    videos = [*labelled, *others]
    footage = Footage(Clips(videos, videos, []), WEIGHTS, folder)
    config = footage.config({"train.augmented_copies": 2}, seed=1)
    files, features = footage.copies(config), footage.clean(config)
    for test in range(len(labelled)):
        encoder, _ = trained(config, [files[i] for i in range(len(files)) if i != test])
        embed = embedder(encoder)
        known = [Labelled.of(embed(features[i]), names[i]) for i in range(len(labelled))]
        yield Fold([one for i, one in enumerate(known) if i != test], {"golf_swing": [known[test]]})


def scores(fold: Fold, kind: str, choice: Sequence[int], options: dict[str, object]) -> tuple[float, float]:
    """Share of right frames, all clips pooled; mean edit score."""
    chosen, tests = [fold.pool[i] for i in choice], fold.tests[kind]
    videos = [one.video for one in (*chosen, *tests)]
    made = label_videos(videos, [*(one.spans for one in chosen), *([] for _ in tests)], **options)[len(chosen) :]
    right, edits = [], []
    for one, predicted in zip(tests, made, strict=True):
        right.append(by_frame(one.spans) == by_frame(predicted.spans))
        edits.append(edit_score(by_run(one.spans), by_run(predicted.spans)))
    return float(np.mean(np.concatenate(right))), float(np.mean(edits))


def by_frame(spans: Sequence[Span]) -> NDArray[np.str_]:
    """(S,) names."""
    return np.array([span.phase for span in spans for _ in range(len(span))])


def by_run(spans: Sequence[Span]) -> list[str]:
    """Names without repetition."""
    return [name for name, _ in itertools.groupby(span.phase for span in spans)]


def edit_score(a: Sequence[str], b: Sequence[str]) -> float:
    """1 - Levenshtein distance / the longer one's length."""
    line = list(range(len(b) + 1))
    for i, one in enumerate(a):
        diagonal, line[0] = line[0], i + 1
        for j, other in enumerate(b):
            diagonal, line[j + 1] = line[j + 1], min(diagonal + (one != other), line[j] + 1, line[j + 1] + 1)
    return 1 - line[-1] / max(len(a), len(b))


Table = dict[str, list[tuple[float, float]]]
"""By row: mean accuracy and edit score for each number of labelled clips."""


def table(folds: Sequence[Fold], kind: str, counts: Sequence[int | None], draws: int) -> Table:
    """The mean over folds of the mean over choices; None: all clips are labelled."""
    made: Table = {}
    for name, options in ROWS.items():
        made[name] = []
        for count in counts:
            of_folds = []
            for number, fold in enumerate(folds):
                choices = fold.choices(count or len(fold.pool), draws, number)
                of_folds.append(np.mean([scores(fold, kind, choice, options) for choice in choices], axis=0))
            accuracy, edit = np.mean(of_folds, axis=0)
            made[name].append((float(accuracy), float(edit)))
    return made


def print_table(kind: str, heads: Sequence[str], rows: Table) -> None:
    """Accuracy / edit score."""
    print(f"\n{kind:28}" + "".join(f"{head:>15}" for head in heads))
    for name, cells in rows.items():
        print(f"{name:28}" + "".join(f"{f'{accuracy:.3f} / {edit:.2f}':>15}" for accuracy, edit in cells), flush=True)


def plot(path: Path, tables: dict[str, tuple[Sequence[str], Table]]) -> None:
    """One panel for each kind of footage."""
    figure = Figure(figsize=(4.2 * len(tables), 4.2), dpi=120, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, len(tables), sharey=True, squeeze=False)[0]
    for panel, (kind, (heads, rows)) in zip(panels, tables.items(), strict=True):
        for name, cells in rows.items():
            style = "-" if ROWS[name].get("order", True) else ":"
            colour = COLOURS[str(ROWS[name]["method"])]
            panel.plot(range(len(heads)), [cell[0] for cell in cells], style, marker="o", color=colour, label=name)
        panel.set_xticks(range(len(heads)), heads)
        panel.set_title(kind, fontsize=10)
        panel.set_xlabel("labelled clips")
        panel.grid(alpha=0.3)
    panels[0].set_ylabel("frame accuracy")
    panels[-1].legend(fontsize=8)
    with replacing(path) as partial:
        figure.savefig(partial, format="png")


def main() -> None:
    """Print the tables, and draw them."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--plot", type=Path, metavar="FILE.png", help="draw the accuracies")
    made.add_argument("--folds", type=int, default=4, help="of push_up")
    made.add_argument("--draws", type=int, default=5, help="random choices of labelled push-ups a fold")
    made.add_argument("--threads", type=int, default=0, help="CPU threads; 0: torch's choice")
    arguments = made.parse_args()
    if not SHARED.is_dir():
        sys.exit("benchmarks/labels.py needs the footage in ../shared, which is not here.")
    torch.set_num_threads(arguments.threads or torch.get_num_threads())
    print("frame accuracy / edit score of the sequence, by number of labelled clips")
    tables: dict[str, tuple[Sequence[str], Table]] = {}
    for folds, counts in ((push_up_folds(arguments.folds), (1, 2, 5, None)), (golf_folds(), (1, 2, None))):
        ready = list(folds)
        heads = [str(count or "all") for count in counts]
        for kind in ready[0].tests:
            tables[kind] = heads, table(ready, kind, counts, arguments.draws)
            print_table(kind, *tables[kind])
    if arguments.plot:
        plot(arguments.plot, tables)


if __name__ == "__main__":
    main()
