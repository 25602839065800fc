"""Compare two embedded videos in a thread; only the newest request is answered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from carl_gui.models.pair import Pair, aligned_anew, compare
from carl_gui.tasks import Tasks, in_thread
from core.align.anchored import Anchor
from core.align.confidence import LEAST_CONFIDENCE

_Videos = tuple[Path, str, str, str]
"""Folder of embeddings, digest of their encoder, digests of A and B."""
_Wish = tuple[tuple[Anchor, ...], float]
"""What the path must pass through, and how sure a match must be."""

_MOST_KEPT = 32
"""Paths of two videos that are remembered, so that undoing is quick."""


class PairComparison(QObject):
    """The request, and its result once available."""

    changed = Signal()
    """There is an answer."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._videos: _Videos | None = None
        self._wish: _Wish | None = None
        self._known: dict[_Wish, Pair] = {}
        """Of these videos, by what was asked for."""
        self.pair: Pair | None = None
        """None until the two were compared. With another wish, the pair as it was until its path is found."""
        self.problem = ""
        """Why they cannot be, as a sentence."""
        self._tasks = Tasks(self, self._refuse)

    @property
    def is_settled(self) -> bool:
        """Whether `pair` is the answer to what was asked last."""
        return self.pair is not None and self._wish is not None and self._known.get(self._wish) is self.pair

    def ask(
        self,
        folder: Path,
        encoder_digest: str,
        a_digest: str,
        b_digest: str,
        anchors: tuple[Anchor, ...] = (),
        least_confidence: float = LEAST_CONFIDENCE,
    ) -> bool:
        """Compare these two videos of that folder, with a path through the anchors and matches at least that sure.

        Returns:
            Whether the videos are others than before; `pair` is None then.
        """
        videos = folder, encoder_digest, a_digest, b_digest
        is_new = videos != self._videos
        if is_new:
            self._tasks.cancel("compare")
            self._videos, self._known, self.pair, self.problem = videos, {}, None, ""
        elif (anchors, least_confidence) == self._wish:
            return False
        self._wish = wish = anchors, least_confidence
        known, pair = self._known.get(wish), self.pair
        if known is not None:
            self._show(known)
        elif pair is not None:
            self._tasks.start("compare", self._compare(wish, lambda: aligned_anew(pair, *wish)))
        else:
            self._tasks.start("compare", self._compare(wish, lambda: compare(*videos, *wish)))
        return is_new

    def ask_again(self) -> None:
        """What could not be compared may be well now: the next question is a new one."""
        if self.problem:
            self._videos, self.problem = None, ""

    def forget(self) -> None:
        """Nothing is asked; ends the thread."""
        self._tasks.close()
        self._videos, self._wish, self._known, self.pair, self.problem = None, None, {}, None, ""

    async def _compare(self, wish: _Wish, find: Callable[[], Pair]) -> None:
        pair = await in_thread(lambda control: _prepared(find()))
        while len(self._known) >= _MOST_KEPT:
            del self._known[next(iter(self._known))]
        self._known[wish] = pair
        if wish == self._wish:
            self._show(pair)

    def _show(self, pair: Pair) -> None:
        if pair is not self.pair:
            self.pair = pair
            self.changed.emit()

    def _refuse(self, sentence: str) -> None:
        self.problem = sentence
        self.changed.emit()


def _prepared(pair: Pair) -> Pair:
    pair.prepare()
    return pair
