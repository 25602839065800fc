"""The page Videos: the library and its player."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QWidget

from carl_gui.app_context import AppContext, reveal
from carl_gui.application import running_application
from carl_gui.frames.thumbnails import Thumbnails
from carl_gui.models.scene import FrameRef, VideoRange
from carl_gui.models.video_filter import VideoFilter
from carl_gui.player.followed_person import FollowedPerson
from carl_gui.player.measuring import Measuring
from carl_gui.player.playback import PlaybackController
from carl_gui.player.player import PlayerPanel, leave_keys_to_player
from carl_gui.player.sound import Sound
from carl_gui.player.video_opener import open_video
from carl_gui.projects.controller import sample_split
from carl_gui.projects.moved import MovedVideos
from carl_gui.projects.project_place import FileWatch, folders_of
from carl_gui.tasks import Tasks, in_thread
from carl_gui.videos.importing import ImportController
from carl_gui.videos.imports import ImportProgressPanel
from carl_gui.videos.panel import LibraryPanel
from carl_gui.whereabouts import Kept, integer, part
from carl_gui.widgets.labels import shown
from carl_gui.widgets.layouts import holder, splitter, vbox
from carl_gui.widgets.when_shown import WhenShown
from core.base.control import Control
from core.project.badges import Badges, badges, with_labels
from core.project.changes import Changes
from core.project.places import candidates
from core.project.rows import SPLITS, VideoRow
from core.project.video_edits import RemoveVideos, RenameVideo, SetAction, SetSplit


class ShownVideo(QObject):
    """Shows one video, and updates when more is known about it."""

    def __init__(self, playback: PlaybackController, player: PlayerPanel) -> None:
        super().__init__(playback)
        self._playback, self._player = playback, player
        self._id = -1
        self._is_stored: bool | None = None
        """Whether its stored frames are shown; None: it is said why it cannot be played."""
        self._is_missing = False

    @property
    def id(self) -> int:
        """Id of the video; -1: none is shown."""
        return self._id

    @property
    def is_stored(self) -> bool:
        """Whether its stored frames are shown."""
        return bool(self._is_stored)

    def show(self, video: VideoRow, known: Badges | None, likely_file: Path) -> None:
        """Show this video from its first frame, or say why it cannot be.

        Args:
            known: what the disk said of it; None while nobody looked.
            likely_file: where it lies as long as that is not known.
        """
        self._id, self._is_stored = video.id, _is_stored(known)
        self._is_missing = known is not None and known.missing
        if known is not None and self._is_stored is None:
            self._playback.clear()
            missing = self.tr("File missing. Find it with “Find moved video…”.")
            self._player.set_no_video(shown(video.name), shown(known.broken) if known.broken else missing)
            return
        file = known.file if known is not None and known.file is not None else likely_file
        name, is_missing = shown(video.name), self._is_missing
        open_video(self._playback, name, video.digest, file, is_stored=self.is_stored, is_missing=is_missing)
        self._player.set_file_missing(is_missing)

    def update_from_disk(self, video: VideoRow, known: Badges, likely_file: Path) -> None:
        """Show it anew if its frames are stored now, or its file is found or gone; not while it plays."""
        is_same = video.id == self._id
        if is_same and known.decoded and self._is_stored is not None:
            self._player.set_file_missing(known.missing)  # at once, while it plays too
        now = self._id, self._is_stored, self._is_missing
        if (video.id, _is_stored(known), known.missing) == now or self._playback.rate:
            return
        frame_index = self._playback.target_frame_index if self._id == video.id else 0
        self.show(video, known, likely_file)
        self._playback.seek_when_open(frame_index)

    def rename(self, video: VideoRow) -> None:
        """Show the current name of the video."""
        self._playback.rename(shown(video.name))

    def clear(self) -> None:
        """Show none."""
        self._id, self._is_stored = -1, None
        self._playback.clear()


def _is_stored(known: Badges | None) -> bool | None:
    """Return whether the player takes the stored frames of this video; None where it cannot be played."""
    if known is None:
        return False
    if known.broken or (known.missing and not known.decoded):
        return None
    return known.decoded


_REST_MS = 250
"""After the last change, before the disk is looked at again."""
_SIZES = [560, 720]
_CLOSE_SECONDS = 2.0


class LibraryController(QObject):
    """Shows the videos of the project; edits go through the session."""

    changed = Signal()
    """Commands may have to be enabled or disabled."""
    badges_changed = Signal()

    def __init__(self, app_context: AppContext) -> None:
        super().__init__(app_context.window)
        self._app_context = app_context
        self._videos: Mapping[int, VideoRow] = {}
        """The displayed rows: while the page is hidden, labels may have changed since."""
        self._badges: dict[int, Badges] = {}
        """Replaced, never changed: a thread may be reading it."""
        self._folders: dict[int, set[str]] = {}
        """By video: where its file may lie."""
        self._frame_to_restore = (-1, 0)
        """A video and a frame of it, where it is opened only once the disk was looked at."""
        self._ids_to_scan: set[int] = set()
        """Videos of which the disk may say something new."""
        self.panel, self._progress, self.player = LibraryPanel(), ImportProgressPanel(), PlayerPanel()
        self.widget, self.first = self._lay_out(), self.panel.view
        self._labels = WhenShown(self.panel, self._show_labels)
        self.playback = PlaybackController(self.player)
        self.shown = ShownVideo(self.playback, self.player)
        FollowedPerson(self.playback, self.player, app_context)
        Measuring(self.playback, self.player, app_context)
        Sound(self.playback, self.player, app_context.show_status)
        self.imports = ImportController(app_context, self._progress)
        self._moved = MovedVideos(app_context)
        self._thumbnails = Thumbnails(self)
        self._tasks = Tasks(self, lambda sentence: app_context.warn(shown(sentence)))
        self._watch = FileWatch(self)
        self._scan_timer = QTimer(self, singleShot=True, interval=_REST_MS)
        self.actions = [*self.panel.commands.values(), *self.player.commands.values()]
        self._connect()
        if app_context.session.project is not None:
            self._open()

    def _lay_out(self) -> QWidget:
        left = holder(vbox((self.panel, 1), self._progress, spacing=0))
        leave_keys_to_player(left, [self.player.commands["play"]])
        return splitter("videos", Qt.Orientation.Horizontal, [left, self.player], _SIZES)

    def _connect(self) -> None:
        session, panel = self._app_context.session, self.panel
        session.opened.connect(self._open)
        session.about_to_close.connect(self._on_about_to_close)
        session.closed.connect(self._on_closed)
        session.changes_of("videos").connect(self._on_changes)
        session.changes_of("spans").connect(self._labels.refresh)
        panel.add_requested.connect(self.imports.start)
        panel.video_selected.connect(self.show_video)
        panel.video_activated.connect(self._play)
        panel.name_edited.connect(lambda video_id, name: session.do(RenameVideo(video_id, name)))
        panel.action_edited.connect(lambda ids, action: session.do(SetAction(ids, action)))
        panel.split_edited.connect(self._set_split)
        panel.remove_requested.connect(self._remove)
        panel.find_requested.connect(lambda ids: self._moved.ask([self._videos[video_id] for video_id in ids]))
        panel.reveal_requested.connect(self._reveal)
        panel.thumbnails_requested.connect(self._request_thumbnails)
        self.player.similar_requested.connect(self._find_similar)
        self._thumbnails.arrived.connect(panel.set_thumbnail)
        self._moved.found.connect(self.scan_disk)
        self._watch.changed.connect(lambda: self._scan_soon(self._videos))
        self.player.find_requested.connect(lambda: self._moved.ask([self._videos[self.shown.id]]))
        self._scan_timer.timeout.connect(self._start_scan)
        self._app_context.jobs.finished.connect(lambda *_: self._scan_soon(self._videos))
        running_application().applicationStateChanged.connect(self._on_application_state)

    @property
    def num_missing(self) -> int:
        """Videos whose file is not where it was."""
        return sum(one.missing for one in self._badges.values())

    @property
    def videos(self) -> Mapping[int, VideoRow]:
        """All of the project, by id."""
        return self._app_context.session.videos

    @property
    def badges(self) -> dict[int, Badges]:
        """Badges that are known by now, by video id."""
        return self._badges

    def import_sample(self, clips: list[Path]) -> None:
        """Import the clips of the sample that was drawn just now."""
        self.imports.start(clips, self.tr("pouring"), sample_split(clips))

    def show_video(self, video_id: int) -> None:
        """Show this video in the player, or say why it cannot be; -1: none."""
        video = self._videos.get(video_id)
        if video is None:
            self.shown.clear()
        else:
            self.shown.show(video, self._badges.get(video_id), self._likely_file(video))

    def show_frame(self, frame_ref: FrameRef) -> None:
        """Choose this video, and show this frame of it; nothing where it is gone."""
        if frame_ref.video_id not in self._videos:
            return
        self.panel.set_chosen(frame_ref.video_id)
        if self.shown.id != frame_ref.video_id:
            self.show_video(frame_ref.video_id)
        self.playback.seek(frame_ref.frame)
        self.playback.seek_when_open(frame_ref.frame)
        self.player.setFocus()

    def save_state(self) -> Kept:
        """Return what is filtered, sorted and chosen, and the frame that is shown."""
        column, descends = self.panel.sorted_by
        return {
            "filter": self.panel.filter.to_json(),
            "column": column,
            "descends": descends,
            "video": self.panel.chosen,
            "frame": self.playback.frame_index,
        }

    def restore_state(self, kept: Kept) -> None:
        """Filter, sort and choose as before."""
        self.panel.set_filter(VideoFilter.from_json(part(kept, "filter")))
        self.panel.sort_by(integer(kept, "column"), kept.get("descends") is True)
        video = integer(kept, "video")
        if video in self._videos:
            self.panel.set_chosen(video)
            self._frame_to_restore = video, integer(kept, "frame", 0)

    def scan_disk(self) -> None:
        """Find out in a thread what each row's badges are."""
        self._ids_to_scan.update(self._videos)
        self._start_scan()

    def close(self) -> None:
        """End the threads."""
        self.imports.close()
        self._moved.close()
        self._tasks.close()
        self._thumbnails.close()
        self._thumbnails.wait(_CLOSE_SECONDS)
        self.playback.close()

    def _open(self) -> None:
        project = self._app_context.session.require()
        self.panel.set_read_only(bool(project.read_only))
        self._badges = {}
        self._ids_to_scan.clear()
        self._videos = self._app_context.session.videos
        self._show_all()
        self.scan_disk()
        if self._videos:
            self._choose_first()

    def _choose_first(self) -> None:
        """Choose the first video, unless the filter hides all."""
        if in_sight := self.panel.model.shown:
            self.panel.set_chosen(in_sight[0])  # it is opened once the disk was looked at

    def _on_about_to_close(self) -> None:
        self.imports.close()
        self._moved.close()
        self._tasks.close()
        self.shown.clear()

    def _on_closed(self) -> None:
        self._videos, self._badges, self._folders = {}, {}, {}
        self._ids_to_scan.clear()
        self._watch.set_folders(())
        self.panel.set_videos([])
        self.panel.set_badges({})

    def _show_all(self) -> None:
        self.imports.set_ids({video.digest: video.id for video in self._videos.values()})
        self.panel.set_videos(list(self._videos.values()))

    def _on_changes(self, changes: Changes) -> None:
        touched = changes.videos | {row.id for row in self._changed_rows()}
        before, self._videos = self._videos, self._app_context.session.videos
        gone = {video_id for video_id in touched if video_id in before and video_id not in self._videos}
        if gone:
            self._badges = {video_id: one for video_id, one in self._badges.items() if video_id not in gone}
            self._show_all()
        else:
            self._show_some([self._videos[video_id] for video_id in touched if video_id in self._videos], before)
        if in_player := self._videos.get(self.shown.id):
            self.shown.rename(in_player)
        elif self.shown.id >= 0:
            self.show_video(self.panel.chosen)
        if not before and self._videos:
            self._choose_first()
        self._scan_soon(touched)
        self.changed.emit()

    def _show_labels(self) -> None:
        """Refresh rows and badges after labels changed; nothing is read from the disk."""
        rows = self._changed_rows()
        self._videos = {**self._videos, **{row.id: row for row in rows}}
        self.panel.update_videos(rows)
        self._show_badges(rows)

    def _changed_rows(self) -> list[VideoRow]:
        """Return the rows that are other than those that are shown."""
        now = self._app_context.session.videos
        return [now[video_id] for video_id, row in self._videos.items() if now.get(video_id, row) is not row]

    def _show_badges(self, rows: Sequence[VideoRow]) -> None:
        known = [row for row in rows if row.id in self._badges]
        found = {row.id: with_labels(self._badges[row.id], row) for row in known}
        self._badges = self._badges | found
        self.panel.set_badges(found)

    def _show_some(self, rows: Sequence[VideoRow], before: Mapping[int, VideoRow]) -> None:
        """Add new rows, and update changed ones."""
        if new := [row for row in rows if row.id not in before]:
            self.imports.add_ids({row.digest: row.id for row in new})
            self.panel.add_videos(new)
        known = [row for row in rows if row.id in before]
        self.panel.update_videos(known)
        self._show_badges(known)

    def _scan_soon(self, ids: Iterable[int]) -> None:
        """Scan these videos on the disk once no more changes come for a moment."""
        self._ids_to_scan.update(ids)
        self._scan_timer.start()

    def _start_scan(self) -> None:
        """Scan the disk in a thread; a running scan is followed by another."""
        project = self._app_context.session.project
        if project is None or self._tasks.is_running("look"):
            return
        ids_to_scan, self._ids_to_scan = self._ids_to_scan, set()
        rows, folder = [self._videos[video_id] for video_id in ids_to_scan if video_id in self._videos], project.folder
        known = self._badges

        def scan(control: Control) -> _DiskScan:
            folders = {row.id: folders_of(candidates(row, folder)) for row in rows}
            return _DiskScan(_changed_badges(badges(rows, folder), known), folders)

        self._tasks.start("look", self._on_badges(scan))

    async def _on_badges(self, work: Callable[[Control], _DiskScan]) -> None:
        scan = await in_thread(work)
        self._folders = {
            video_id: folders
            for video_id, folders in (self._folders | scan.folders).items()
            if video_id in self._videos
        }
        self._watch.set_folders(set().union(*self._folders.values()))
        rows = self._videos  # whose labels may have changed meanwhile
        found = {
            video_id: with_labels(one, rows[video_id])
            for video_id, one in scan.changed_badges.items()
            if video_id in rows
        }
        self._badges = self._badges | found
        self.panel.set_badges(found)
        if self._ids_to_scan and not self._scan_timer.isActive():
            self._start_scan()
        chosen = self._videos.get(self.panel.chosen)
        if chosen is not None and (known := self._badges.get(chosen.id)) is not None:
            self.shown.update_from_disk(chosen, known, self._likely_file(chosen))
            if self._frame_to_restore[0] == chosen.id:
                self.playback.seek_when_open(self._frame_to_restore[1])
            self._frame_to_restore = (-1, 0)
        self.changed.emit()
        self.badges_changed.emit()

    def _play(self, video_id: int) -> None:
        if self.shown.id != video_id:
            self.show_video(video_id)
        self.player.setFocus()

    def _set_split(self, ids: tuple[int, ...], word: str) -> None:
        split = next(split for split in SPLITS if split == word)
        self._app_context.session.do(SetSplit(ids, split))

    def _remove(self, ids: tuple[int, ...]) -> None:
        if ids and self._app_context.session.do(RemoveVideos(ids)):
            self._app_context.show_status(self.tr("Removed from the project; the files stay. Undo restores them."))

    def _reveal(self, video_id: int) -> None:
        known = self._badges.get(video_id)
        file = known.file if known is not None and known.file else self._likely_file(self._videos[video_id])
        if not reveal(file):
            self._app_context.show_status(self.tr("No program is set up to open {0}.").format(shown(str(file.parent))))

    def _find_similar(self, start_frame: int, end_frame_exclusive: int) -> None:
        if self.shown.id in self._videos:
            self._app_context.find_similar(VideoRange(self.shown.id, start_frame, end_frame_exclusive))

    def _request_thumbnails(self, ids: list[int]) -> None:
        rows = [self._videos[video_id] for video_id in ids if video_id in self._videos]
        self._thumbnails.request([(row.id, row.digest, self._likely_file(row)) for row in rows])

    def _likely_file(self, video: VideoRow) -> Path:
        return candidates(video, self._app_context.session.require().folder)[0]

    def _on_application_state(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:  # files may have come and gone meanwhile
            self._scan_soon(self._videos)


@dataclass(frozen=True)
class _DiskScan:
    changed_badges: dict[int, Badges]
    folders: dict[int, set[str]]
    """By video: in which its file may come and go."""


def _changed_badges(found: dict[int, Badges], known: Mapping[int, Badges]) -> dict[int, Badges]:
    """Return the badges that changed: the window need not compare ten thousand paths."""
    return {video_id: one for video_id, one in found.items() if known.get(video_id) != one}
