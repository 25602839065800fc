"""The videos of a resumed run: those it began with, identified by content, wherever they are now."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from core.base.errors import ConfigError
from core.learning.run_folder import RunFolder
from core.video.content import known_digests


def find_run_videos(run: RunFolder, input_paths: Sequence[Path]) -> list[Path]:
    """Return the videos that the run learns from, in its order, where they lie now.

    Args:
        given: the videos that were named; none: those of the run are looked for where they were, and as they lay from
            the run's folder.

    Raises:
        ConfigError: other videos were given, or one is gone or was replaced.
        StorageError: the list of the run's videos was damaged.
    """
    before, digests = run.videos(), run.digests()
    is_same = [_key(path) for path in input_paths] == [_key(path) for path in before]
    if input_paths and not is_same:
        if digests:
            return _by_content(run, input_paths, before, digests)
        if len(input_paths) == len(before):  # a run that read none yet, or of an older version: its checkpoint knows
            return [path.absolute() for path in input_paths]
        raise _others(run, f"{len(input_paths)} and not {len(before)}")
    found = before if input_paths else run.found_again()[0]
    _check(run, found, [digests.get(path, "") for path in before])
    return found


def _check(run: RunFolder, found: Sequence[Path], digests: Sequence[str]) -> None:
    """Refuse before the long work what has gone or was replaced."""
    now = known_digests(
        (path for path, digest in zip(found, digests, strict=True) if digest), run.config().frames.image_rate
    )
    for path, digest in zip(found, digests, strict=True):
        if digest and path not in now:
            raise ConfigError(
                f"The video {path} of the run {run.folder} was moved or deleted. Say where its videos are now "
                f"(core.train FOLDER --out {run.folder} --resume)."
            )
        if digest and now[path] != digest:
            raise ConfigError(
                f"{path} has changed since the run {run.folder} began. Restore the old file, or start a new run in "
                "another folder."
            )


def _by_content(
    run: RunFolder, input_paths: Sequence[Path], before: Sequence[Path], digests: Mapping[Path, str]
) -> list[Path]:
    now = known_digests(input_paths, run.config().frames.image_rate)
    places: dict[str, list[Path]] = defaultdict(list)
    for path in reversed(input_paths):
        places[now.get(path, "")].append(path)
    found = []
    for path in before:
        if digest := digests.get(path):
            if not places[digest]:
                raise _others(run, f"{path.name} is missing, by its content")
            found.append(places[digest].pop().absolute())
    unread = {path.name for path in before if path not in digests}
    if other := next((path for paths in places.values() for path in paths if path.name not in unread), None):
        raise _others(run, f"{other} is new, by its content")
    return found


def _others(run: RunFolder, which: str) -> ConfigError:
    return ConfigError(
        f"--resume uses the videos of {run.folder}, but others were given ({which}). Leave them out, or start a new "
        "run in another folder."
    )


def _key(path: Path) -> str:
    return os.path.normcase(os.path.realpath(path))
