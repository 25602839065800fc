"""Comparing two embedded videos in a thread; the newest question alone is answered."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from carl_gui.errands import Errand
from carl_gui.models.pair import Pair, compare

_Key = tuple[Path, str, str, str]
"""Folder of embeddings, digest of their encoder, digests of A and B."""


class Comparison(QObject):
    """What is asked for, and the answer as soon as there is one."""

    changed = Signal()
    """There is an answer."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._key: _Key | None = None
        self.pair: Pair | None = None
        """None until the two were compared."""
        self.trouble = ""
        """Why they cannot be, as a sentence."""
        self._errand = Errand(self)
        self._errand.done.connect(self._take)
        self._errand.failed.connect(self._refuse)

    def ask(self, folder: Path, encoder_digest: str, a_digest: str, b_digest: str) -> bool:
        """Compare these two videos of that folder; False where they are or were compared already."""
        key = folder, encoder_digest, a_digest, b_digest
        if key == self._key:
            return False
        self._key, self.pair, self.trouble = key, None, ""
        self._errand.start(lambda control: (key, compare(*key)))
        return True

    def ask_again(self) -> None:
        """What could not be compared may be well now: the next question is a new one."""
        if self.trouble:
            self._key, self.trouble = None, ""

    def forget(self) -> None:
        """Nothing is asked; ends the thread."""
        self._errand.close()
        self._key, self.pair, self.trouble = None, None, ""

    def _take(self, found: tuple[_Key, Pair]) -> None:
        if found[0] == self._key:
            self.pair = found[1]
            self.changed.emit()

    def _refuse(self, sentence: str) -> None:
        self.trouble = sentence
        self.changed.emit()
