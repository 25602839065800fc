"""Labels as this and other programs write them."""

from __future__ import annotations

from pathlib import Path

from tests.fuzz.folders import files_of
from tests.fuzz.raw_bytes import bytes_of
from tests.fuzz.target import Target
from tests.fuzz.texts import text_of
from tests.fuzz.trees import json_of

_WRITTEN = (
    "segments", "frames", "ms-tcn", "deepethogram", "boris-project", "boris-tabular", "boris", "elan", "label-studio",
    "activitynet", "via",
)  # fmt: skip


def _make(folder: Path) -> None:
    import numpy as np

    from core.base.types import Span
    from core.labels.formats.table import FORMATS
    from core.labels.tracks import Labels, Track

    spans = (Span("reach out", 1, 3), Span("<pour>", 4, 6, 0.5, "probe"))
    tracks = tuple(
        Track(Path(f"/data/{name}"), np.arange(9) / 25, spans, f"{number:032x}")
        for number, name in enumerate(("day 1/clip.mp4", "day 2/clip.mp4", "other.mov"))
    )
    labels = Labels(("reach out", "<pour>"), tracks, colours=(("<pour>", "#ff0000"),))
    for name in _WRITTEN:
        FORMATS[name].write(folder / f"{name}{FORMATS[name].suffix}", labels)
    FORMATS["segments"].write(folder / "sheet.xlsx", labels)


def _read(folder: Path) -> None:
    from core.labels.formats.table import read_labels

    for path in sorted(folder.iterdir()):
        read = read_labels([path])
        assert read.segments or read.problems, path
        for problem in read.problems:
            assert problem.sentence.endswith((".", "?")), problem


_ANY_TEXT = ("*.csv", "*.tsv", "*.txt", "*.boris", "*.json", "*.eaf")

TARGETS = (
    Target(
        "labels",
        _make,
        (
            *map(text_of, _ANY_TEXT), json_of("*.json"), json_of("*.json"), json_of("*.boris"), bytes_of("*.*"),
            bytes_of("*.xlsx"),
            bytes_of("*.eaf"), text_of("*.eaf"), files_of("*"),
        ),
        _read,
    ),
)  # fmt: skip
