"""BORIS's tables and projects: every event lies in the file, at the frame and on the track that BORIS meant."""

from __future__ import annotations

import csv
import json
import tempfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.csv_files import read_lines, write_rows
from core.base.types import Span
from core.labels.formats import boris, boris_tabular
from core.labels.formats.read_labels import ReadLabels
from core.labels.formats.table import FORMATS, read_labels
from core.labels.tracks import Labels, Track, frame_of
from core.project.label_plan import plan_import
from core.project.label_videos import KnownVideo
from core.project.rows import Found
from core.project.store import Project
from tests.core.labels.formats.made import PHASES, labels
from tests.core.project.projects import filled, with_times

_CASES = Path(__file__).resolve().parents[3] / "data" / "cases"
_NOBODY = "No focal subject"
Frames = list[tuple[str, str, int, int]]


def frames(read: ReadLabels, rate: float = 25.0) -> Frames:
    """Video, phase and frames of every segment, in order of video and time."""
    edges = np.arange(2000) / rate
    spans = [
        (one.video, one.phase, int(frame_of(edges, one.start)), int(frame_of(edges, one.end))) for one in read.segments
    ]
    return sorted(spans, key=lambda span: (span[0], span[2]))


def said(read: ReadLabels) -> list[str]:
    return [f"{problem.where}: {problem.sentence}" for problem in read.problems]


_RIGHT: dict[str, Frames] = {
    "boris_several_media/boris_media.tsv": [
        ("v1.mp4", "walk", 25, 75),
        ("v2.mp4", "eat", 50, 100),
        ("v2.mp4", "walk", 150, 200),
    ],
    "boris_several_media/boris_only_v2.tsv": [("v2.mp4", "eat", 50, 100), ("v2.mp4", "walk", 150, 200)],
    "boris_several_media/boris_media_v1first.tsv": [
        ("v1.mp4", "eat", 25, 75),
        ("v1.mp4", "walk", 225, 250),
        ("v2.mp4", "walk", 0, 25),
        ("v2.mp4", "eat", 50, 100),
    ],
    "interop/agg_two_media_both.tsv": [
        ("footage/a/clip.mp4", "walk", 25, 50),
        ("footage/b/clip.mp4", "reach", 10, 50),
    ],
    "interop/agg_two_media_second_only_silent.tsv": [("footage/b/clip.mp4", "reach", 10, 22)],
    "interop/agg_two_players.tsv": [("footage/a/clip.mp4", "walk", 25, 50), ("footage/b/clip.mp4", "walk", 25, 50)],
    "interop/boris_offset100.tsv": [("footage/pour_01.mp4", "walk", 25, 50)],
    "boris_tabular_events/boris_old.tsv": [("v1.mp4", "walk", 25, 75)],
    "boris_tabular_events/boris_tabular.tsv": [("v1.mp4", "walk", 25, 75), ("v1.mp4", "eat", 100, 150)],
}


@pytest.mark.parametrize("name", sorted(_RIGHT))
def test_files_of_real_users(name: str) -> None:
    assert frames(read_labels([_CASES / name])) == _RIGHT[name]


@pytest.mark.parametrize("name", sorted(_RIGHT))
@pytest.mark.parametrize("suffix", [".csv", ".xlsx"])
def test_each_is_the_same_as_csv_and_as_xlsx(name: str, suffix: str, tmp_path: Path) -> None:
    first, *lines = (line.cells for line in read_lines(_CASES / name))
    path = tmp_path / f"events{suffix}"
    write_rows(path, first, lines)
    plain, other = read_labels([_CASES / name]), read_labels([path])
    assert [replace(one, where="") for one in other.segments] == [replace(one, where="") for one in plain.segments]
    assert [one.sentence for one in other.problems] == [one.sentence for one in plain.problems]
    assert other.segments[0].where.startswith("events.csv, line " if suffix == ".csv" else "events.xlsx, row ")


def test_a_span_that_crosses_files_is_split_and_that_is_said() -> None:
    assert said(read_labels([_CASES / "boris_several_media/boris_media_v1first.tsv"])) == [
        "boris_media_v1first.tsv, line 4: 'walk' continues from v1.mp4 into v2.mp4; it is split there."
    ]


def test_subjects_are_tracks_and_points_are_named() -> None:
    read = read_labels([_CASES / "boris_subjects/boris_subjects.tsv"])
    assert [(one.track, one.phase) for one in read.segments] == [
        ("subject 1", "walk"),
        ("subject 2", "eat"),
        ("subject 2", "sit"),
    ]
    assert said(read) == ["boris_subjects.tsv, line 3: 'wave' is a point event without a duration; it is left out."]
    assert [one.track for one in read_labels([_CASES / "interop/agg_subjects.tsv"]).segments] == [
        "mouse A",
        "mouse, B",
        "mouse, B",
    ]
    assert {one.track for one in read_labels([_CASES / "boris_several_media/boris_media.tsv"]).segments} == {_NOBODY}


@pytest.fixture(scope="module")
def interop() -> ReadLabels:
    return read_labels([_CASES / "interop" / "interop.boris"])


def test_a_project_and_what_boris_exports_of_it_say_the_same(interop: ReadLabels) -> None:
    plain = _of_observation(interop, "plain pour_01.mp4")
    table = read_labels([_CASES / "interop" / "tab_plain_pour_01.mp4.csv"])
    assert frames(plain) == frames(table)
    assert len(plain.segments) > 10
    for name, observation in {
        "agg_two_media_both": "two media both",
        "agg_two_players": "two players",
        "agg_subjects": "subjects",
        "boris_offset100": "offset100",
    }.items():
        table = read_labels([_CASES / "interop" / f"{name}.tsv"])
        found = _of_observation(interop, observation)
        assert frames(found) == frames(table), name
        assert sorted(one.track for one in found.segments) == sorted(one.track for one in table.segments), name


def _of_observation(read: ReadLabels, name: str) -> ReadLabels:
    where = f"interop.boris, observation {name!r}, "
    return ReadLabels(tuple(one for one in read.segments if one.where.startswith(where)), read.videos)


def test_what_a_project_holds_that_is_not_imported_is_named(interop: ReadLabels) -> None:
    assert said(interop) == [
        "interop.boris, observation 'two players': 'two players' plays 2 videos side by side (player #1: "
        "footage/a/clip.mp4; player #2: footage/b/clip.mp4). The file of each player gets its labels; choose a "
        "track such as 'player #1' for only one.",
        "interop.boris, observation 'points', event 1: 'blink' is a point event without a duration; it is left out.",
        "interop.boris, observation 'mods', event 1: 2 events have modifiers ('left|fast', 'right|slow'), which are "
        "left out; only behaviors become phases.",
    ]
    assert frames(_of_observation(interop, "offset2")) == [
        ("footage/pour_01.mp4", "reach", 10, 35),
        ("footage/pour_01.mp4", "walk", 85, 110),
    ]


# What is planned of it


def _planned(tmp_path: Path, content: dict[str, Any], track: str | None) -> tuple[list[tuple[str, list[Span]]], str]:
    path = tmp_path / "p.boris"
    path.write_text(json.dumps(content), encoding="utf-8")
    with filled(tmp_path / "p") as project:
        project.keep_facts({number: Found(100, 25.0, 4.0, 64, 48) for number in (1, 2, 3)})
    with Project.open(tmp_path / "p") as project:
        known = [KnownVideo(row, project.folder) for row in with_times(project.videos())]
        plan = plan_import(read_labels([path]), known, project.phases(), track)
    planned = [(video.row.name, list(video.spans)) for video in plan.videos]
    return planned, "\n".join(problem.sentence for problem in plan.problems)


def _project(
    files: dict[str, list[str]], events: list[list[object]], lengths: dict[str, float] | None = None, **more: object
) -> dict[str, Any]:
    behaviors = {"0": {"code": "up", "type": "State event"}, "1": {"code": "blink", "type": "Point event"}}
    observation = {
        "file": files,
        "type": "MEDIA",
        "time offset": 0.0,
        "events": events,
        "media_info": {"length": lengths or {}, "fps": {}, **more.pop("info", {})},  # type: ignore[dict-item]
        **more,
    }
    return {"behaviors_conf": behaviors, "observations": {"one": observation}}


def test_of_several_subjects_one_is_chosen(tmp_path: Path) -> None:
    content = _project(
        {"1": ["clip1.mp4"]},
        [[0.0, "a", "up", "", ""], [1.0, "a", "up", "", ""], [0.2, "", "up", "", ""], [2.0, "", "up", "", ""]],
    )
    for place, (track, wanted) in enumerate({None: [], "a": [Span("up", 0, 25)], _NOBODY: [Span("up", 5, 50)]}.items()):
        (tmp_path / str(place)).mkdir()
        planned, told = _planned(tmp_path / str(place), content, track)
        assert planned == ([("clip1.mp4", wanted)] if wanted else [])
        assert ("2 tracks ('a' (1), 'No focal subject' (1))" in told) is (track is None)


def test_both_players_get_the_labels_and_the_second_one_is_late(tmp_path: Path) -> None:
    content = _project(
        {"1": ["clip1.mp4"], "2": ["clip2.mp4"]},
        [[2.0, "", "up", "", ""], [3.0, "", "up", "", ""]],
        info={"offset": {"1": 0.0, "2": 1.0}},
    )
    for place, track in enumerate((None, "player #2")):
        (tmp_path / str(place)).mkdir()
        planned, told = _planned(tmp_path / str(place), content, track)
        both = [("clip1.mp4", [Span("up", 50, 75)]), ("clip2.mp4", [Span("up", 25, 50)])]
        assert planned == (both[1:] if track else both)
        assert "plays 2 videos side by side" in told


# What is played when


@st.composite
def _queues(draw: st.DrawFn) -> tuple[list[float], list[tuple[float, float]], float]:
    """Lengths of files, events on the clock of all, and an offset; in seconds, to the millisecond."""
    lengths = draw(st.lists(st.integers(50, 20_000), min_size=1, max_size=5))
    bounds = sorted(draw(st.sets(st.integers(0, sum(lengths)), min_size=2, max_size=12)))
    pairs = [(start / 1000, stop / 1000) for start, stop in zip(bounds[::2], bounds[1::2], strict=False)]
    return [length / 1000 for length in lengths], pairs, draw(st.sampled_from((0.0, 100.0, 2.5)))


@given(_queues())
@settings(max_examples=60, deadline=None)
def test_files_played_one_after_another(drawn: tuple[list[float], list[tuple[float, float]], float]) -> None:
    lengths, events, offset = drawn
    files = [f"v{number}.mp4" for number in range(len(lengths))]
    starts = np.concatenate(([0.0], np.cumsum(lengths))).round(3)
    wanted = [
        (file, round(max(start, begin) - begin, 3), round(min(stop, end) - begin, 3))
        for start, stop in events
        for file, begin, end in zip(files, starts[:-1], starts[1:], strict=True)
        if min(stop, end) - max(start, begin) > (0.0015 if not begin <= start < stop <= end else 0)
    ]
    for name, found in _as_boris(files, lengths, events, offset).items():
        laid = [(one.video, round(one.start, 3), round(one.end, 3)) for one in found.segments]
        assert sorted(laid) == sorted(wanted), name
        crossing = {one.where for one in found.segments if [s.where for s in found.segments].count(one.where) > 1}
        assert {problem.where for problem in found.problems} == crossing, name


def _as_boris(
    files: list[str], lengths: list[float], events: list[tuple[float, float]], offset: float
) -> dict[str, ReadLabels]:
    """The same events as a project and as both kinds of tables, read."""
    about: dict[str, object] = {
        "Observation id": "one",
        "Source": f"player #1:{';'.join(files)}",
        "Time offset (s)": offset,
        "Media duration (s)": ";".join(f"{length:.3f}" for length in lengths),
        "Behavior": "up",
        "Media file name": "Not found",
    }
    rows = [
        {**about, "Behavior type": "STATE", "Start (s)": f"{start + offset:.3f}", "Stop (s)": f"{stop + offset:.3f}"}
        for start, stop in events
    ]
    marks: list[tuple[float, str]] = []
    for start, stop in events:
        marks += [(start + offset, "START"), (stop + offset, "STOP")]
    presses = [{**about, "Behavior type": status, "Time": f"{seconds:.3f}"} for seconds, status in marks]
    coded: list[list[object]] = [[round(seconds, 3), "", "up", "", ""] for seconds, _ in marks]
    content = _project({"1": files}, coded, dict(zip(files, lengths, strict=True)))
    content["observations"]["one"]["time offset"] = offset
    with tempfile.TemporaryDirectory() as name:
        for columns, given_rows, file in ((boris.COLUMNS, rows, "a.tsv"), (boris_tabular.COLUMNS, presses, "b.tsv")):
            cells = [[row.get(column, "") for column in columns] for row in given_rows]
            write_rows(Path(name, file), columns, cells, separator="\t")
        Path(name, "c.boris").write_text(json.dumps(content), encoding="utf-8")
        return {file: read_labels([Path(name, file)]) for file in ("a.tsv", "b.tsv", "c.boris")}


def test_events_outside_of_what_is_played_are_named(tmp_path: Path) -> None:
    path = tmp_path / "p.boris"
    events: list[list[object]] = [[seconds, "", "up", "", ""] for seconds in (1.0, 3.0, 4.0, 12.0, 50.0, 70.0)]
    content = _project({"1": ["a.mp4"]}, events)
    content["observations"]["one"]["time offset"] = 10.0
    path.write_text(json.dumps(content), encoding="utf-8")
    read = read_labels([path])
    assert [(one.start, one.end) for one in read.segments] == [(0.0, 2.0), (40.0, 60.0)]
    assert said(read) == [
        "p.boris, observation 'one', event 1: 'up' is at 1 to 3 seconds, when no medium of the observation is "
        "played (the first begins at 10); it is left out.",
        "p.boris, observation 'one', event 3: 'up' begins at 4 seconds, partly when no medium of the observation is "
        "played (the first begins at 10); it is cut.",
    ]


def test_media_that_count_from_when_they_were_made(tmp_path: Path) -> None:
    path = tmp_path / "p.boris"
    events: list[list[object]] = [[1005.0, "", "up", "", ""], [1006.0, "", "up", "", ""]]
    events += [[2001.0, "", "up", "", ""], [2002.0, "", "up", "", ""]]
    made = {"media_creation_time": {"a.mp4": 1000.0, "b.mp4": 2000.0}}
    content = _project(
        {"1": ["a.mp4", "b.mp4"]},
        events,
        {"a.mp4": 10.0, "b.mp4": 10.0},
        info=made,
        media_creation_date_as_offset=True,
    )
    path.write_text(json.dumps(content), encoding="utf-8")
    assert [(one.video, one.start, one.end) for one in read_labels([path]).segments] == [
        ("a.mp4", 5.0, 6.0),
        ("b.mp4", 1.0, 2.0),
    ]


def test_files_of_unknown_length_are_left_out_by_name(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    head = "Observation id,Source,Media duration (s),Behavior,Behavior type,Start (s),Stop (s)\n"
    path.write_text(f"{head}o,player #1:a.mp4;b.mp4,NA;NA,up,STATE,1,2\n", encoding="utf-8")
    read = read_labels([path])
    assert read.segments == ()
    assert (
        "events.csv, line 2: the duration of 'a.mp4', after which 'b.mp4' is played, is not in the file"
        in said(read)[0]
    )
    path.write_text(f"{head}o,player #1:a;1.mp4,10.0,up,STATE,1,2\n", encoding="utf-8")
    assert [one.video for one in read_labels([path]).segments] == ["a;1.mp4"]
    path.write_text(f"{head}o,player #1:a;1.mp4;b.mp4,10.0;20.0,up,STATE,1,2\n", encoding="utf-8")
    assert "cannot be split into 2 files" in said(read_labels([path]))[0]


def test_a_start_without_a_stop_is_named(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    head = "Observation id,Media file name,Subject,Behavior,Modifier #1,Behavior type,Time\n"
    lines = [
        "o,a.mp4,,up,,STOP,0.5",
        "o,a.mp4,,up,,START,1",
        "o,a.mp4,,up,,START,2",
        "o,a.mp4,Bea,up,,STOP,2.5",  # of somebody else
        "o,a.mp4,,up,left,STOP,2.7",  # of other modifiers
        "o,a.mp4,,up,,STOP,3",
        "o,a.mp4,,up,,START,9",
        "o,a.mp4,,down,,POINT,4",
        "o,a.mp4,,down,,MAYBE,4",
        "o,a.mp4,,down,,START,soon",
    ]
    path.write_text(head + "\n".join(lines), encoding="utf-8")
    read = read_labels([path])
    assert [(one.start, one.end) for one in read.segments] == [(2.0, 3.0)]
    assert said(read) == [
        "events.csv, line 11: time must be a number, not 'soon'.",
        "events.csv, line 2: 'up' stops at 0.5 seconds without a START; it is left out.",
        "events.csv, line 3: 'up' starts at 1 seconds without a STOP; it is left out.",
        "events.csv, line 5: 'up' of 'Bea' stops at 2.5 seconds without a START; it is left out.",
        "events.csv, line 6: 'up' stops at 2.7 seconds without a START; it is left out.",
        "events.csv, line 9: 'down' is a point event without a duration; it is left out.",
        "events.csv, line 10: 'MAYBE' is not START, STOP or POINT; it is left out.",
        "events.csv, line 8: 'up' starts at 9 seconds without a STOP; it is left out.",
    ]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ([], "p.boris is not a BORIS project"),
        ({"behaviors_conf": {}, "observations": []}, "p.boris is not a BORIS project"),
        ({"behaviors_conf": {}, "observations": {"o": 3}}, "observation 'o': it is not an object; it is left out."),
        (
            {"behaviors_conf": {}, "observations": {"o": {"type": "LIVE"}}},
            "observation 'o': it is of the type 'LIVE', which has no video; it is left out.",
        ),
        (_project({"1": ["a.mp4"]}, 7), "observation 'one': its events are not a list; it is left out."),  # type: ignore[arg-type]
        (_project({}, []), "observation 'one': it has no file; it is left out."),
        (_project({"1": [3]}, []), "observation 'one': the files of player 1 are not a list of paths"),  # type: ignore[list-item]
        (_project({"1": ["a", "b"]}, []), "observation 'one': the duration of 'a', after which 'b' is played"),
        (_project({"1": ["a"]}, [[None, "", "up", ""], 5]), "event 2: it has no time, subject, behavior and modifiers"),  # type: ignore[list-item]
        (
            _project({"1": ["a"]}, [[0.5, "", "jump", ""]]),
            "event 1: 'jump' is not a behavior of the project's ethogram",
        ),
        (_project({"1": ["a"]}, [[float("nan"), "", "up", ""]]), "event 1: it has no time"),
        (_project({"1": ["a"]}, [], **{"time offset": "x"}), "observation 'one': its time offset is 'x'"),
    ],
)
def test_a_damaged_project_is_told_in_a_sentence(given: object, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "p.boris"
    path.write_text(json.dumps(given), encoding="utf-8")
    read = read_labels([path])
    assert read.segments == ()
    assert any(sentence in told for told in [*said(read), *(problem.sentence for problem in read.problems)]), said(read)


# What is written


def _labels(folder: Path) -> Labels:
    spans = (Span("reach out", 5, 25), Span("<pour>", 25, 30, 0.5, "probe"))
    edges = np.arange(101) / 25
    paths = (folder / "videos" / "a.mp4", Path("/elsewhere/a.mp4"))
    tracks = tuple(Track(path, edges, spans, digest=f"{number:032x}") for number, path in enumerate(paths))
    return Labels(PHASES, tracks, colours=(("<pour>", "#ee6677"),))


def test_the_project_that_is_written(tmp_path: Path) -> None:
    path = tmp_path / "out.boris"
    FORMATS["boris-project"].write(path, _labels(tmp_path))
    content = json.loads(path.read_text(encoding="ascii"))  # on Windows, BORIS takes it for text of its code page
    near, far = content["observations"]["videos/a.mp4"], content["observations"]["elsewhere/a.mp4"]
    assert (near["file"]["1"], far["file"]["1"]) == (["videos/a.mp4"], ["/elsewhere/a.mp4"])
    assert near["media_info"]["length"] == {"videos/a.mp4": 4.0}
    assert near["media_info"]["fps"] == {"videos/a.mp4": 25.0}
    assert near["events"] == [
        [0.2, "", "reach out", "", "", 5],
        [1.0, "", "reach out", "", "", 25],
        [1.0, "", "<pour>", "", "probe", 25],
        [1.2, "", "<pour>", "", "", 30],
    ]
    told = [(one["code"], one["type"], one["color"]) for one in content["behaviors_conf"].values()]
    assert told == [(phase, "State event", "#ee6677" if phase == "<pour>" else "") for phase in PHASES]
    keys = [one["key"] for one in content["behaviors_conf"].values()]
    assert len(set(keys)) == len(keys)


def test_tabular_events_have_the_columns_of_boris_and_a_file_for_each_video(tmp_path: Path) -> None:
    FORMATS["boris-tabular"].write(tmp_path / "out", _labels(tmp_path))
    files = sorted(file.name for file in (tmp_path / "out").iterdir())
    assert files == ["elsewhere_a.csv", "videos_a.csv"]
    with (tmp_path / "out" / "elsewhere_a.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    with (_CASES / "interop" / "tab_plain_pour_01.mp4.csv").open(encoding="utf-8", newline="") as file:
        assert tuple(rows[0]) == tuple(csv.DictReader(file).fieldnames or ())
    columns = ("Behavior", "Behavior type", "Time", "Media file name", "FPS", "Comment")
    assert [tuple(row[column] for column in columns) for row in rows] == [
        ("reach out", "START", "0.200", "/elsewhere/a.mp4", "25.000", ""),
        ("reach out", "STOP", "1.000", "/elsewhere/a.mp4", "25.000", ""),
        ("<pour>", "START", "1.000", "/elsewhere/a.mp4", "25.000", "probe"),
        ("<pour>", "STOP", "1.200", "/elsewhere/a.mp4", "25.000", "probe"),
    ]


@given(labels())
@settings(max_examples=30, deadline=None)
def test_no_event_comes_after_the_length_that_is_written(made: Labels) -> None:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name, "out.boris")
        FORMATS["boris-project"].write(path, made)
        content = json.loads(path.read_text(encoding="utf-8"))
    for observation in content["observations"].values():
        (length,) = observation["media_info"]["length"].values()
        assert all(Decimal(repr(event[0])) <= Decimal(length) for event in observation["events"])
