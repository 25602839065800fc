"""JSON as ActivityNet publishes it (Caba Heilbron et al., 2015): segments in seconds by video and subset.

Seconds have six decimals, which `boundaries` chooses so that they come back to the same frame. What no segment covers
is not labelled. A video of no split is in `training`, since its readers skip other subsets. `core.datasets` reads it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.label.formats.json_files import write_json
from core.label.formats.labels import Labels, Track, boundaries

PER_SECOND = 1_000_000
_SUBSETS = {"val": "validation"}


def write(path: Path, labels: Labels) -> None:
    """StorageError: the disk refuses. LabelError: frames come less than a microsecond apart."""
    database = {str(stem): _entry(track) for stem, track in labels.stems()}
    taxonomy = [
        {"nodeId": number, "nodeName": phase, "parentId": None, "parentName": None}
        for number, phase in enumerate(labels.phases)
    ]
    write_json(path, {"version": "CARL Studio", "taxonomy": taxonomy, "database": database})


def _entry(track: Track) -> dict[str, Any]:
    times = boundaries(track, PER_SECOND)
    return {
        "duration": round(track.seconds, 6),
        "subset": _SUBSETS.get(track.subset, "training"),
        "url": "",
        "annotations": [
            {
                "segment": [times[frame] / PER_SECOND for frame in (span.start_frame, span.end_frame_exclusive)],
                "label": span.phase,
            }
            for span in track.spans
        ],
    }
