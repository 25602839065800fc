"""The table of formats offered by the window and the command."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from core.base.csv_files import SHEETS, columns_of, suffixes_beside, unread_sheets
from core.base.errors import LabelError
from core.base.listing import some
from core.base.text_files import missing
from core.labels.formats import (
    activitynet,
    boris,
    boris_project,
    boris_tabular,
    deepethogram,
    elan,
    frames_csv,
    label_studio,
    label_studio_reading,
    ms_tcn,
    segments_csv,
    statistics_folder,
    via,
)
from core.labels.formats.json_files import read_json
from core.labels.formats.read_labels import EMPTY, Problem, ReadLabels
from core.labels.tracks import Labels, Track


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write labels."""

    name: str
    """As `--format` takes it."""
    title: str
    """In English; translated where it is shown."""
    suffix: str
    """Of the file; empty where it is a new folder."""
    units_per_second: int
    """How fine its times are; 0 where it counts frames (`labels.boundaries`)."""
    write: Callable[[Path, Labels], None]
    """LabelError: the format cannot hold these labels. StorageError: the disk refuses, or the folder is there."""
    refusal: Callable[[Track], str] = lambda track: ""
    """Why the format cannot hold this video, as the end of a sentence; empty where it can."""
    notes: Callable[[Path, Labels], Iterable[str]] = lambda path, labels: ()
    """What a person must know to use what was written, in sentences; `told` has more."""
    seconds: Literal["needed", "optional", "unused"] = "needed"
    """Whether it can be written for a video whose frame times are not known: with empty seconds beside the frames
    (`optional`), or without seconds at all (`unused`)."""
    player: str = ""
    """The program that plays the videos beside these labels, if it plays files alone, no folders of images."""
    has_notes: bool = True
    """Whether what a person wrote about a label can be kept."""

    def all_notes(self, path: Path, labels: Labels) -> tuple[str, ...]:
        """Return all that a person must know to use what was written to `path`, in sentences."""
        return (*self.notes(path, labels), *self._unplayed(labels), *self._unkept(labels))

    def _unkept(self, labels: Labels) -> Iterator[str]:
        if labels.num_notes and not self.has_notes:
            are = "1 note is" if labels.num_notes == 1 else f"{labels.num_notes} notes are"
            yield f"{are} left out, which this format cannot hold. A table of labels (CSV) keeps them."

    def _unplayed(self, labels: Labels) -> Iterator[str]:
        folders = [name for name, track in labels.named() if os.path.isdir(track.path)] if self.player else []
        if len(folders) == 1:
            yield f"{folders[0]} is a folder of images, which {self.player} cannot play; its times are correct."
        elif folders:
            yield f"{some(folders)} are folders of images, which {self.player} cannot play; their times are correct."

    @property
    def suffixes(self) -> tuple[str, ...]:
        """What the file may end in; none where it is a new folder."""
        return suffixes_beside(self.suffix)


FORMATS: dict[str, Format] = {
    one.name: one
    for one in (
        Format("segments", "Table of labels (CSV)", ".csv", 0, segments_csv.write, seconds="optional"),
        Format("frames", "Table of frames (CSV)", ".csv", 0, frames_csv.write, seconds="optional"),
        Format(
            "ms-tcn", "MS-TCN text (folder)", "", 0, ms_tcn.write, notes=ms_tcn.notes, seconds="unused", has_notes=False
        ),
        Format(
            "deepethogram",
            "DeepEthogram tables (folder of CSV)",
            "",
            0,
            deepethogram.write,
            seconds="unused",
            has_notes=False,
        ),
        Format(
            "boris-project",
            "BORIS project (.boris)",
            ".boris",
            boris_project.PER_SECOND,
            boris_project.write,
            player="BORIS",
        ),
        Format(
            "boris-tabular",
            "BORIS tabular events, for SimBA (folder of CSV)",
            "",
            boris_tabular.PER_SECOND,
            boris_tabular.write,
        ),
        Format(
            "boris",
            "BORIS aggregated events, for statistics; BORIS does not read them (TSV)",
            ".tsv",
            boris.PER_SECOND,
            boris.write,
        ),
        Format("elan", "ELAN annotations (folder of .eaf)", "", elan.PER_SECOND, elan.write, player="ELAN"),
        Format(
            "label-studio",
            "Label Studio tasks (JSON)",
            ".json",
            0,
            label_studio.write,
            label_studio.refusal,
            label_studio.notes,
            player="Label Studio",
        ),
        Format("activitynet", "ActivityNet (JSON)", ".json", activitynet.PER_SECOND, activitynet.write),
        Format("via", "VGG Image Annotator 3 (JSON)", ".json", via.PER_SECOND, via.write, player="VIA"),
        Format(
            "statistics", "Statistics (folder of tables and pictures)", "", 0, statistics_folder.write, has_notes=False
        ),
    )
}
READABLE = (".csv", ".tsv", *SHEETS, ".boris", ".eaf", ".json", ".txt")
"""Suffixes of files that `read_labels` takes."""

Reader = Callable[[Path], ReadLabels]
"""LabelError: the file cannot be read at all; what is wrong with a part of it is a problem."""

_TABLES: tuple[tuple[Set[str], Reader], ...] = (
    (frozenset(boris.REQUIRED), boris.read),
    (frozenset(boris_tabular.REQUIRED), boris_tabular.read),
    (frozenset({"observation id"}), boris_tabular.read_old),
    (frozenset(frames_csv.REQUIRED), frames_csv.read),
    (frozenset(deepethogram.REQUIRED), deepethogram.read),
)
"""Tables by the columns that tell them (lower case), the first that fits; any other one is a table of spans."""

_DOCUMENTS: tuple[tuple[Callable[[Any], bool], Reader], ...] = (
    (via.recognises, via.read),
    (activitynet.recognises, activitynet.read),
    (label_studio_reading.recognises, label_studio_reading.read),
)
"""JSON by what its content looks like, the first that fits."""


def read_labels(paths: Sequence[Path]) -> ReadLabels:
    """Read label files, detecting each format by content; unreadable files are problems.

    Tables are our own, BORIS's or DeepEthogram's, `.boris` BORIS's projects, `.eaf` ELAN's, `.json` Label Studio's,
    VIA's or ActivityNet's, `.txt` MS-TCN's, and folders MS-TCN's, DeepEthogram's, BORIS's or ELAN's.
    """
    found = ReadLabels()
    for path in paths:
        if not os.path.exists(path):  # False too where its name is too long
            found += ReadLabels(problems=(Problem("", missing(path)),))
            continue
        try:
            read = _reader(path)(path).resolve_from(path if path.is_dir() else path.parent)
            if not read.segments and not read.problems:
                read += ReadLabels(problems=(Problem(path.name, EMPTY),))
            found += read
            if others := unread_sheets(path):
                found += ReadLabels(problems=(Problem(path.name, others),))
        except LabelError as error:
            found += ReadLabels(problems=(Problem(path.name, str(error).removeprefix(f"{path.name}, ")),))
    return found


def _reader(path: Path) -> Reader:
    suffix = path.suffix.casefold()
    if suffix == ".eaf" and not path.is_dir():
        return elan.read
    if path.is_dir() and any(path.rglob("*_labels.csv")):
        return deepethogram.read
    if boris_tabular.is_folder(path):
        return boris_tabular.read_folder
    if elan.is_folder(path) and not ms_tcn.is_folder(path):
        return elan.read_folder
    if suffix == ".txt" or path.is_dir():
        return ms_tcn.read
    if suffix == ".boris":
        return boris_project.read
    if suffix in (".csv", ".tsv", *SHEETS):
        columns = columns_of(path)
        return next((read for needed, read in _TABLES if needed <= columns), segments_csv.read)
    if suffix == ".json" and (read := next((read for fits, read in _DOCUMENTS if fits(read_json(path))), None)):
        return read
    raise LabelError(f"{path.name} has no readable format. Give one of {', '.join(READABLE)}.")
