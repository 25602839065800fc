"""Tasks of Label Studio (HumanSignal) with the regions of its tag `TimelineLabels`, one task a video.

Frames count from 1 there, and a range holds both its ends. Spans of a person are an annotation, those of a method a
prediction of that model version; what no range covers is not labelled. `data.video` is the name of the video: Label
Studio wants an address there, so put that before it. Its labelling configuration needs

    <View><TimelineLabels name="videoLabels" toName="video"><Label value="PHASE"/>...</TimelineLabels>
          <Video name="video" value="$video" frameRate="..."/></View>

It counts frames by one rate: of videos whose rate varies the numbers are right, but it shows other frames.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.label.formats.json_files import write_json
from core.label.formats.labels import Labels, Track
from core.segments import METHODS
from core.types import Span

_FROM, _TO = "videoLabels", "video"


def write(path: Path, labels: Labels) -> None:
    """StorageError: the disk refuses."""
    write_json(path, [_task(name, track) for name, track in labels.named()])


def _task(name: str, track: Track) -> dict[str, Any]:
    said = [span for span in track.spans if span.source.casefold() not in METHODS]
    task: dict[str, Any] = {
        "data": {"video": name, "fps": round(track.fps, 6), "frames": track.num_frames},
        "annotations": [{"result": _regions(said, "manual")}] if said else [],
    }
    predictions = []
    for method in METHODS:
        if spans := [span for span in track.spans if span.source.casefold() == method]:
            score = sum(span.confidence for span in spans) / len(spans)
            result = _regions(spans, "prediction")
            predictions.append({"model_version": method, "score": round(score, 4), "result": result})
    if predictions:
        task["predictions"] = predictions
    return task


def _regions(spans: Sequence[Span], origin: str) -> list[dict[str, Any]]:
    return [
        {
            "id": f"frames-{span.start_frame + 1}-{span.end_frame_exclusive}",
            "from_name": _FROM,
            "to_name": _TO,
            "type": "timelinelabels",
            "origin": origin,
            "value": {
                "ranges": [{"start": span.start_frame + 1, "end": span.end_frame_exclusive}],
                "timelinelabels": [span.phase],
            },
        }
        for span in spans
    ]
