"""Accept many labels at once with care: checked first, previewed, then done as one step."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from carl_gui.frame_pictures import FramePictures, FrameRequest
from carl_gui.models.acceptance import Acceptance, AcceptanceOrder, judged
from carl_gui.models.acceptance_messages import head_of, left_out_of
from carl_gui.models.choices import Choice
from carl_gui.models.messages import displayable, place_of
from carl_gui.models.span_strip import FALLBACK
from carl_gui.numbers import percent, segments
from carl_gui.panels.label.accept_dialog import AcceptDialog, Tile
from carl_gui.session import Session
from carl_gui.tasks import Tasks, in_telling_thread
from core.base.types import Span
from core.project.rows import VideoRow, natural

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

_TILES = 10
"""Pictures of the least sure segments."""
Deed = Callable[[Mapping[int, Sequence[Span]]], None]


class LabelAcceptance(QObject):
    """One dialog at a time."""

    said = Signal(str)
    """That it is being judged, or why there is nothing to show."""

    def __init__(self, window: QWidget, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._window, self._session = window, session
        self._dialog: AcceptDialog | None = None
        self._found: Acceptance | None = None
        self._tasks = Tasks(self, self._fail)
        self._pictures = FramePictures(self, kept=50)
        self._pictures.arrived.connect(self._on_picture)

    def judge(self, title: str, nothing: str, order: AcceptanceOrder, action: Deed) -> None:
        """Judge predictions in a thread, show what would be accepted, and do it when the person says so.

        Args:
            nothing: what is said where none is sure enough.
        """
        self._tasks.start("judge", self._judge(title, nothing, order, action))
        self.said.emit(self.tr("Checking the predictions…"))

    def show(self, title: str, found: Acceptance, action: Deed) -> None:
        """Show what would be accepted, and do it when the person says so."""
        self._tasks.cancel("judge")
        self._open(title, action)
        self._show_found(found)

    def close(self) -> None:
        """End the threads, and close the dialog."""
        if self._dialog is not None:
            self._dialog.reject()
        self._tasks.close()
        self._pictures.close()

    async def _judge(self, title: str, nothing: str, order: AcceptanceOrder, action: Deed) -> None:
        def show_progress(done: int, of: int) -> None:
            if done < of:
                dialog = self._dialog or self._open(title, action)
                dialog.set_progress(done, of)

        found = await in_telling_thread(lambda control, tell: judged(order, control, tell), show_progress)
        if found.is_empty:
            self._fail(nothing)
            return
        self.said.emit("")
        if self._dialog is None:
            self._open(title, action)
        self._show_found(found)

    def _open(self, title: str, action: Deed) -> AcceptDialog:
        self._dialog, self._found = AcceptDialog(title, self._window), None
        self._dialog.accept_requested.connect(lambda: self._accept(action))
        self._dialog.videos_changed.connect(self._show_head)
        self._dialog.finished.connect(self._forget)
        self._dialog.open()
        return self._dialog

    def _fail(self, sentence: str) -> None:
        if self._dialog is not None:
            self._dialog.reject()
        self.said.emit(displayable(sentence))

    def _show_found(self, found: Acceptance) -> None:
        dialog, videos = self._dialog, self._session.videos
        if dialog is None:
            return
        self._found = found
        keys = sorted((key for key in found.accepted if key in videos), key=lambda key: natural(videos[key].name))
        explained = self.tr("Labelled frames stay as they are. One undo takes everything back.")
        least = [(key, span) for key, span in found.least_sure(_TILES) if key in videos]
        names = {key: displayable(video.name) for key, video in videos.items()}
        dialog.set_found(
            explained,
            left_out_of(found, names),
            [_choice(videos[key], found.accepted[key]) for key in keys],
            [self._tile(videos[key], span) for key, span in least],
        )
        self._show_head()
        folder = self._session.require().folder
        self._pictures.request([_wanted(videos[key], span, folder) for key, span in least])

    def _tile(self, video: VideoRow, span: Span) -> Tile:
        colours = {phase.name: phase.colour for phase in self._session.require().phases()}
        where = self.tr("{0}, frames {1} to {2}")
        return Tile(
            video.id,
            _middle(span),
            f"{displayable(span.phase)} · {percent(span.confidence)}",
            displayable(video.name),
            where.format(displayable(video.name), span.start_frame, span.end_frame_exclusive - 1),
            colours.get(span.phase, FALLBACK),
        )

    def _ticked(self) -> Acceptance | None:
        """Return what would be accepted of the videos that are ticked."""
        if self._dialog is None or self._found is None:
            return None
        ticked: Collection[int | str] = set(self._dialog.model.checked)
        return self._found.without([key for key in self._found.accepted if key not in ticked])

    def _show_head(self) -> None:
        found = self._ticked()
        if self._dialog is not None and found is not None:
            button = self.tr("Accept {0}").format(segments(found.num_segments))
            if not found.num_segments:
                button = self.tr("Accept")
            self._dialog.set_head(head_of(found), button, can_accept=found.num_segments > 0)

    def _accept(self, action: Deed) -> None:
        found, dialog = self._ticked(), self._dialog
        if found is not None and dialog is not None and found.num_segments:
            dialog.accept()
            action(found.accepted)

    def _on_picture(self, video_id: int, frame: int, image: QImage) -> None:
        if self._dialog is not None:
            self._dialog.set_picture(video_id, frame, image)

    def _forget(self) -> None:
        """It was closed, by whomever: what goes on for it ends."""
        self._dialog = self._found = None
        self._tasks.cancel("judge")


def _middle(span: Span) -> int:
    return (span.start_frame + span.end_frame_exclusive - 1) // 2


def _wanted(video: VideoRow, span: Span, folder: Path) -> FrameRequest:
    return FrameRequest(video, _middle(span), folder)


def _choice(video: VideoRow, spans: Sequence[Span]) -> Choice:
    least = percent(min(span.confidence for span in spans))
    return Choice(video.id, displayable(video.name), f"{segments(len(spans))}, ≥ {least}", place_of(video))
