"""Segments found in videos of people never seen: two detectors beside simple baselines, mAP as in CARL's Table 12.

Needs `../shared/videos/push_up` and `../shared/weights/mobilenet_v1_075.onnx` beside the project; the sample is drawn.
Push-ups: folds by person as in `push_up.py`; segments are the descents and the ascents, what is before and after is
background. `joined`: two to four clips of one person as one video, so that every class comes several times. Sample:
folds by clip; five phases that cover all of a clip. In each fold an encoder learns from the other clips without
labels (recipe `frozen`), then detectors and baselines learn from their labels, on its embeddings and on raw features:

* `mean segment`: each class where it is on average in the training videos, as a share of the length;
* `probe, grouped`: the linear probe with background as a class, equal frames together (what `core.evaluate` does);
* `probe, in order`: the same by `core.label`, which keeps to the order of phases that the labels show;
* `points`, `graph`: `python -m core.localise`.

    python benchmarks/localise.py --seeds 3             # most of the time goes into encoders and `graph`
    python benchmarks/localise.py --only joined --keep FOLDER     # encoders' embeddings are kept there and used again
"""

from __future__ import annotations

import argparse
import functools
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from push_up import SHARED, Clips, Embed, Footage, embedder, normalised, phases, trained

from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo
from core.label.labelling import label_videos
from core.labels.segments import UNLABELLED
from core.localise.detecting import detect
from core.localise.detectors import DETECTORS
from core.localise.examples import Example
from core.localise.learning import Learning, learn
from core.metrics.linear_probe import fit_probe
from core.metrics.localisation import REPORTED_TIOUS, mean_average_precision, spans_of_labels
from core.sample.make import make_sample
from core.sample.take import PHASES, draw_take

WEIGHTS = SHARED / "weights" / "mobilenet_v1_075.onnx"
PUSH_UP_CLASSES = ("descend", "ascend")
NUM_DRAWN, DRAWN_SEED = 24, 5
_MOST_JOINED = 4


@dataclass(frozen=True)
class Video:
    """Embeddings and true segments."""

    rows: NDArray[np.float32]
    """(S, D)"""
    spans: list[Span]


@dataclass(frozen=True)
class Fold:
    """What is learned from and what is tested, by the name of the embedding."""

    train: dict[str, list[Video]]
    test: dict[str, list[Video]]


@dataclass(frozen=True)
class Material:
    """Clips: their features, labels, and who is seen."""

    footage: Footage
    features: list[NDArray[np.float16]]
    labels: list[NDArray[np.int64]]
    """(S,) place in the classes, -1 for the background."""
    people: list[str]
    classes: tuple[str, ...]
    folds: list[NDArray[np.int64]]
    encoders: dict[int, Embed] = field(default_factory=dict)
    """By fold: they are trained once for all tables."""

    def encoder(self, fold: int, known: Sequence[int]) -> Embed:
        """One that learned from these clips."""
        if fold not in self.encoders:
            config = self.footage.config({}, seed=1)
            files = self.footage.copies(config)
            self.encoders[fold] = embedder(trained(config, [files[place] for place in known])[0])
        return self.encoders[fold]


def push_ups() -> Material:
    """The clips in ../shared."""
    folder = SHARED / "videos" / "push_up"
    clips = Clips.read(folder)
    footage = Footage(clips, WEIGHTS, folder)
    features = footage.clean(footage.config({}, 1))
    labels = [
        np.choose(phases(len(rows), events), (UNLABELLED, 0, 1, UNLABELLED))
        for rows, events in zip(features, clips.events, strict=True)
    ]
    return Material(footage, features, labels, clips.people, PUSH_UP_CLASSES, clips.folds(4))


def drawn(folder: Path) -> Material:
    """Drawn clips; each is of a person of its own."""
    files = make_sample(folder, videos=NUM_DRAWN, seed=DRAWN_SEED)
    names = [file.name for file in files]
    clips = Clips(names, names, [])
    footage = Footage(clips, WEIGHTS, folder)
    takes = [draw_take(DRAWN_SEED, number + 1) for number in range(NUM_DRAWN)]
    labels = [np.repeat(np.arange(len(PHASES)), take.phase_frames) for take in takes]
    return Material(footage, footage.clean(footage.config({}, 1)), labels, names, PHASES, clips.folds(4))


def joined(material: Material, members: Sequence[int], seed: int) -> list[list[int]]:
    """Clips of one person, two to four in a row, each clip once; a person's only clip stays alone."""
    generator = np.random.default_rng(seed)
    made = []
    for person in sorted({material.people[place] for place in members}):
        own = generator.permutation([place for place in members if material.people[place] == person]).tolist()
        while own:
            count = int(generator.integers(2, _MOST_JOINED + 1))
            made.append(own[:count])
            own = own[count:]
    return made


def folds(material: Material, name: str, keep: Path | None) -> Iterator[Fold]:
    """Embed each fold's videos with an encoder that learned from the training clips alone."""
    for number, test in enumerate(material.folds):
        known = [place for place in range(len(material.features)) if place not in set(test.tolist())]
        groups = [
            joined(material, members, seed) if name == "joined" else [[place] for place in members]
            for seed, members in enumerate((known, test.tolist()))
        ]
        features = [[np.concatenate([material.features[i] for i in group]) for group in split] for split in groups]
        file = keep / f"{name}-{number}.npz" if keep else None
        if file and file.exists():
            with np.load(file) as arrays:
                learned = [[arrays[f"{s}-{i}"] for i in range(len(split))] for s, split in enumerate(features)]
        else:
            embed = material.encoder(number, known)
            learned = [[embed(rows) for rows in split] for split in features]
            if file:
                file.parent.mkdir(parents=True, exist_ok=True)
                flat = {f"{s}-{i}": rows for s, split in enumerate(learned) for i, rows in enumerate(split)}
                np.savez(file, **flat)
        spans = [
            [spans_of_labels(np.concatenate([material.labels[i] for i in group]), material.classes) for group in split]
            for split in groups
        ]
        raw = [[normalised(rows) for rows in split] for split in features]
        train, tested = (
            {
                kind: [Video(*pair) for pair in zip(rows[split], spans[split], strict=True)]
                for kind, rows in (("raw", raw), ("learned", learned))
            }
            for split in range(2)
        )
        yield Fold(train, tested)


Method = Callable[[Sequence[Video], Sequence[Video], Sequence[str], int], list[list[Span]]]
"""Learns from the first videos, predicts for the second ones: of each, spans with confidences."""


def mean_segment(train: Sequence[Video], test: Sequence[Video], classes: Sequence[str], seed: int) -> list[list[Span]]:
    """Each class where it is on average."""
    found: list[list[Span]] = [[] for _ in test]
    for name in classes:
        shares = [
            (span.start_frame / len(video.rows), span.end_frame_exclusive / len(video.rows))
            for video in train
            for span in video.spans
            if span.phase == name
        ]
        for place, video in enumerate(test):
            start, end = (round(share * len(video.rows)) for share in np.mean(shares, axis=0))
            found[place].append(Span(name, start, max(end, start + 1)))
    return found


def probe(train: Sequence[Video], test: Sequence[Video], classes: Sequence[str], seed: int) -> list[list[Span]]:
    """Frame by frame; background is a class of its own."""
    labels = [_labels(video, classes) + 1 for video in train]
    present, places = np.unique(np.concatenate(labels), return_inverse=True)
    parts = np.split(places, np.cumsum([len(own) for own in labels])[:-1])
    fitted = fit_probe([video.rows for video in train], parts, len(present))
    found = []
    for video in test:
        likely = fitted.probabilities(video.rows)
        found.append(spans_of_labels(present[likely.argmax(axis=1)] - 1, list(classes), likely.max(axis=1)))
    return found


def in_order(train: Sequence[Video], test: Sequence[Video], classes: Sequence[str], seed: int) -> list[list[Span]]:
    """As `core.label --method probe` does it, with background as a phase."""
    background = "background"
    given = [spans_of_labels(_labels(video, classes) % (len(classes) + 1), [*classes, background]) for video in train]
    videos = [
        EmbeddedVideo(Path(f"{place}.mp4"), "", np.arange(len(video.rows) + 1.0), video.rows)
        for place, video in enumerate([*train, *test])
    ]
    made = label_videos(videos, [*given, *([] for _ in test)], method="probe")
    return [[span for span in one.spans if span.phase != background] for one in made[len(train) :]]


def _labels(video: Video, classes: Sequence[str]) -> NDArray[np.int64]:
    labels = np.full(len(video.rows), UNLABELLED, np.int64)
    for span in video.spans:
        labels[span.start_frame : span.end_frame_exclusive] = classes.index(span.phase)
    return labels


def detector(name: str) -> Method:
    """One of `core.localise`."""

    def found(train: Sequence[Video], test: Sequence[Video], classes: Sequence[str], seed: int) -> list[list[Span]]:
        most = DETECTORS[name].most_steps
        examples = [Example.of(video.rows, video.spans, classes, most) for video in train]
        learned = learn(examples, len(classes), Learning(name, DETECTORS[name].usual_steps, seed=seed))
        return detect(learned, [video.rows for video in test], classes)

    return found


METHODS: dict[str, tuple[Method, bool]] = {
    "mean segment": (mean_segment, False),
    "probe, grouped": (probe, False),
    "probe, in order": (in_order, False),
    "points": (detector("points"), True),
    "graph": (detector("graph"), True),
}
"""And whether a seed changes anything."""


def table(
    name: str, made: Sequence[Fold], classes: Sequence[str], rows: Sequence[str], kinds: Sequence[str], seeds: int
) -> None:
    """Print the rows; test videos of all folds are scored together, the spread is over seeds."""
    videos = [video for fold in made for video in fold.test["raw"]]
    shape = f"{len(videos)} videos, {sum(len(video.spans) for video in videos)} segments"
    heads = "".join(f"{f'mAP@{tiou:g}':>10}" for tiou in REPORTED_TIOUS)
    print(f"\n{f'{name}: {shape}':44}{heads}{'mAP':>10}{'+-':>8}{'s a fold':>10}")
    truth = [video.spans for video in videos]
    for kind in kinds:
        for row in rows:
            method, is_seeded = METHODS[row]
            if row == "mean segment" and kind != kinds[0]:
                continue  # it sees no embedding
            figures = []
            started = time.monotonic()
            runs = range(1, seeds + 1 if is_seeded else 2)
            for seed in runs:
                found = [spans for fold in made for spans in method(fold.train[kind], fold.test[kind], classes, seed)]
                scores = mean_average_precision(truth, found)
                figures.append([*(scores.at[tiou] for tiou in REPORTED_TIOUS), scores.mean])
            seconds = (time.monotonic() - started) / len(made) / len(runs)
            cells = "".join(f"{value:10.3f}" for value in np.mean(figures, axis=0))
            spread = np.std([own[-1] for own in figures])
            told = "-" if row == "mean segment" else kind
            print(f"{f'{row}, {told}':44}{cells}{spread:8.3f}{seconds:10.1f}", flush=True)


def main() -> None:
    """Print the tables."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--only", nargs="*", choices=("push_up", "joined", "sample"))
    made.add_argument("--rows", nargs="*", choices=list(METHODS), default=list(METHODS))
    made.add_argument("--kinds", nargs="*", choices=("raw", "learned"), default=["raw", "learned"])
    made.add_argument("--seeds", type=int, default=1, help="trainings of each detector")
    made.add_argument("--keep", type=Path, metavar="FOLDER", help="for the embeddings of encoders")
    made.add_argument("--threads", type=int, default=0, help="CPU threads; 0: torch's choice")
    given = made.parse_args()
    if not WEIGHTS.is_file():
        sys.exit(f"benchmarks/localise.py needs {WEIGHTS}, which is not here.")
    torch.set_num_threads(given.threads or torch.get_num_threads())
    with tempfile.TemporaryDirectory() as scratch:
        footage = functools.cache(push_ups)
        for name in given.only or ("push_up", "joined", "sample"):
            material = drawn(Path(scratch, "sample")) if name == "sample" else footage()
            made_folds = list(folds(material, name, given.keep))
            table(name, made_folds, material.classes, given.rows, given.kinds, given.seeds)


if __name__ == "__main__":
    main()
