"""What BORIS's tables and projects can hold that has no place here."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.base.csv_files import write_rows
from tests.core.labels.formats.silent_rows import Row

# ---- aggregated events

_COLUMNS = (
    "Observation id",
    "Source",
    "Time offset (s)",
    "Media duration (s)",
    "FPS (frame/s)",
    "Subject",
    "Behavior",
    "Modifier #1",
    "Behavior type",
    "Start (s)",
    "Stop (s)",
)
_VIDEO = "player #1:/v/v.mp4"


def _event(behavior: str, start: str, stop: str, **cells: str) -> dict[str, str]:
    usual = {
        "Observation id": "o",
        "Source": _VIDEO,
        "Time offset (s)": "0",
        "Media duration (s)": "4",
        "FPS (frame/s)": "25",
        "Subject": "No focal subject",
        "Behavior": behavior,
        "Behavior type": "STATE",
        "Start (s)": start,
        "Stop (s)": stop,
    }
    names = {
        "source": "Source", "offset": "Time offset (s)", "length": "Media duration (s)", "rate": "FPS (frame/s)",
        "subject": "Subject", "modifier": "Modifier #1", "kind": "Behavior type", "observation": "Observation id",
    }  # fmt: skip
    return usual | {names[name]: cell for name, cell in cells.items()}


def _table(columns: tuple[str, ...], *rows: dict[str, str], separator: str = "\t") -> str:
    return "".join(
        separator.join(cells) + "\n"
        for cells in (columns, *([row.get(column, "") for column in columns] for row in rows))
    )


_UP = _event("up", "0", "0.8")


def _boris(thing: str, row: dict[str, str], *needles: str, num_spans: int = 1, first: dict[str, str] = _UP) -> Row:
    return Row("boris", thing, "a.tsv", _table(_COLUMNS, first, row), ("a.tsv, line 3: ", *needles), num_spans)


_QUEUE = "player #1:/v/v.mp4;/v/w.mp4"
_OF_AGGREGATED = (
    _boris("an unknown video", _event("up", "1", "2", source="player #1:/x/x.mp4"), "no video '/x/x.mp4'", "left out"),
    _boris("no medium", _event("up", "1", "2", source="", observation="live"), "no video 'live'", "left out"),
    _boris("no behavior", _event("", "1", "2"), "behavior is empty", "left out"),
    _boris("an end beyond the end", _event("down", "3", "5"), "'down'", "5", "4.000 s", "cut", num_spans=2),
    _boris("a start beyond the end", _event("down", "7", "9"), "'down'", "7", "4.000 s", "left out"),
    _boris("a point event", _event("down", "1", "1", kind="POINT"), "'down' is a point event", "left out"),
    _boris("an end before the start", _event("down", "2", "1"), "'down' begins at 2 and ends at 1", "left out"),
    _boris("a negative start", _event("down", "-1", "2"), "'down' begins at -1", "cut", num_spans=2),
    _boris("no number", _event("down", "one", "2"), "start (s)", "'one'"),
    _boris("no end", _event("down", "1", "NA"), "stop (s)", "'NA'"),
    _boris("no finite number", _event("down", "1", "inf"), "stop (s) must be a number, not 'inf'"),
    _boris("modifiers", _event("down", "1", "2", modifier="fast"), "1 event has modifiers", "'fast'", num_spans=2),
    _boris("an overlap", _event("down", "0.4", "1.2"), "'down' overlaps 'up'", "10 frames", num_spans=2),
    _boris(
        "an offset that is not a number", _event("down", "1", "2", offset="2 s"), "time offset (s)", "'2 s'", "left out"
    ),
    _boris(
        "another file of an observation",
        _event("down", "1", "2", source="/v/w.mp4"),
        "first video",
        "left out",
        first=_event("up", "0", "0.8", source="/v/v.mp4"),
    ),
    _boris("a time before the offset", _event("down", "1", "2", offset="9"), "'down'", "no medium", "9", "left out"),
    _boris(
        "an unknown length of a queued medium",
        _event("down", "1", "2", source=_QUEUE, length=""),
        "the duration of '/v/v.mp4'",
    ),
    _boris(
        "a span over two media",
        _event("down", "3", "5", source=_QUEUE, length="4;4"),
        "'down' continues from /v/v.mp4 into /v/w.mp4",
        "split",
        num_spans=2,
    ),
    _boris(
        "files that cannot be split",
        _event("down", "1", "2", source="player #1:a;b;v.mp4", length="4;4"),
        "cannot be split",
        "left out",
    ),
    _boris(
        "two players",
        _event("down", "1", "2", source="player #1:/v/v.mp4|player #2:/v/w.mp4"),
        "plays 2 videos side by side",
        num_spans=0,
    ),
    Row(
        "boris",
        "several subjects",
        "a.tsv",
        _table(_COLUMNS, _UP, _event("down", "1", "2", subject="she")),
        ("a.tsv, line 2: ", "2 tracks", "'she' (1)", "Choose one", "2 labels are left out"),
        0,
    ),
    Row(
        "boris",
        "another rate",
        "a.tsv",
        _table(_COLUMNS, _UP | {"FPS (frame/s)": "30"}),
        ("a.tsv, line 2: ", "30 frames per second", "25", "Check that"),
    ),
    Row("boris", "no event", "a.tsv", _table(_COLUMNS), ("a.tsv: ", "no labels"), 0),
)

# ---- tabular events

_TABULAR = (*_COLUMNS[:4], "FPS", *_COLUMNS[5:9], "Time")


def _mark(behavior: str, kind: str, time: str, **cells: str) -> dict[str, str]:
    row = _event(behavior, "", "", kind=kind, **cells)
    return row | {"FPS": row["FPS (frame/s)"], "Time": time}


_UPS = (_mark("up", "START", "0"), _mark("up", "STOP", "0.8"))


def _tabular(thing: str, *given: dict[str, str] | str, num_spans: int = 1) -> Row:
    rows = [one for one in given if isinstance(one, dict)]
    needles = [one for one in given if isinstance(one, str)]
    content = _table(_TABULAR, *_UPS, *rows)
    return Row("boris-tabular", thing, "a.tsv", content, ("a.tsv, line 4: ", *needles), num_spans)


def _pair(behavior: str, start: str, stop: str, **cells: str) -> tuple[dict[str, str], dict[str, str]]:
    return _mark(behavior, "START", start, **cells), _mark(behavior, "STOP", stop, **cells)


_OF_TABULAR = (
    _tabular("an unknown video", *_pair("up", "1", "2", source="player #1:/x/x.mp4"), "no video '/x/x.mp4'"),
    _tabular("no behavior", *_pair("", "1", "2"), "behavior is empty", "left out"),
    _tabular("an end beyond the end", *_pair("down", "3", "5"), "'down'", "5", "4.000 s", "cut", num_spans=2),
    _tabular("a start beyond the end", *_pair("down", "7", "9"), "'down'", "7", "4.000 s", "left out"),
    _tabular("a START without a STOP", _mark("down", "START", "1"), "'down' starts at 1", "without a STOP", "left out"),
    _tabular("a STOP without a START", _mark("down", "STOP", "1"), "'down' stops at 1", "without a START", "left out"),
    _tabular(
        "two STARTs",
        _mark("down", "START", "1"),
        *_pair("down", "2", "3"),
        "'down' starts at 1",
        "without a STOP",
        num_spans=2,
    ),
    _tabular("a point event", _mark("down", "POINT", "1"), "'down' is a point event", "left out"),
    _tabular("another status", _mark("down", "PAUSE", "1"), "'PAUSE'", "left out"),
    _tabular("no status", _mark("down", "", "1"), "not START, STOP or POINT", "left out"),
    _tabular("no number", _mark("down", "START", "soon"), "time", "'soon'"),
    _tabular("not a number", _mark("down", "START", "nan"), "time", "'nan'"),
    _tabular("a pair of no length", *_pair("down", "1", "1"), "'down' begins at 1 and ends at 1", "left out"),
    _tabular("a negative start", *_pair("down", "-1", "2"), "'down' begins at -1", "cut", num_spans=2),
    _tabular("modifiers", *_pair("down", "1", "2", modifier="fast"), "1 event has modifiers", "'fast'", num_spans=2),
    _tabular("an overlap", *_pair("down", "0.4", "1.2"), "'down' overlaps 'up'", "10 frames", num_spans=2),
    _tabular("an offset that is not a number", *_pair("down", "1", "2", offset="2 s"), "'2 s'", "left out"),
    _tabular(
        "an unknown length of a queued medium",
        *_pair("down", "1", "2", source=_QUEUE, length=""),
        "the duration of '/v/v.mp4'",
    ),
    _tabular(
        "two players",
        *_pair("down", "1", "2", source="player #1:/v/v.mp4|player #2:/v/w.mp4"),
        "plays 2 videos side by side",
        num_spans=0,
    ),
    Row(
        "boris-tabular",
        "several subjects",
        "a.tsv",
        _table(_TABULAR, *_UPS, *_pair("down", "1", "2", subject="she")),
        ("a.tsv, line 2: ", "2 tracks", "'she' (1)", "Choose one"),
        0,
    ),
    Row(
        "boris-tabular",
        "another rate",
        "a.tsv",
        _table(_TABULAR, *[row | {"FPS": "30"} for row in _UPS]),
        ("a.tsv, line 2: ", "30 frames per second", "25", "Check that"),
    ),
)

# ---- the layout of BORIS 7


def _old(thing: str, lines: str, *needles: str, num_spans: int = 1, head: str = "", player: str = "/v/v.mp4") -> Row:
    first, offset = player.split("\t")[0], head or "Time offset (s)\t0"
    content = (
        f"Observation id\to\nMedia file(s)\nPlayer #1\t{player}\n{offset}\n"
        "Time\tMedia file path\tTotal length\tFPS\tSubject\tBehavior\tComment\tStatus\n"
        f"0\t{first}\t4\t25\t\tup\t\tSTART\n0.8\t{first}\t4\t25\t\tup\t\tSTOP\n{lines}"
    )
    return Row("boris-tabular", f"{thing} (BORIS 7)", "a.tsv", content, needles, num_spans)


def _line(time: str, behavior: str, status: str, subject: str = "", path: str = "/v/v.mp4") -> str:
    return f"{time}\t{path}\t4\t25\t{subject}\t{behavior}\t\t{status}\n"


_EIGHTH = "a.tsv, line 8: "
_OF_OLD = (
    _old("a START without a STOP", _line("1", "down", "START"), _EIGHTH, "'down' starts at 1", "without a STOP"),
    _old("a point event", _line("1", "down", "POINT"), _EIGHTH, "'down' is a point event", "left out"),
    _old("no number", _line("soon", "down", "START"), _EIGHTH, "time", "'soon'"),
    _old("another file", _line("1", "down", "START", path="w.mp4"), _EIGHTH, "'w.mp4' is not one of those", "left out"),
    _old("a cell too many", _line("1", "down", "START\tx"), _EIGHTH, "9 cells", "left out"),
    _old("an unknown video", "", "no video '/x/x.mp4'", player="/x/x.mp4", num_spans=0),
    _old(
        "an unknown length of a queued medium",
        "",
        "the duration of",
        "left out",
        player="/v/v.mp4\t/v/w.mp4",
        num_spans=0,
    ),
    _old("an offset that is not a number", "", "'2 s'", "left out", head="Time offset (s)\t2 s", num_spans=0),
    _old(
        "several subjects",
        _line("1", "down", "START", "she") + _line("2", "down", "STOP", "she"),
        "2 tracks",
        "'she' (1)",
        num_spans=0,
    ),
)

# ---- folders


def _folder(name: str, content: str) -> Callable[[Path], None]:
    """Write the table that is in order, and `name` beside."""

    def write(path: Path) -> None:
        path.write_text(_table(_TABULAR, *_UPS, separator=","), encoding="utf-8")
        path.with_name(name).write_text(content, encoding="utf-8")

    return write


_OF_FOLDERS = tuple(
    Row("boris-tabular", thing, "set/a.csv", _folder(name, content), needles, 1, "set")
    for thing, name, content, needles in (
        ("a folder with a table of another kind", "b.csv", "a,b\n", ("b.csv", "'observation id'")),
        ("a folder with a table that is no CSV", "b.tsv", "a\tb\n", ("b.tsv: ", "CSV", "left out")),
    )
)

# ---- projects

_PATH = "/v/v.mp4"


def _observation(**changed: Any) -> dict[str, Any]:
    usual = {
        "type": "MEDIA",
        "file": {"1": [_PATH], "2": []},
        "time offset": 0.0,
        "events": [[0, "", "up", "", "", 0], [0.8, "", "up", "", "", 20]],
        "media_info": {"length": {_PATH: 4.0}, "fps": {_PATH: 25.0}, "offset": {"1": 0.0}},
    }
    return usual | changed


def _project(*events: list[Any], first: dict[str, Any] | None = None, **others: Any) -> str:
    observation = first or _observation()
    observation["events"] = [*observation["events"], *events] if isinstance(observation["events"], list) else "none"
    behaviors = [("up", "State event"), ("down", "State event"), ("nod", "Point event")]
    ethogram = {str(number): {"code": code, "type": kind} for number, (code, kind) in enumerate(behaviors)}
    return json.dumps({"behaviors_conf": ethogram, "observations": {"o": observation, **others}})


def _events(behavior: str, start: Any, stop: Any, subject: str = "", modifiers: str = "") -> list[list[Any]]:
    return [[time, subject, behavior, modifiers, "", 0] for time in (start, stop)]


def _boris_project(thing: str, content: str, *needles: str, num_spans: int = 1) -> Row:
    return Row("boris-project", thing, "a.boris", content, needles, num_spans)


_THIRD = "a.boris, observation 'o', event 3: "
_OTHER = "a.boris, observation 'p'"
_QUEUED = {"file": {"1": [_PATH, "/v/w.mp4"]}, "media_info": {}}
_OF_PROJECTS = (
    _boris_project(
        "an unknown video", _project(first=_observation(file={"1": ["/x/x.mp4"]})), "no video '/x/x.mp4'", num_spans=0
    ),
    _boris_project("no file", _project(p=_observation(file={})), _OTHER, "has no file", "left out"),
    _boris_project("a live observation", _project(p=_observation(type="LIVE")), _OTHER, "'LIVE'", "left out"),
    _boris_project("an observation that is none", _project(p=[1]), _OTHER, "not an object", "left out"),
    _boris_project(
        "events that are no list", _project(p=_observation(events="none")), _OTHER, "not a list", "left out"
    ),
    _boris_project(
        "files that are no paths", _project(p=_observation(file={"1": [7]})), _OTHER, "player 1", "left out"
    ),
    _boris_project("files that are no list", _project(p=_observation(file={"1": "a"})), _OTHER, "player 1", "left out"),
    _boris_project(
        "an offset that is not a number", _project(p=_observation(**{"time offset": "2 s"})), _OTHER, "'2 s'"
    ),
    _boris_project(
        "a player's offset that is not a number",
        _project(p=_observation(file={"2": [_PATH]}, media_info={"offset": {"2": "2 s"}})),
        _OTHER,
        "player 2",
        "'2 s'",
        "left out",
    ),
    _boris_project("no behavior", _project(*_events("", 1, 2)), _THIRD, "behavior is empty", "left out"),
    _boris_project(
        "a behavior that is not in the ethogram", _project(*_events("sit", 1, 2)), _THIRD, "'sit'", "not a behavior"
    ),
    _boris_project("a point event", _project(*_events("nod", 1, 2)), _THIRD, "'nod' is a point event", "left out"),
    _boris_project("an event without a partner", _project(_events("down", 1, 2)[0]), _THIRD, "'down' starts at 1"),
    _boris_project("an event that is none", _project(["x"]), _THIRD, "no time", "left out"),
    _boris_project("no number", _project(*_events("down", "soon", 2)), _THIRD, "no time", "left out"),
    _boris_project("not a number", _project(*_events("down", float("nan"), 2)), _THIRD, "no time", "left out"),
    _boris_project("a time that is true", _project(*_events("down", True, 2)), _THIRD, "no time", "left out"),
    _boris_project("a negative start", _project(*_events("down", -1, 2)), _THIRD, "-1", "cut", num_spans=2),
    _boris_project("an end beyond the end", _project(*_events("down", 3, 5)), _THIRD, "4.000 s", "cut", num_spans=2),
    _boris_project("a start beyond the end", _project(*_events("down", 7, 9)), _THIRD, "7", "left out"),
    _boris_project(
        "modifiers", _project(*_events("down", 1, 2, "", "fast")), _THIRD, "modifiers", "'fast'", num_spans=2
    ),
    _boris_project("several subjects", _project(*_events("down", 1, 2, "she")), "2 tracks", "'she' (1)", num_spans=0),
    _boris_project("an overlap", _project(*_events("down", 0.4, 1.2)), _THIRD, "'down' overlaps 'up'", num_spans=2),
    _boris_project(
        "an unknown length of a queued medium", _project(p=_observation(**_QUEUED)), _OTHER, "the duration of"
    ),
    _boris_project(
        "another rate",
        _project(first=_observation(media_info={"fps": {_PATH: 30}})),
        "30 frames per second",
        "Check that",
    ),
    _boris_project(
        "two players",
        _project(p=_observation(file={"1": [_PATH], "2": ["/v/w.mp4"]})),
        _OTHER,
        "side by side",
        num_spans=0,
    ),
    _boris_project(
        "media by the time of day, which is not known",
        _project(p=_observation(media_creation_date_as_offset=True)),
        _OTHER,
        "creation time of '/v/v.mp4'",
        "left out",
    ),
    _boris_project("no project", "{}", "a.boris", "not a BORIS project", num_spans=0),
    _boris_project("no JSON", "{", "a.boris", "line 1", "not JSON", num_spans=0),
)

ROWS = (*_OF_AGGREGATED, *_OF_TABULAR, *_OF_OLD, *_OF_FOLDERS, *_OF_PROJECTS)
GOOD = (
    Row("boris", "nothing wrong", "a.tsv", _table(_COLUMNS, _UP), ()),
    Row("boris", "XLSX", "a.xlsx", lambda path: write_rows(path, list(_UP), [_UP.values()]), ()),
    Row("boris-tabular", "a table", "a.tsv", _table(_TABULAR, *_UPS), ()),
    Row("boris-tabular", "a folder", "set/a.csv", _table(_TABULAR, *_UPS, separator=","), (), 1, "set"),
    _old("nothing wrong", ""),
    _boris_project("nothing wrong", _project()),
)
