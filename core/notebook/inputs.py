"""What a call is given: paths, projects, or videos that are embedded already."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from core.base.errors import ConfigError
from core.base.events import Notice, Sink
from core.base.listing import some
from core.project.places import usable_files
from core.project.reading import Contents, read_contents
from core.project.rows import VideoRow
from core.project.store import Project
from core.project.tables import people_of, write_labels, write_people

StrPath = str | os.PathLike[str]
Paths = StrPath | Iterable[StrPath]
"""One or several video files, folders of videos, lists (CSV, XLSX or JSON), or folders of projects."""


@dataclass(frozen=True)
class Given:
    """The paths of a call, its projects replaced by the files of their videos."""

    paths: tuple[Path, ...]
    project: OpenedProject | None = None
    """Where nothing but one project was given."""


@dataclass(frozen=True)
class OpenedProject:
    """A project with those of its videos that are there."""

    contents: Contents
    files: dict[int, Path]
    """By video id."""

    @property
    def folder(self) -> Path:
        """Of the project."""
        return self.contents.folder

    @property
    def videos(self) -> list[VideoRow]:
        """Those that are there."""
        return [video for video in self.contents.videos if video.id in self.files]

    def paths_of(self, *, validation: bool) -> list[Path]:
        """Return the files of its Validation videos, or of all others."""
        return [self.files[video.id] for video in self.videos if (video.split == "val") == validation]

    def write_labels(self, path: Path) -> Path | None:
        """Write what a person labelled; None, and no file, where there are not two phases (`core.project.tables`)."""
        digests = {video.id: video.digest for video in self.videos}
        return write_labels(self.contents.spans, self.files, path, digests)

    def write_people(self, path: Path) -> Path | None:
        """Write whom body pose follows; None, and no file, where nobody chose (`core.project.tables`)."""
        digests = {video.id: video.digest for video in self.videos}
        return write_people(people_of(self.videos), self.files, path, digests)


def given(paths: Paths, sink: Sink) -> Given:
    """Return what a call names; `sink` is told which videos of a project are not there.

    Raises:
        ConfigError: no video of a project is there.
        StorageError: a project cannot be read.
    """
    named = [Path(path).expanduser() for path in _each(paths)]
    projects = {path: _open(path, sink) for path in named if Project.is_project(path)}
    files: list[Path] = []
    for path in named:
        files += projects[path].files.values() if path in projects else [path]
    return Given(tuple(files), projects[named[0]] if len(named) == 1 and projects else None)


def _each(paths: Paths) -> Iterator[StrPath]:
    if isinstance(paths, str | os.PathLike):
        yield paths
    else:
        yield from paths


def _open(folder: Path, sink: Sink) -> OpenedProject:
    contents = read_contents(folder)
    files = {video.id: file for video, file in usable_files(contents.videos, folder)}
    missing = [video.name for video in contents.videos if video.id not in files]
    if not files:
        raise ConfigError(f"The project {folder} has no usable videos. Add some, or find the missing ones.")
    if missing:
        sink(Notice(f"Missing or broken in the project {folder.name}, and left out: {some(missing)}."))
    return OpenedProject(contents, files)
