"""How right alignments are: one table a data set, with everything beside it that knows less.

Rows: the frames' own features; an encoder before its first step; a trained one fed constant frames, which has its
positions only; the diagonal; trained on other videos; trained on the very videos that are aligned, without labels (what
a user does). Data sets and their truth: `pairs/push_ups.py`, `golf.py`, `balance.py`, `sample.py`, `sweep.py`.

    python benchmarks/alignment.py                                         # all of it, three seeds
    python benchmarks/alignment.py --only golf --backbone pose --seeds 5
    python benchmarks/alignment.py --against eb20b2a                       # each row again with that commit's code

Features and encoders are kept in the cache folder, by what they were made of and by the code that learns. Footage is
looked for in `../shared` beside the project; a data set that is not there is left out and said to be.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from pairs.balance import Balance
from pairs.golf import Golf
from pairs.material import SHARED, Choice
from pairs.older import code_of, lines_with
from pairs.push_ups import PushUps
from pairs.sample import Sample
from pairs.sweep import Sweep
from pairs.tables import Found, markdown
from pairs.ways import LEARNED_FROM, ROWS, seeds_of, way

DATA_SETS = {"push_up": PushUps, "golf": Golf, "balance": Balance, "sample": Sample, "sweep": Sweep}
DataSet = PushUps | Golf | Balance | Sample | Sweep


def rows_of(data: DataSet, rows: Sequence[str], seeds: Sequence[int]) -> Iterator[tuple[str, list[Found]]]:
    """What each row finds, over all its splits and seeds."""
    for row in rows:
        found: list[Found] = []
        for seed in seeds_of(row, seeds):
            for split in data.learned_from() if row == LEARNED_FROM else data.unseen():
                made = data.found(way(row, data.material, split, seed), split)
                found += [Found(one.measure, one.item, one.value, seed) for one in made]
        yield row, found
    if isinstance(data, Sweep):
        yield "best path", data.best()


def spelled(rows: Iterable[tuple[str, list[Found]]]) -> Iterator[str]:
    """Rows as lines of JSON."""
    return (json.dumps([name, [asdict(one) for one in found]]) for name, found in rows)


def read(lines: Iterable[str]) -> dict[str, list[Found]]:
    """The rows that another process spelled."""
    loaded = (json.loads(line) for line in lines)
    return {name: [Found(**one) for one in found] for name, found in loaded}


def interleaved(
    rows: Iterable[tuple[str, list[Found]]], older: dict[str, list[Found]], commit: str
) -> Iterator[tuple[str, list[Found]]]:
    """Each row, then the same row of the older code."""
    for name, found in rows:
        yield name, found
        if name in older:
            yield f"&emsp;{commit}", older[name]


def options() -> argparse.Namespace:
    """What the command line asks for."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--only", nargs="*", choices=DATA_SETS, default=list(DATA_SETS), help="data sets")
    made.add_argument("--rows", nargs="*", choices=ROWS, default=list(ROWS))
    made.add_argument("--data", type=Path, default=SHARED, help="folder with `videos` and `weights`")
    made.add_argument("--recipe", help="for all data sets; default: quick for the sample, else frozen")
    made.add_argument("--backbone", help="FILE.onnx, hog, pose, ...; default: the recipe's, MobileNet's for ImageNet's")
    made.add_argument("--seeds", type=int, default=3, help="trainings of each row that is random")
    made.add_argument("--folds", type=int, default=4, help="of the push-ups, by person")
    made.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="settings on top")
    made.add_argument("--against", metavar="COMMIT", help="each row again with the code of that commit")
    made.add_argument("--against-backbone", metavar="NAME", help="the backbone there, if it lacks this one")
    made.add_argument("--json", action="store_true", help=argparse.SUPPRESS)
    return made.parse_args()


def choice_of(given: argparse.Namespace, recipe: str) -> Choice:
    values = dict(pair.split("=", 1) for pair in given.set)
    return Choice(given.data.resolve(), given.recipe or recipe, given.backbone, values)


def as_older(given: argparse.Namespace, name: str) -> list[str]:
    """The arguments for the older code, of one data set."""
    words = ["--json", "--only", name, "--data", str(given.data.resolve()), "--seeds", str(given.seeds)]
    words += ["--folds", str(given.folds), "--rows", *given.rows, "--set", *given.set]
    if given.recipe:
        words += ["--recipe", given.recipe]
    backbone = given.against_backbone or given.backbone
    return [*words, "--backbone", backbone] if backbone else words


def main() -> None:
    """Print the tables."""
    given = options()
    torch.set_num_threads(1)
    for name in given.only:
        kind = DATA_SETS[name]
        if not (given.data / "videos" / kind.folder).is_dir() and kind.folder:
            print(f"\n{kind.title}: left out, since {given.data / 'videos' / kind.folder} is not here.")
            continue
        data = kind(choice_of(given, kind.recipe), given.folds)
        rows = rows_of(data, given.rows, range(1, given.seeds + 1))
        if given.json:
            sys.stdout.writelines(f"{line}\n" for line in spelled(rows))
            continue
        if given.against:
            with code_of(given.against) as code:
                older = read(lines_with(code, Path(__file__).resolve(), as_older(given, name)))
            rows = interleaved(rows, older, given.against)
        print()
        for line in markdown(data.title, data.columns, rows):
            print(line, flush=True)


if __name__ == "__main__":
    main()
