"""Pairs of which one video shows only a part, or something else besides: which frames are said to have no partner.

Clips of different people, taken from the tables of `alignment.py`. Of each pair (1) B is cut to a random third; (2) a
block of foreign frames, a fifth as many as A has, is put into the middle of A; (3) both lose up to 35 % at either end.
Frames are cut and joined as features, before the encoder puts them in context. The truth comes from events and phases
(`pairs/pieces.py`): frames of A and B without a partner; two frames beside a change are not counted. Printed: precision
and recall of "no partner", over the frames of all pairs; and where the events of A are found in B, beside the same
events of the same two videos where nothing is missing.

    python benchmarks/partial_pairs.py [--only push_up golf sample] [--pairs 60] [--seeds 1]
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from pairs import foreign
from pairs.golf import Golf
from pairs.material import SHARED, Choice, Embed, Features
from pairs.partners import ALIGNERS, Seen, judged, partners
from pairs.pieces import Piece, third, whole, with_foreign, without_ends
from pairs.push_ups import PushUps
from pairs.sample import Sample
from pairs.tables import Column, Found, mean
from pairs.tables import markdown as table
from pairs.ways import LEARNED_FROM, UNSEEN, Split, way

DATA_SETS = {"push_up": PushUps, "golf": Golf, "sample": Sample}
Spoil = Callable[[Piece, Piece, list[Features], np.random.Generator], tuple[Piece, Piece]]
SPOILED: dict[str, Spoil] = {
    "nothing missing": lambda a, b, others, rng: (a, b),
    "B a third": lambda a, b, others, rng: (a, third(b, rng)),
    "foreign block in A": lambda a, b, others, rng: (with_foreign(a, others, rng), b),
    "ends cut": lambda a, b, others, rng: (without_ends(a, rng), without_ends(b, rng)),
}


def share(above: str, below: str) -> Column:
    """Of sums over all pairs."""

    def cell(found: Sequence[Found]) -> str:
        over, under = (sum(one.value for one in found if one.measure == name) for name in (above, below))
        return f"{over / under:.3f}" if under else "-"

    return cell


COLUMNS: dict[str, Column] = {
    "precision of none": share("right", "said"),
    "recall": share("right", "true"),
    "called none, of all frames": share("called none", "frames"),
    "events with a partner": mean("event found"),
    "event error": mean("event error"),
    "the same where nothing is missing": mean("plain error"),
}


class Pairs:
    """Pairs of clips of different people, each split's drawn once."""

    def __init__(self, data: PushUps | Golf | Sample, count: int, others: list[Features]) -> None:
        self.data, self.count, self.others = data, count, others

    def drawn(self, split: Split) -> list[tuple[int, int]]:
        """Ordered pairs of the tested clips."""
        pairs = [(a, b) for a in split.test for b in split.test if a != b and not self.data.is_same_person(a, b)]
        chosen = np.random.default_rng(split.test[0]).permutation(len(pairs))[: self.count]
        return [pairs[place] for place in chosen]

    def found(self, embed: Embed, split: Split, spoiled: str, aligner: str) -> Iterator[Found]:
        """What an aligner says of all pairs of a split."""
        align = ALIGNERS[aligner]
        for a, b in self.drawn(split):
            generator = np.random.default_rng([a, b])
            one, two = (whole(self.data.material.features[place], self.data.events[place]) for place in (a, b))
            left, right = SPOILED[spoiled](one, two, self.others, generator)
            plain = partners(align, *(Seen(piece.features, embed(piece.features)) for piece in (one, two)))
            made = partners(align, *(Seen(piece.features, embed(piece.features)) for piece in (left, right)))
            yield from judged(f"{a}, {b}", left, right, made, plain, still_ends=self.data.still_ends)


def rows(
    pairs: Pairs, ways: Sequence[str], aligners: Sequence[str], seeds: Sequence[int]
) -> Iterator[tuple[str, list[Found]]]:
    """What each way of learning and of aligning finds."""
    data = pairs.data
    for row in ways:
        splits = data.learned_from() if row == LEARNED_FROM else data.unseen()
        for spoiled in SPOILED:
            for aligner in aligners:
                found: list[Found] = []
                for seed in seeds:
                    for split in splits:
                        embed = way(row, data.material, split, seed).embed
                        assert embed is not None
                        found += pairs.found(embed, split, spoiled, aligner)
                yield f"{row}: {spoiled}, {aligner}", found


def main() -> None:
    """Print the tables."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--only", nargs="*", choices=DATA_SETS, default=["push_up", "sample"])
    made.add_argument("--rows", nargs="*", choices=[UNSEEN, LEARNED_FROM], default=[UNSEEN, LEARNED_FROM])
    made.add_argument("--aligners", nargs="*", choices=list(ALIGNERS), default=list(ALIGNERS))
    made.add_argument("--data", type=Path, default=SHARED, help="folder with `videos` and `weights`")
    made.add_argument("--backbone", help="FILE.onnx, hog, pose, ...; default: the recipe's, MobileNet's for ImageNet's")
    made.add_argument("--pairs", type=int, default=60, help="of each fold or draw")
    made.add_argument("--seeds", type=int, default=1)
    made.add_argument("--folds", type=int, default=4)
    made.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="settings on top")
    given = made.parse_args()
    torch.set_num_threads(1)
    for name in given.only:
        kind = DATA_SETS[name]
        if not (given.data / "videos").is_dir():
            print(f"\n{kind.title}: left out, since {given.data / 'videos'} is not here.")
            continue
        values = dict(pair.split("=", 1) for pair in given.set)
        choice = Choice(given.data.resolve(), kind.recipe, given.backbone, values)
        pairs = Pairs(kind(choice, given.folds), given.pairs, foreign.features(choice, name))
        print()
        found = rows(pairs, given.rows, given.aligners, range(1, given.seeds + 1))
        for line in table(kind.title, COLUMNS, found):
            print(line, flush=True)


if __name__ == "__main__":
    main()
