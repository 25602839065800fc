"""Damage inputs for as long as asked: `python -m tests.fuzz [TARGET ...] [--seed S] [--count N | --minutes M]`.

`--only N` repeats one mutation, and keeps its input in the folder that it names; the rounds go on otherwise with new
numbers of the same seed until the time is over.
"""

from __future__ import annotations

import argparse
import math
import secrets
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.fuzz import campaign
from tests.fuzz.registry import TARGETS
from tests.fuzz.target import mutate

_ROUND = 200


def main() -> int:
    """Return 1 where anything failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; default all")
    parser.add_argument(
        "--seed", type=int, default=secrets.randbelow(10**9), help="default a new one, which is printed"
    )
    parser.add_argument("--only", type=int, metavar="N", help="repeat one mutation and keep its input")
    parser.add_argument("--count", type=int, default=0, help="mutations for each target")
    parser.add_argument(
        "--minutes", type=float, default=0.0, help="for all targets in turns; default 60 without --count"
    )
    parser.add_argument("--sentences", action="store_true", help="print each sentence that a user would read, once")
    args = parser.parse_args()
    if unknown := [name for name in args.targets if name not in TARGETS]:
        parser.error(f"there is no target {unknown[0]}; there are {', '.join(TARGETS)}")
    names = args.targets or list(TARGETS)
    if args.only is not None:
        return _repeat(names[0], args.seed, args.only)
    return _go(names, args)


def _repeat(name: str, seed: int, number: int) -> int:
    folder = Path(tempfile.mkdtemp(prefix=f"carl-fuzz-{name}-{number}-"))
    kept = folder / "input"
    kept.mkdir()
    TARGETS[name].make(kept)
    print(f"{mutate(TARGETS[name], kept, seed, number)}\nkept in {kept}")
    found = campaign.run(TARGETS[name], seed, 1, number)
    print(*found.failures, *found.sentences, dict(found.outcomes), sep="\n")
    return bool(found.failures)


def _go(names: list[str], args: argparse.Namespace) -> int:
    until = (
        time.time() + (args.minutes or (0 if args.count else 60)) * 60 if args.minutes or not args.count else math.inf
    )
    most = args.count or sys.maxsize
    print(f"seed {args.seed}", flush=True)
    totals = {name: Counter[str]() for name in names}
    sentences = set[str]()
    first = 0
    while first < most and time.time() < until:
        for name in names:
            found = campaign.run(TARGETS[name], args.seed, min(_ROUND, most - first), first, until)
            totals[name] += found.outcomes
            for failure in found.failures:
                print(failure, flush=True)
            if args.sentences:
                for sentence in {*found.sentences} - sentences:
                    print(sentence)
                sentences |= {*found.sentences}
        first += _ROUND
    for name, counts in totals.items():
        print(
            f"{name}: {counts.total()} mutations, {counts['read']} read, {counts['refused']} refused, "
            f"{counts['failed']} failed"
        )
    return any(counts["failed"] for counts in totals.values())


if __name__ == "__main__":
    sys.exit(main())
