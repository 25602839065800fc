"""Labels carried over from one video to others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QLabel, QPushButton, QWidget

from carl_gui.app_context import AppContext
from carl_gui.embedding_index import EmbeddingIndex, EmbeddingSource, by_digest
from carl_gui.job_control.repetitions import RepetitionOrder, find_repetitions
from carl_gui.label.probe_work import Proposals
from carl_gui.models.messages import displayable, path_text
from carl_gui.models.rows import Choice
from carl_gui.numbers import percent
from carl_gui.settings import finds_repetitions, open_settings, remember_repetitions
from carl_gui.tasks import Tasks, in_reporting_thread, next_emission
from carl_gui.widgets.buttons import CheckBox, PrimaryButton
from carl_gui.widgets.editors import NameCombo
from carl_gui.widgets.factories import named, push_button
from carl_gui.widgets.labels import ElidedLabel
from carl_gui.widgets.layouts import STRETCH, hbox, vbox
from carl_gui.widgets.progress import ProgressBar
from carl_gui.widgets.tick_list import CheckedChoices, TickList
from core.align.anchored import Anchor
from core.base.control import Control, Stopped
from core.base.errors import StorageError
from core.base.types import Span
from core.embedding.folder import read_embedded
from core.label.transfer import Carried, carry
from core.project.rows import PhaseRow, VideoRow
from core.repetitions.files import LEAST_REPETITIONS, FoundRepetitions


class TransferDialog(QDialog):
    """Displays what `set_*` gives it; emits the user's requests. Closed by its owner, or by Cancel."""

    source_selected = Signal(object)
    """The run whose embeddings are used."""
    transfer_requested = Signal()

    def __init__(self, title: str, parent: QWidget) -> None:
        """`title`: which labels these are, displayable."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Transfer labels to other videos"))
        self.setMinimumSize(420, 420)
        self._title = ElidedLabel(title)
        self._explained = QLabel(
            self.tr("The videos below are aligned with it and receive its labels. Nothing changes until you accept.")
        )
        self._explained.setWordWrap(True)
        self.sources = NameCombo(self.tr("Embeddings"))
        self.sources.selected.connect(self.source_selected)
        self.model = CheckedChoices()
        self.model.setParent(self)
        self.view = TickList(self.model, self.tr("Videos"))
        self.repetitions = CheckBox(self.tr("Find and label repetitions"))
        self.repetitions.setToolTip(self.tr("Where a video repeats the action, every repetition is labelled"))
        self.line = ElidedLabel(is_sentence=True)
        self.progress = named(ProgressBar(), self.tr("Progress"))
        self.start_button = PrimaryButton(self.tr("Transfer"))
        self._unlabelled: Collection[int | str] = ()
        self._same_action: Collection[int | str] = ()
        self._is_running, self._status_text = False, ""
        self._disabled_reason = ""
        self._lay_out()
        self.model.dataChanged.connect(self._show)
        self.start_button.clicked.connect(self.transfer_requested)
        self._show()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.addRow(self.tr("Embeddings of"), self.sources)
        self._tick_buttons = (
            self._new_tick_button(self.tr("Unlabelled"), lambda: self._unlabelled),
            self._new_tick_button(self.tr("All of this action"), lambda: self._same_action),
            self._new_tick_button(self.tr("None"), lambda: ()),
        )
        cancel = push_button(self.tr("Cancel"), self.reject)
        vbox(
            self._title,
            self._explained,
            form,
            (self.view, 1),
            hbox(*self._tick_buttons, STRETCH),
            self.repetitions,
            self.line,
            self.progress,
            hbox(STRETCH, cancel, self.start_button),
            on=self,
            margins=(18, 16, 18, 16),
            spacing=10,
        )

    def _new_tick_button(self, text: str, keys: Callable[[], Collection[int | str]]) -> QPushButton:
        button = QPushButton(text, autoDefault=False)
        button.clicked.connect(lambda: self.model.check(keys()))
        return button

    @property
    def checked_keys(self) -> list[int | str]:
        """The keys of the videos that are ticked."""
        return self.model.checked

    def set_sources(self, choices: Sequence[Choice], now: str | None) -> None:
        """Set the runs whose embeddings can be used."""
        self.sources.set_choices(choices, now)

    def set_videos(
        self, choices: Sequence[Choice], unlabelled: Collection[int | str], same_action: Collection[int | str]
    ) -> None:
        """Set the videos that can get labels.

        Args:
            unlabelled: those of the same action without any, which are ticked at first.
            same_action: all those of the same action.
        """
        self._unlabelled, self._same_action = set(unlabelled), set(same_action)
        is_of_one = len(self._same_action) == len(choices)
        self._tick_buttons[1].setText(self.tr("All") if is_of_one else self.tr("All of this action"))
        self.model.show(choices, unlabelled)
        self._show()

    def set_disabled_reason(self, sentence: str) -> None:
        """Set why nothing can be transferred; empty if it can."""
        self._disabled_reason = sentence
        self._show()

    def set_progress(self, done: int, of: int) -> None:
        """Show how many videos are aligned."""
        self.set_status(self.tr("Aligning: {0} of {1}").format(done, of), done, of)

    def set_status(self, text: str, done: int, of: int) -> None:
        """Show the progress, and its text; `of` is 0 where that is not known."""
        self._is_running, self._status_text = True, text
        self.progress.setRange(0, of)
        self.progress.setValue(done)
        self._show()

    def _show(self) -> None:
        num_checked = len(self.model.checked)
        self.progress.setVisible(self._is_running)
        for part in (self.sources, self.view, self.repetitions, *self._tick_buttons):
            part.setEnabled(not self._is_running and not self._disabled_reason)
        self.start_button.setEnabled(bool(num_checked) and not self._is_running and not self._disabled_reason)
        if self._disabled_reason:
            self.line.set_full_text(self._disabled_reason)
        elif self._is_running:
            self.line.set_full_text(self._status_text)
        else:
            self.line.set_full_text(self.tr("Chosen: {0} of {1} videos").format(num_checked, self.model.rowCount()))


@dataclass(frozen=True)
class _Order:
    """Everything the thread needs; immutable."""

    embeddings: Path
    encoder_digest: str
    source: VideoRow
    spans: Sequence[Span]
    targets: Sequence[VideoRow]
    anchors: Mapping[int, Sequence[Anchor]]
    """Pins of the source and of each target."""
    repeated: Mapping[int, FoundRepetitions]
    """By id, the targets that show several times what the source shows once."""


class LabelTransfer(QObject):
    """Asks for the videos, aligns them one by one, and passes on the result."""

    proposed = Signal(object)
    """`Proposals`."""
    refused = Signal(str)
    """Why there is nothing to transfer, or what failed."""

    def __init__(self, app_context: AppContext, parent: QObject) -> None:
        super().__init__(parent)
        self._app_context = app_context
        self._tasks = Tasks(self, lambda sentence: self.refused.emit(displayable(sentence)))

    def start(self, source: VideoRow, spans: Sequence[Span], phases: Sequence[PhaseRow]) -> None:
        """Ask to which videos these labels of that video are to go."""
        if not spans:
            self.refused.emit(self.tr("No labels to transfer yet. Label this video first."))
            return
        title = self.tr("“{0}”: %n label(s)", "", len(spans)).format(displayable(source.name))
        dialog = TransferDialog(title, self._app_context.window)
        dialog.repetitions.setChecked(finds_repetitions(open_settings()))
        dialog.set_disabled_reason(self.tr("Looking for embeddings…"))
        dialog.transfer_requested.connect(lambda: dialog.set_status(self.tr("Starting…"), 0, 0))
        ids = {phase.name: phase.id for phase in phases}
        self._tasks.start("transfer", self._transfer(dialog, source, tuple(spans), ids), dialog=dialog)

    def close(self) -> None:
        """End the threads, and close what is open."""
        self._tasks.close()

    async def _transfer(
        self, dialog: TransferDialog, source: VideoRow, spans: Sequence[Span], phases: Mapping[str, int]
    ) -> None:
        videos, project = self._app_context.session.videos, self._app_context.session.require()
        embeddings = self._app_context.session.embeddings
        embeddings.scan()  # others may have changed the files
        found = await embeddings.latest()
        sources = {one.name: one for one in found.sources if source.digest in one.digests and len(one.digests) > 1}
        self._show_sources(dialog, found, sources)
        dialog.source_selected.connect(lambda name: self._show_videos(dialog, videos, source, sources[name]))
        if sources:
            self._show_videos(dialog, videos, source, next(iter(sources.values())))
        await next_emission(dialog.transfer_requested)

        chosen = sources[str(dialog.sources.key)]
        targets = [videos[int(key)] for key in dialog.checked_keys if int(key) in videos]
        anchors = {row.id: project.anchors(source.id, row.id) for row in targets}
        order = _Order(project.embeddings / chosen.name, chosen.encoder_digest, source, spans, targets, anchors, {})
        remember_repetitions(open_settings(), dialog.repetitions.isChecked())
        try:
            if dialog.repetitions.isChecked():
                order = await self._with_repetitions(dialog, order, chosen)
            dialog.set_progress(0, len(targets))
            carried = await in_reporting_thread(
                lambda control, on_progress: _carry_labels(order, on_progress, control), dialog.set_progress
            )
        except Stopped:
            self.refused.emit(self.tr("Stopped; nothing was transferred."))
            return
        dialog.accept()
        if carried:
            repetitions = {video_id: found.repetitions.count for video_id, found in order.repeated.items()}
            self.proposed.emit(Proposals(source.name, carried, phases, repetitions, source.action))
        else:
            self.refused.emit(self.tr("No frame in these videos matches a labelled one."))

    async def _with_repetitions(self, dialog: TransferDialog, order: _Order, chosen: EmbeddingSource) -> _Order:
        """Find out how often each target shows what the source shows once."""

        def show(share: float | None, text: str) -> None:
            if text:
                dialog.set_status(text, 0 if share is None else round(100 * share), 0 if share is None else 100)

        source, project = order.source, self._app_context.session.require().folder
        rows = tuple(row for row in order.targets if row.digest != source.digest)
        if not rows:
            return order
        repetition_order = RepetitionOrder(project, chosen.name, chosen.encoder_digest, source, rows)
        found = await find_repetitions(self._app_context.jobs, repetition_order, list, show)
        by_digest = {one.video.digest: one for one in found if one.repetitions.count >= LEAST_REPETITIONS}
        return replace(
            order, repeated={row.id: by_digest[row.digest] for row in order.targets if row.digest in by_digest}
        )

    def _show_sources(
        self, dialog: TransferDialog, found: EmbeddingIndex, sources: Mapping[str, EmbeddingSource]
    ) -> None:
        dialog.set_sources([Choice(name, displayable(name)) for name in sources], next(iter(sources), None))
        if sources:
            return
        if any(one.digests for one in found.sources):
            dialog.set_disabled_reason(self.tr("Embed this video and others on the Explore page first."))
        else:
            dialog.set_disabled_reason(self.tr("No embeddings yet. Train an encoder and embed the videos first."))

    def _show_videos(
        self, dialog: TransferDialog, videos: Mapping[int, VideoRow], source: VideoRow, chosen: EmbeddingSource
    ) -> None:
        rows = [row for row in by_digest(videos, chosen) if row.id != source.id]
        rows.sort(key=lambda row: row.action != source.action)  # what shows something else comes last
        same_action = {row.id for row in rows if row.action == source.action}
        unlabelled = {row.id for row in rows if not row.num_spans and row.id in same_action}
        dialog.set_disabled_reason("")
        dialog.set_videos([self._choice(row, source.action) for row in rows], unlabelled, same_action)

    def _choice(self, row: VideoRow, action: str) -> Choice:
        text = displayable(row.name)
        if row.action != action:
            other = displayable(row.action) if row.action else self.tr("no action")
            text = self.tr("{0} – {1}").format(text, other)
        note = ""
        if row.num_spans and row.num_frames:
            by_hand, predicted = row.num_frames_by_hand / row.num_frames, row.num_frames_predicted / row.num_frames
            notes = [self.tr("labelled: {0}").format(percent(by_hand))] if by_hand else []
            notes += [self.tr("predicted: {0}").format(percent(predicted))] if predicted else []
            note = ", ".join(notes)
        return Choice(row.id, text, note, path_text(row))


def _carry_labels(order: _Order, on_progress: Callable[[int, int], None], control: Control) -> Mapping[int, Carried]:
    """Return the labels that each target gets, by id; targets that get none are left out."""
    digests = {order.source.digest, *(row.digest for row in order.targets)}
    opened = {video.digest: video for video in read_embedded(order.embeddings, order.encoder_digest, digests)}
    if order.source.digest not in opened:
        raise StorageError(f"{order.embeddings} no longer holds {order.source.name}. Embed the videos again.")
    reference, carried_by_video = opened[order.source.digest].embeddings, {}
    targets = [row for row in order.targets if row.digest in opened]
    for done, row in enumerate(targets, 1):
        if control.stop_requested:
            break
        found = order.repeated.get(row.id)
        rows = opened[row.digest].embeddings if found is None else found.video.embeddings
        cycles = None if found is None else found.repetitions.cycles
        carried = carry(order.spans, reference, rows, order.anchors[row.id], cycles=cycles)
        if carried.spans:
            carried_by_video[row.id] = carried
        on_progress(done, len(targets))
    return carried_by_video
