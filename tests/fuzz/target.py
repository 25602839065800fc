"""What is damaged, how, and who reads it."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

Mutator = Callable[[Path, random.Random], str]
"""Damages what lies in a folder, and returns what it did."""


@dataclass(frozen=True, slots=True)
class Target:
    """One kind of input and its reader; targets stand in `tests/fuzz/targets/`, each module with its `TARGETS`."""

    name: str
    make: Callable[[Path], None]
    """Write a valid input into an empty folder, the same each time; done once a process."""
    mutators: Sequence[Mutator]
    """One of them is drawn for each mutation; its input is a copy of what `make` wrote."""
    read: Callable[[Path], None]
    """Read the folder. To return or to raise CarlError passes; anything else is a failure, an AssertionError too."""
    seconds: float = 20.0
    """Longer than this is a hang."""
    megabytes: int = 2000
    """More memory than this, beyond what the valid input takes, is a failure."""
    quick_count: int = 40
    """Mutations in `make test`."""


def mutate(target: Target, folder: Path, seed: int, number: int) -> str:
    """Do mutation `number` of a seed in a folder with a valid input, and return what was done."""
    source = random.Random(f"{seed} {target.name} {number}")
    return source.choice(list(target.mutators))(folder, source)


def read_each(*readers: Callable[[], object]) -> None:
    """Call all readers of the same input, also after one refused it. CarlError: the last refusal."""
    from core.base.errors import CarlError

    refused: CarlError | None = None
    for read in readers:
        try:
            read()
        except CarlError as error:
            refused = error
    if refused:
        raise refused
