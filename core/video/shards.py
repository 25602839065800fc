"""A share of the videos for one of several processes or machines, chosen by content: `--shard I/N`."""

from __future__ import annotations

import argparse
import hashlib
import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from core.base.control import Control
from core.base.cores import num_cores
from core.base.events import Sink
from core.base.progress import Meter
from core.video.content import known_digests
from core.video.inputs import column_of
from core.video.names import DIGEST

_AT_ONCE = 64
"""Videos that are handed to the threads between two looks at the control."""


@dataclass(frozen=True)
class Shard:
    """Share `number` of `count`; which share a video belongs to depends on its content alone."""

    number: int
    """From 1."""
    count: int

    @classmethod
    def parse(cls, text: str) -> Shard:
        """Read `I/N`. ArgumentTypeError: it is no such share."""
        numbers = [int(one) for one in text.split("/")] if re.fullmatch(r"\d{1,9}/\d{1,9}", text) else [0, 0]
        if not 1 <= numbers[0] <= numbers[1]:
            raise argparse.ArgumentTypeError(f"{text!r} is not a share. Write I/N with I from 1 to N, such as 2/8.")
        return cls(*numbers)

    def holds(self, digest: str) -> bool:
        """Return whether a video of that content belongs to this share."""
        return int(hashlib.sha256(digest.encode()).hexdigest()[:8], 16) % self.count == self.number - 1

    def of(
        self,
        paths: Sequence[Path],
        inputs: Sequence[Path],
        image_rate: float,
        sink: Sink,
        control: Control,
        known: Mapping[Path, str] | None = None,
    ) -> list[Path]:
        """Return the paths of this share; files are read where nothing says what they hold.

        Args:
            inputs: what the paths were found from; of a list that has a column `digest`, this is what counts.
            known: further digests.

        Raises:
            LabelError: a list cannot be read.
            Stopped: `control` asked for it.
        """
        digests = {**(known or {}), **column_of(inputs, DIGEST)}
        digests |= read_digests([path for path in paths if path not in digests], image_rate, sink, control)
        # What cannot be read is shared out by name, so that one share names it.
        return [path for path in paths if self.holds(digests.get(path) or path.name)]

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"


def read_digests(paths: Sequence[Path], image_rate: float, sink: Sink, control: Control) -> dict[Path, str]:
    """Return `core.video.content.current_digest` of those that can be read, with progress (stage "check").

    Raises:
        Stopped: `control` asked for it.
    """
    found: dict[Path, str] = {}
    if not paths:
        return found
    meter = Meter(sink, "check", len(paths), "video")
    with ThreadPoolExecutor(num_cores()) as pool:
        for start in range(0, len(paths), _AT_ONCE):
            control.obey()
            some = paths[start : start + _AT_ONCE]
            for one in pool.map(lambda path: known_digests([path], image_rate), some):
                found |= one
            meter.add(len(some))
    return found


def add_shard(to: argparse.ArgumentParser, what: str) -> None:
    """Add `--shard` to a command.

    Args:
        what: what is done with the share, such as `decode only`.
    """
    to.add_argument(
        "--shard",
        type=Shard.parse,
        metavar="I/N",
        help=f"{what} share I of N of the videos, chosen by their content; run it for each I, on any machines",
    )
