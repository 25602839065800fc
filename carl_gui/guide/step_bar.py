"""The steps of a project as tabs, with a note under each."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QFont, QFontMetrics, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from carl_gui.job_control.recovery import TRAIN
from carl_gui.jobs import Jobs
from carl_gui.session import Session
from carl_gui.theme import colours_of
from carl_gui.widgets.factories import scaled_font
from carl_gui.widgets.layouts import STRETCH, hbox
from core.learning.run_folder import RunFolder

if TYPE_CHECKING:
    from carl_gui.videos.controller import LibraryController


class StepBar(QWidget):
    """A row of pages; the current one is underlined and bold."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Steps"))
        self._buttons: dict[str, _StepButton] = {}
        self._row = hbox(STRETCH, on=self, margins=(6, 0, 6, 0), spacing=2)

    @property
    def ids(self) -> tuple[str, ...]:
        """In their order."""
        return tuple(self._buttons)

    def add_step(self, step_id: str, action: QAction) -> None:
        """Add one more step, after the others; the action chooses it."""
        button = _StepButton(action, len(self._buttons) + 1, self)
        self._buttons[step_id] = button
        self._row.insertWidget(len(self._buttons) - 1, button)

    def set_note(self, step_id: str, note: str) -> None:
        """Show in a few words how far this step has come; empty: nothing."""
        self._buttons[step_id].set_note(note)

    def note(self, step_id: str) -> str:
        """Return the last text of `set_note`."""
        return self._buttons[step_id].note


class _StepButton(QToolButton):
    """Number and name of a page above its note."""

    def __init__(self, action: QAction, number: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.note = ""
        self._number = number
        self._name = action.text().replace("&&", "\0").replace("&", "").replace("\0", "&")
        self.setDefaultAction(action)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setAutoRaise(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        action.changed.connect(self._update_palette)
        self._update_palette()

    def set_note(self, note: str) -> None:
        if note != self.note:
            self.note = note
            self._update_palette()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        colours = colours_of(self.palette())
        is_here, is_on = self.isChecked(), self.isEnabled()
        if self.underMouse() and is_on:
            painter.fillRect(self.rect(), self.palette().color(QPalette.ColorRole.Button))
        painter.setFont(scaled_font(self.font(), bold=is_here))
        painter.setPen(colours.disabled_text if not is_on else colours.text if is_here else colours.muted_text)
        room = self.rect().adjusted(10, 5, -10, -6)
        top = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop
        painter.drawText(room, top, f"{self._number}  {self._name}")
        painter.setFont(self._note_font())
        painter.setPen(colours.disabled_text if not is_on else colours.muted_text)
        painter.drawText(room, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, self.note)
        if is_here:
            painter.fillRect(8, self.height() - 3, self.width() - 16, 3, colours.curve)
        if self.hasFocus():
            painter.setPen(colours.curve)
            painter.drawRect(self.rect().adjusted(1, 1, -2, -4))
        painter.end()

    def sizeHint(self) -> QSize:  # noqa: N802
        hint = super().sizeHint()
        bold, small = self.font(), self._note_font()
        bold.setBold(True)
        names, notes = QFontMetrics(bold), QFontMetrics(small)
        widest = max(names.horizontalAdvance(f"{self._number}  {self._name}"), notes.horizontalAdvance(self.note), 76)
        hint.setWidth(widest + 24)
        hint.setHeight(names.height() + notes.height() + 14)
        return hint

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return self.sizeHint()

    def _note_font(self) -> QFont:
        font = scaled_font(self.font(), scale=0.85)
        return font

    def _update_palette(self) -> None:
        name = f"{self._number} {self._name}, {self.note}" if self.note else f"{self._number} {self._name}"
        self.setAccessibleName(name)
        self.updateGeometry()
        self.update()


class TabStatus(QObject):
    """Reads the library and the project's folder."""

    def __init__(self, parent: QObject, steps: StepBar, session: Session, jobs: Jobs) -> None:
        super().__init__(parent)
        self._steps, self._session, self._jobs = steps, session, jobs
        self._library: LibraryController | None = None
        jobs.changed.connect(self.show)
        session.closed.connect(self.show)
        session.changes_of("spans").connect(lambda changes: self._show_labels())

    def follow(self, library: LibraryController) -> None:
        """Follow the library, which was just made."""
        self._library = library
        library.changed.connect(self.show)
        library.badges_changed.connect(self.show)
        self.show()

    def show(self) -> None:
        """Show the present state."""
        project, library = self._session.project, self._library
        notes = dict.fromkeys(self._steps.ids, "")
        if project is not None and library is not None:
            number = len(self._session.videos)
            embedded = sum(badge.embedded for badge in library.badges.values())
            notes |= {
                "videos": self._some(self.tr("%n video(s)", "", number), number),
                "train": self._of_runs(project.runs),
                "explore": self._some(self.tr("%n embedded", "", embedded), embedded),
                "label": self._of_labels(),
            }
        for step_id in self._steps.ids:
            self._steps.set_note(step_id, notes[step_id])

    def _show_labels(self) -> None:
        self._steps.set_note("label", self._of_labels())

    def _of_labels(self) -> str:
        videos = self._session.videos.values()
        labelled = sum(video.num_frames_by_hand > 0 for video in videos)
        predicted = sum(video.num_spans > 0 for video in videos) - labelled
        return self._some(self.tr("%n labelled", "", labelled), labelled) or self._some(
            self.tr("%n predicted", "", predicted), predicted
        )

    def _of_runs(self, runs: Path) -> str:
        if any(job.order.kind == TRAIN and job.state != "waiting" for job in self._jobs.jobs):
            return self.tr("training")
        number = sum(map(RunFolder.is_run, _entries(runs)))
        return self._some(self.tr("%n run(s)", "", number), number)

    def _some(self, note: str, number: int) -> str:
        return note if number else ""


def _entries(folder: Path) -> Iterable[Path]:
    try:
        return list(folder.iterdir())
    except OSError:
        return []
