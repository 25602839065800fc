"""JSON of which any part is of another kind: each reader names what it leaves out, and never breaks."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.base.types import Span
from core.labels.formats.table import FORMATS, read_labels
from core.labels.tracks import Labels, Track

JUNK: tuple[Any, ...] = (None, True, -1, 0.5, "x", "", [], [1], {}, {"a": 1}, [[]], [{"a": []}])
_ORNAMENT = {"project", "config", "taxonomy", "version", "desc", "default_option_id", "anchor_id", "duration", "subset"}
"""What no reader needs."""
_MAY_BE_EMPTY = ("database", "annotations", "predictions", "result", "metadata")


def _places(value: Any, before: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        if key not in _ORNAMENT:
            yield (*before, key)
            yield from _places(inner, (*before, key))


@pytest.mark.parametrize("name", ["activitynet", "label-studio", "via"])
def test_any_part_may_be_anything(name: str, tmp_path: Path) -> None:
    spans = (Span("up", 1, 3), Span("down", 4, 5, 0.5, "probe"))
    path = tmp_path / "a.json"
    FORMATS[name].write(path, Labels(("up", "down"), (Track(Path("/x/a.mp4"), np.arange(9) / 25, spans, "d" * 32),)))
    whole = json.loads(path.read_text(encoding="utf-8"))
    assert len(read_labels([path]).segments) == 2
    for place in _places(whole):
        for junk in JUNK:
            spoilt = copy.deepcopy(whole)
            inner = spoilt
            for key in place[:-1]:
                inner = inner[key]
            inner[place[-1]] = junk
            path.write_text(json.dumps(spoilt), encoding="utf-8")
            read = read_labels([path])
            empty = junk in ([], {}, None, "") and place[-1] in _MAY_BE_EMPTY
            empty |= place == ("database", "a") and isinstance(junk, dict)  # ActivityNet's test set has no annotations
            assert len(read.segments) == 2 or read.problems or empty, (place, junk)
