"""What ELAN's documents can hold that has no place here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.core.labels.formats.silent_rows import Row

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


def _beside(name: str, *needles: str) -> Row:
    """A folder with a document in order and another file that is none."""
    document = str(_eaf("", "").content)

    def write(path: Path) -> None:
        path.write_text(document, encoding="utf-8")
        path.with_name(name).write_text("x", encoding="utf-8")

    return Row("elan", f"{name} in a folder", "d/a.eaf", write, needles, given="d")


_HERE = f"a.eaf, line {_LINE}, annotation a2: "
_REFERRING = (
    '<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a2" ANNOTATION_REF="{parent}"{more}><ANNOTATION_VALUE>down'
    "</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>\n"
)

ROWS = (
    _eaf(
        "an unknown video", "", "no video", "x.mp4", "left out", medium=_MEDIUM.replace("v.mp4", "x.mp4"), num_spans=0
    ),
    _eaf("an end beyond the end", _one("ts2000", "ts5000"), _HERE, "'down'", "5", "4.000 s", "cut", num_spans=2),
    _eaf("a start beyond the end", _one("ts5000", "ts6000"), _HERE, "'down'", "5", "4.000 s", "left out"),
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
        "a time slot that is not a number",
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
        "2 annotations have only part",
        "divided equally",
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
        "an origin that is not a number",
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
        "Choose one",
        "2 labels are left out",
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
    _beside("a.csv", "only the .eaf of a folder are read: a.csv is left out; import it by itself"),
    _beside("b.eaf", "b.eaf: line 1: not XML", "Save it again"),
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

GOOD = (
    _eaf("nothing wrong", ""),
    replace(_eaf("a folder", ""), file="d/sub/a.eaf", given="d"),
)
