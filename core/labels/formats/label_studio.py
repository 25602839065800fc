"""Tasks of Label Studio (HumanSignal) with the regions of its tag `TimelineLabels`, one task per video.

NAME.json          the tasks, to be imported there
NAME.config.xml    the labelling configuration that they need (Settings, Labeling Interface, Code)

Label Studio knows no frames of a video. It counts `fps` of the task a second, from 1, on the browser's clock: its
number N is the time (N - 1) / fps, and a range holds both its ends. `counting_rate` gives `fps` so that every frame of
the video has a number of its own, which is the video's rate where that is steady and finer where it varies; a video for
which there is none is refused. The same numbers lead back through these times.

Spans of a person are an annotation, those of a method a prediction of that model version; what no range covers is not
labelled. `data.video` is the video's address, or its name where no prefix is given; `data.digest` says which one it is.
`label_studio_reading` reads what Label Studio exports.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

import numpy as np
from numpy.typing import NDArray

from core.base.errors import LabelError
from core.base.files import write_text
from core.base.types import PREDICTORS, Span
from core.labels.formats.addresses import with_prefix
from core.labels.formats.json_files import write_json
from core.labels.tracks import Labels, Track, check_text, frame_of

_FROM, _TO = "videoLabels", "video"
_FASTEST = 1000
"""Numbers a second: the browser's own clock is hardly finer."""
_SLACK_SECONDS = 1e-6
"""So much earlier than its frame may a number's time be: what a browser rounds times to."""
_UNCLEAR_SECONDS = 3e-6
"""So much earlier it may not be certain which of two frames a browser shows."""
_TOO_CLOSE = (
    f"its frames are too close for the {_FASTEST:,} numbers per second of Label Studio; choose a format that counts "
    "frames"
)


def write(path: Path, labels: Labels) -> None:
    """Write the tasks, and their configuration beside. StorageError: the disk refuses. LabelError: no numbers tell the
    frames of a video apart, or XML cannot hold a phase."""
    check_text(labels, "Label Studio's configuration")
    tasks = [_task(with_prefix(labels.address_prefix, name), name, track) for name, track in labels.named()]
    write_text(config_path(path), _config(labels.phases))
    write_json(path, tasks)


def config_path(path: Path) -> Path:
    """Return where the labelling configuration for these tasks lies."""
    return path.with_name(f"{path.stem}.config.xml")


def notes(path: Path, labels: Labels) -> Iterator[str]:
    """Yield what a person must know to use the file."""
    yield f"{config_path(path).name} is the labelling configuration. Paste it under Labeling Interface, Code."
    if not labels.address_prefix:
        yield (
            "The tasks name their videos, but Label Studio needs addresses. Add a prefix such as "
            "https://HOST/videos/ with core.label.export --address-prefix TEXT."
        )
    for name, track in labels.named():
        rate = counting_rate(track)
        if abs(rate * _length_seconds(track) - track.num_frames) > 0.5:
            yield (
                f"{name} has no constant frame rate from 0; Label Studio counts {rate:g} numbers per second there, "
                "several of which may show the same frame."
            )


def refusal(track: Track) -> str:
    """Return why Label Studio cannot have this video, as the end of a sentence; empty where it can."""
    try:
        counting_rate(track)
    except LabelError:
        is_known = np.isfinite(track.edges_seconds).all()
        return _TOO_CLOSE if is_known else "its frame times are not known yet; add the video again"
    return ""


def counting_rate(track: Track) -> float:
    """Return how many numbers a second Label Studio shall count, so that every frame has one of its own.

    That is the video's mean rate, a small multiple of it (where frames begin between the numbers, as rounded times do),
    the rate of its shortest frame, or some twice that. Rates below 1 are none: Label Studio takes 0.5 for 2.

    Raises:
        LabelError: it would be more than 1000, or nobody knows when the frames are shown.
    """
    if not np.isfinite(track.edges_seconds).all():
        raise LabelError(
            f"The frame times of {track.path.name} are not known, but Label Studio needs them. Add the video again."
        )
    mean = track.num_frames / _length_seconds(track)
    shortest = float(np.diff(track.edges_seconds).min())
    first = max(1, math.ceil(1 / mean))
    fast = math.ceil(2 / shortest)
    for rate in (*(mean * times for times in range(first, first + 4)), round(1 / shortest), *range(fast, fast + 4)):
        rate = round(float(rate), 9)
        if 1 <= rate <= _FASTEST and _fits(track.edges_seconds, _numbers(track.edges_seconds, rate), rate):
            return rate
    raise LabelError(f"{track.path.name} cannot be written for Label Studio: {_TOO_CLOSE}.")


def _length_seconds(track: Track) -> float:
    return float(track.edges_seconds[-1] - track.edges_seconds[0])


def _numbers(
    edges_seconds: NDArray[np.float64], rate: float, slack_seconds: float = _SLACK_SECONDS
) -> NDArray[np.int64]:
    """Return (S + 1,) how many numbers have passed when a frame begins: the first time of a number that is not before
    it."""
    return np.ceil((edges_seconds - slack_seconds) * rate).astype(np.int64)


def _fits(edges_seconds: NDArray[np.float64], numbers: NDArray[np.int64], rate: float) -> bool:
    """Return whether every frame has a number whose time clearly identifies the frame in both directions."""
    if (_numbers(edges_seconds, rate, _UNCLEAR_SECONDS) != numbers).any():
        return False
    back = frame_of(edges_seconds, numbers / rate)
    return bool((back == np.arange(len(edges_seconds))).all() and (np.diff(numbers) > 0).all() and numbers[0] >= 0)


def _task(address: str, name: str, track: Track) -> dict[str, Any]:
    confirmed = [span for span in track.spans if span.source.casefold() not in PREDICTORS]
    rate = counting_rate(track)
    numbers = _numbers(track.edges_seconds, rate)
    data = {"video": address, "fps": rate, "frames": track.num_frames, "name": name}
    task: dict[str, Any] = {
        "data": data | ({"digest": track.digest} if track.digest else {}),
        "annotations": [{"result": _regions(confirmed, numbers, "manual")}] if confirmed else [],
    }
    predictions = []
    for method in PREDICTORS:
        if spans := [span for span in track.spans if span.source.casefold() == method]:
            score = sum(span.confidence for span in spans) / len(spans)
            result = _regions(spans, numbers, "prediction")
            predictions.append({"model_version": method, "score": round(score, 4), "result": result})
    if predictions:
        task["predictions"] = predictions
    return task


def _regions(spans: Sequence[Span], numbers: NDArray[np.int64], origin: str) -> list[dict[str, Any]]:
    bounds = [(int(numbers[span.start_frame]) + 1, int(numbers[span.end_frame_exclusive])) for span in spans]
    return [
        {
            "id": f"frames-{start}-{end}",
            "from_name": _FROM,
            "to_name": _TO,
            "type": "timelinelabels",
            "origin": origin,
            "value": {"ranges": [{"start": start, "end": end}], "timelinelabels": [span.phase]},
            **({"meta": {"text": [span.note]}} if span.note else {}),
        }
        for span, (start, end) in zip(spans, bounds, strict=True)
    ]


def _config(phases: Sequence[str]) -> str:
    view = Element("View")
    tag = SubElement(view, "TimelineLabels", name=_FROM, toName=_TO)
    for phase in phases:
        SubElement(tag, "Label", value=phase)
    SubElement(view, "Video", name=_TO, value="$video", frameRate="$fps")
    ElementTree.indent(view, "  ")
    return ElementTree.tostring(view, encoding="unicode") + "\n"
