"""Metadata of an exported folder of labels, for importing it again: `carl-studio.json`.

    {"unlabelled": "background", "phases": {"jump_up": "jump up"},
     "videos": {"clip": {"video": "clip.mp4", "digest": "..."}}}

Formats with a class on every frame have no other place for the class that stands for frames without a label, for the
names of phases that the format cannot hold, nor for which video a file is of. Their own programs do not look at it;
without it such a folder is read too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from core.base.errors import LabelError
from core.labels.formats.json_files import read_json, write_json
from core.labels.tracks import Track

NAME = "carl-studio.json"
_DEEPEST = 8
"""Folders above a file of labels in which the card is looked for."""


@dataclass(frozen=True)
class SetCard:
    """The metadata of a folder; empty if it has none."""

    unlabelled: str = ""
    """The class of frames that have no label."""
    digests: dict[str, str] = field(default_factory=dict)
    """`core.base.files.content_digest` of videos, by the name of their file of labels."""
    phases: dict[str, str] = field(default_factory=dict)
    """What phases are called in the project, by their class in the files, where that is another name."""


def write_card(
    folder: Path,
    unlabelled: str,
    tracks: Sequence[tuple[PurePosixPath, Track]],
    phases: Mapping[str, str] | None = None,
) -> None:
    """Write the card; `phases` as in `SetCard`. StorageError: the disk refuses."""
    videos = {str(stem): {"video": track.path.name, "digest": track.digest} for stem, track in tracks}
    write_json(folder / NAME, {"unlabelled": unlabelled, "phases": dict(phases or {}), "videos": videos})


def card_above(path: Path) -> tuple[SetCard, str]:
    """Return the card of the exported folder in which a file is, and the file's name there without its suffix.

    Where there is none, it is an empty card and the name alone. LabelError: the card is damaged.
    """
    for folder in path.absolute().parents[:_DEEPEST]:
        if (folder / NAME).is_file():
            inside = path.absolute().relative_to(folder).as_posix()
            return read_card(folder), inside.removesuffix(path.suffix)
    return SetCard(), path.stem


def read_card(folder: Path) -> SetCard:
    """Return what the card says. LabelError: it is damaged."""
    path = folder / NAME
    if not path.is_file():
        return SetCard()
    loaded = read_json(path)
    try:
        digests = {str(name): str(video["digest"]) for name, video in loaded["videos"].items()}
        phases = {str(word): str(phase) for word, phase in loaded.get("phases", {}).items()}
        return SetCard(str(loaded["unlabelled"]), digests, phases)
    except (KeyError, TypeError, AttributeError) as error:
        raise LabelError(f"{path} is damaged. Export the folder again, or remove this file.") from error
