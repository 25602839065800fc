"""ELAN's documents: another library reads them, what that library wrote is read, and hostile ones are not."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pympi.Elan import Eaf

from core.base.errors import LabelError
from core.base.types import Span
from core.labels.formats import elan
from core.labels.formats.table import read_labels
from core.labels.tracks import Labels, Track, frame_of
from tests.core.labels.formats.made import PHASES, frames_of, frames_read, labels

_HEAD = """<?xml version="1.0" encoding="{encoding}"?>
<ANNOTATION_DOCUMENT AUTHOR="" DATE="2024-01-01T00:00:00+00:00" FORMAT="3.0" VERSION="3.0">
<HEADER TIME_UNITS="milliseconds"><MEDIA_DESCRIPTOR MEDIA_URL="{media}" MIME_TYPE="video/mp4"/></HEADER>
<TIME_ORDER><TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="100"/><TIME_SLOT TIME_SLOT_ID="ts2" TIME_VALUE="300"/>
<TIME_SLOT TIME_SLOT_ID="ts3"/></TIME_ORDER>
"""
_ONE = """<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="{id}" TIME_SLOT_REF1="{start}" TIME_SLOT_REF2="{end}">
<ANNOTATION_VALUE>{value}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
"""


def document(*annotations: str, tier: str = "gestures", media: str = "file:///C:/films/a%20b.mp4") -> str:
    head = _HEAD.format(encoding="UTF-8", media=media)
    return f'{head}<TIER TIER_ID="{tier}">{"".join(annotations)}</TIER></ANNOTATION_DOCUMENT>'


def one(value: str, number: int = 1, start: str = "ts1", end: str = "ts2") -> str:
    return _ONE.format(id=f"a{number}", start=start, end=end, value=value)


@given(labels())
@settings(max_examples=25, deadline=None)
def test_pympi_reads_the_same(made: Labels) -> None:
    with tempfile.TemporaryDirectory() as folder:
        elan.write(Path(folder, "out"), made)
        for stem, track in made.stems():
            found = Eaf(str(Path(folder, "out", f"{stem}.eaf")))
            spans, notes = [], {}
            for tier in found.get_tier_names():
                if tier.startswith("notes"):
                    notes |= {start: note for start, _, note, _ in found.get_annotation_data_for_tier(tier)}
            for tier in found.get_tier_names():
                if tier.startswith("notes"):
                    continue
                source = tier.partition(" (")[2].rstrip(")") or "label"
                for start, stop, phase in found.get_annotation_data_for_tier(tier):
                    start_frame, stop_frame = frame_of(track.edges_seconds, np.array([start, stop]) / 1000)
                    spans.append(Span(phase, int(start_frame), int(stop_frame), 1.0, source, notes.get(start, "")))
            assert sorted(spans, key=lambda span: span.start_frame) == list(track.spans)
            assert list(found.get_linguistic_type_names()) == ["phases", *(["notes"] if notes else [])]
            entries = found.get_cv_entries("phases")
            assert [value for ((value, *_),), *_ in entries.values()] == list(PHASES)
            (media,) = found.get_linked_files()
            assert media["MEDIA_URL"] == f"file://{track.path}", "ELAN decodes nothing: blanks stay blanks"
            lies_at = Path(folder, "out", f"{stem}.eaf").parent / media["RELATIVE_MEDIA_URL"]
            assert Path(os.path.normpath(lies_at)) == track.path


@given(labels(), st.integers(0, 10**9))
@settings(max_examples=40, deadline=None)
def test_an_origin_moves_the_clock_and_no_frame(made: Labels, later: int) -> None:
    """Random spans at random times, where annotations count from another moment than the video does."""
    with tempfile.TemporaryDirectory() as folder:
        elan.write(Path(folder, "out"), made)
        files = sorted(Path(folder, "out").rglob("*.eaf"))
        for file in files:
            _start_clock(file, later)
        read = read_labels(files)
    assert frames_read(read, made) == frames_of(made)


def _start_clock(file: Path, later: int) -> None:
    """The first annotation lies at `later` milliseconds, and the medium's origin makes up for it."""
    tree = ElementTree.parse(file)
    slots = list(tree.getroot().iter("TIME_SLOT"))
    origin = min(int(slot.attrib["TIME_VALUE"]) for slot in slots) - later
    for slot in slots:
        slot.set("TIME_VALUE", str(int(slot.attrib["TIME_VALUE"]) - origin))
    for medium in tree.getroot().iter("MEDIA_DESCRIPTOR"):
        medium.set("TIME_ORIGIN", str(origin))
    tree.write(file, encoding="utf-8", xml_declaration=True)


_NAMES = ("50% done #2.mp4", "a%20b.mp4", "Rückhand 注ぐ?.mp4", 'it\'s <a> & "b".mov', "x;y=z&.mp4", "tab\there.mp4")


@pytest.mark.parametrize("name", _NAMES)
def test_links_are_written_as_elan_reads_them(name: str, tmp_path: Path) -> None:
    """Raw, and relative to where the document lies; read again they are the same path."""
    video = tmp_path / "ü films" / name
    elan.write(tmp_path / "out", Labels(("up",), (Track(video, np.arange(3) / 10, (Span("up", 0, 1),)),)))
    (file,) = (tmp_path / "out").rglob("*.eaf")
    link = next(ElementTree.parse(file).getroot().iter("MEDIA_DESCRIPTOR"))
    raw = name.replace("\t", "%09")
    assert link.get("MEDIA_URL") == f"file://{tmp_path}/ü films/{raw}"
    assert link.get("RELATIVE_MEDIA_URL") == f"../ü films/{raw}"
    ((path, read),) = elan.read(file).videos.items()
    assert str(video) in (path, *read.others)
    assert str(video) in read.beside


def test_a_digest_is_not_that_of_a_video_that_was_linked_since(tmp_path: Path) -> None:
    track = Track(Path("/data/clip.mp4"), np.arange(11) / 10, (Span("up", 0, 5),), digest="d" * 32)
    elan.write(tmp_path / "out", Labels(("up",), (track,)))
    file = tmp_path / "out" / "clip.eaf"
    text = file.read_text(encoding="utf-8")
    assert [one.digest for one in elan.read(file).videos.values()] == ["d" * 32]
    file.write_text(text.replace("/data/clip.mp4", "/data/other.mp4"), encoding="utf-8")
    assert [one.digest for one in elan.read(file).videos.values()] == [""]
    second = '<MEDIA_DESCRIPTOR MEDIA_URL="file:///data/second.mp4" MIME_TYPE="video/mp4"/>'
    file.write_text(text.replace("<MEDIA_DESCRIPTOR", f"{second}<MEDIA_DESCRIPTOR", 1), encoding="utf-8")
    assert {name: one.digest for name, one in elan.read(file).videos.items()} == {
        "/data/second.mp4": "",
        "/data/clip.mp4": "d" * 32,
    }


_ORDER = ("HEADER", "TIME_ORDER", "TIER", "LINGUISTIC_TYPE", "LANGUAGE", "CONSTRAINT", "CONTROLLED_VOCABULARY")


@given(labels())
@settings(max_examples=25, deadline=None)
def test_what_is_written_keeps_the_rules_of_the_published_schema(made: Labels) -> None:
    """EAFv3.0.xsd: the order of elements, identifiers that are one kind's alone, and references that lead somewhere."""
    with tempfile.TemporaryDirectory() as folder:
        elan.write(Path(folder, "out"), made)
        roots = [ElementTree.parse(file).getroot() for file in Path(folder, "out").rglob("*.eaf")]
    for root in roots:
        places = [_ORDER.index(child.tag) for child in root]
        assert places == sorted(places)
        names = [
            one.get(key)
            for key in ("TIME_SLOT_ID", "ANNOTATION_ID", "LANG_ID", "STEREOTYPE")
            for one in root.iter()
            if one.get(key) is not None
        ]
        assert len(set(names)) == len(names)
        assert all(re.fullmatch(r"[A-Za-z_][\w.-]*", str(name)) for name in names), "xsd:ID"
        slots = {slot.get("TIME_SLOT_ID"): int(slot.get("TIME_VALUE", "")) for slot in root.iter("TIME_SLOT")}
        assert all(0 <= time < 2**32 for time in slots.values())
        for one in root.iter("ALIGNABLE_ANNOTATION"):
            assert slots[one.get("TIME_SLOT_REF1")] < slots[one.get("TIME_SLOT_REF2")]
        kinds = {
            one.get("LINGUISTIC_TYPE_ID"): one.get("CONTROLLED_VOCABULARY_REF") for one in root.iter("LINGUISTIC_TYPE")
        }
        assert {tier.get("LINGUISTIC_TYPE_REF") for tier in root.iter("TIER")} <= set(kinds)
        assert set(kinds.values()) - {None} == {one.get("CV_ID") for one in root.iter("CONTROLLED_VOCABULARY")}


def test_what_pympi_wrote_is_read(tmp_path: Path) -> None:
    """Changed too, as a person does it in ELAN."""
    track = Track(Path("/data/clip.mp4"), np.arange(101) / 25, (Span("up", 5, 25), Span("down", 50, 60)))
    elan.write(tmp_path / "out", Labels(("up", "down"), (track,)))
    changed = Eaf(str(tmp_path / "out" / "clip.eaf"))
    changed.remove_annotation("phases", 2100)
    changed.add_annotation("phases", 3000, 3200, "down")
    changed.to_file(str(tmp_path / "changed.eaf"))
    read = read_labels([tmp_path / "changed.eaf"])
    assert read.problems == ()
    assert [(s.phase, s.start, s.end, s.video) for s in read.segments] == [
        ("up", 0.2, 1.0, "/data/clip.mp4"),
        ("down", 3.0, 3.2, "/data/clip.mp4"),
    ]
    new = Eaf()
    new.add_linked_file("file:///data/clip.mp4", mimetype="video/mp4")
    new.add_tier("reach")
    new.add_tier("grasp")
    new.add_annotation("reach", 0, 400, "")
    new.add_annotation("grasp", 400, 1000, "firm")
    new.to_file(str(tmp_path / "new.eaf"))
    read = read_labels([tmp_path / "new.eaf"])
    assert [(s.phase, s.start, s.end) for s in read.segments] == [("reach", 0.0, 0.4), ("firm", 0.4, 1.0)]


_TIERS, _SLOTS, _NUMBERS = ("p", "q", "r", ""), ("s1", "s2", "s3", "s4", "s9"), ("a1", "a2", "a3", "a4", "")


@st.composite
def tangles(draw: st.DrawFn) -> str:
    """Documents whose references lead anywhere: to nothing, in circles, to what stands there twice."""

    def one_of(names: tuple[str, ...]) -> str:
        return draw(st.sampled_from(names))

    def annotation() -> str:
        is_alignable = draw(st.booleans())
        refs = ("TIME_SLOT_REF1", "TIME_SLOT_REF2") if is_alignable else ("ANNOTATION_REF", "PREVIOUS_ANNOTATION")
        tag, targets = ("ALIGNABLE", _SLOTS) if is_alignable else ("REF", _NUMBERS)
        told = " ".join(f'{ref}="{one_of(targets)}"' for ref in refs)
        value = f"<ANNOTATION_VALUE>{one_of(('up', ''))}</ANNOTATION_VALUE>"
        number = one_of(_NUMBERS)
        inner = f'<{tag}_ANNOTATION ANNOTATION_ID="{number}" {told}>{value}</{tag}_ANNOTATION>'
        return f"<ANNOTATION>{inner}</ANNOTATION>"

    def tier() -> str:
        told = f'TIER_ID="{one_of(_TIERS)}" PARENT_REF="{one_of(_TIERS)}" LINGUISTIC_TYPE_REF="{one_of(("l", "m"))}"'
        return f"<TIER {told}>{''.join(annotation() for _ in range(draw(st.integers(0, 3))))}</TIER>"

    times = ("", ' TIME_VALUE="0"', ' TIME_VALUE="100"', ' TIME_VALUE="700"', ' TIME_VALUE="x"', ' TIME_VALUE="-1"')
    slots = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="{one_of(_SLOTS)}"{one_of(times)}/>' for _ in range(draw(st.integers(0, 6)))
    )
    body = "".join(tier() for _ in range(draw(st.integers(0, 4))))
    kinds = '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="m" CONSTRAINTS="Symbolic_Association"/>'
    return f"<ANNOTATION_DOCUMENT><TIME_ORDER>{slots}</TIME_ORDER>{body}{kinds}</ANNOTATION_DOCUMENT>"


@given(tangles())
@settings(max_examples=300, deadline=None)
def test_every_annotation_is_read_or_named_however_tangled(text: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.eaf")
        path.write_text(text, encoding="utf-8")
        read = elan.read(path)
    num_annotations = text.count("<ANNOTATION>")
    named = [problem for problem in read.problems if ", annotation " in problem.where]
    assert len(read.segments) + len(named) == num_annotations
    assert all(0 <= segment.start < segment.end for segment in read.segments)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "iso-8859-1"])
def test_encodings_and_line_ends(encoding: str, tmp_path: Path) -> None:
    text = document(one("Übergang")).replace("\n", "\r\n")
    declared = {"utf-8-sig": "UTF-8", "utf-16-be": "UTF-16"}.get(encoding, encoding)
    data = text.replace('encoding="UTF-8"', f'encoding="{declared}"').encode(encoding)
    (tmp_path / "a.eaf").write_bytes(b"\xfe\xff" + data if encoding == "utf-16-be" else data)
    read = elan.read(tmp_path / "a.eaf")
    assert [(s.phase, s.video) for s in read.segments] == [("Übergang", "C:/films/a b.mp4")]


def test_every_annotation_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    bad = document(one("up"), one("no time", 2, "ts1", "ts3"), one("back", 3, "ts2", "ts1"), one("none", 4, "x", "ts2"))
    (tmp_path / "a.eaf").write_text(bad, encoding="utf-8")
    read = read_labels([tmp_path / "a.eaf"])
    assert [segment.phase for segment in read.segments] == ["up"]
    assert [(problem.where, problem.sentence) for problem in read.problems] == [
        ("a.eaf, line 8, annotation a2", "'no time' has no times of its own; it is left out."),
        ("a.eaf, line 10, annotation a3", "'back' begins at 0.3 and ends at 0.1 seconds; it is left out."),
        ("a.eaf, line 12, annotation a4", "'none' has no times of its own; it is left out."),
    ]


_BOMB = """<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<ANNOTATION_DOCUMENT>&b;</ANNOTATION_DOCUMENT>
"""
_THIEF = """<?xml version="1.0"?>
<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>
<ANNOTATION_DOCUMENT>&x;</ANNOTATION_DOCUMENT>
"""


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (_BOMB, r"a\.eaf, line 2: a DOCTYPE is refused"),
        (_THIEF, r"a\.eaf, line 2: a DOCTYPE is refused"),
        ("<ANNOTATION_DOCUMENT><TIER></ANNOTATION_DOCUMENT>", r"a\.eaf, line 1: not XML \(mismatched tag\)"),
        ("<ANNOTATION_DOCUMENT>&nope;</ANNOTATION_DOCUMENT>", r"not XML \(undefined entity\)"),
        ("", r"not XML \(no element found\)"),
        ('<?xml version="1.0" encoding="klingon"?><a/>', r"not XML \(unknown encoding: klingon\)"),
        ("PK\x03\x04 not at all", "not XML"),
        ("<html/>", "not an ELAN document: its root is 'html'"),
        ('<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="NTSC-frames"/></ANNOTATION_DOCUMENT>', "counts time in NTSC-frames"),
    ],
)
def test_hostile_and_broken_files_are_one_sentence(content: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "a.eaf"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(LabelError, match=sentence):
        elan.read(path)
    (problem,) = read_labels([path]).problems
    assert problem.where == "a.eaf"
    with pytest.raises(LabelError, match="There is no file"):
        elan.read(tmp_path / "none.eaf")
