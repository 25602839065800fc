"""Projects of VIA 3 as people make them there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.base.errors import LabelError
from core.labels.formats import via
from core.labels.formats.read_labels import ReadLabels
from core.labels.formats.table import read_labels

OPTIONS = {"0": "walk", "7": "eat, slowly"}


def attribute(name: str, kind: int, options: dict[str, str] | None = None) -> dict[str, Any]:
    return {"aname": name, "anchor_id": "FILE1_Z2_XY0", "type": kind, "desc": "", "options": options or {}}


def file(number: str, name: str, source: str = "", *, loc: int = 1, kind: int = 4) -> dict[str, Any]:
    return {"fid": number, "fname": name, "type": kind, "loc": loc, "src": source}


def entry(view: str, z: list[float], av: dict[str, str], xy: list[float] | None = None) -> dict[str, Any]:
    return {"vid": view, "flg": 0, "z": z, "xy": xy or [], "av": av}


def read(folder: Path, metadata: dict[str, Any], **parts: Any) -> ReadLabels:
    project = {
        "project": {"data_format_version": "3.1.1"},
        "config": {"file": {"loc_prefix": {"1": "", "2": "https://h/films/", "3": "", "4": ""}}},
        "attribute": {"1": attribute("behaviour", 4, OPTIONS)},
        "file": {"1": file("1", "a.mp4")},
        "view": {"1": {"fid_list": ["1"]}},
        "metadata": metadata,
        **parts,
    }
    (folder / "via.json").write_text(json.dumps(project), encoding="utf-8")
    return read_labels([folder / "via.json"])


def said(found: ReadLabels) -> list[tuple[str, str, float, float, str]]:
    return [(s.video, s.phase, s.start, s.end, s.track) for s in found.segments]


def told(found: ReadLabels) -> list[tuple[str, str]]:
    return [(problem.where, problem.sentence) for problem in found.problems]


def test_options_are_meant_by_their_ids(tmp_path: Path) -> None:
    found = read(tmp_path, {"1_a": entry("1", [1, 3], {"1": "0"}), "1_b": entry("1", [3.5, 4.25], {"1": "7"})})
    assert said(found) == [("a.mp4", "walk", 1, 3, ""), ("a.mp4", "eat, slowly", 3.5, 4.25, "")]
    assert told(found) == []


def test_text_and_check_boxes(tmp_path: Path) -> None:
    kinds = {"1": attribute("note", 1), "2": attribute("does", 2, OPTIONS)}
    found = read(tmp_path, {"a": entry("1", [1, 3], {"1": "0, or so", "2": "0,7"})}, attribute=kinds)
    assert said(found) == [
        ("a.mp4", "0, or so", 1, 3, "note"),
        ("a.mp4", "walk", 1, 3, "does"),
        ("a.mp4", "eat, slowly", 1, 3, "does"),
    ]


def test_a_view_of_two_videos_gives_both_the_segment_and_says_so(tmp_path: Path) -> None:
    files = {"1": file("1", "a.mp4"), "2": file("2", "b.mp4"), "3": file("3", "c.wav", kind=8)}
    views = {"9": {"fid_list": ["1", 2, "3"]}}
    found = read(tmp_path, {"a": entry("9", [1, 3], {"1": "0"})}, file=files, view=views)
    assert said(found) == [("a.mp4", "walk", 1, 3, ""), ("b.mp4", "walk", 1, 3, "")]
    ((where, sentence),) = told(found)
    assert (where, sentence) == (
        "via.json, view 9",
        "a.mp4 and b.mp4 are shown at once; each gets the segments of this view.",
    )


def test_where_the_videos_lay(tmp_path: Path) -> None:
    files = {
        "1": file("1", "clip.mp4", "file:///C:/day%201/clip.mp4", loc=3),
        "2": file("2", "clip.mp4", "day%202/clip.mp4", loc=2),
        "3": file("3", "b.mp4", "", loc=1),
    }
    views = {number: {"fid_list": [number]} for number in files}
    found = read(tmp_path, {n: entry(n, [1, 3], {"1": "0"}) for n in files}, file=files, view=views)
    assert {name: video.path for name, video in found.videos.items()} == {
        "C:/day 1/clip.mp4": "C:/day 1/clip.mp4",
        "/films/day 2/clip.mp4": "/films/day 2/clip.mp4",
        "b.mp4": "",
    }


def test_all_that_is_no_span_is_named(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        {
            "point": entry("1", [2.5], {"1": "0"}),
            "box": entry("1", [2.5, 3], {"1": "0"}, [2, 10, 10, 50, 50]),
            "file": entry("1", [], {"1": "7"}),
            "back": entry("1", [3, 2], {"1": "0"}),
            "mute": entry("1", [2, 3], {}),
            "gone": entry("1", [2, 3], {"1": "5"}),
            "lost": entry("4", [2, 3], {"1": "0"}),
            "odd": ["what"],
        },
    )
    assert said(found) == []
    assert told(found) == [
        (
            "via.json, metadata point",
            "'walk' of a.mp4 is a point in time, not a range of time; it is left out.",
        ),
        ("via.json, metadata box", "'walk' of a.mp4 is a region of the picture, not a range of time; it is left out."),
        (
            "via.json, metadata file",
            "'eat, slowly' of a.mp4 is about the whole file, not a range of time; it is left out.",
        ),
        ("via.json, metadata back", "'walk' begins at 3 and ends at 2 seconds; it is left out."),
        ("via.json, metadata mute", "2 to 3 seconds of a.mp4 has no value; it is left out."),
        ("via.json, metadata gone", "the attribute 'behaviour' has no option '5'; it is left out."),
        ("via.json, metadata lost", "its view '4' shows no video; it is left out."),
        ("via.json, metadata odd", "this is not an entry of VIA 3; it is left out."),
    ]


def test_other_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"_via_img_metadata": {}, "_via_settings": {}}', encoding="utf-8")
    with pytest.raises(LabelError, match=r"a\.json is not a VIA 3 project"):
        via.read(tmp_path / "a.json")
