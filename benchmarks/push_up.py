"""What is learned from 55 clips of a push-up, tested on people never seen: a row for each part, nothing left out.

Needs `../shared/videos/push_up` and `../shared/weights/mobilenet_v1_075.onnx` beside the project. The clips are split
into folds by person. In each fold an encoder learns from the other people's clips, without labels (recipe `frozen`),
and is tested on this fold's: phase classification (logistic regression on the training people's frames), event error
(nearest frame and DTW) on whole clips and on clips cut at random by up to 35 % at either end, and Kendall's tau. Beside
every encoder stands "its positions only": the same encoder fed constant features. "With labels" is no method but a
measure of what can be asked for: the same network, features, views and steps, but told where in the course each frame
of the other people's clips is.

    python benchmarks/push_up.py                    # all rows
    python benchmarks/push_up.py --rows frozen "with labels" --seeds 3 --by-fold
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import itertools
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from core.base.control import Control
from core.base.events import ignore
from core.features.backbone_features import FeatureCache, FeatureFile
from core.learning.data import Batches
from core.learning.run_training import feature_source, frame_store
from core.learning.trainer import Trainer
from core.learning.training_state import Checkpoints
from core.metrics.classification import phase_classification
from core.metrics.events import cut_events, event_error, random_cut
from core.metrics.order import kendalls_tau
from core.metrics.subsets import mean_of_defined
from core.model.encoder import Encoder, build_encoder
from core.settings.config import Config, with_values
from core.settings.recipes import find_recipe

SHARED = Path(__file__).resolve().parents[2] / "shared"
STRIDE = 2
CUTS = 6
"""Random cuts of each clip; their errors are averaged."""

OFF: dict[str, dict[str, object]] = {
    "frozen": {},
    "  positions sincos (paper)": {"encoder.positional_encoding": "sincos"},
    "  no positions": {"encoder.positional_encoding": "none"},
    "  with differences": {"encoder.delta_lag": 4},
    "  dropout 0.1 (paper)": {"encoder.dropout": 0.1},
    "  no swapped means": {"train.mean_swap_prob": 0.0},
    "  every frame of each copy": {"train.copy_stride": 1},
    "  two frames of each copy": {"train.copy_stride": 100_000},
    "  not standardised": {"encoder.standardise_features": False},
    "  max pooling (paper)": {"backbone.pool": "max"},
    "  random sampling (paper)": {"views.sampling": "random"},
    "  paper's crops": {"views.crop_mode": "paper"},
    "  positions not rescaled": {"encoder.rescale_positions": False},
}
"""What each part brings: the recipe with that part taken away, or changed."""

PAPER: dict[str, object] = {
    "views.crop_mode": "paper",
    "views.sampling": "random",
    "encoder.positional_encoding": "sincos",
    "encoder.dropout": 0.1,
    "encoder.standardise_features": False,
    "train.mean_swap_prob": 0.0,
}
"""The paper's own choices on the same features (but for their pooling)."""

Embed = Callable[[NDArray[np.float16]], NDArray[np.float32]]
"""(S, F) clean features of a clip or of a part of it -> (S, D) rows of norm 1."""


@dataclass(frozen=True)
class Clips:
    """The footage and its labels, by clip."""

    names: list[str]
    people: list[str]
    events: list[NDArray[np.int64]]
    """(3,) frames of descend start, bottom, ascend end."""

    @staticmethod
    def read(folder: Path) -> Clips:
        with (folder / "labels" / "events.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        columns = ("descend_start", "bottom", "ascend_end")
        events = [np.array([int(row[column]) for column in columns]) for row in rows]
        return Clips([row["file"] for row in rows], [row["person_group"] for row in rows], events)

    def folds(self, count: int) -> list[NDArray[np.int64]]:
        """Indices of the test clips of each fold: no person on both sides."""
        return [test for _, test in GroupKFold(count).split(self.names, groups=self.people)]


def phases(num_frames: int, events: NDArray[np.int64]) -> NDArray[np.int64]:
    """(S,) before 0, descend 1, ascend 2, after 3."""
    return np.searchsorted(events, np.arange(num_frames), side="right")


@dataclass(frozen=True)
class Score:
    """Of one fold."""

    accuracy: float
    whole: float
    cut: float
    whole_dtw: float
    cut_dtw: float
    tau: float
    seconds: float


def scored(
    embed: Embed, features: Sequence[NDArray[np.float16]], clips: Clips, test: NDArray[np.int64], seconds: float
) -> Score:
    """Test an embedding on the clips of one fold; the classifier learns from the others."""
    train = [i for i in range(len(features)) if i not in set(test.tolist())]
    embedded = {i: embed(features[i]) for i in [*train, *test]}
    labels = {i: phases(len(embedded[i]), clips.events[i]) for i in embedded}
    tested, events = [embedded[i] for i in test], [clips.events[i] for i in test]
    cuts = [cut_clips(embed, features, clips, test, seed) for seed in range(CUTS)]
    return Score(
        phase_classification(
            [embedded[i] for i in train], [labels[i] for i in train], tested, [labels[i] for i in test]
        ),
        event_error(tested, events),
        mean_of_defined([event_error(*cut) for cut in cuts]),
        event_error(tested, events, found="dtw"),
        event_error(*cuts[0], found="dtw"),
        kendalls_tau(tested, stride=STRIDE),
        seconds,
    )


def cut_clips(
    embed: Embed, features: Sequence[NDArray[np.float16]], clips: Clips, test: NDArray[np.int64], seed: int
) -> tuple[list[NDArray[np.float32]], list[NDArray[np.int64]]]:
    """Embeddings and events of clips that lost up to 35 % at either end; an event that was cut away is -1."""
    generator = np.random.default_rng([seed, 35])
    embeddings, events = [], []
    for i in test:
        start, stop = random_cut(len(features[i]), generator)
        embeddings.append(embed(features[i][start:stop]))
        events.append(cut_events(clips.events[i], start, stop))
    return embeddings, events


def diagonal(features: Sequence[NDArray[np.float16]], clips: Clips, test: NDArray[np.int64]) -> tuple[float, float]:
    """Event error on whole and cut clips of matching frames at the same share of the length."""
    lengths = [features[i][:, :1].astype(np.float32) for i in test]
    cuts = [cut_clips(lambda rows: rows, [f[:, :1] for f in features], clips, test, seed) for seed in range(CUTS)]
    whole = event_error(lengths, [clips.events[i] for i in test], found="diagonal")
    return whole, mean_of_defined([event_error(*cut, found="diagonal") for cut in cuts])


def normalised(rows: NDArray[np.float16]) -> NDArray[np.float32]:
    """The raw features themselves as embeddings."""
    single = rows.astype(np.float32)
    return single / np.linalg.norm(single, axis=1, keepdims=True)


def embedder(encoder: Encoder, *, constant: bool = False) -> Embed:
    """An encoder as a function; `constant`: it sees every frame alike, and so has its positions only."""

    def embed(rows: NDArray[np.float16]) -> NDArray[np.float32]:
        x = torch.from_numpy(rows.astype(np.float32))
        return encoder.embed_features(torch.full_like(x, 0.5) if constant else x).numpy()

    return embed


def untrained(config: Config, copies: Sequence[Sequence[FeatureFile]]) -> tuple[Encoder, float]:
    """An encoder as it is before the first step."""
    encoder = build_encoder(config)
    feature_source(encoder, copies, config)
    return encoder.eval(), 0.0


def trained(config: Config, copies: Sequence[Sequence[FeatureFile]]) -> tuple[Encoder, float]:
    """An encoder that learned from these clips; and the seconds it took, features aside."""
    started = time.monotonic()
    encoder = build_encoder(config)
    source = feature_source(encoder, copies, config)
    with tempfile.TemporaryDirectory() as scratch:
        checkpoints = Checkpoints(Path(scratch), keep=1)
        trainer = Trainer(encoder, source, config, checkpoints, device=torch.device("cpu"))
        trainer.fit(ignore, Control(), workers=1)
    return encoder.eval(), time.monotonic() - started


def course(num_frames: int, events: NDArray[np.int64]) -> NDArray[np.float32]:
    """(S,) place in the course: 1, 2 and 3 at the events, even in between, 0 and 4 at the clip's ends."""
    frames, places = [*events, num_frames], [1, 2, 3, 4]
    if events[0] > 0:
        frames, places = [0, *frames], [0, *places]
    return np.interp(np.arange(num_frames), frames, places).astype(np.float32)


def with_labels(
    config: Config, copies: Sequence[Sequence[FeatureFile]], events: Sequence[NDArray[np.int64]]
) -> tuple[Embed, float]:
    """An encoder of the same making that learned to tell each frame's place in the course, with labels.

    Its embedding is that place alone, as an angle: the nearest frame is the one of the nearest place.
    """
    started = time.monotonic()
    torch.manual_seed(config.train.seed)
    encoder = build_encoder(config)
    source = feature_source(encoder, copies, config)
    places = [torch.from_numpy(course(source.num_frames(i), own)) for i, own in enumerate(events)]
    reading = torch.nn.Linear(config.encoder.embedding_dim, 1)
    parameters = [*encoder.head.parameters(), *reading.parameters()]
    optimiser = torch.optim.Adam(parameters, config.train.learning_rate, weight_decay=config.train.weight_decay)
    batches = Batches(source, config)
    steps = config.train.epochs * batches.steps_per_epoch
    cosine = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    encoder.train()
    for step, batch in enumerate(batches.from_step(0, steps, workers=1)):
        videos = batches.videos_of(step) * 2
        target = torch.stack([places[i][view.temporal.indices] for i, view in zip(videos, batch.views, strict=True)])
        told = reading(encoder(torch.stack([view.rows for view in batch.views]), batch.valid()))[..., 0]  # (2B, T)
        loss = torch.nn.functional.smooth_l1_loss(told, target, beta=0.2)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, config.train.max_grad_norm)
        optimiser.step()
        cosine.step()
    encoder.eval()

    @torch.no_grad()
    def embed(rows: NDArray[np.float16]) -> NDArray[np.float32]:
        positions = torch.linspace(0, config.views.num_frames - 1, len(rows))
        angle = reading(encoder(torch.from_numpy(rows.astype(np.float32))[None], None, positions[None]))[0] * np.pi / 8
        return torch.cat((angle.cos(), angle.sin()), dim=1).numpy()  # (S, 2)

    return embed, time.monotonic() - started


class Footage:
    """The clips' features by pooling, computed once and cached."""

    def __init__(self, clips: Clips, weights: Path, folder: Path) -> None:
        self._clips, self._weights, self._folder = clips, weights, folder
        self._files: dict[object, list[list[FeatureFile]]] = {}

    def config(self, changed: dict[str, object], seed: int) -> Config:
        """The recipe with the extractor, and with changes."""
        fixed = {"backbone.name": str(self._weights), "backbone.weights": "none", "train.seed": 1}
        return with_values(find_recipe("frozen"), {**fixed, "train.seed": seed, **changed})

    def copies(self, config: Config) -> list[list[FeatureFile]]:
        """Clean features and augmented copies of every clip, in the order of the labels; the same for every seed."""
        key = (config.backbone.pool, config.train.augmented_copies, config.train.copy_stride)
        if key not in self._files:
            fixed = with_values(config, {"train.seed": 1})
            videos = frame_store(fixed).add([self._folder / name for name in self._clips.names])
            cache = FeatureCache(build_encoder(fixed).eval(), fixed, torch.device("cpu"), max_bytes=10**11)
            self._files[key] = cache.copies(videos, Control())
        return self._files[key]

    def clean(self, config: Config) -> list[NDArray[np.float16]]:
        """(S, F) clean features of every clip."""
        return [np.concatenate(list(files[0].chunks())) for files in self.copies(config)]


def main() -> None:
    """Print the table, a row as soon as it is done."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--rows", nargs="*", help="names of rows; all if left out")
    made.add_argument("--folds", type=int, default=4)
    made.add_argument("--seeds", type=int, default=1, help="trainings of each trained row")
    made.add_argument("--by-fold", action="store_true", help="each fold on a line of its own too")
    made.add_argument("--threads", type=int, default=0, help="CPU threads; 0: torch's choice")
    made.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="settings for every row")
    arguments = made.parse_args()
    if not SHARED.is_dir():
        sys.exit("benchmarks/push_up.py needs the footage in ../shared, which is not here.")
    torch.set_num_threads(arguments.threads or torch.get_num_threads())
    folder = SHARED / "videos" / "push_up"
    clips = Clips.read(folder)
    footage = Footage(clips, SHARED / "weights" / "mobilenet_v1_075.onnx", folder)
    folds = clips.folds(arguments.folds)
    common = dict(pair.split("=", 1) for pair in arguments.set)
    print(f"{len(clips.names)} clips, {len(set(clips.people))} people, {arguments.folds} folds by person")
    print(f"{'':32}accuracy  whole    cut   DTW whole  DTW cut   tau (stride {STRIDE})  seconds a fold")
    for name, scores in all_rows(footage, clips, folds, common, arguments.rows, range(1, arguments.seeds + 1)):
        print_row(name, scores)
        if arguments.by_fold:
            for fold in range(len(folds)):
                print_row(f"      fold {fold + 1}", scores[fold :: len(folds)])


def all_rows(
    footage: Footage,
    clips: Clips,
    folds: Sequence[NDArray[np.int64]],
    common: dict[str, object],
    wanted: Sequence[str] | None,
    seeds: Sequence[int],
) -> Iterator[tuple[str, list[Score]]]:
    """Name and scores (folds x seeds) of each row."""

    def is_wanted(name: str) -> bool:
        return wanted is None or name.strip() in wanted

    base = footage.config(common, 1)
    clean = footage.clean(base)
    if is_wanted("diagonal"):
        of_folds = [diagonal(clean, clips, test) for test in folds]
        yield "diagonal", [Score(np.nan, whole, cut, whole, cut, 1.0, 0.0) for whole, cut in of_folds]
    if is_wanted("raw features"):
        yield "raw features", [scored(normalised, clean, clips, test, 0.0) for test in folds]
    variants: list[tuple[str, dict[str, object], Callable[..., tuple[Encoder, float]]]] = [
        ("untrained, sincos (paper)", PAPER, untrained),
        ("untrained", {}, untrained),
        ("trained as in the paper", PAPER, trained),
        *((name, changed, trained) for name, changed in OFF.items()),
    ]
    if is_wanted("with labels"):
        scores = []
        for seed, test in itertools.product(seeds, folds):
            config = footage.config(common, seed)
            known = [i for i in range(len(clips.names)) if i not in set(test.tolist())]
            files = footage.copies(config)
            embed, seconds = with_labels(config, [files[i] for i in known], [clips.events[i] for i in known])
            scores.append(scored(embed, clean, clips, test, seconds))
        yield "with labels", scores
    for name, changed, made in variants:
        if not is_wanted(name):
            continue
        scores, blind = [], []
        for seed in seeds:
            config = footage.config({**common, **changed}, seed)
            files, features = footage.copies(config), footage.clean(config)
            for test in folds:
                encoder, seconds = made(config, [files[i] for i in range(len(files)) if i not in set(test.tolist())])
                scores.append(scored(embedder(encoder), features, clips, test, seconds))
                blind.append(scored(embedder(encoder, constant=True), features, clips, test, 0.0))
        yield name, scores
        yield "    its positions only", blind


def print_row(name: str, scores: Sequence[Score]) -> None:
    """The mean over folds and seeds; a fold of a single clip has no event error."""
    columns = [
        mean_of_defined([float(value) for value in column])
        for column in zip(*map(dataclasses.astuple, scores), strict=True)
    ]
    accuracy, whole, cut, whole_dtw, cut_dtw, tau, seconds = columns
    print(
        f"{name:32}{accuracy:8.3f}{whole:8.3f}{cut:8.3f}{whole_dtw:10.3f}{cut_dtw:10.3f}{tau:10.3f}{seconds:18.0f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
