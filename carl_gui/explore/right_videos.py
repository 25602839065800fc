"""The right videos, and the deviations of others from them, for all views."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Signal

from carl_gui.app_context import AppContext
from carl_gui.explore.right_panel import RightBox, RightDialog, share_of
from carl_gui.models.messages import displayable
from carl_gui.models.scene import Scene
from carl_gui.models.video_choices import video_choice
from carl_gui.session import Session
from carl_gui.settings import open_settings, saved_words
from carl_gui.tasks import Tasks, in_thread
from core.base.control import Control
from core.base.errors import VideoError
from core.embedding.embedded_video import EmbeddedVideo
from core.project.right_edits import SayRight
from core.project.rows import sorted_videos
from core.report.performances import Performance

if TYPE_CHECKING:
    from core.report.deviations import Judged, Right


_SHARE = "explore/deviation_share"
_BATCH_SECONDS = 0.3
"""Results are shown after this long, before the next ones are computed."""


@dataclass(frozen=True)
class _Key:
    """Everything the results depend on."""

    embeddings: Path
    encoder_digest: str
    performers: tuple[tuple[int, str], ...]
    """The ids of the right videos, and their performers."""
    level: float
    """The least confidence of a match."""


@dataclass(frozen=True, eq=False)
class _Results:
    share: float
    right: Right | None
    problem: str
    judged: Mapping[int, Judged | str]


class RightVideos(QObject):
    """One per page. The choice is an edit of the project; the share of false flags is a setting of the window."""

    changed = Signal()
    """The choice changed, or there are more results."""

    def __init__(self, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session = session
        self._share = share_of(open_settings().value(_SHARE))
        self._key: _Key | None = None
        self._right: Right | None = None
        self._error = ""
        self._results: dict[int, Judged | str] = {}
        self._tasks = Tasks(self, self._refuse)

    @property
    def problem(self) -> str:
        """Why nothing can be judged; empty if it can."""
        return self._error

    @property
    def can_choose(self) -> bool:
        """Whether the project can be edited."""
        project = self._session.project
        return project is not None and not project.read_only

    def chosen(self, scene: Scene) -> frozenset[int]:
        """Return the ids of the right videos."""
        return frozenset(video_id for video_id, video in scene.videos.items() if video.is_right)

    def num_without(self, scene: Scene) -> int:
        """Return how many right videos of the project are not embedded, and so not used."""
        return sum(video.is_right and video_id not in scene.videos for video_id, video in self._session.videos.items())

    def choose(self, video: int, *, is_right: bool) -> None:
        """Mark a video as right, or not."""
        self.set_performers({video: "" if is_right else None})

    def set_performers(self, performers: Mapping[int, str | None]) -> None:
        """Set the performers of right videos, empty while unknown; None: not right. The others stay as they are."""
        self._session.do(SayRight(tuple(performers.items())))
        self.changed.emit()  # if the edit was refused, boxes show the old state

    def migrate(self) -> None:
        """Move the right videos that an earlier version kept outside of the project into it; once."""
        project, settings = self._session.project, open_settings()
        if project is None or not self.can_choose:
            return
        key = _settings_key(project.folder)
        digests, videos = set(saved_words(settings, key)), self._session.videos.values()
        performers = tuple((video.id, "") for video in videos if video.digest in digests)
        if not performers or any(video.is_right for video in videos) or self._session.do(SayRight(performers)):
            settings.remove(key)

    @property
    def share(self) -> float:
        """The share of a right video's frames that may be flagged."""
        return self._share

    def choose_share(self, share: float) -> None:
        """Set the share of false flags, and remember it."""
        if share != self._share:
            self._share = share
            open_settings().setValue(_SHARE, share)
            self._results = {}
            self._right = None if self._right is None else self._right.with_share(share)
            self.changed.emit()

    def connect_box(self, box: RightBox) -> None:
        """Let a box show the share, and change it."""
        box.set_share(self._share)
        box.share_selected.connect(self.choose_share)
        self.changed.connect(lambda: box.set_share(self._share))

    def judged(self, video: int) -> Judged | None:
        """Return where a video deviates; None: it is right, or that is not known."""
        found = self._results.get(video)
        return None if isinstance(found, str) else found

    def disabled_reason(self, video: int) -> str:
        """Return why a video cannot be judged; empty: it can, or that is not known."""
        found = self._results.get(video)
        return found if isinstance(found, str) else ""

    def unknown(self, scene: Scene, embedded: Mapping[int, EmbeddedVideo], videos: Iterable[int]) -> list[int]:
        """Return those whose deviations are still to be computed, in order."""
        right_ids = self.chosen(scene) & embedded.keys()
        if not right_ids or self._error:
            return []
        return [one for one in dict.fromkeys(videos) if one in embedded and one not in right_ids | self._results.keys()]

    def score(self, video: int, frame: int) -> float:
        """Return how far a frame deviates, as a multiple of the limit; 0 where it does not."""
        found = self.judged(video)
        if found is None or not 0 <= frame < len(found.found.score):
            return 0.0
        score = float(found.found.score[frame])
        return score if score > 1 else 0.0

    def ask(self, scene: Scene, embedded: Mapping[int, EmbeddedVideo], videos: Iterable[int], level: float) -> None:
        """Compute the missing deviations of these, the first ones first. Emits `changed` after some of them; callers
        then ask again for the others.

        Args:
            level: how sure a match must be, 0 to below 1.
        """
        right_ids = sorted(self.chosen(scene) & embedded.keys())
        performers = tuple((video_id, scene.videos[video_id].performer or "") for video_id in right_ids)
        key = _Key(scene.embeddings, scene.encoder_digest, performers, level)
        if key != self._key:
            self._key, self._right, self._error, self._results = key, None, "", {}
            self._tasks.cancel("judge")
        missing = self.unknown(scene, embedded, videos)
        if not missing or self._tasks.is_running("judge"):
            return
        known_right, share = self._right, self._share
        performances = {
            video_id: _performance(scene, video_id, embedded[video_id]) for video_id in (*right_ids, *missing)
        }
        self._tasks.start("judge", self._judge(lambda control: _judge(control, key, share, known_right, performances)))

    def close(self) -> None:
        """End the thread and clear the results."""
        self._tasks.close()
        self._key, self._right, self._error, self._results = None, None, "", {}

    async def _judge(self, work: Callable[[Control], _Results]) -> None:
        found = await in_thread(work)
        self._error = found.problem
        if found.right is not None and found.share == self._share:
            self._right = found.right
            self._results |= found.judged
        elif found.right is not None:
            self._right = found.right.with_share(self._share)
        self.changed.emit()

    def _refuse(self, sentence: str) -> None:
        self._error = sentence
        self.changed.emit()


def _judge(
    control: Control, key: _Key, share: float, known_right: Right | None, videos: Mapping[int, Performance]
) -> _Results:
    """Compare the right videos, unless that is done, and judge some others by them; runs in a thread."""
    from core.report.deviations import Right  # numba

    performers = dict(key.performers)
    right_performances = [one for video_id, one in videos.items() if video_id in performers]
    judged: dict[int, Judged | str] = {}
    try:
        groups = _groups(key.performers)
        right = known_right or Right(
            right_performances, share=share, least_confidence=key.level, groups=groups, control=control
        )
    except VideoError as error:
        return _Results(share, None, str(error), judged)
    deadline = time.monotonic() + _BATCH_SECONDS
    for video_id, one in videos.items():
        if video_id in performers:
            continue
        control.obey()
        try:
            judged[video_id] = right.judge(one)
        except VideoError as error:
            judged[video_id] = str(error)
        if time.monotonic() > deadline:
            break
    return _Results(share, right, "", judged)


def _groups(performers: Sequence[tuple[int, str]]) -> list[str] | None:
    """Group right videos by performer, one without a performer by itself; None: no grouping."""
    if not any(performer for _, performer in performers):
        return None
    return [performer or f"\0{video_id}" for video_id, performer in performers]


def _performance(scene: Scene, video_id: int, video: EmbeddedVideo) -> Performance:
    return Performance(displayable(scene.videos[video_id].name), video)


def _settings_key(project: Path) -> str:
    return f"right_videos/{hashlib.sha256(str(project).encode('utf-8', 'replace')).hexdigest()[:24]}"


translate = QCoreApplication.translate
_FEW = 3


def choose_right(app_context: AppContext, right: RightVideos) -> None:
    """Open the dialog; a confirmed choice becomes one edit."""
    project = app_context.session.project
    if project is None or not right.can_choose:
        return
    videos = sorted_videos(app_context.session.videos.values())
    before = {video.id: displayable(video.performer) for video in videos if video.performer is not None}
    choices = [video_choice(video) for video in videos]
    dialog = RightDialog(choices, before, app_context.window)

    def save() -> None:
        if app_context.session.project is not project:
            return  # the project was closed meanwhile
        confirmed = dialog.performers
        changed = [
            video_id for video_id in before.keys() | confirmed.keys() if before.get(video_id) != confirmed.get(video_id)
        ]
        current_videos = app_context.session.videos
        if performers := {
            video_id: confirmed.get(video_id) for video_id in sorted(changed) if video_id in current_videos
        }:
            right.set_performers(performers)

    dialog.accepted.connect(save)
    dialog.open()


def right_text(right: RightVideos, scene: Scene) -> str:
    """Return how many right videos there are, and whether these are enough; empty: none."""
    count, without = len(right.chosen(scene)), right.num_without(scene)
    lines = []
    if 0 < count < _FEW:
        lines.append(translate("RightVideos", "%n right video(s); three or more are more reliable.", "", count))
    elif count:
        lines.append(translate("RightVideos", "%n right video(s).", "", count))
    if without:
        lines.append(
            translate("RightVideos", "%n right video(s) (is|are) not embedded. Embed (it|them) too.", "", without)
        )
    return " ".join(lines)
