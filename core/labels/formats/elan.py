"""ELAN's annotation documents (EAF 3.0, Max Planck Institute for Psycholinguistics): one .eaf per video.

Times are whole milliseconds, which `boundaries` chooses so that they come back to the same frame. The spans of a person
are the tier `phases`, those of a method `phases (METHOD)`; what no annotation covers is not labelled. What a
person wrote about them are the tiers `notes` below these (symbolic association). The vocabulary is the list of phases.
Confidence is not kept. `elan_reading` reads it, `elan_media` knows how videos are
linked.
"""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from core.base.errors import LabelError
from core.base.files import new_folder, write_text
from core.base.listing import some
from core.base.types import PREDICTORS, Span
from core.labels.formats.elan_media import DIGEST, VIDEO, descriptor, file_name
from core.labels.formats.elan_reading import NOTES, PER_SECOND, TIER, read
from core.labels.formats.read_labels import EMPTY, Problem, ReadLabels
from core.labels.tracks import Labels, Track, boundaries, check_text, writable

__all__ = ["PER_SECOND", "is_folder", "read", "read_folder", "write"]

_DATE = "2000-01-01T00:00:00+00:00"
"""The schema wants one; the same labels give the same file whenever they are written."""
_OTHERS = (".boris", ".csv", ".json", ".tsv", ".txt", ".xlsx")
"""Suffixes of labels in other formats, which a folder of .eaf may hold too."""
_CONSTRAINTS = {
    "Time_Subdivision": "Time subdivision of parent annotation's time interval, no time gaps allowed within this "
    "interval",
    "Symbolic_Subdivision": "Symbolic subdivision of a parent annotation. Annotations refering to the same parent are "
    "ordered",
    "Symbolic_Association": "1-1 association with a parent annotation",
    "Included_In": "Time alignable annotations within the parent annotation's time interval, gaps are allowed",
}


def write(path: Path, labels: Labels) -> None:
    """Write a new folder. StorageError: it is there, or the disk refuses. LabelError: XML cannot hold a phase, or
    frames come less than a millisecond apart."""
    check_text(labels, "ELAN")
    with new_folder(path) as folder:
        for stem, track in labels.stems():
            root = _document(labels.phases, track, path / f"{stem}.eaf")
            ElementTree.indent(root, "    ")
            text = ElementTree.tostring(root, encoding="unicode")
            write_text(folder / f"{stem}.eaf", f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n')


def is_folder(path: Path) -> bool:
    """Return whether it is a folder with .eaf in it or its subfolders, as written by `write`."""
    return path.is_dir() and bool(_documents(path))


def read_folder(path: Path) -> ReadLabels:
    """Read all .eaf of a folder and its subfolders, in order; unreadable ones are problems."""
    found = ReadLabels()
    for file in _documents(path):
        try:
            read_here = read(file)
            if not read_here.segments and not read_here.problems:
                read_here += ReadLabels(problems=(Problem(file.name, EMPTY),))
            found += read_here
        except LabelError as error:
            found += ReadLabels(problems=(Problem(file.name, str(error).removeprefix(f"{file.name}, ")),))
    if others := [file.name for file in sorted(path.rglob("*")) if file.suffix.casefold() in _OTHERS]:
        is_left = "is left out; import it by itself" if len(others) == 1 else "are left out; import each by itself"
        message = f"only the .eaf of a folder are read: {some(others)} {is_left}."
        found += ReadLabels(problems=(Problem(others[0], message),))
    return found


def _documents(folder: Path) -> list[Path]:
    return [file for file in sorted(folder.rglob("*")) if file.suffix.casefold() == ".eaf" and file.is_file()]


def _document(phases: tuple[str, ...], track: Track, path: Path) -> Element:
    root = Element("ANNOTATION_DOCUMENT", AUTHOR="", DATE=_DATE, FORMAT="3.0", VERSION="3.0")
    root.set("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
    root.set("xsi:noNamespaceSchemaLocation", "http://www.mpi.nl/tools/elan/EAFv3.0.xsd")
    _add_header(root, track, path)
    order = SubElement(root, "TIME_ORDER")
    times = boundaries(track, PER_SECOND)
    names = dict.fromkeys((TIER, *map(_tier, track.spans)))
    tiers = {name: SubElement(root, "TIER", LINGUISTIC_TYPE_REF=TIER, TIER_ID=name) for name in names}
    for index, span in enumerate(track.spans):
        slots = (f"ts{2 * index + 1}", f"ts{2 * index + 2}")
        for slot, frame in zip(slots, (span.start_frame, span.end_frame_exclusive), strict=True):
            SubElement(order, "TIME_SLOT", TIME_SLOT_ID=slot, TIME_VALUE=str(times[frame]))
        annotation = SubElement(
            SubElement(tiers[_tier(span)], "ANNOTATION"),
            "ALIGNABLE_ANNOTATION",
            ANNOTATION_ID=f"a{index + 1}",
            CVE_REF=f"cve{phases.index(span.phase) + 1}",
            TIME_SLOT_REF1=slots[0],
            TIME_SLOT_REF2=slots[1],
        )
        SubElement(annotation, "ANNOTATION_VALUE").text = span.phase
    _add_notes(root, track)
    _add_vocabulary(root, phases, has_notes=any(span.note for span in track.spans))
    return root


def _add_notes(root: Element, track: Track) -> None:
    """Add what was written about spans as a tier below theirs, an annotation of which refers to one of the spans."""
    tiers: dict[str, Element] = {}
    number = len(track.spans)
    for index, span in enumerate(track.spans):
        if not span.note:
            continue
        number, parent = number + 1, _tier(span)
        name = parent.replace(TIER, NOTES)
        if name not in tiers:
            tiers[name] = SubElement(root, "TIER", LINGUISTIC_TYPE_REF=NOTES, PARENT_REF=parent, TIER_ID=name)
        annotation = SubElement(
            SubElement(tiers[name], "ANNOTATION"),
            "REF_ANNOTATION",
            ANNOTATION_ID=f"a{number}",
            ANNOTATION_REF=f"a{index + 1}",
        )
        SubElement(annotation, "ANNOTATION_VALUE").text = writable(span.note)


def _tier(span: Span) -> str:
    method = span.source.casefold()
    return f"{TIER} ({method})" if method in PREDICTORS else TIER


def _add_header(root: Element, track: Track, path: Path) -> None:
    header = SubElement(root, "HEADER", MEDIA_FILE="", TIME_UNITS="milliseconds")
    SubElement(header, "MEDIA_DESCRIPTOR", descriptor(track.path, path))
    if track.digest:
        SubElement(header, "PROPERTY", NAME=DIGEST).text = track.digest
        SubElement(header, "PROPERTY", NAME=VIDEO).text = file_name(track.path)
    SubElement(header, "PROPERTY", NAME="lastUsedAnnotationId").text = str(
        len(track.spans) + sum(bool(span.note) for span in track.spans)
    )


def _add_vocabulary(root: Element, phases: tuple[str, ...], *, has_notes: bool) -> None:
    SubElement(
        root,
        "LINGUISTIC_TYPE",
        CONTROLLED_VOCABULARY_REF=TIER,
        GRAPHIC_REFERENCES="false",
        LINGUISTIC_TYPE_ID=TIER,
        TIME_ALIGNABLE="true",
    )
    if has_notes:
        SubElement(
            root,
            "LINGUISTIC_TYPE",
            CONSTRAINTS="Symbolic_Association",
            GRAPHIC_REFERENCES="false",
            LINGUISTIC_TYPE_ID=NOTES,
            TIME_ALIGNABLE="false",
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
