"""Which videos are said to be right, and where others depart from them; chosen once for all views of a project."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from carl_gui.errands import Errand
from carl_gui.models.scene import Scene
from carl_gui.models.wording import displayable
from carl_gui.settings import open_settings, saved_words
from core.control import Control
from core.embedded import EmbeddedVideo
from core.errors import VideoError
from core.report.performances import Performance

if TYPE_CHECKING:
    from core.report.deviations import Judged, Right

_Key = tuple[Path, str, frozenset[int], float]
"""Embeddings, their encoder, the right videos, how sure a match must be."""


class RightVideos(QObject):
    """One for the page. The choice is kept by the videos' content, for each project, from one start to the next."""

    changed = Signal()
    """Another choice, or more is known."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._project: Path | None = None
        self._digests: frozenset[str] = frozenset()
        self._key: _Key | None = None
        self._asked: frozenset[int] = frozenset()
        self._right: Right | None = None
        self._trouble = ""
        self._found: dict[int, Judged | str] = {}
        self._errand = Errand(self)
        self._errand.done.connect(self._take)

    @property
    def trouble(self) -> str:
        """Why nothing can be judged by these; empty: it can."""
        return self._trouble

    @property
    def is_going(self) -> bool:
        """Whether more will be known."""
        return self._errand.is_going

    def chosen(self, scene: Scene) -> frozenset[int]:
        """Return the ids of the right videos."""
        self._open(scene.project)
        return frozenset(number for number, video in scene.videos.items() if video.digest in self._digests)

    def choose(self, scene: Scene, video: int, *, is_right: bool) -> None:
        """Say that a video is right, or is not."""
        self._open(scene.project)
        digest = {scene.videos[video].digest}
        self._digests = self._digests | digest if is_right else self._digests - digest
        open_settings().setValue(_settings_key(scene.project), sorted(self._digests))
        self.changed.emit()

    def judged(self, video: int) -> Judged | None:
        """Return where a video departs; None: it is right, or that is not known."""
        found = self._found.get(video)
        return None if isinstance(found, str) else found

    def why_not(self, video: int) -> str:
        """Return why a video cannot be judged; empty: it can, or that is not known."""
        found = self._found.get(video)
        return found if isinstance(found, str) else ""

    def score(self, video: int, frame: int) -> float:
        """Return how far a frame is, as a multiple of the limit; 0 where it does not depart."""
        found = self.judged(video)
        if found is None or not 0 <= frame < len(found.found.score):
            return 0.0
        score = float(found.found.score[frame])
        return score if score > 1 else 0.0

    def ask(self, scene: Scene, embedded: Mapping[int, EmbeddedVideo], videos: Iterable[int], level: float) -> None:
        """Find out where these depart, as far as that is not known.

        Args:
            level: how sure a match must be, 0 to below 1.
        """
        rights = frozenset(self.chosen(scene) & embedded.keys())
        key = (scene.embeddings, scene.encoder_digest, rights, level)
        if key != self._key:
            self._key, self._right, self._trouble, self._found = key, None, "", {}
            self._asked = frozenset()
            self._errand.stop()
        wanted = frozenset(videos) & embedded.keys() - rights - self._found.keys()
        if not rights or not wanted or self._trouble or (wanted <= self._asked and self._errand.is_going):
            return
        self._asked = wanted
        ready = self._right
        made = {number: _performance(scene, number, embedded[number]) for number in rights | wanted}
        self._errand.start(lambda control: _judge(control, key, ready, made))

    def close(self) -> None:
        """End the thread and forget what was found."""
        self._errand.close()
        self._project, self._key, self._right, self._trouble, self._found = None, None, None, "", {}
        self._digests, self._asked = frozenset(), frozenset()

    def _open(self, project: Path) -> None:
        if project != self._project:
            self._project = project
            self._digests = frozenset(saved_words(open_settings(), _settings_key(project)))

    def _take(self, result: tuple[_Key, Right | None, str, dict[int, Judged | str]]) -> None:
        key, right, trouble, found = result
        if key == self._key:
            self._right, self._trouble = right, trouble
            self._found |= found
            self.changed.emit()


def _judge(
    control: Control, key: _Key, ready: Right | None, videos: Mapping[int, Performance]
) -> tuple[_Key, Right | None, str, dict[int, Judged | str]]:
    """In a thread: hold the right videos against each other where that is not done, and the others against them."""
    from core.report.deviations import Right  # numba

    found: dict[int, Judged | str] = {}
    rights = [one for number, one in videos.items() if number in key[2]]
    try:
        right = ready or Right(rights, least_confidence=key[3], control=control)
    except VideoError as error:
        return key, None, str(error), found
    for number, one in videos.items():
        if number not in key[2]:
            control.raise_if_stopped()
            try:
                found[number] = right.judge(one)
            except VideoError as error:
                found[number] = str(error)
    return key, right, "", found


def _performance(scene: Scene, number: int, video: EmbeddedVideo) -> Performance:
    return Performance(displayable(scene.videos[number].name), video)


def _settings_key(project: Path) -> str:
    return f"right_videos/{hashlib.sha256(str(project).encode('utf-8', 'replace')).hexdigest()[:24]}"
