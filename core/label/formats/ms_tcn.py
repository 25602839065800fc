"""The text of MS-TCN (Farha and Gall, 2019): the class of each frame, one a line.

mapping.txt            `NUMBER NAME` a line, in the order of the phases
groundTruth/NAME.txt   of each video

Its programs take the first word of a name alone: blanks become `_`. It has no way to leave a frame out: those without a
label are `(unlabelled)`, the last class of the mapping, which readers here leave out again. Neighbours of one phase
become one span; confidence and source are not kept.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from core.errors import LabelError
from core.files import new_folder, write_text
from core.label.formats.labels import Labels
from core.label.formats.read_labels import FileVideo, Problem, ReadLabels
from core.segments import UNLABELLED, Segment, runs_of
from core.text_files import read_text

UNLABELLED_CLASS = "(unlabelled)"
MAPPING, LABELS = "mapping.txt", "groundTruth"


def write(path: Path, labels: Labels) -> None:
    """A new folder. StorageError: it is there, or the disk refuses. LabelError: two phases would have one name."""
    words = _words(labels.phases)
    with new_folder(path) as folder:
        classes = [*words.values(), UNLABELLED_CLASS]
        write_text(folder / MAPPING, "".join(f"{number} {word}\n" for number, word in enumerate(classes)))
        for stem, track in labels.stems():
            lines = [UNLABELLED_CLASS] * track.num_frames
            for span in track.spans:
                lines[span.start_frame : span.end_frame_exclusive] = [words[span.phase]] * len(span)
            write_text(folder / LABELS / f"{stem}.txt", "".join(f"{line}\n" for line in lines))


def read(path: Path) -> ReadLabels:
    """Of `mapping.txt` or a folder: all files of its groundTruth; of another file, the labels of one video.

    LabelError: there is none, or it cannot be read.
    """
    folder = path if path.is_dir() else path.parent if path.name.casefold() == MAPPING else None
    if folder is None:
        return _of_video(path, path.stem)
    root = folder / LABELS if (folder / LABELS).is_dir() else folder
    files = [file for file in sorted(root.rglob("*.txt")) if file.name.casefold() != MAPPING]
    if not files:
        raise LabelError(f"{folder} holds no labels as MS-TCN writes them: they are groundTruth/NAME.txt.")
    read_so_far = ReadLabels()
    for file in files:
        try:
            read_so_far += _of_video(file, file.relative_to(root).with_suffix("").as_posix())
        except LabelError as error:
            read_so_far += ReadLabels(problems=(Problem(file.name, str(error)),))
    return read_so_far


def _of_video(path: Path, name: str) -> ReadLabels:
    lines = [line.strip() for line in read_text(path, "give the class of each frame, one a line").splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        raise LabelError(f"{path} is empty: give the class of each frame, one a line.")
    if empty := [number for number, line in enumerate(lines, 1) if not line]:
        raise LabelError(f"{path.name}, line {empty[0]}: the class is empty: write one for each frame.")
    classes = {word: number for number, word in enumerate(dict.fromkeys(lines)) if word != UNLABELLED_CLASS}
    labels = np.array([classes.get(line, UNLABELLED) for line in lines])
    words = {number: word for word, number in classes.items()}
    segments = tuple(
        Segment(f"{path.name}, line {start + 1}", name, words[number], start, stop, in_frames=True)
        for number, start, stop in runs_of(labels)
    )
    return ReadLabels(segments, {name: FileVideo(path.name, num_frames=len(lines))})


def _words(phases: tuple[str, ...]) -> dict[str, str]:
    """What each phase is called."""
    words: dict[str, str] = {}
    for phase in phases:
        word = "_".join(phase.split())
        other = next((known for known, its in words.items() if its == word), None)
        if other is not None or word == UNLABELLED_CLASS:
            one = f"{other!r} and {phase!r}" if other is not None else f"{phase!r} and frames without a label"
            raise LabelError(f"{one} are both {word!r} in MS-TCN's text: rename a phase.")
        words[phase] = word
    return words
