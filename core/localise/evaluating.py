"""Predictions against the truth: mean average precision, in seconds, by ActivityNet's definition."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.base.errors import LabelError
from core.base.events import Notice, Sink
from core.base.listing import some
from core.base.types import Span
from core.localise.results import Prediction, by_name, names_meaning
from core.localise.truth import Truth
from core.metrics.localisation import Localisation, mean_average_precision

_TICKS_PER_SECOND = 1_000_000
"""Spans count whole units: microseconds, as fine as both files are written."""


@dataclass(frozen=True)
class Scores:
    """How good the predictions are."""

    overall: Localisation
    by_class: dict[str, Localisation]
    num_videos: int
    num_segments: int


def evaluate_predictions(truth: Truth, results: Mapping[str, list[Prediction]], sink: Sink) -> Scores:
    """Hold predictions against the truth, over all videos of the truth.

    A video of the truth without predictions counts: its segments are missed. Predictions of other videos are left out,
    and that is told.

    Raises:
        LabelError: the truth counts frames, or no video of it has a prediction.
    """
    results = _rank(results)
    true: list[list[Span]] = []
    predicted: list[list[Span]] = []
    used: set[str] = set()
    missing = []
    for name, segments in truth.by_video().items():
        if framed := next((segment for segment in segments if segment.in_frames), None):
            raise LabelError(
                f"{framed.where} counts frames, but predictions are in seconds. Give the embedded videos with "
                "--library."
            )
        names = _names(truth, name)
        found = by_name(results, names)
        used |= {one for one in names if one in results}
        if found is None:
            missing.append(name)
        true.append([_span(one.phase, one.start, one.end, 1.0) for one in segments])
        predicted.append(_spans(name, found or [], sink))
    if len(missing) == len(true):
        raise LabelError(
            f"No prediction is of a video in {truth.path.name}: they name {some(list(results)) or 'none'}, but it "
            f"names {some(missing)}. Give predictions of these videos."
        )
    if missing:
        sink(Notice(f"No predictions, so all segments are missed: {some(missing)}."))
    if others := [name for name in results if name not in used]:
        sink(Notice(f"Predictions of videos that are not in {truth.path.name} are left out: {some(others)}."))
    return score_spans(true, predicted, sink)


def score_spans(true: Sequence[Sequence[Span]], predicted: Sequence[Sequence[Span]], sink: Sink) -> Scores:
    """Return the figures of lists of spans, one a video, over all classes and of each."""
    classes = sorted({span.phase for spans in true for span in spans})
    predicted_phases = {span.phase for spans in predicted for span in spans}
    if never := [name for name in classes if name not in predicted_phases]:
        sink(Notice(f"Never predicted, so counted as 0: {some(never)}."))
    if unknown := sorted(predicted_phases - set(classes)):
        sink(Notice(f"Predicted, but without a true segment, so not counted: {some(unknown)}."))
    by_class = {
        name: mean_average_precision([[s for s in spans if s.phase == name] for spans in true], predicted)
        for name in classes
    }
    return Scores(mean_average_precision(true, predicted), by_class, len(true), sum(map(len, true)))


def _names(truth: Truth, name: str) -> list[str]:
    file = truth.videos.get(name)
    stem = name.rpartition(".")[0] if "." in name.rpartition("/")[2] else name
    known = [name, stem, *((file.path,) if file and file.path else ()), *(file.others if file else ())]
    return list(dict.fromkeys(other for one in known for other in names_meaning(one)))


def _rank(results: Mapping[str, list[Prediction]]) -> dict[str, list[Prediction]]:
    """Return them with scores from 0 to 1 in the same order: only the order counts, and other programs' may be any."""
    scores = sorted({one.score for own in results.values() for one in own})
    if not scores or (scores[0] >= 0 and scores[-1] <= 1):
        return dict(results)
    ranks = {score: rank / len(scores) for rank, score in enumerate(scores)}
    return {name: [dataclasses.replace(one, score=ranks[one.score]) for one in own] for name, own in results.items()}


def _spans(name: str, predictions: Sequence[Prediction], sink: Sink) -> list[Span]:
    kept = [one for one in predictions if one.end_seconds > max(one.start_seconds, 0.0)]
    if dropped := len(predictions) - len(kept):
        sink(Notice(f"{name}: {dropped} of {len(predictions)} predictions end before they begin and are left out."))
    return [_span(one.label, max(one.start_seconds, 0.0), one.end_seconds, one.score) for one in kept]


def _span(label: str, start_seconds: float, end_seconds: float, score: float) -> Span:
    start = math.floor(start_seconds * _TICKS_PER_SECOND + 0.5)
    end = math.floor(end_seconds * _TICKS_PER_SECOND + 0.5)
    return Span(label, start, max(end, start + 1), score)
