"""The layout of MS-TCN (Farha and Gall, 2019): the class of each frame, one per line.

mapping.txt                 `NUMBER NAME` a line, in the order of the phases
groundTruth/NAME.txt        of each video
splits/train.split1.bundle  which files train; test.split1.bundle those to be tested on
features/NAME.npy           (D, S) float32, where an encoder's embeddings are at hand (`Track.features`)
carl-studio.json            ours, for the way back (`set_card`)

Its programs take the first word of a name alone: blanks become `_`; our card keeps the name. They have no way to leave
a frame out: those without a label are `background`, the last class of the mapping, which its evaluation leaves out too
(`(unlabelled)` where a phase has that name). Features are looked for under the name up to its first dot. Neighbours of
one phase become one span; confidence and source are not kept.

Read are both names for frames without a label. In files without our card `background` may be a class that somebody
labelled: that is told.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from core.base.errors import LabelError
from core.base.files import new_folder, write_text
from core.base.text_files import read_text
from core.labels.formats.read_labels import FileVideo, Problem, ReadLabels
from core.labels.formats.set_card import NAME as CARD
from core.labels.formats.set_card import SetCard, card_above, read_card, write_card
from core.labels.segments import UNLABELLED, Segment, runs_of
from core.labels.tracks import Labels, Track

UNLABELLED_CLASS = "(unlabelled)"
BACKGROUND = "background"
MAPPING, LABELS, FEATURES, SPLITS = "mapping.txt", "groundTruth", "features", "splits"


def write(path: Path, labels: Labels) -> None:
    """Write a new folder. StorageError: it is there, or the disk refuses. LabelError: two phases, or the features of
    two videos, would have one name."""
    words = _words(labels.phases)
    unlabelled = _unlabelled_class(words)
    stems, features = labels.stems(), _feature_names(labels)
    with new_folder(path) as folder:
        classes = [*words.values(), unlabelled]
        write_text(folder / MAPPING, "".join(f"{index} {word}\n" for index, word in enumerate(classes)))
        for stem, track in stems:
            lines = [unlabelled] * track.num_frames
            for span in track.spans:
                lines[span.start_frame : span.end_frame_exclusive] = [words[span.phase]] * len(span)
            write_text(folder / LABELS / f"{stem}.txt", "".join(f"{line}\n" for line in lines))
        for word, is_test in (("train", False), ("test", True)):
            files = [f"{stem}.txt\n" for stem, track in stems if (track.subset == "val") == is_test]
            write_text(folder / SPLITS / f"{word}.split1.bundle", "".join(files))
        for name, track in features.items():
            _write_features(folder / FEATURES / f"{name}.npy", track)
        write_card(folder, unlabelled, stems, {word: phase for phase, word in words.items() if word != phase})


def notes(path: Path, labels: Labels) -> Iterator[str]:
    """Yield what a person must know to use the folder, first what it changes."""
    words = _words(labels.phases)
    if renamed := [f"{phase!r} is {word!r}" for phase, word in words.items() if word != phase]:
        yield (
            f"Class names cannot contain spaces in MS-TCN: {', '.join(renamed)}. {CARD} keeps the names for importing."
        )
    if _unlabelled_class(words) != BACKGROUND:
        yield (
            f"Frames without a label are {UNLABELLED_CLASS!r}, because a phase is called {BACKGROUND!r}, which "
            "MS-TCN's evaluation ignores. Rename that phase to have it counted."
        )
    tracks = [track for _, track in labels.stems()]
    if missing := sum(track.features is None for track in tracks):
        of = "No video has" if missing == len(tracks) else f"{missing} of {len(tracks)} videos lack"
        yield f"{of} features/NAME.npy. Take them from embeddings with core.label.export --features FOLDER."
    if not any(track.subset == "val" for track in tracks):
        yield f"All videos are in {SPLITS}/train.split1.bundle, because no video of the project is set to Validation."


def _feature_names(labels: Labels) -> dict[str, Track]:
    """Return the names of features in MS-TCN's programs for each video that has some. LabelError: two would collide."""
    found: dict[str, Track] = {}
    for stem, track in labels.stems():
        name = str(stem).split(".")[0]
        other = found.get(name)
        if other is not None and (track.features is not None or other.features is not None):
            raise LabelError(
                f"MS-TCN looks for the features of {track.path.name} and of {other.path.name} in one file, "
                f"{FEATURES}/{name}.npy, because it reads a name up to its first dot. Rename one of them."
            )
        found[name] = track
    return {name: track for name, track in found.items() if track.features is not None}


def _write_features(path: Path, track: Track) -> None:
    """Write the features. LabelError: they are not as many as frames."""
    features = track.features
    assert features is not None
    if len(features) != track.num_frames:
        raise LabelError(
            f"{track.path.name} has {track.num_frames} frames, but features for {len(features)}. Embed it again."
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path, np.ascontiguousarray(features.T, np.float32))  # (D, S)


def is_folder(path: Path) -> bool:
    """Return whether a folder has the layout of `write`."""
    return (path / LABELS).is_dir() or (path / MAPPING).is_file()


def read(path: Path) -> ReadLabels:
    """Read all files of groundTruth for `mapping.txt` or a folder; for another file, the labels of one video.

    LabelError: there is none, or it cannot be read.
    """
    folder = path if path.is_dir() else path.parent if path.name.casefold() == MAPPING else None
    if folder is None:
        card, name = card_above(path)
        return _of_video(path, path.stem, card, name.removeprefix(f"{LABELS}/"))
    root = folder / LABELS if (folder / LABELS).is_dir() else folder
    files = [file for file in sorted(root.rglob("*.txt")) if file.name.casefold() != MAPPING]
    if not files:
        raise LabelError(f"{folder} has no MS-TCN labels, which are groundTruth/NAME.txt. Give another folder.")
    card = read_card(folder.parent if folder.name == LABELS else folder)
    read_so_far = ReadLabels()
    for file in files:
        name = file.relative_to(root).as_posix().removesuffix(file.suffix)
        try:
            read_so_far += _of_video(file, name, card, name)
        except LabelError as error:
            read_so_far += ReadLabels(problems=(Problem(file.name, str(error)),))
    return read_so_far


def _of_video(path: Path, name: str, card: SetCard, name_on_card: str) -> ReadLabels:
    lines = [line.strip() for line in read_text(path, "give the class of each frame, one per line").splitlines()]
    while lines and not lines[-1]:
        lines.pop()
    if not lines:
        raise LabelError(f"{path} is empty. Give the class of each frame, one per line.")
    if empty := [number for number, line in enumerate(lines, 1) if not line]:
        raise LabelError(f"{path.name}, line {empty[0]}: the class is empty. Write one for each frame.")
    without = {UNLABELLED_CLASS, card.unlabelled or BACKGROUND}
    classes = {word: index for index, word in enumerate(dict.fromkeys(lines)) if word not in without}
    labels = np.array([classes.get(line, UNLABELLED) for line in lines])
    phases = {number: card.phases.get(word, word) for word, number in classes.items()}
    segments = tuple(
        Segment(f"{path.name}, line {start + 1}", name, phases[number], start, stop, in_frames=True)
        for number, start, stop in runs_of(labels)
    )
    problems = [] if card.unlabelled or BACKGROUND not in lines else [_of_background(path, name, lines)]
    digest = card.digests.get(name_on_card, "")
    video = FileVideo(path.name, digest=digest, num_frames=len(lines), has_blanks=False)
    return ReadLabels(segments, {name: video}, tuple(problems))


def _of_background(path: Path, name: str, lines: list[str]) -> Problem:
    first, count = lines.index(BACKGROUND) + 1, lines.count(BACKGROUND)
    frames, get = (f"{count} frames are", "get") if count > 1 else ("1 frame is", "gets")
    message = f"{frames} {BACKGROUND!r} and {get} no label. Write another name there if it is a phase to be imported."
    return Problem(f"{path.name}, line {first}", message, name)


def _unlabelled_class(words: dict[str, str]) -> str:
    """Return the class of frames without a label."""
    return UNLABELLED_CLASS if BACKGROUND in words.values() else BACKGROUND


def _words(phases: tuple[str, ...]) -> dict[str, str]:
    """Return the class name of each phase."""
    words: dict[str, str] = {}
    for phase in phases:
        word = "_".join(phase.split())
        other = next((known for known, its in words.items() if its == word), None)
        if other is not None or word == UNLABELLED_CLASS:
            one = f"{other!r} and {phase!r}" if other is not None else f"{phase!r} and frames without a label"
            raise LabelError(f"{one} are both {word!r} in MS-TCN's text. Rename a phase.")
        words[phase] = word
    return words
