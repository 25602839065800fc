"""Do scores tell pairs that can be aligned from pairs that only look as if?

Pairs of clips of different people, of one action; against each of them the same A with B reversed, B shuffled in
blocks, what B's scene shows before the action begins, and two stretches of other data sets' videos (golf, balance,
push-ups), all seen by one extractor and one encoder, which learned from the data set alone. Frames are turned, shuffled
and cut as features, before the encoder puts them in context. Printed: the area under the curve of every score, for each
kind, and for shuffled and before together. A push-up looks the same backwards: there, "reversed" cannot be told.

* `cosine`: the mean along the DTW path; `less chance`: that less the mean of A with B's blocks shuffled;
* `cycle`: frames that come back to within 5 % by the nearest frame of B and from there of A;
* `order`: Kendall's tau of nearest frames, the lesser of both directions;
* `raw features`: nearest frames' cosine before any encoder;
* `self-similarity`: correlation of both self-similarity matrices, taken along the path;
* `alignability`: `core.align.alignable`, how alike the embeddings change along the path.

    python benchmarks/alignability.py [--only push_up golf sample] [--pairs 30] [--learned-from]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from pairs import foreign
from pairs.golf import Golf
from pairs.look_alikes import BEFORE, FOREIGN, LOOK_ALIKE, SAME, SHUFFLED, Pair, pairs_of, shuffled
from pairs.material import SHARED, Choice, Embed, Features, normalised
from pairs.push_ups import PushUps
from pairs.sample import Sample
from pairs.ways import LEARNED_FROM, UNSEEN, Split, way
from scipy.stats import kendalltau
from sklearn.metrics import roc_auc_score

from core.align import align_embeddings
from core.align.alignable import alignability
from core.base.types import Alignment

DATA_SETS = {"push_up": PushUps, "golf": Golf, "sample": Sample}
SHUFFLES = 5
Rows = NDArray[np.float32]


def along(a: Rows, b: Rows, path: Alignment) -> float:
    """The mean cosine of matched frames."""
    return float(np.einsum("pd,pd->p", a[path.a_frames], b[path.b_frames]).mean())


def less_chance(a: Rows, b: Rows, path: Alignment) -> float:
    generator = np.random.default_rng(0)
    chance = []
    for _ in range(SHUFFLES):
        other = shuffled(b, generator)
        chance.append(along(a, other, align_embeddings(a, other)))
    return along(a, b, path) - float(np.mean(chance))


def cycle(a: Rows, b: Rows, path: Alignment) -> float:
    there, back = _nearest(a, b), _nearest(b, a)
    one = np.abs(back[there] - np.arange(len(a))) < 0.05 * len(a)
    other = np.abs(there[back] - np.arange(len(b))) < 0.05 * len(b)
    return float(one.mean() + other.mean()) / 2


def order(a: Rows, b: Rows, path: Alignment) -> float:
    taus = [kendalltau(np.arange(len(frames)), frames)[0] for frames in (_nearest(a, b), _nearest(b, a))]
    return float(np.nan_to_num(taus).min())


def self_similarity(a: Rows, b: Rows, path: Alignment) -> float:
    one, other = (rows[frames] for rows, frames in ((a, path.a_frames), (b, path.b_frames)))
    own, theirs = (one @ one.T).ravel(), (other @ other.T).ravel()
    return float(np.corrcoef(own, theirs)[0, 1]) if min(own.std(), theirs.std()) > 0 else 0.0


def _nearest(a: Rows, b: Rows) -> NDArray[np.int64]:
    frames: NDArray[np.int64] = (a @ b.T).argmax(axis=1)
    return frames


Score = Callable[[Rows, Rows, Alignment], float]
SCORES: dict[str, Score] = {
    "cosine": along,
    "less chance": less_chance,
    "cycle": cycle,
    "order": order,
    "self-similarity": self_similarity,
    "alignability": lambda a, b, path: alignability(a, b, path).agreement,
}
RAW = "raw features"
Scored = tuple[str, dict[str, float]]
"""A pair's kind, and its scores by name."""


def raw(pair: Pair) -> float:
    """How near the nearest frames are before any encoder."""
    cosine = normalised(pair.a) @ normalised(pair.b).T
    return float(cosine.max(axis=1).mean() + cosine.max(axis=0).mean()) / 2


def scored(pair: Pair, embed: Embed) -> Scored:
    a, b = embed(pair.a), embed(pair.b)
    path = align_embeddings(a, b)
    return pair.kind, {RAW: raw(pair), **{name: score(a, b, path) for name, score in SCORES.items()}}


def all_scored(
    data: PushUps | Golf | Sample, splits: Sequence[Split], row: str, count: int, others: list[Features]
) -> Iterator[Scored]:
    """Every pair of every split, of each kind."""
    for number, split in enumerate(splits):
        embed = way(row, data.material, split, seed=1).embed
        assert embed is not None
        generator = np.random.default_rng(number)
        every = [(a, b) for a in split.test for b in split.test if a != b and not data.is_same_person(a, b)]
        for place in generator.permutation(len(every))[:count]:
            a, b = every[place]
            first = int(data.events[b][0]) if data.still_ends else 0
            features = data.material.features
            for pair in pairs_of(features[a], features[b], first, others, generator):
                yield scored(pair, embed)


def area(found: Sequence[Scored], score: str, kinds: Sequence[str]) -> str:
    """Under the curve, of pairs of one action against pairs of these kinds."""
    good, bad = ([scores[score] for kind, scores in found if kind in chosen] for chosen in ([SAME], kinds))
    if not good or not bad:
        return "-"
    return f"{roc_auc_score([1] * len(good) + [0] * len(bad), good + bad):.3f}"


def told(title: str, found: Sequence[Scored]) -> Iterator[str]:
    """The lines of a table, and where the calibrated score draws the line."""
    kinds = {**{kind: [kind] for kind in (*LOOK_ALIKE, FOREIGN)}, "shuffled and before": [SHUFFLED, BEFORE]}
    counts = {kind: sum(one == kind for one, _ in found) for kind in (SAME, *LOOK_ALIKE, FOREIGN)}
    yield f"| {title}: {', '.join(f'{count} {kind}' for kind, count in counts.items())} | {' | '.join(kinds)} |"
    yield "|---" * (len(kinds) + 1) + "|"
    for score in (RAW, *SCORES):
        yield f"| {score} | {' | '.join(area(found, score, chosen) for chosen in kinds.values())} |"


def main() -> None:
    """Print the tables."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--only", nargs="*", choices=DATA_SETS, default=list(DATA_SETS))
    made.add_argument("--data", type=Path, default=SHARED, help="folder with `videos` and `weights`")
    made.add_argument("--backbone", help="FILE.onnx, hog, pose, ...; default: the recipe's, MobileNet's for ImageNet's")
    made.add_argument("--pairs", type=int, default=30, help="of each fold or draw")
    made.add_argument("--folds", type=int, default=4)
    made.add_argument("--learned-from", action="store_true", help="from the very videos; default: from others")
    made.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="settings on top")
    given = made.parse_args()
    torch.set_num_threads(1)
    if not (given.data / "videos").is_dir():
        print(f"benchmarks/alignability.py needs the footage in {given.data}, which is not here.")
        return
    row = LEARNED_FROM if given.learned_from else UNSEEN
    for name in given.only:
        kind = DATA_SETS[name]
        values = dict(pair.split("=", 1) for pair in given.set)
        choice = Choice(given.data.resolve(), kind.recipe, given.backbone, values)
        data = kind(choice, given.folds)
        splits = data.learned_from() if given.learned_from else data.unseen()
        found = list(all_scored(data, splits, row, given.pairs, foreign.features(choice, name)))
        print()
        for line in told(f"{kind.title}, {row}", found):
            print(line, flush=True)


if __name__ == "__main__":
    main()
