"""Read ELAN's annotation documents (EAF 2.6 to 3.0): a tier is a track, assigned to each linked video.

Our own tier `phases` and those of methods, `phases (METHOD)`, are one track. An annotation without text is a problem;
but where no annotation of a tier has text, the tier's name is their phase, and such tiers are one track together, since
there each tier is a phase. Of two tiers, one of which says a word of every annotation of the other, that one is taken
unless the other is chosen.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from core.base.errors import LabelError
from core.base.types import PREDICTORS
from core.labels.formats.elan_media import Medium, media_of
from core.labels.formats.elan_times import ALIGNABLE, REFERRING, Interval, Times
from core.labels.formats.read_labels import Problem, ReadLabels
from core.labels.formats.safe_xml import Document, read_xml
from core.labels.segments import Segment

TIER = "phases"
NOTES = "notes"
"""The tier below ours that says something about each of its annotations; `notes (METHOD)` below those of methods."""
WORDLESS = "tiers without text"
"""The track that several of them are together."""
PER_SECOND = 1000
_OURS = {TIER: "label", **{f"{TIER} ({method})": method for method in PREDICTORS}}
"""Sources of spans, by tier."""


def read(path: Path) -> ReadLabels:
    """Read the document. An annotation that is wrong is a problem; the others count. LabelError: the file is no such
    document."""
    document = read_xml(path)
    if document.root.tag != "ANNOTATION_DOCUMENT":
        raise LabelError(f"{path.name} is not an ELAN document: its root is {document.root.tag!r}. Give another file.")
    header = document.root.find("HEADER")
    if header is not None and header.get("TIME_UNITS", "milliseconds") != "milliseconds":
        raise LabelError(f"{path.name} counts time in {header.get('TIME_UNITS')}. Save it with a newer ELAN.")
    media, problems = media_of(path, document)
    reader = _Reader(path, document, media)
    segments = reader.segments()
    videos = {one.path: one.video for one in media}
    return ReadLabels(segments, videos, (*problems, *reader.problems), _find_marked(document.root))


class _Reader:
    """The annotations of a document, tier by tier."""

    def __init__(self, path: Path, document: Document, media: Sequence[Medium]) -> None:
        self._path, self._root, self._lines, self._media = path, document.root, document.lines, media
        self._name = media[0].path if len(media) == 1 else ""
        self._times = Times(document.root)
        self._words = _vocabulary(document.root)
        self._notes: dict[str, str] = {}
        """By the annotation that they are about."""
        self.problems: list[Problem] = []

    def segments(self) -> tuple[Segment, ...]:
        """Return track by track as the tiers come, each in order of time; every one once for each video."""
        annotated = [tier for tier in self._root.iter("TIER") if _annotations(tier)]
        self._notes = {
            one.get("ANNOTATION_REF", ""): self._text(one)
            for tier in annotated
            if _is_notes(tier)
            for one in _annotations(tier)
        }
        tiers = [(tier.get("TIER_ID", ""), tier) for tier in annotated if not _is_notes(tier)]
        wordless = [name for name, tier in tiers if name not in _OURS and not any(map(self._text, _annotations(tier)))]
        found: list[Segment] = []
        for name, tier in tiers:
            phase = name if name in wordless else ""
            track = TIER if name in _OURS else WORDLESS if phase and len(wordless) > 1 else name
            found += self._of_tier(name, tier, track, phase)
        for slot in self._times.bad_slots:
            message = f"the time {slot.get('TIME_VALUE')!r} is not a number of milliseconds; it counts as missing."
            self._problem(f"{self._where(slot)}, time slot {slot.get('TIME_SLOT_ID', '?')}", message)
        if not tiers:
            self._problem(self._path.name, "it has no annotations. Make some in ELAN and save it.")
        if links := sum(map(len, self._root.iter("REF_LINK_SET"))):
            message = f"{links} links between annotations are" if links > 1 else "1 link between annotations is"
            self._problem(self._path.name, f"{message} left out; labels have none.")
        tracks = list(dict.fromkeys(segment.track for segment in found))
        return tuple(sorted(found, key=lambda segment: (tracks.index(segment.track), segment.start)))

    def _of_tier(self, name: str, tier: Element, track: str, phase: str) -> Iterator[Segment]:
        """Yield the segments of a tier; `phase` is that of annotations without text."""
        guessed: Counter[str] = Counter()
        for annotation in _annotations(tier):
            where = f"{self._where(annotation)}, annotation {annotation.get('ANNOTATION_ID', '?')}"
            text = self._text(annotation) or phase
            interval = self._times.of(annotation)
            if not text:
                self._problem(where, _why_no_text(annotation))
            elif isinstance(interval, str):
                self._problem(where, f"{text!r} {interval}; it is left out.")
            elif interval.start >= interval.end:
                start, end = interval.start / PER_SECOND, interval.end / PER_SECOND
                self._problem(where, f"{text!r} begins at {start:g} and ends at {end:g} seconds; it is left out.")
            else:
                guessed[interval.guess] += 1
                segment = Segment(where, "", text, 0, 0, False, 1.0, _OURS.get(name, "label"), track)
                segment = dataclasses.replace(segment, note=self._notes.get(annotation.get("ANNOTATION_ID", ""), ""))
                yield from self._on_media(segment, interval)
        for message in _what_is_guessed(guessed, phase):
            self._problem(f"{self._where(tier)}, tier {name!r}", message)

    def _on_media(self, segment: Segment, interval: Interval) -> Iterator[Segment]:
        """Yield the segments on the clock of each video; what lies before its begin is cut."""
        for medium in self._media:
            start, end = ((time + medium.origin_milliseconds) / PER_SECOND for time in (interval.start, interval.end))
            if start < 0:
                fate = "it is cut there" if end > 0 else "it is left out"
                message = f"{segment.phase!r} begins {-start:g} seconds before {medium.name!r} does; {fate}."
                self.problems.append(Problem(segment.where, message, medium.path))
            if end > 0:
                yield dataclasses.replace(segment, video=medium.path, start=max(0.0, start), end=end)

    def _text(self, annotation: Element) -> str:
        """Return its own text, or that of its vocabulary entry."""
        entry = self._words.get(annotation.get("CVE_REF", ""), "")
        return ((annotation.findtext("ANNOTATION_VALUE") or "").strip() or entry).strip()

    def _where(self, element: Element) -> str:
        return f"{self._path.name}, line {self._lines[element]}"

    def _problem(self, where: str, sentence: str) -> None:
        self.problems.append(Problem(where, sentence, self._name))


def _find_marked(root: Element) -> str | None:
    """Return the child of two tiers, where it says one word of every annotation of its parent: the parent has the
    intervals.

    None where there are other tiers with annotations, or the child leaves some out: that may be a comment.
    """
    tiers = [tier for tier in root.iter("TIER") if _annotations(tier) and not _is_notes(tier)]
    if len(tiers) != 2:
        return None
    parent, child = tiers if tiers[1].get("PARENT_REF") else tiers[::-1]
    name = child.get("TIER_ID", "")
    named = sorted(one.get("ANNOTATION_ID", "") for one in _annotations(parent))
    references = sorted(one.get("ANNOTATION_REF", "") for one in _annotations(child))
    return name if child.get("PARENT_REF") == parent.get("TIER_ID") and named == references else None


def _is_notes(tier: Element) -> bool:
    """Return whether the tier has what we wrote about labels."""
    parent, name = tier.get("PARENT_REF", ""), tier.get("TIER_ID", "")
    return parent in _OURS and name == parent.replace(TIER, NOTES)


def _annotations(tier: Element) -> list[Element]:
    return [one for one in tier.iter() if one.tag in (ALIGNABLE, REFERRING)]


def _why_no_text(annotation: Element) -> str:
    if entry := annotation.get("CVE_REF"):
        return f"its text is the entry {entry!r} of a vocabulary in another file; it is left out. Write it in ELAN."
    return "it has no text, so its phase is unknown; it is left out. Write its phase in ELAN."


def _what_is_guessed(guessed: Counter[str], phase: str) -> Iterator[str]:
    for kind, message in (
        ("between", "no times; placed evenly between the neighbours, as in ELAN."),
        ("part", "only part of another one's time; divided equally, as in ELAN."),
    ):
        if count := guessed[kind]:
            yield f"{count} {'annotations have' if count > 1 else 'annotation has'} {message}"
    if phase and (count := sum(guessed.values())):
        those = f"all {count} annotations" if count > 1 else "its annotation"
        yield f"there is no text; the tier's name is used as the phase of {those}."


def _vocabulary(root: Element) -> dict[str, str]:
    """Return texts of entries that stand in the document, by their identifiers; none of those that two vocabularies
    share."""
    found: dict[str, set[str]] = {}
    for entry in root.iter("CV_ENTRY_ML"):
        found.setdefault(entry.get("CVE_ID", ""), set()).add((entry.findtext("CVE_VALUE") or "").strip())
    return {name: next(iter(texts)) for name, texts in found.items() if len(texts) == 1}
