"""Repetitions of A within B."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, QSignalBlocker, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QWidget

from carl_gui.app_context import AppContext
from carl_gui.explore.pair.read_out import duration_text, repeats_text
from carl_gui.explore.pair.repeated import RepeatedPair, repeated_pair, turned_pair
from carl_gui.job_control.repetitions import RepetitionOrder, find_repetitions
from carl_gui.models.messages import displayable
from carl_gui.models.scene import Scene
from carl_gui.settings import finds_repetitions, open_settings, remember_repetitions
from carl_gui.tasks import Tasks
from carl_gui.widgets.buttons import CheckBox
from carl_gui.widgets.factories import follow
from carl_gui.widgets.labels import wrapped_label
from carl_gui.widgets.layouts import hbox, holder, section_title, vbox
from carl_gui.widgets.progress import ProgressRow
from core.base.control import Stopped
from core.project.rows import VideoRow
from core.repetitions.files import LEAST_REPETITIONS, FoundRepetitions


class RepetitionBox(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user."""

    def __init__(self, previous: QAction, following: QAction, parent: QWidget | None = None) -> None:
        """Create the box; its buttons go to the previous repetition, and to the next one."""
        super().__init__(parent)
        self.box = CheckBox(self.tr("Find repetitions"))
        self.box.setToolTip(
            self.tr(
                "Where one video repeats what the other shows once, each repetition is found and aligned separately"
            )
        )
        self.toggled = self.box.toggled
        self._text = wrapped_label()
        self._progress_row = ProgressRow(self.tr("Finding repetitions"), self.tr("Cancel finding repetitions"))
        self.cancel_requested = self._progress_row.cancel_requested
        texts = ((self.tr("Previous"), previous), (self.tr("Next"), following))
        self._buttons = holder(hbox(*(follow(QPushButton(text), action) for text, action in texts), spacing=6))
        vbox(
            section_title(self.tr("Repetitions"), self.box),
            self.box,
            self._progress_row,
            self._text,
            self._buttons,
            on=self,
            spacing=6,
        )
        self.set_progress(None, "")
        self.set_result("", has_repetitions=False)

    @property
    def text(self) -> str:
        """The result, in words."""
        return self._text.text()

    @property
    def progress(self) -> str:
        """The progress, in words; empty if nothing is running."""
        return self._progress_row.words

    def set_on(self, is_on: bool, *, is_possible: bool) -> None:
        """Set whether the search is on, and whether it is possible."""
        with QSignalBlocker(self.box):
            self.box.setChecked(is_on)
        self.box.setEnabled(is_possible)

    def set_progress(self, share: float | None, text: str) -> None:
        """Set the progress, 0 to 1 (None: unknown), and its text; empty: nothing is running."""
        self._progress_row.set_progress(share, text)

    def set_result(self, sentence: str, *, has_repetitions: bool) -> None:
        """Set the result, and whether there are repetitions to go to."""
        self._text.setText(sentence)
        self._text.setVisible(bool(sentence))
        self._buttons.setVisible(has_repetitions)


_MOST_KEPT = 8
"""The number of cached pairs."""


class PairRepetitions(QObject):
    """Connects the box to the job, for the pair given by `follow`."""

    changed = Signal()
    """The pair or the message changed."""

    def __init__(self, app_context: AppContext, box: RepetitionBox) -> None:
        super().__init__(box)
        self._box = box
        self.pair: RepeatedPair | None = None
        """None: not requested, none found, or not yet."""
        self._order: RepetitionOrder | None = None
        """The last request."""
        self._results: dict[object, RepeatedPair | None] = {}
        self._error = ""
        self._jobs = app_context.jobs
        self._tasks = Tasks(self, self._refuse)
        box.toggled.connect(self._toggle)
        box.cancel_requested.connect(lambda: self._toggle(False))

    @property
    def is_settled(self) -> bool:
        """Whether the number of repetitions is known, or not requested."""
        return not self._is_running

    @property
    def _is_running(self) -> bool:
        return self._tasks.is_running("find")

    def follow(self, scene: Scene, a: VideoRow, b: VideoRow) -> None:
        """Look for repetitions in these two, if the user wants that."""
        is_possible, is_on = a.digest != b.digest, finds_repetitions(open_settings())
        self._box.set_on(is_on, is_possible=is_possible)
        order = RepetitionOrder(scene.project, scene.run, scene.encoder_digest, a, (b,), either=True)
        if not (is_on and is_possible):
            self._reset()
        elif self._order is None or _key(order) != _key(self._order):
            self._reset()
            self._order = order
            if self._is_known(order):
                self.pair = self._results[_key(order)]
            else:
                self._tasks.start("find", self._find(order))
        self._show()

    def close(self) -> None:
        """Stop the search and clear the results, because the project closes."""
        self._reset()
        self._results.clear()
        self._show()

    def _toggle(self, is_on: bool) -> None:
        remember_repetitions(open_settings(), is_on)
        self.changed.emit()

    def _reset(self) -> None:
        self._tasks.cancel("find")
        self._order, self.pair, self._error = None, None, ""

    def _is_known(self, order: RepetitionOrder) -> bool:
        """Return whether the result is known, of these two or of the same two swapped."""
        key, swapped = _key(order), _key(replace(order, reference=order.videos[0], videos=(order.reference,)))
        if key not in self._results and swapped in self._results:
            pair = self._results[swapped]
            self._results[key] = pair and turned_pair(pair)
        return key in self._results

    async def _find(self, order: RepetitionOrder) -> None:
        a_digest = order.reference.digest
        try:
            pair = await find_repetitions(
                self._jobs, order, lambda found: _pair(a_digest, found), self._box.set_progress
            )
        except Stopped:
            self._refuse(self.tr("Stopped."))
            return
        while len(self._results) >= _MOST_KEPT:
            del self._results[next(iter(self._results))]
        self._results[_key(order)] = self.pair = pair
        self.changed.emit()

    def _refuse(self, sentence: str) -> None:
        self._error = displayable(sentence)
        self.changed.emit()

    def _show(self) -> None:
        self._box.set_result(self._sentence(), has_repetitions=self.pair is not None)

    @property
    def headline(self) -> str:
        """The number of repetitions, in words; empty if it is unknown or not requested."""
        if self._order is None or self._is_running or self._error:
            return ""
        return self.tr("No repetitions found.") if self.pair is None else repeats_text(self.pair)

    def _sentence(self) -> str:
        if self._error or not self.headline:
            return self._error
        if self.pair is None:
            return self.tr("No repetitions found: neither video repeats what the other shows.")
        return duration_text(self.pair)


def _key(order: RepetitionOrder) -> object:
    """Return everything that the result depends on."""
    digests = tuple(video.digest for video in (order.reference, *order.videos))
    return order.project, order.run, order.encoder_digest, digests


def _pair(a_digest: str, found: Sequence[FoundRepetitions]) -> RepeatedPair | None:
    """Return the pair to show; None where nothing repeats."""
    (one,) = found
    if one.repetitions.count < LEAST_REPETITIONS:
        return None
    pair = repeated_pair(one, side=1 if one.reference.digest == a_digest else 0)
    pair.prepare()
    return pair
