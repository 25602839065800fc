"""Exports of a project: tables for other programs, and results of its runs. The project does not change.

Nothing here needs the open project, so that any thread may do it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from core.base.control import Control
from core.base.csv_files import write_rows
from core.base.errors import StorageError
from core.base.files import explain_errors, replacing
from core.base.leftovers import partial_name, sweep
from core.project.badges import Badges
from core.project.places import candidates
from core.project.rows import VideoRow
from core.video.names import DIGEST, distinct_names

LIBRARY_COLUMNS = ("name", "path", "action", "split", "frames", "fps", "seconds", "state", "video", DIGEST)


_OWN = {"runs", "embeddings", "backups", "labels"}
"""Folders of a project that hold what it made."""


def check_target(path: Path, suffix: str | tuple[str, ...], folder: Path, videos: Iterable[VideoRow] = ()) -> None:
    """Refuse to write over what the project in `folder` made, over its videos, or over a file of another kind.

    Args:
        suffix: what `path` must end in, or one of several; empty: anything.
        videos: of the project.

    Raises:
        StorageError: choose another place or name.
    """
    suffixes = (suffix,) if isinstance(suffix, str) else suffix
    if any(suffixes) and path.suffix.casefold() not in suffixes:
        raise StorageError(f"{path} does not end in {' or '.join(suffixes)}. Choose a name that does.")
    inside = path.resolve()
    if inside.is_relative_to(folder.resolve()) and inside.relative_to(folder.resolve()).parts[:1][0] in _OWN:
        raise StorageError(f"{path.parent} is a folder of the project itself. Choose another one.")
    if path.exists() and any(_is_same(path, candidate) for video in videos for candidate in candidates(video, folder)):
        raise StorageError(f"{path} is a video of the project. Choose another name.")


def _is_same(path: Path, other: Path) -> bool:
    with contextlib.suppress(OSError, ValueError):  # there is no other
        return path.samefile(other)
    return False


def write_library(path: Path, videos: Sequence[VideoRow], badges: Mapping[int, Badges]) -> int:
    """Write one row a video: `LIBRARY_COLUMNS`; what is not known is empty. Returns how many.

    `name` is what the project calls it; `video` is what every table does.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    files = [badges[video.id].file or Path(video.absolute or video.relative or video.name) for video in videos]
    rows = [
        (
            readable(video.name),
            readable(os.fspath(badges[video.id].file or video.absolute or video.relative)),
            readable(video.action),
            "" if video.split == "none" else video.split,
            "" if video.num_frames is None else video.num_frames,
            "" if video.fps is None else f"{video.fps:.6g}",
            "" if video.duration_seconds is None else f"{video.duration_seconds:.6f}",
            _state(badges[video.id]),
            readable(name),
            video.digest,
        )
        for name, video in zip(distinct_names(files), videos, strict=True)
    ]
    write_rows(path, LIBRARY_COLUMNS, rows)
    return len(rows)


def _state(badges: Badges) -> str:
    """Return `missing`, or words such as `decoded embedded labelled`."""
    known = {
        "missing": badges.missing,
        "broken": bool(badges.broken),
        "decoded": badges.decoded,
        "embedded": badges.embedded,
        "labelled": badges.labelled,
    }
    return " ".join(word for word, is_so in known.items() if is_so)


def copy_encoder(encoder: Path, to: Path) -> None:
    """Copy an encoder, and its card to lie beside it as `NAME.json`.

    Args:
        encoder: the `encoder.safetensors` of a run.
        to: a file that may be there already, and then its card too.

    Raises:
        StorageError: there is no such encoder, another file has the card's name, or the disk refuses.
    """
    if not encoder.is_file():
        raise StorageError(f"The encoder {encoder} was deleted. Train the run again.")
    if to.resolve() == encoder.resolve():
        raise StorageError(f"{to} is the run's own encoder. Choose another location for the copy.")
    card, card_to = encoder.with_suffix(".json"), to.with_suffix(".json")
    if card.is_file() and card_to.exists() and not to.exists():
        raise StorageError(f"{card_to} already exists, but the encoder's card needs that name. Choose another name.")
    for source, target in ((encoder, to), (card, card_to)):
        if source.is_file():
            with replacing(target) as partial:
                shutil.copyfile(source, partial)


def copy_folder(source: Path, to: Path, control: Control) -> int:
    """Copy a folder, but for hidden files, to a new one, which is there as a whole or not at all.

    Returns:
        How many files were copied; 0 where `control` asked to stop, and then nothing is left.

    Raises:
        StorageError: the folder is gone, `to` is there already, or the disk refuses.
    """
    if to.exists():
        raise StorageError(f"{to} already exists. Choose another folder.")
    partial = to.with_name(partial_name(to.name))
    try:
        with explain_errors(source):
            os.listdir(source)  # looking through a folder that is not there finds nothing, without a word
            inside = [file.relative_to(source) for file in sorted(source.rglob("*")) if file.is_file()]
            files = [file for file in inside if not any(part.startswith(".") for part in file.parts)]
        with explain_errors(to):
            partial.mkdir(parents=True)
            sweep(to.parent)
            for file in files:
                if control.stop_requested:
                    return 0
                (partial / file).parent.mkdir(exist_ok=True)
                shutil.copyfile(source / file, partial / file)
            os.replace(partial, to)
    except FileNotFoundError as error:
        raise StorageError(f"{error.filename} was deleted. Make it again, then export it.") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return len(files)


def is_unicode(path: Path) -> bool:
    """Return whether a text file can hold it."""
    return readable(os.fspath(path)) == os.fspath(path)


def readable(text: str) -> str:
    """Return the text with question marks for invalid characters."""
    return text.encode("utf-8", "replace").decode("utf-8")
