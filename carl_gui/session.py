"""The open project: all edits go through it, and it announces the changes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal, SignalInstance

from carl_gui.project_embeddings import ProjectEmbeddings, ScanTarget
from core.base.errors import CarlError
from core.project.changes import NOTHING, Changes
from core.project.edits import Edit
from core.project.rows import Fact, StepRow, VideoRow
from core.project.searches import SearchRow
from core.project.store import Project

_MANY = 2000
"""So many changed rows are not looked up one by one."""
Kind = Literal["videos", "phases", "spans", "notes", "anchors"]
"""Of what an edit changes; names of the fields of `Changes`."""


class _Channel(QObject):
    changed = Signal(object)


class Session(QObject):
    """One project at a time. Changes announced by `changed` are on disk, so that a kill cannot lose them."""

    opened = Signal()
    about_to_close = Signal()
    """The project is still there; whoever works for it ends now."""
    closed = Signal()
    changed = Signal(object)
    """`Changes` of any kind, and so the history changed too. Who shows only some kinds follows `changes_of` them."""
    refused = Signal(str)
    """An edit was not done: one sentence says why. Nothing has changed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._project: Project | None = None
        self._videos: dict[int, VideoRow] | None = None
        """None until somebody asks."""
        self.embeddings = ProjectEmbeddings(self._place, self.refused.emit, self)
        self.about_to_close.connect(self.embeddings.close)
        self.changed.connect(lambda changes: self.embeddings.schedule_scan() if changes.videos else None)
        self._channels: dict[frozenset[Kind], _Channel] = {}

    def changes_of(self, *kinds: Kind) -> SignalInstance:
        """Return the signal that announces `Changes` with one of these kinds, once an edit, after `changed`."""
        wanted = frozenset(kinds)
        if wanted not in self._channels:
            self._channels[wanted] = _Channel(self)
        return self._channels[wanted].changed

    @property
    def project(self) -> Project | None:
        """None while none is open."""
        return self._project

    def require(self) -> Project:
        """Return the open project; its absence is a bug of ours."""
        if self._project is None:
            raise RuntimeError("no project is open")
        return self._project

    @property
    def videos(self) -> Mapping[int, VideoRow]:
        """All videos by id, in the order in which they were added; none while no project is open.

        Read once, then kept up to date. What was handed out stays as it was: threads may read it.
        """
        if self._project is None:
            return {}
        if self._videos is None:
            self._videos = {video.id: video for video in self._project.videos()}
        return self._videos

    def has(self, folder: Path) -> bool:
        """Return whether the open project is in that folder, however its path is written."""
        if self._project is None:
            return False
        try:
            return os.path.samefile(folder, self._project.folder)
        except OSError:
            return folder.absolute() == self._project.folder

    def create(self, folder: Path) -> None:
        """Create a project there and open it instead of the present one. CarlError: it cannot; nothing changed."""
        self._on_result(Project.create(folder))

    def open(self, folder: Path) -> None:
        """Open a project instead of the one at hand, which stays open where this fails.

        Raises:
            DamagedProjectError: its database is damaged; the error names the backup that can take its place.
            CarlError: it cannot be opened.
        """
        if not self.has(folder):
            self._on_result(Project.open(folder))

    def close(self) -> None:
        """Close the project, if one is open."""
        if self._project is not None:
            self.about_to_close.emit()
            self._project.close()
            self._project = self._videos = None
            self.closed.emit()

    def do(self, edit: Edit, joins: StepRow | None = None) -> bool:
        """Do an edit; False where it was refused."""
        return self._try(lambda project: project.do(edit, joins))

    def undo(self) -> bool:
        """Undo the last step."""
        return self._try(Project.undo)

    def redo(self) -> bool:
        """Do the last undone step again."""
        return self._try(Project.redo)

    def keep_facts(self, facts: Mapping[int, Fact]) -> bool:
        """Save what decoding found out about videos, by id."""
        return self._try(lambda project: project.keep_facts(facts))

    def move_videos(self, places: Mapping[int, Path]) -> bool:
        """Save where videos are now, by id."""
        return self._try(lambda project: project.move_videos(places))

    def keep_search(self, row: SearchRow, *, is_new: bool = True) -> bool:
        """Save a search, or that other results of it were asked for; return False where it was refused."""
        return self._try(_unannounced(lambda project: project.keep_search(row, is_new=is_new)))

    def clear_searches(self) -> bool:
        """Clear the history of searches."""
        return self._try(_unannounced(Project.clear_searches))

    def _place(self) -> ScanTarget | None:
        return None if self._project is None else (self._project.folder, list(self.videos.values()))

    def _on_result(self, project: Project) -> None:
        self.close()
        self._project = project
        self.opened.emit()

    def _try(self, act: Callable[[Project], Changes]) -> bool:
        project = self.require()
        try:
            changes = act(project)
        except CarlError as error:
            self.refused.emit(str(error))
            return False
        if changes:
            self._read_again(changes.videos | changes.spans)
            self._announce(changes)
        return True

    def _announce(self, changes: Changes) -> None:
        self.changed.emit(changes)
        for kinds, channel in list(self._channels.items()):  # a slot may make a page that follows more
            if any(getattr(changes, kind) for kind in kinds):
                channel.changed.emit(changes)

    def _read_again(self, ids: frozenset[int]) -> None:
        """Read the rows that changed: ten thousand take a tenth of a second, a few next to nothing."""
        if self._videos is None or not ids:
            return
        if len(ids) > _MANY:
            self._videos = None
            return
        found = {video.id: video for video in self.require().videos(ids)}
        last = next(reversed(self._videos), 0)
        is_in_order = all(video_id > last or video_id in self._videos for video_id in found)
        videos = self._videos | found
        for video_id in ids - found.keys():
            videos.pop(video_id, None)
        self._videos = videos if is_in_order else dict(sorted(videos.items()))


def _unannounced(act: Callable[[Project], None]) -> Callable[[Project], Changes]:
    """Return `act` as an edit that no view but the one that asked for it shows."""

    def done(project: Project) -> Changes:
        act(project)
        return NOTHING

    return done
