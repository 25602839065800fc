"""Deviations from right videos: what is found of planted ones, and how often a right video is flagged.

The push-ups, by encoders that learned from other people's clips (`pairs/push_ups.py`). Of each tested clip a block of a
fifth of its frames is (1) left as it is, (2) shown at half the tempo, (3) replaced by foreign frames, (4) by its first
frame, held, (5) by itself backwards, (6) shown twice; frames are joined as features, before the encoder puts them in
context. Each is held against 1, 2, 3 or 8 other clips of the same fold, drawn at random, of other people or of the same
ones; `grouped`: of other people, and it is known who is who. Printed: recall over the planted frames, precision over
all flagged frames, the share of all other frames that is flagged (without the 5 frames beside a planted block, into
which the encoder's context carries it), and of how many clips at least half of the replaced step is said to be missing.

`--golf`: nine golf swings of nine people instead, three judged at a time by an encoder that learned from the six
others, which the right ones are drawn from.

    python benchmarks/deviations.py [--folds 4] [--share 0.02] [--people same other grouped]
    python benchmarks/deviations.py --golf --counts 1 2 3 6
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from pairs import foreign
from pairs.golf import Golf
from pairs.material import SHARED, Choice, Embed, Features, embedder
from pairs.push_ups import PushUps

from core.align.alignable import BOUNDARY_SCORE
from core.align.deviation import SHARE, SHORTEST_SECONDS, deviations_of, norm_of
from core.align.held import Held, hold_against
from core.model.checkpoint import load_encoder

KINDS = ("as it is", "half tempo", "foreign", "held", "backwards", "twice")
BLOCK_SHARE = 0.2
EDGE = 5
FPS = 30
_GOLF_FOLDS = 3


@dataclass
class Sums:
    """Frames over all clips."""

    found: int = 0
    planted: int = 0
    flagged: int = 0
    false: int = 0
    other: int = 0
    missing: int = 0
    refused: int = 0
    clips: int = 0
    shares: list[float] = field(default_factory=list)


def planted(
    kind: str, rows: Features, others: Sequence[Features], generator: np.random.Generator
) -> tuple[Features, NDArray[np.bool_], tuple[int, int]]:
    """A clip with a block changed, which frames deviate, and where the block was in the clip."""
    count = round(BLOCK_SHARE * len(rows))
    start = int(generator.uniform(0.25, 0.55) * len(rows))
    end = start + count
    before, block, after = rows[:start], rows[start:end], rows[end:]
    if kind == "half tempo":
        block = np.repeat(block, 2, axis=0)
    elif kind == "foreign":
        other = others[int(generator.integers(len(others)))]
        block = other[: min(count, len(other))]
    elif kind == "held":
        block = np.repeat(block[:1], count, axis=0)
    elif kind == "backwards":
        block = block[::-1]
    elif kind == "twice":
        before = rows[:end]
    made = np.concatenate((before, block, after))
    deviates = np.zeros(len(made), np.bool_)
    if kind not in ("as it is", "half tempo"):
        deviates[len(before) : len(before) + len(block)] = True
    return made, deviates, (start, end)


class Table:
    """The clips of one fold, each held against each other."""

    def __init__(
        self,
        data: PushUps | Golf,
        test: Sequence[int],
        embed: Embed,
        others: Sequence[Features],
        rights: Sequence[int] | None = None,
    ) -> None:
        """`rights`: the clips that right ones are drawn from; None: those that are judged."""
        self.data, self.test, self.embed, self.others = data, test, embed, others
        self.pool = test if rights is None else rights
        clips = list(dict.fromkeys((*test, *self.pool)))
        self.rows = {clip: embed(data.material.features[clip]) for clip in clips}
        self.held = {
            (one, two): hold_against(self.rows[one], self.rows[two]) for one, two in itertools.permutations(clips, 2)
        }

    def rights(self, clip: int, count: int, people: str) -> list[int]:
        """Some clips that are right, of other people or of the same; fewer where there are not so many."""
        is_same = people == "same"
        able = [one for one in self.pool if one != clip and self.data.is_same_person(one, clip) == is_same]
        return [able[i] for i in np.random.default_rng([clip, count]).permutation(len(able))[:count]]

    def add(self, sums: Sums, clip: int, kind: str, rights: Sequence[int], share: float, grouped: bool) -> None:
        """Judge one clip; `grouped`: right clips of one person are left out together."""
        generator = np.random.default_rng([clip, KINDS.index(kind)])
        made, deviates, (start, end) = planted(kind, self.data.material.features[clip], self.others, generator)
        rows = self.embed(made)
        against = {one: hold_against(rows, self.rows[one]) for one in rights}
        used = [one for one in rights if against[one].alignable_score >= BOUNDARY_SCORE]
        sums.clips += 1
        if not used:
            sums.refused += 1
            return
        pairs: list[list[Held | None]] = [[None if one == two else self.held[one, two] for two in used] for one in used]
        least = round(SHORTEST_SECONDS * FPS)
        norm = norm_of(
            pairs,
            [self.rows[one] for one in used],
            share=share,
            least_frames=[least] * len(used),
            groups=[self.data.clips.people[one] for one in used]
            if grouped and isinstance(self.data, PushUps)
            else None,
        )
        found = deviations_of(norm, [against[one] for one in used], least_frames=least)
        near = np.convolve(deviates, np.ones(2 * EDGE + 1), "same") > 0
        flagged = found.deviates
        sums.found += int((flagged & deviates).sum())
        sums.planted += int(deviates.sum())
        sums.flagged += int((flagged & ~(near & ~deviates)).sum())
        sums.false += int((flagged & ~near).sum())
        sums.other += int((~near).sum())
        sums.shares.append(float(flagged.mean()))
        sums.missing += self._is_told_missing(clip, used[norm.model], found.spans, start, end)

    def _is_told_missing(self, clip: int, model: int, spans: Sequence[object], start: int, end: int) -> bool:
        """Whether at least half of the block's frames in the model are said to be missing."""
        step = np.unique(self.held[clip, model].frames[start:end])
        said = np.zeros(len(self.rows[model]), np.bool_)
        for span in spans:
            if span.kind == "missing":  # type: ignore[attr-defined]
                said[span.match_frame : span.match_end_frame_exclusive] = True  # type: ignore[attr-defined]
        return bool(said[step[0] : step[-1] + 1].mean() >= 0.5)


def lines(tables: Sequence[Table], people: Sequence[str], counts: Sequence[int], share: float) -> Iterator[str]:
    """The rows in Markdown."""
    yield "| right videos | clip | recall | precision | other frames flagged | step missing | refused |"
    yield "|---|---|---|---|---|---|---|"
    for whose, count, kind in itertools.product(people, counts, KINDS):
        sums = Sums()
        for table in tables:
            for clip in table.test:
                rights = table.rights(clip, count, whose)
                if len(rights) == count:
                    table.add(sums, clip, kind, rights, share, whose == "grouped")
        if sums.clips:
            recall = f"{sums.found / sums.planted:.2f}" if sums.planted else "-"
            precision = f"{sums.found / sums.flagged:.2f}" if sums.planted and sums.flagged else "-"
            false = sums.false / max(sums.other, 1)
            named = "other people, grouped" if whose == "grouped" else f"{whose} people"
            yield (
                f"| {count}, {named} | {kind} | {recall} | {precision} | {false:.3f} | "
                f"{sums.missing / sums.clips:.2f} | {sums.refused} of {sums.clips} |"
            )


def push_ups(given: argparse.Namespace) -> list[Table]:
    """Return the clips of each fold, by an encoder that learned from the other people's."""
    choice = Choice(given.data.resolve(), PushUps.recipe)
    data = PushUps(choice, given.folds)
    others = foreign.features(choice, PushUps.folder)
    splits = data.unseen()
    chosen = range(len(splits)) if given.only is None else given.only
    tables = []
    for place, number in enumerate(chosen):
        encoder = (
            load_encoder(given.encoders[place])[0] if given.encoders else data.material.learned(splits[number].learn, 1)
        )
        tables.append(Table(data, splits[number].test, embedder(encoder), others))
    return tables


def golf_swings(given: argparse.Namespace) -> list[Table]:
    """Three clips at a time, by an encoder that learned from the six others."""
    choice = Choice(given.data.resolve(), Golf.recipe)
    data = Golf(choice, 1)
    others = foreign.features(choice, Golf.folder)
    tables = []
    for first in range(_GOLF_FOLDS):
        test = range(first, len(data.material), _GOLF_FOLDS)
        learned = [clip for clip in range(len(data.material)) if clip not in test]
        tables.append(Table(data, test, embedder(data.material.learned(learned, 1)), others, learned))
    return tables


def main() -> None:
    """Print the table."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--data", type=Path, default=SHARED, help="folder with `videos` and `weights`")
    made.add_argument("--folds", type=int, default=4)
    made.add_argument("--only", type=int, nargs="*", help="numbers of the folds, from 0; default all")
    made.add_argument("--encoders", type=Path, nargs="*", help="folders of runs, one a fold, in place of training them")
    made.add_argument("--counts", type=int, nargs="*", default=[1, 2, 3, 8])
    made.add_argument("--people", nargs="*", choices=["same", "other", "grouped"], default=["same", "other", "grouped"])
    made.add_argument("--share", type=float, default=SHARE)
    made.add_argument("--golf", action="store_true", help="golf swings, all of other people, instead of push-ups")
    given = made.parse_args()
    torch.set_num_threads(1)
    tables = golf_swings(given) if given.golf else push_ups(given)
    for line in lines(tables, ["other"] if given.golf else given.people, given.counts, given.share):
        print(line, flush=True)


if __name__ == "__main__":
    main()
