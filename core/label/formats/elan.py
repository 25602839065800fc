"""ELAN's annotation documents (EAF 3.0, Max Planck Institute for Psycholinguistics): an .eaf a video.

Times are whole milliseconds, which `boundaries` chooses so that they come back to the same frame. The spans of a person
are the tier `phases`, those of a method `phases (METHOD)`; what no annotation covers is not labelled. The vocabulary of
the tiers is the list of phases. Confidence is not kept.

Read is the tier `phases` with those of methods, or, where there is none, every tier whose annotations have times of
their own; an annotation without text has its tier's name as its phase.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from core.errors import LabelError
from core.files import new_folder, write_text
from core.label.formats.labels import Labels, Track, boundaries, check_text
from core.label.formats.read_labels import FileVideo, Problem, ReadLabels
from core.label.formats.safe_xml import Document, read_xml
from core.segments import METHODS, Segment
from core.types import Span

TIER = "phases"
DIGEST = "carl-studio:digest"
"""Property of the header: the content of the video."""
PER_SECOND = 1000
_DATE = "2000-01-01T00:00:00+00:00"
"""The schema wants one; the same labels give the same file whenever they are written."""
_CONSTRAINTS = {
    "Time_Subdivision": "Time subdivision of parent annotation's time interval, no time gaps allowed within this "
    "interval",
    "Symbolic_Subdivision": "Symbolic subdivision of a parent annotation. Annotations refering to the same parent are "
    "ordered",
    "Symbolic_Association": "1-1 association with a parent annotation",
    "Included_In": "Time alignable annotations within the parent annotation's time interval, gaps are allowed",
}


def write(path: Path, labels: Labels) -> None:
    """A new folder. StorageError: it is there, or the disk refuses. LabelError: XML cannot hold a phase, or frames come
    less than a millisecond apart."""
    check_text(labels, "ELAN")
    with new_folder(path) as folder:
        for stem, track in labels.stems():
            root = _document(labels.phases, track)
            ElementTree.indent(root, "    ")
            text = ElementTree.tostring(root, encoding="unicode")
            write_text(folder / f"{stem}.eaf", f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n')


def _document(phases: tuple[str, ...], track: Track) -> Element:
    root = Element("ANNOTATION_DOCUMENT", AUTHOR="", DATE=_DATE, FORMAT="3.0", VERSION="3.0")
    root.set("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
    root.set("xsi:noNamespaceSchemaLocation", "http://www.mpi.nl/tools/elan/EAFv3.0.xsd")
    _add_header(root, track)
    order = SubElement(root, "TIME_ORDER")
    times = boundaries(track, PER_SECOND)
    names = dict.fromkeys((TIER, *map(_tier, track.spans)))
    tiers = {name: SubElement(root, "TIER", LINGUISTIC_TYPE_REF=TIER, TIER_ID=name) for name in names}
    for number, span in enumerate(track.spans):
        slots = (f"ts{2 * number + 1}", f"ts{2 * number + 2}")
        for slot, frame in zip(slots, (span.start_frame, span.end_frame_exclusive), strict=True):
            SubElement(order, "TIME_SLOT", TIME_SLOT_ID=slot, TIME_VALUE=str(times[frame]))
        annotation = SubElement(
            SubElement(tiers[_tier(span)], "ANNOTATION"),
            "ALIGNABLE_ANNOTATION",
            ANNOTATION_ID=f"a{number + 1}",
            CVE_REF=f"cve{phases.index(span.phase) + 1}",
            TIME_SLOT_REF1=slots[0],
            TIME_SLOT_REF2=slots[1],
        )
        SubElement(annotation, "ANNOTATION_VALUE").text = span.phase
    _add_vocabulary(root, phases)
    return root


def _tier(span: Span) -> str:
    method = span.source.casefold()
    return f"{TIER} ({method})" if method in METHODS else TIER


def _add_header(root: Element, track: Track) -> None:
    header = SubElement(root, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    SubElement(
        header,
        "MEDIA_DESCRIPTOR",
        MEDIA_URL=track.path.absolute().as_uri(),
        MIME_TYPE=mimetypes.types_map.get(track.path.suffix.lower(), "video/mp4"),
        RELATIVE_MEDIA_URL=f"./{track.path.name}",
    )
    if track.digest:
        SubElement(header, "PROPERTY", NAME=DIGEST).text = track.digest
    SubElement(header, "PROPERTY", NAME="lastUsedAnnotationId").text = str(len(track.spans))


def _add_vocabulary(root: Element, phases: tuple[str, ...]) -> None:
    SubElement(
        root,
        "LINGUISTIC_TYPE",
        CONTROLLED_VOCABULARY_REF=TIER,
        GRAPHIC_REFERENCES="false",
        LINGUISTIC_TYPE_ID=TIER,
        TIME_ALIGNABLE="true",
    )
    language = "http://cdb.iso.org/lg/CDB-00130975-001"
    SubElement(root, "LANGUAGE", LANG_DEF=language, LANG_ID="und", LANG_LABEL="undetermined (und)")
    for stereotype, description in _CONSTRAINTS.items():
        SubElement(root, "CONSTRAINT", DESCRIPTION=description, STEREOTYPE=stereotype)
    vocabulary = SubElement(root, "CONTROLLED_VOCABULARY", CV_ID=TIER)
    SubElement(vocabulary, "DESCRIPTION", LANG_REF="und")
    for number, phase in enumerate(phases, 1):
        entry = SubElement(vocabulary, "CV_ENTRY_ML", CVE_ID=f"cve{number}")
        SubElement(entry, "CVE_VALUE", DESCRIPTION="", LANG_REF="und").text = phase


def read(path: Path) -> ReadLabels:
    """An annotation that is wrong is a problem; the others count. LabelError: the file is no such document."""
    document = read_xml(path)
    if document.root.tag != "ANNOTATION_DOCUMENT":
        raise LabelError(f"{path.name} is no ELAN document: its root is {document.root.tag!r}.")
    name, video = _video(path, document)
    header = document.root.find("HEADER")
    if header is not None and header.get("TIME_UNITS", "milliseconds") != "milliseconds":
        raise LabelError(f"{path.name} counts time in {header.get('TIME_UNITS')}: save it with a newer ELAN.")
    slots = {slot.get("TIME_SLOT_ID"): slot.get("TIME_VALUE") for slot in document.root.iter("TIME_SLOT")}
    segments: list[Segment] = []
    problems: list[Problem] = []
    for tier, annotation in _annotations(document.root):
        where = f"{path.name}, line {document.lines[annotation]}, annotation {annotation.get('ANNOTATION_ID', '?')}"
        phase = (annotation.findtext("ANNOTATION_VALUE") or "").strip() or tier
        times = [slots.get(annotation.get(f"TIME_SLOT_REF{side}")) for side in (1, 2)]
        try:
            start, end = (int(time or "") / PER_SECOND for time in times)
        except ValueError:
            problems.append(Problem(where, f"{phase!r} has no times of its own: it is left out.", name))
            continue
        if not phase or not 0 <= start < end:
            sentence = f"{phase!r} begins at {start:g} and ends at {end:g} seconds: it is left out."
            problems.append(Problem(where, sentence, name))
            continue
        segments.append(Segment(where, name, phase, start, end, in_frames=False, source=_source(tier)))
    segments.sort(key=lambda segment: segment.start)
    return ReadLabels(tuple(segments), {name: video}, tuple(problems))


def _annotations(root: Element) -> Iterator[tuple[str, Element]]:
    """With the names of their tiers."""
    tiers = [(tier.get("TIER_ID", ""), tier) for tier in root.iter("TIER")]
    ours = {TIER, *(f"{TIER} ({method})" for method in METHODS)}
    chosen = [pair for pair in tiers if pair[0] in ours] or tiers
    for name, tier in chosen:
        for annotation in tier.iter("ALIGNABLE_ANNOTATION"):
            yield name, annotation


def _source(tier: str) -> str:
    return next((method for method in METHODS if tier == f"{TIER} ({method})"), "label")


def _video(path: Path, document: Document) -> tuple[str, FileVideo]:
    """What the header says; without a medium the document's own name is the video's."""
    media = next(document.root.iter("MEDIA_DESCRIPTOR"), None)
    digest = next((one.text or "" for one in document.root.iter("PROPERTY") if one.get("NAME") == DIGEST), "")
    address = "" if media is None else media.get("MEDIA_URL") or media.get("RELATIVE_MEDIA_URL") or ""
    place = unquote(urlsplit(address).path if address.startswith("file:") else address)
    if place[:1] == "/" and place[2:3] == ":":  # file:///C:/...
        place = place[1:]
    name = place.replace("\\", "/").rpartition("/")[2] or path.stem
    return place or name, FileVideo(path.name, path=place, digest=digest)
