"""Nothing is dropped, cut or guessed in silence: each thing that a reader cannot place is named, with line and value.

A row is a file with one such thing in it, beside a span that is in order. What is found must name every needle in one
sentence, and the good span must be imported all the same where the row says so. A new reader adds its rows to `ROWS`
and its control, without anything wrong, to `GOOD`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from core.label.formats.table import read_labels
from core.project.label_plan import ImportPlan, plan_import
from core.project.label_videos import KnownVideo
from core.project.rows import Found
from core.project.store import Project
from tests.core.project.projects import filled, with_times

READERS = {"segments", "ms-tcn", "elan"}
"""Those that must have rows."""


@dataclass(frozen=True)
class Row:
    """A file of one reader, and what must be said of it."""

    reader: str
    thing: str
    """What cannot be placed; the name of the test."""
    file: str
    """Its path, whose last folder or suffix says which format it is."""
    content: str
    needles: tuple[str, ...]
    """All in one sentence: file and line, value, and what becomes of it."""
    num_spans: int = 1
    """What is imported all the same."""


# ---- our table of spans

_CSV = "video,phase,start_frame,end_frame_exclusive,start_seconds,end_seconds,confidence,source\nv.mp4,up,0,20,,,,\n"


def _csv(thing: str, line: str, *needles: str, num_spans: int = 1) -> Row:
    return Row("segments", thing, "labels.csv", f"{_CSV}{line}\n", ("labels.csv, line 3: ", *needles), num_spans)


_OF_TABLES = (
    _csv("an unknown video", "x.mp4,up,30,40,,,,", "no video 'x.mp4'", "add it", "1 span is left out"),
    _csv("no video", ",up,30,40,,,,", "the video is empty"),
    _csv("no phase", "v.mp4,,30,40,,,,", "the phase is empty"),
    _csv("an end beyond the end", "v.mp4,down,80,120,,,,", "'down'", "120", "100 frames", "cut", num_spans=2),
    _csv("a start beyond the end", "v.mp4,down,130,150,,,,", "'down'", "130", "100 frames", "left out"),
    _csv("seconds beyond the end", "v.mp4,down,,,3,5,,", "'down'", "5", "4.000 seconds", "cut", num_spans=2),
    _csv("a start in seconds beyond the end", "v.mp4,down,,,7,9,,", "'down'", "7", "4.000 seconds", "left out"),
    _csv("an end before the start", "v.mp4,down,40,30,,,,", "'down'", "40", "30"),
    _csv("a negative start", "v.mp4,down,,,-1,2,,", "'down'", "-1", "no bound is negative"),
    _csv("no number", "v.mp4,down,forty,50,,,,", "start_frame", "'forty'"),
    _csv("half a frame", "v.mp4,down,30.5,50,,,,", "start_frame", "'30.5'"),
    _csv("an end that is missing", "v.mp4,down,30,,,,,", "end_frame_exclusive", "''"),
    _csv("no frame between the times", "v.mp4,down,,,1.201,1.202,,", "no frame", "1.201", "1.202", "left out"),
    _csv("a confidence beyond 1", "v.mp4,down,30,50,,,7,", "confidence", "7"),
    _csv("an overlap", "v.mp4,down,10,30,,,,", "'down' overlaps 'up'", "10 frames", "begins after", num_spans=2),
    _csv("an overlap of the whole", "v.mp4,down,5,10,,,,", "'down' overlaps 'up'", "5 frames", "left out"),
    _csv("a prediction under a label", "v.mp4,down,10,30,,,,probe", "10 predicted frames", "is taken", num_spans=2),
    Row(
        "segments",
        "another rate",
        "labels.csv",
        _CSV + "v.mp4,down,50,60,5.0,6.0,,\n",
        ("labels.csv, line 2: ", "frame 50", "5.000 s", "2.000 s", "see whether"),
        2,
    ),
    Row("segments", "no bounds", "labels.csv", "video,phase\nv.mp4,up\n", ("labels.csv", "start_frame"), 0),
    Row("segments", "a cell too many", "labels.csv", _CSV + "v.mp4,up,1,2,,,,,,9\n", ("line 3", "10 cells"), 0),
    Row("segments", "a binary file", "labels.csv", "\0\0\0", ("labels.csv: ",), 0),
)

# ---- MS-TCN


def _mstcn(thing: str, file: str, content: str, *needles: str, num_spans: int = 0) -> Row:
    return Row("ms-tcn", thing, file, content, needles, num_spans)


_OF_MS_TCN = (
    _mstcn("an unknown video", "x.txt", "up\n" * 100, "x.txt: ", "no video 'x'", "1 span is left out"),
    _mstcn("a line without a class", "v.txt", "up\n\ndown\n" + "up\n" * 97, "v.txt", "line 2", "the class is empty"),
    _mstcn("an empty file", "v.txt", "\n", "v.txt: ", "is empty"),
    _mstcn("far too few lines", "v.txt", "up\n" * 60, "v.txt: ", "60 labels", "100 frames"),
    _mstcn("far too many lines", "v.txt", "up\n" * 160, "v.txt: ", "160 labels", "100 frames"),
    _mstcn("a folder without labels", "mapping.txt", "0 up\n", "mapping.txt: ", "groundTruth/NAME.txt"),
)

# ---- ELAN

_MEDIUM = '<MEDIA_DESCRIPTOR MEDIA_URL="file:///v/v.mp4" MIME_TYPE="video/mp4"/>'
_ANNOTATION = (
    '<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="{id}" TIME_SLOT_REF1="{first}" TIME_SLOT_REF2="{last}"{more}>'
    "<ANNOTATION_VALUE>{text}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>\n"
)
_GOOD = _ANNOTATION.format(id="a1", first="ts0", last="ts800", text="up", more="")
_LINE = 5
"""Where what is added stands."""


def _eaf(
    thing: str,
    added: str,
    *needles: str,
    medium: str = _MEDIUM,
    after: str = "",
    num_spans: int = 1,
    good: str = _GOOD,
    more_slots: str = "",
) -> Row:
    slots = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="ts{time}" TIME_VALUE="{time}"/>' for time in (0, 400, 800, 1200, 2000, 5000, 6000)
    )
    content = (
        f'<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="milliseconds">{medium}</HEADER>\n'
        f'<TIME_ORDER>{slots}<TIME_SLOT TIME_SLOT_ID="none"/>{more_slots}</TIME_ORDER>\n'
        f'<TIER TIER_ID="t">\n{good}{added}</TIER>\n{after}</ANNOTATION_DOCUMENT>'
    )
    return Row("elan", thing, "a.eaf", content, needles, num_spans)


def _one(first: str, last: str, text: str = "down", more: str = "") -> str:
    return _ANNOTATION.format(id="a2", first=first, last=last, text=text, more=more)


_HERE = f"a.eaf, line {_LINE}, annotation a2: "
_REFERRING = (
    '<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a2" ANNOTATION_REF="{parent}"{more}><ANNOTATION_VALUE>down'
    "</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>\n"
)

_OF_ELAN = (
    _eaf(
        "an unknown video", "", "no video", "x.mp4", "left out", medium=_MEDIUM.replace("v.mp4", "x.mp4"), num_spans=0
    ),
    _eaf("an end beyond the end", _one("ts2000", "ts5000"), _HERE, "'down'", "5", "4.000 seconds", "cut", num_spans=2),
    _eaf("a start beyond the end", _one("ts5000", "ts6000"), _HERE, "'down'", "5", "4.000 seconds", "left out"),
    _eaf("an annotation without text", _one("ts1200", "ts2000", ""), _HERE, "no text", "left out"),
    _eaf(
        "text in another file", _one("ts1200", "ts2000", "", ' CVE_REF="e7"'), _HERE, "'e7'", "another file", "left out"
    ),
    _eaf(
        "an annotation of no length", _one("ts2000", "ts2000"), _HERE, "'down'", "begins at 2 and ends at 2", "left out"
    ),
    _eaf("a time after all others", _one("ts2000", "none"), _HERE, "'down'", "no times of its own", "left out"),
    _eaf("a time slot that is not there", _one("ts2000", "ts77"), _HERE, "'down'", "no times of its own", "left out"),
    _eaf(
        "a time slot that is no number",
        _one("ts2000", "bad"),
        "a.eaf, line 2, time slot bad: ",
        "'1s'",
        more_slots='<TIME_SLOT TIME_SLOT_ID="bad" TIME_VALUE="1s"/>',
    ),
    _eaf(
        "a time that is guessed",
        "",
        "a.eaf, line 6, tier 'u': ",
        "2 annotations have no times",
        "evenly between",
        after='<TIER TIER_ID="u" PARENT_REF="t">\n'
        + _one("ts0", "none")
        + _one("none", "ts800").replace('ID="a2"', 'ID="a3"')
        + "</TIER>",
        num_spans=0,
    ),
    _eaf("a parent that is not there", _REFERRING.format(parent="a9", more=""), _HERE, "'down'", "'a9'", "left out"),
    _eaf(
        "a part of a parent",
        "",
        "a.eaf, line 6, tier 'u': ",
        "2 annotations have only a share",
        "equal part",
        after='<TIER TIER_ID="u" PARENT_REF="t">\n'
        + _REFERRING.format(parent="a1", more="")
        + _REFERRING.format(parent="a1", more=' PREVIOUS_ANNOTATION="a2"').replace('ID="a2"', 'ID="a3"')
        + "</TIER>",
        num_spans=0,
    ),
    _eaf(
        "a start before the video's",
        "",
        "a.eaf, line 4, annotation a1: ",
        "'up' begins 0.4 seconds before 'v.mp4'",
        "cut",
        medium=_MEDIUM.replace("/>", ' TIME_ORIGIN="-400"/>'),
    ),
    _eaf(
        "an end before the video's start",
        "",
        "a.eaf, line 4, annotation a1: ",
        "'up' begins 2 seconds before 'v.mp4'",
        "left out",
        medium=_MEDIUM.replace("/>", ' TIME_ORIGIN="-2000"/>'),
        num_spans=0,
    ),
    _eaf(
        "an origin that is no number",
        "",
        "a.eaf, line 1: ",
        "TIME_ORIGIN",
        "'v.mp4'",
        "'2 s'",
        "left out",
        medium=_MEDIUM.replace("/>", ' TIME_ORIGIN="2 s"/>'),
        num_spans=0,
    ),
    _eaf(
        "a second video",
        "",
        "2 videos are linked",
        "'v.mp4'",
        "'w.mp4'",
        "each",
        medium=_MEDIUM + _MEDIUM.replace("v.m", "w.m"),
    ),
    _eaf(
        "a video that is linked twice",
        "",
        "a.eaf, line 1: ",
        "'v.mp4' is linked twice",
        "0 and 1 seconds",
        medium=_MEDIUM + _MEDIUM.replace("/>", ' TIME_ORIGIN="1000"/>'),
    ),
    _eaf(
        "sound alone",
        "",
        "a.eaf, line 1: ",
        "no video",
        "'v.wav'",
        medium=_MEDIUM.replace("v.mp4", "v.wav").replace("video/mp4", "audio/x-wav"),
        num_spans=0,
    ),
    _eaf(
        "two tracks",
        "",
        "2 tracks ('t' (1), 'u' (1))",
        "choose one",
        "2 spans are left out",
        after=f'<TIER TIER_ID="u">{_one("ts1200", "ts2000")}</TIER>',
        num_spans=0,
    ),
    _eaf(
        "a tier whose name is the phase",
        "",
        "a.eaf, line 3, tier 't': ",
        "no text",
        "name",
        good=_GOOD.replace(">up<", "><"),
    ),
    _eaf("an overlap", _one("ts400", "ts1200"), _HERE, "'down' overlaps 'up'", "10 frames", num_spans=2),
    _eaf("no annotation", "", "a.eaf: ", "no annotation", good="", num_spans=0),
    _eaf(
        "links between annotations",
        "",
        "a.eaf: ",
        "1 link",
        "left out",
        after='<REF_LINK_SET LINK_SET_ID="l"><CROSS_REF_LINK REF_LINK_ID="r" REF1="a1" REF2="a1"/></REF_LINK_SET>',
    ),
    Row(
        "elan",
        "another unit of time",
        "a.eaf",
        '<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="PAL-frames"/></ANNOTATION_DOCUMENT>',
        ("PAL-frames",),
        0,
    ),
    Row("elan", "no document of ELAN", "a.eaf", "<html/>", ("a.eaf", "'html'"), 0),
)

ROWS = (*_OF_TABLES, *_OF_MS_TCN, *_OF_ELAN)
GOOD = (
    Row("segments", "nothing wrong", "labels.csv", _CSV, ()),
    _mstcn("nothing wrong", "v.txt", "up\n" * 20 + "(unlabelled)\n" * 80, num_spans=1),
    _eaf("nothing wrong", ""),
)


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """One video, v.mp4: 100 frames, 25 a second."""
    with filled(tmp_path / "p", 1) as made:
        made.keep_facts({1: Found(100, 25.0, 4.0, 64, 48)})
        yield made


def _planned(project: Project, folder: Path, row: Row) -> ImportPlan:
    path = folder / row.file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(row.content, encoding="utf-8")
    (video,) = with_times(project.videos())
    known = KnownVideo(replace(video, name="v.mp4", absolute="/v/v.mp4"), project.folder)
    return plan_import(read_labels([path]), [known], ())


def _told(plan: ImportPlan) -> list[str]:
    return [f"{problem.where}: {problem.sentence}" for problem in plan.problems]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.reader}: {row.thing}")
def test_what_cannot_be_placed_is_named(row: Row, project: Project, tmp_path: Path) -> None:
    plan = _planned(project, tmp_path, row)
    told = _told(plan)
    assert any(all(needle in one for needle in row.needles) for one in told), told
    assert plan.num_spans == row.num_spans
    assert all(one.rstrip().endswith((".", "!")) for one in told), "a whole sentence"


@pytest.mark.parametrize("row", GOOD, ids=lambda row: row.reader)
def test_what_is_in_order_is_not_complained_of(row: Row, project: Project, tmp_path: Path) -> None:
    plan = _planned(project, tmp_path, row)
    assert (_told(plan), plan.num_spans) == ([], row.num_spans)
    ((span,),) = [video.spans for video in plan.videos]
    assert (span.phase, span.start_frame, span.end_frame_exclusive) == ("up", 0, 20)


def test_every_reader_has_rows_and_a_control() -> None:
    assert {row.reader for row in ROWS} >= READERS
    assert {row.reader for row in GOOD} >= READERS
    names = [(row.reader, row.thing) for row in ROWS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("name", ["labels.docx", "labels.json", "labels", "labels.pdf"])
def test_a_file_in_no_format_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("{}", encoding="utf-8")
    (problem,) = read_labels([tmp_path / name]).problems
    assert problem.where == name
    assert name in problem.sentence
