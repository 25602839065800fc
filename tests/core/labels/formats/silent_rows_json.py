"""What JSON of Label Studio, ActivityNet and VIA can hold that has no place here."""

from __future__ import annotations

import json
from typing import Any

from tests.core.labels.formats.silent_rows import Row

_HUGE = 10**400
"""A number that JSON can hold, and no float."""

# ---- ActivityNet

_ANNOTATION = {"segment": [0, 0.8], "label": "up"}


def _activitynet(thing: str, *given: Any, num_spans: int = 1) -> Row:
    """One annotation beside the one in order, or `more` videos; then the needles."""
    more = {name: entry for one in given if isinstance(one, dict) for name, entry in one.items()}
    added = [one for lists in given if isinstance(lists, list) for one in lists]
    needles = [one for one in given if isinstance(one, str)]
    database = {"v": {"annotations": [_ANNOTATION, *added]}} | more
    return Row("activitynet", thing, "a.json", json.dumps({"database": database}), tuple(needles), num_spans)


def _said(start: Any, end: Any, label: Any = "down") -> list[dict[str, Any]]:
    return [{"segment": [start, end], "label": label}]


_SECOND = "a.json, v, annotation 1: "
_OF_ACTIVITYNET = (
    _activitynet("an unknown video", {"x": {"annotations": _said(1, 2)}}, "a.json, x", "no video 'x'", "left out"),
    _activitynet("an end beyond the end", _said(3, 5), _SECOND, "'down'", "5", "4.000 s", "cut", num_spans=2),
    _activitynet("a start beyond the end", _said(7, 9), _SECOND, "'down'", "7", "left out"),
    _activitynet("an end before the start", _said(2, 1), _SECOND, "'down' begins at 2", "left out"),
    _activitynet("a negative start", _said(-1, 2), _SECOND, "'down' begins at -1", "left out"),
    _activitynet("no frame between the times", _said(1.201, 1.202), _SECOND, "no frame", "left out"),
    _activitynet("no label", _said(1, 2, ""), _SECOND, "label must be text", "''", "left out"),
    _activitynet("a blank label", _said(1, 2, "  "), _SECOND, "label must be text", "'  '", "left out"),
    _activitynet("a label that is no text", _said(1, 2, 7), _SECOND, "label must be text", "7", "left out"),
    _activitynet("no number", _said("soon", 2), _SECOND, '"soon"', "left out"),
    _activitynet("not a number", _said(float("nan"), 2), _SECOND, "nan", "left out"),
    _activitynet("a bound that is true", _said(True, 2), _SECOND, "true", "left out"),
    _activitynet("a number that no float holds", _said(1, _HUGE), _SECOND, "1000", "left out"),
    _activitynet("three bounds", [{"segment": [1, 2, 3], "label": "down"}], _SECOND, "[1, 2, 3]", "left out"),
    _activitynet("no bounds", [{"label": "down"}], _SECOND, '{"label": "down"}', "left out"),
    _activitynet("an annotation that is none", [7], _SECOND, "not 7", "left out"),
    _activitynet("annotations that are no list", {"w": {"annotations": 7}}, "a.json, w", "list", "7", "left out"),
    _activitynet("a video that is no object", {"w": 7}, "a.json", "entry for each video", num_spans=0),
    _activitynet("an overlap", _said(0.4, 1.2), _SECOND, "'down' overlaps 'up'", "10 frames", num_spans=2),
    _activitynet("no annotation", {"v": {}}, "a.json: ", "no labels", num_spans=0),
    Row("activitynet", "a number beyond all", "a.json", '{"database": ' + "1" * 5000 + "}", ("a.json", "JSON"), 0),
)

# ---- Label Studio


def _ranges(start: Any, end: Any, *labels: Any) -> dict[str, Any]:
    value = {"ranges": [{"start": start, "end": end}], "timelinelabels": list(labels) or ["down"]}
    return {"from_name": "tag", "type": "timelinelabels", "value": value}


_UP = _ranges(1, 20, "up")


def _tasks(*tasks: Any, data: dict[str, Any] | None = None, regions: Any = ()) -> str:
    given = {"video": "v.mp4", "fps": 25} if data is None else data
    first = {"id": 1, "data": given, "annotations": [{"id": 5, "result": [_UP, *regions]}]}
    return json.dumps([first, *tasks])


def _studio(thing: str, content: str, *needles: str, num_spans: int = 1) -> Row:
    return Row("label-studio", thing, "a.json", content, needles, num_spans)


def _region(thing: str, region: Any, *needles: str, num_spans: int = 1) -> Row:
    return _studio(thing, _tasks(regions=[region]), "a.json, task 1: ", *needles, num_spans=num_spans)


def _task(video: str = "v.mp4", **parts: Any) -> dict[str, Any]:
    return {"id": 2, "data": {"video": video, "fps": 25}, "annotations": []} | parts


def _with(*regions: Any, **parts: Any) -> list[dict[str, Any]]:
    return [{"id": 6, "result": list(regions), **parts}]


_BOX = {"type": "rectanglelabels", "value": {"x": 1, "y": 2, "rectanglelabels": ["cup"]}}
_SECOND_RANGE = {
    "from_name": "tag",
    "type": "timelinelabels",
    "value": {"ranges": [{"start": 30, "end": 40}, {"start": "x", "end": 50}], "timelinelabels": ["down"]},
}
_TASK = "a.json, task 2: "
_OF_LABEL_STUDIO = (
    _studio("an unknown video", _tasks(_task("x.mp4", annotations=_with(_UP))), _TASK, "no video 'x.mp4'", "left out"),
    _studio("no video", _tasks(_task("", annotations=_with(_UP))), _TASK, "names no video", "left out"),
    _studio("no rate", _tasks(data={"video": "v.mp4"}), "a.json, task 1: ", "how many frames per second", "frames"),
    _studio("a rate that is none", _tasks(_task(data={"video": "v.mp4", "fps": "fast"})), _TASK, "'fast'", "left out"),
    _studio("a rate that is true", _tasks(_task(data={"video": "v.mp4", "fps": True})), _TASK, "True", "left out"),
    _region("an end beyond the end", _ranges(81, 120), "'down'", "4.8", "4.000 s", "cut", num_spans=2),
    _region("a start beyond the end", _ranges(131, 150), "'down'", "5.2", "left out"),
    _region("an end before the start", _ranges(41, 30), "'down' begins at 1.6 and ends at 1.2", "left out"),
    _region("a negative start", _ranges(-9, 30), "'down' begins at -0.4", "left out"),
    _region("no number", _ranges("x", 30), "'x'", "left out"),
    _region("not a number", _ranges(float("nan"), 30), "nan", "left out"),
    _region("a bound that is true", _ranges(True, 30), "True", "left out"),
    _region("a number that no float holds", _ranges(31, _HUGE), "1000", "left out"),
    _region("a second range that is none", _SECOND_RANGE, "'x'", "left out", num_spans=2),
    _region("no range", {**_UP, "value": {"timelinelabels": ["down"]}}, "not a range of time", "left out"),
    _region("no label", {**_UP, "value": {"ranges": [{"start": 31, "end": 40}]}}, "no label", "left out"),
    _region("an empty label", _ranges(31, 40, " "), "no label", "left out"),
    _region("a label that is no text", _ranges(31, 40, "down", 7), "7", "left out", num_spans=2),
    _region("two labels of one range", _ranges(31, 40, "down", "up"), "'up' overlaps 'down'", num_spans=2),
    _region("a region of the picture", _BOX, "'rectanglelabels'", "not a range of time", "left out"),
    _region("a choice about the file", {"type": "choices", "value": {"choices": ["good"]}}, "'choices'", "left out"),
    _region("a relation", {"type": "relation", "from_id": "a"}, "'relation'", "left out"),
    _region("a region that is none", 7, "'unknown'", "left out"),
    _region("an overlap", _ranges(11, 30), "'down' overlaps 'up'", "10 frames", num_spans=2),
    _region("several tags", _ranges(31, 40) | {"from_name": "other"}, "2 tracks", "'other'", num_spans=0),
    _studio("several annotators", _tasks(_task(annotations=_with(_UP))), "2 tracks", "Choose one", num_spans=0),
    _studio("a draft", _tasks(_task(drafts=[{"result": [_UP]}])), _TASK, "draft", "left out"),
    _studio("a skipped task", _tasks(_task(annotations=_with(_UP, was_cancelled=True))), _TASK, "skipped", "left out"),
    _studio("annotations by number", _tasks(_task(annotations=[17])), _TASK, "17", "Export"),
    _studio("annotations that are no list", _tasks(_task(annotations=7)), _TASK, "not a list", "left out"),
    _studio("a task that is none", _tasks(7), _TASK, "not a task", "left out"),
    _studio(
        "a prediction of another model",
        _tasks(_task(predictions=[{"model_version": "gpt", "result": [_UP]}])),
        "2 tracks",
        "'prediction of gpt'",
        num_spans=0,
    ),
    _studio(
        "a prediction under a label",
        _tasks(_task(predictions=[{"model_version": "probe", "result": [_ranges(11, 30)]}])),
        "10 predicted frames",
        "is used",
        num_spans=2,
    ),
    _studio(
        "two videos of one name",
        _tasks(_task(data={"video": "v.mp4", "fps": 25, "digest": "9" * 32}, annotations=_with(_ranges(31, 40)))),
        _TASK,
        "99999999",
        "another file",
        num_spans=0,
    ),
)


def _min(thing: str, *given: Any, num_spans: int = 1, **columns: Any) -> Row:
    """As JSON-MIN: a region beside the one in order, then the needles."""
    spans = [one for one in given if isinstance(one, dict)]
    needles = [one for one in given if isinstance(one, str)]
    task = {"id": 1, "video": "v.mp4", "fps": 25, "annotator": 3, "tag": [_UP["value"], *spans], **columns}
    return _studio(f"{thing} (JSON-MIN)", json.dumps([task]), "a.json, task 1: ", *needles, num_spans=num_spans)


_OF_MIN = (
    _min("an end beyond the end", _ranges(81, 120)["value"], "4.8", "4.000 s", "cut", num_spans=2),
    _min("no number", _ranges("x", 30)["value"], "'x'", "left out"),
    _min("a region of the picture", _BOX["value"], "rectanglelabels", "not a range of time", "left out"),
    _min("a choice about the file", "'quality'", "not a range of time", "left out", quality={"choices": ["good"]}),
    _min("boxes of another tag", "'boxes'", "not a range of time", "left out", boxes=[_BOX["value"]]),
    _min("several tags", "2 tracks", "'other'", num_spans=0, other=[_ranges(31, 40)["value"]]),
    _min("an unknown video", "no video 'x.mp4'", "left out", num_spans=0, video="x.mp4"),
)

# ---- VIA


def _entry(z: Any, value: str = "2", **parts: Any) -> dict[str, Any]:
    return {"vid": "1", "flg": 0, "z": z, "xy": [], "av": {"1": value}} | parts


def _via(thing: str, entry: Any, *needles: str, num_spans: int = 1, **parts: Any) -> Row:
    added = {} if entry is None else {"b": entry}
    content = {
        "project": {},
        "config": {},
        "attribute": {
            "1": {"aname": "phase", "type": 4, "options": {"1": "up", "2": "down"}},
            "2": {"aname": "who", "type": 1},
            "3": {"aname": "all", "type": 2, "options": {"1": "up", "2": "down"}},
        },
        "file": {
            "1": {"fname": "v.mp4", "type": 4, "loc": 1, "src": ""},
            "2": {"fname": "x.mp4", "type": 4, "loc": 1, "src": ""},
            "3": {"fname": "a.png", "type": 2, "loc": 1, "src": ""},
        },
        "metadata": {"a": _entry([0, 0.8], "1"), **added},
        "view": {"1": {"fid_list": ["1"]}, "2": {"fid_list": ["2"]}, "3": {"fid_list": ["3"]}},
    }
    where = () if entry is None else ("a.json, metadata b: ",)
    return Row("via", thing, "a.json", json.dumps(content | parts), (*where, *needles), num_spans)


_OF_VIA = (
    _via("a view without a video", _entry([1, 2], vid="3"), "view '3' shows no video", "left out"),
    _via("a view that is not there", _entry([1, 2], vid="9"), "view '9' shows no video", "left out"),
    _via("an end beyond the end", _entry([3, 5]), "'down'", "5", "4.000 s", "cut", num_spans=2),
    _via("a start beyond the end", _entry([7, 9]), "'down'", "7", "left out"),
    _via("an end before the start", _entry([2, 1]), "'down' begins at 2", "left out"),
    _via("a negative start", _entry([-1, 2]), "'down' begins at -1", "left out"),
    _via("no number", _entry(["x", 2]), "'x'", "left out"),
    _via("not a number", _entry([float("nan"), 2]), "nan", "left out"),
    _via("a bound that is true", _entry([True, 2]), "True", "left out"),
    _via("a number that no float holds", _entry([1, _HUGE]), "1000", "left out"),
    _via("an unknown option", _entry([1, 2], "9"), "'phase'", "no option '9'", "left out"),
    _via("no value", _entry([1, 2], ""), "1 to 2 seconds", "no value", "left out"),
    _via("no attribute", _entry([1, 2], av={}), "1 to 2 seconds", "no value", "left out"),
    _via("an attribute that is not there", _entry([1, 2], av={"9": "x"}), "'x'", "'9'", "left out"),
    _via("a point in time", _entry([1]), "'down'", "point in time", "left out"),
    _via("three times", _entry([1, 2, 3]), "'down'", "several points in time", "left out"),
    _via("a region of the picture", _entry([1], xy=[2, 1, 2, 3, 4]), "'down'", "region of the picture", "left out"),
    _via("what is said of the file", _entry([]), "'down'", "whole file", "left out"),
    _via("an entry that is none", 7, "not an entry", "left out"),
    _via("an overlap", _entry([0.4, 1.2]), "'down' overlaps 'up'", "10 frames", num_spans=2),
    _via(
        "several attributes",
        None,
        "a.json, metadata a: ",
        "2 tracks",
        "'who' (1)",
        metadata={"a": _entry([0, 0.8], av={"1": "1", "2": "Ann"})},
        num_spans=0,
    ),
    _via(
        "several options at once",
        None,
        "a.json, metadata a: ",
        "'down' overlaps 'up'",
        metadata={"a": _entry([0, 0.8], av={"3": "1,2"})},
    ),
    _via("an unknown video", None, "view 2", "no video 'x.mp4'", metadata={"a": _entry([0, 1], vid="2")}, num_spans=0),
    _via("two videos at once", None, "view 1", "v.mp4 and x.mp4", "at once", view={"1": {"fid_list": ["1", "2"]}}),
    _via("no segment", None, "a.json: ", "no labels", metadata={}, num_spans=0),
    _via("metadata that is none", None, "a.json", "not a VIA 3 project", metadata=7, num_spans=0),
)

ROWS = (*_OF_ACTIVITYNET, *_OF_LABEL_STUDIO, *_OF_MIN, *_OF_VIA)
GOOD = (
    _activitynet("nothing wrong"),
    _studio("nothing wrong", _tasks()),
    Row("label-studio", "JSON-MIN", "a.json", _min("nothing wrong").content, ()),
    _via("nothing wrong", None),
)
