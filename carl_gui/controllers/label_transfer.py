"""Labels of one video carried to others along the paths of alignment: computed in a thread, shown, then accepted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from carl_gui.controllers.repetition_job import RepetitionJob
from carl_gui.errands import Errand
from carl_gui.models.choices import Choice
from carl_gui.models.embedding_sources import EmbeddingSource, KnownDigests, Survey, by_digest, survey
from carl_gui.models.proposals import Proposals
from carl_gui.models.repetition_search import RepetitionOrder
from carl_gui.models.wording import displayable, place_of
from carl_gui.panels.label.transfer_dialog import TransferDialog
from carl_gui.panels.numbers import percent
from carl_gui.settings import finds_repetitions, open_settings, remember_repetitions
from carl_gui.workshop import Workshop
from core.align.anchored import Anchor
from core.align.repetition_files import LEAST_REPETITIONS, FoundRepetitions
from core.control import Control
from core.embedded_folder import read_embedded
from core.errors import StorageError
from core.label.transfer import Carried, carry
from core.project.rows import PhaseRow, VideoRow
from core.types import Span


@dataclass(frozen=True)
class _Order:
    """All that the thread needs: nothing of it changes."""

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
    """Asks to which videos, aligns them one by one, and hands over what came of it."""

    proposed = Signal(object)
    """`Proposals`."""
    refused = Signal(str)
    """Why there is nothing to transfer, or what failed."""
    _progressed = Signal(object, int, int)

    def __init__(self, workshop: Workshop, parent: QObject) -> None:
        super().__init__(parent)
        self._workshop = workshop
        self._known: KnownDigests = {}
        self._source: VideoRow | None = None
        self._spans: Sequence[Span] = ()
        self._phases: Sequence[PhaseRow] = ()
        self._videos: Mapping[int, VideoRow] = {}
        self._sources: Sequence[EmbeddingSource] = ()
        self._dialog: TransferDialog | None = None
        self._order: _Order | None = None
        """What is going on and still wanted."""
        self._looking, self._carrying = Errand(self), Errand(self)
        self._looking.done.connect(self._take_survey)
        self._carrying.done.connect(self._take)
        self._carrying.failed.connect(self._fail)
        self._progressed.connect(self._show_progress)
        self._finding = RepetitionJob(workshop.jobs, self)
        self._finding.progressed.connect(self._show_finding)
        self._finding.done.connect(self._take_repetitions)
        self._finding.failed.connect(self._refuse_repetitions)

    def begin(self, source: VideoRow, spans: Sequence[Span], phases: Sequence[PhaseRow]) -> None:
        """Ask to which videos these labels of that video are to go."""
        if not spans:
            self.refused.emit(self.tr("No labels to transfer yet. Label this video first."))
            return
        self._source, self._spans, self._phases = source, tuple(spans), phases
        self._videos = self._workshop.session.videos
        said = self.tr("“{0}”: %n label(s)", "", len(spans)).format(displayable(source.name))
        dialog = TransferDialog(said, self._workshop.window)
        dialog.repetitions.setChecked(finds_repetitions(open_settings()))
        dialog.set_hindrance(self.tr("Looking for embeddings…"))
        dialog.source_chosen.connect(self._show_videos)
        dialog.transfer_wanted.connect(self._carry)
        dialog.finished.connect(self._forget_dialog)
        self._dialog = dialog
        dialog.open()
        rows, folder, known = list(self._videos.values()), self._workshop.session.require().folder, self._known
        self._looking.start(lambda control: survey(folder, rows, known))

    def close(self) -> None:
        """End the threads, and close what is open."""
        self._looking.close()
        self._carrying.close()
        self._finding.close()
        if self._dialog is not None:
            self._dialog.reject()

    def _take_survey(self, found: Survey) -> None:
        dialog, source = self._dialog, self._source
        if dialog is None or source is None:
            return
        self._sources = [one for one in found.sources if source.digest in one.digests and len(one.digests) > 1]
        dialog.set_sources([Choice(one.name, displayable(one.name)) for one in self._sources], None)
        if self._sources:
            dialog.set_sources(
                [Choice(one.name, displayable(one.name)) for one in self._sources], self._sources[0].name
            )
            self._show_videos(self._sources[0].name)
        elif any(one.digests for one in found.sources):
            dialog.set_hindrance(self.tr("Embed this video and others on the Explore page first."))
        else:
            dialog.set_hindrance(self.tr("No embeddings yet. Train an encoder and embed the videos first."))

    def _show_videos(self, name: str) -> None:
        dialog, source = self._dialog, self._source
        found = next((one for one in self._sources if one.name == name), None)
        if dialog is None or source is None or found is None:
            return
        rows = [row for row in by_digest(self._videos, found) if row.id != source.id]
        rows.sort(key=lambda row: row.action != source.action)  # what shows something else comes last
        like = {row.id for row in rows if row.action == source.action}
        unlabelled = {row.id for row in rows if not row.num_spans and row.id in like}
        dialog.set_hindrance("")
        dialog.set_videos([self._choice(row, source.action) for row in rows], unlabelled, like)

    def _choice(self, row: VideoRow, action: str) -> Choice:
        text = displayable(row.name)
        if row.action != action:
            other = displayable(row.action) if row.action else self.tr("no action")
            text = self.tr("{0} – {1}").format(text, other)
        note = ""
        if row.num_spans and row.num_frames:
            by_hand, predicted = row.num_frames_by_hand / row.num_frames, row.num_frames_predicted / row.num_frames
            said = [self.tr("labelled: {0}").format(percent(by_hand))] if by_hand else []
            said += [self.tr("predicted: {0}").format(percent(predicted))] if predicted else []
            note = ", ".join(said)
        return Choice(row.id, text, note, place_of(row))

    def _carry(self) -> None:
        dialog, source, project = self._dialog, self._source, self._workshop.session.require()
        found = next((one for one in self._sources if dialog is not None and one.name == dialog.sources.key), None)
        if dialog is None or source is None or found is None:
            return
        targets = [self._videos[int(key)] for key in dialog.wanted if int(key) in self._videos]
        anchors = {row.id: project.anchors(source.id, row.id) for row in targets}
        place, digest = project.embeddings / found.name, found.encoder_digest
        self._order = _Order(place, digest, source, self._spans, targets, anchors, {})
        remember_repetitions(open_settings(), dialog.repetitions.isChecked())
        rows = tuple(row for row in targets if row.digest != source.digest)
        if dialog.repetitions.isChecked() and rows:
            self._finding.begin(RepetitionOrder(project.folder, found.name, digest, source, rows), list)
        else:
            self._begin(self._order)

    def _begin(self, order: _Order) -> None:
        """Align, one target after the other."""
        self._order = order
        if self._dialog is not None:
            self._dialog.set_progress(0, len(order.targets))
        self._carrying.start(lambda control: (order, _carried(order, self._progressed.emit, control)))

    def _take_repetitions(self, _: RepetitionOrder, found: Sequence[FoundRepetitions]) -> None:
        """Now it is known how often each target shows what the source shows once."""
        order = self._order
        if order is None:
            return
        by_digest = {one.video.digest: one for one in found if one.repetitions.count >= LEAST_REPETITIONS}
        repeated = {row.id: by_digest[row.digest] for row in order.targets if row.digest in by_digest}
        self._begin(replace(order, repeated=repeated))

    def _refuse_repetitions(self, _: RepetitionOrder, sentence: str) -> None:
        self._fail(sentence or self.tr("Stopped; nothing was transferred."))

    def _show_finding(self, share: float | None, words: str) -> None:
        if self._dialog is not None and words:
            self._dialog.set_going(words, 0 if share is None else round(100 * share), 0 if share is None else 100)

    def _take(self, found: tuple[_Order, Mapping[int, Carried]]) -> None:
        (order, carried), dialog, source = found, self._dialog, self._source
        if order is not self._order or dialog is None or source is None:  # it was cancelled
            return
        dialog.accept()
        ids = {phase.name: phase.id for phase in self._phases}
        if carried:
            repetitions = {number: found.repetitions.count for number, found in order.repeated.items()}
            self.proposed.emit(Proposals(source.name, carried, ids, repetitions, source.action))
        else:
            self.refused.emit(self.tr("No frame in these videos matches a labelled one."))

    def _fail(self, sentence: str) -> None:
        if self._dialog is not None:
            self._dialog.reject()
            self.refused.emit(displayable(sentence))

    def _show_progress(self, order: _Order, done: int, of: int) -> None:
        if self._dialog is not None and order is self._order:
            self._dialog.set_progress(done, of)

    def _forget_dialog(self) -> None:
        """It was closed, by whomever: what goes on for it ends."""
        self._dialog = self._order = None
        self._finding.close()
        self._carrying.stop()


def _carried(order: _Order, tell: Callable[[_Order, int, int], None], control: Control) -> Mapping[int, Carried]:
    """What each target gets, by id; those that get nothing are left out."""
    digests = {order.source.digest, *(row.digest for row in order.targets)}
    opened = {video.digest: video for video in read_embedded(order.embeddings, order.encoder_digest, digests)}
    if order.source.digest not in opened:
        raise StorageError(f"{order.embeddings} no longer holds {order.source.name}. Embed the videos again.")
    reference, made = opened[order.source.digest].embeddings, {}
    targets = [row for row in order.targets if row.digest in opened]
    for number, row in enumerate(targets, 1):
        if control.stop_requested:
            break
        found = order.repeated.get(row.id)
        rows = opened[row.digest].embeddings if found is None else found.video.embeddings
        cycles = None if found is None else found.repetitions.cycles
        carried = carry(order.spans, reference, rows, order.anchors[row.id], cycles=cycles)
        if carried.spans:
            made[row.id] = carried
        tell(order, number, len(targets))
    return made
