"""A project of the VGG Image Annotator 3 (Dutta and Zisserman, 2019) with temporal segments.

Seconds have six decimals, which `boundaries` chooses so that they come back to the same frame. The attribute `phase`
(anchor FILE1_Z2_XY0: a stretch of one file) has the phases as its options; what no segment covers is not labelled.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.label.formats.json_files import write_json
from core.label.formats.labels import Labels, boundaries

PER_SECOND = 1_000_000
_VIDEO, _LOCAL_URI, _SELECT = 4, 3, 4
"""VIA's numbers for kinds of files, places and attributes."""


def write(path: Path, labels: Labels) -> None:
    """StorageError: the disk refuses. LabelError: frames come less than a microsecond apart."""
    named = labels.named()
    options = {str(number): phase for number, phase in enumerate(labels.phases, 1)}
    numbers = [str(number) for number in range(1, len(named) + 1)]
    files = {
        number: {
            "fid": number,
            "fname": name,
            "type": _VIDEO,
            "loc": _LOCAL_URI,
            "src": track.path.absolute().as_uri(),
        }
        for number, (name, track) in zip(numbers, named, strict=True)
    }
    write_json(
        path,
        {
            "project": {
                "pid": "__VIA_PROJECT_ID__",
                "rev": "__VIA_PROJECT_REV_ID__",
                "rev_timestamp": "__VIA_PROJECT_REV_TIMESTAMP__",
                "pname": "CARL Studio",
                "creator": "CARL Studio",
                "created": 0,
                "data_format_version": "3.1.1",
                "vid_list": numbers,
            },
            "config": {
                "file": {"loc_prefix": {"1": "", "2": "", "3": "", "4": ""}},
                "ui": {"file_content_align": "center", "file_metadata_editor_visible": True},
            },
            "attribute": {
                "1": {
                    "aname": "phase",
                    "anchor_id": "FILE1_Z2_XY0",
                    "type": _SELECT,
                    "desc": "",
                    "options": options,
                    "default_option_id": "",
                }
            },
            "file": files,
            "metadata": _metadata(labels),
            "view": {number: {"fid_list": [number]} for number in numbers},
        },
    )


def _metadata(labels: Labels) -> dict[str, Any]:
    option = {phase: str(number) for number, phase in enumerate(labels.phases, 1)}
    found: dict[str, Any] = {}
    for view, (_, track) in enumerate(labels.named(), 1):
        times = boundaries(track, PER_SECOND)
        for number, span in enumerate(track.spans, 1):
            bounds = [times[frame] / PER_SECOND for frame in (span.start_frame, span.end_frame_exclusive)]
            found[f"{view}_{number}"] = {
                "vid": str(view),
                "flg": 0,
                "z": bounds,
                "xy": [],
                "av": {"1": option[span.phase]},
            }
    return found
