"""Predicted segments in the format of ActivityNet's submissions.

    {"version": "...", "results": {ID: [{"segment": [6.3, 9.8], "label": "Archery", "score": 0.91}, ...]},
     "external_data": {}}

Seconds are those that a player shows. `ID` is the end of the video's path that no other has, without its suffix, and
without the `v_` that ActivityNet puts before its 11 letters in names of files.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base.errors import LabelError
from core.base.types import Span
from core.embedding.embedded_video import EmbeddedVideo
from core.labels.formats.json_files import as_number, read_json, write_json
from core.labels.tracks import Labels, Track
from core.version import VERSION

_DECIMALS = 6
_V_ID = 2 + 11
"""Letters of `v_` and an ID of YouTube, as ActivityNet's files are called."""


@dataclass(frozen=True)
class Prediction:
    """One segment of a submission."""

    label: str
    start_seconds: float
    end_seconds: float
    score: float


def write_results(path: Path, videos: Sequence[EmbeddedVideo], spans: Sequence[Sequence[Span]]) -> None:
    """Write the segments of each video, by falling score; a video without one has an empty list.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    results = {
        name: [
            {
                "segment": [
                    round(float(video.edges_seconds[frame]), _DECIMALS)
                    for frame in (span.start_frame, span.end_frame_exclusive)
                ],
                "label": span.phase,
                "score": round(span.confidence, _DECIMALS),
            }
            for span in sorted(own, key=lambda one: -one.confidence)
        ]
        for name, video, own in zip(result_names(videos), videos, spans, strict=True)
    }
    write_json(path, {"version": f"CARL Studio {VERSION}", "results": results, "external_data": {}})


def result_names(videos: Sequence[EmbeddedVideo]) -> list[str]:
    """Return the name of each video in a submission."""
    any_span = Span("segment", 0, 1)
    tracks = tuple(Track(video.path, video.edges_seconds, (any_span,)) for video in videos)
    names = [str(name) for name, _ in Labels(("segment",), tracks).stems()]
    bare = [name.removeprefix("v_") if len(name) == _V_ID else name for name in names]
    return bare if len(set(bare)) == len(bare) else names


def read_results(path: Path) -> dict[str, list[Prediction]]:
    """Read a submission, of any program.

    Raises:
        LabelError: it is none, or an entry is wrong; the video and the entry's number are named.
    """
    loaded = read_json(path)
    results = loaded.get("results") if isinstance(loaded, dict) else None
    if not isinstance(results, dict) or not all(isinstance(own, list) for own in results.values()):
        raise LabelError(
            f'{path} has no "results" with a list for each video, as in '
            "ActivityNet's submissions. Give a file written by `python -m core.localise predict`."
        )
    return {
        name: [_prediction(f"{path.name}, {name}, segment {index}", one) for index, one in enumerate(own)]
        for name, own in results.items()
    }


def _prediction(where: str, one: Any) -> Prediction:
    try:
        label, score, (start, end) = one["label"], as_number(one["score"]), map(as_number, one["segment"])
    except (KeyError, TypeError, ValueError):
        raise LabelError(
            f'{where} must be like {{"segment": [1.5, 4.0], "label": "jump", "score": 0.9}}, not {one!r}.'
        ) from None
    if not isinstance(label, str) or not label or not (math.isfinite(score) and math.isfinite(start + end)):
        raise LabelError(f"{where}: {one!r} lacks a label, or a number of it is not finite.")
    return Prediction(label, start, end, score)


def names_meaning(name: str) -> tuple[str, ...]:
    """Return possible names of the video elsewhere: with or without `v_` before its last part."""
    head, slash, last = name.rpartition("/")
    other = last.removeprefix("v_") if last.startswith("v_") else f"v_{last}"
    return name, f"{head}{slash}{other}"


def by_name(results: Mapping[str, list[Prediction]], names: Sequence[str]) -> list[Prediction] | None:
    """Return the predictions of the video that is called one of these, or None."""
    return next((results[name] for name in names if name in results), None)
