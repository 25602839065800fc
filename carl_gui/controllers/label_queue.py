"""What to label next in the step Label: listed anew with every prediction; N goes from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from carl_gui.controllers.label_probe import LabelProbe
from carl_gui.errands import Errand
from carl_gui.models.choices import Choice
from carl_gui.models.probe_work import QueueEntry, QueueWork
from carl_gui.models.wording import displayable
from carl_gui.workshop import Workshop

if TYPE_CHECKING:
    from carl_gui.controllers.labelling import LabelController


class LabelQueue(QObject):
    """Follows the probe."""

    def __init__(self, workshop: Workshop, page: LabelController, probe: LabelProbe) -> None:
        super().__init__(page)
        self._session, self._page, self._probe, self._list = workshop.session, page, probe, page.panel.queue
        self._work = QueueWork()
        self._entries: Sequence[QueueEntry] = ()
        self._at: str | None = None
        """The entry where the person went last."""
        self._has_result = False
        self._errand = Errand(self)
        self._errand.done.connect(self._take)
        probe.changed.connect(self._begin)
        self._list.entry_chosen.connect(self._go_to)
        self._show()

    @property
    def entries(self) -> Sequence[QueueEntry]:
        """The best first."""
        return self._entries

    @property
    def is_busy(self) -> bool:
        """Whether a newer list is being made."""
        return self._errand.is_going

    def go_next(self) -> None:
        """Go to the entry after the one where the person went last; the best one where that is gone."""
        if not self._entries:
            self._page.edits.said.emit(self._list.hint)
            return
        keys = [entry.key for entry in self._entries]
        place = keys.index(self._at) + 1 if self._at in keys else 0
        self._go_to(keys[place % len(keys)])

    def close(self) -> None:
        """End the thread."""
        self._errand.close()

    def _begin(self) -> None:
        prediction, project = self._probe.prediction, self._session.project
        if prediction is None or project is None:
            self._errand.stop()
            self._work, self._entries, self._has_result = QueueWork(), (), False
            self._show()
            return
        work, read = self._work, project.spans_reader()
        self._errand.start(lambda control: work.queue(prediction, read(), control))

    def _take(self, entries: Sequence[QueueEntry]) -> None:
        if self._probe.prediction is None:
            return
        self._entries, self._has_result = entries, True
        self._show()

    def _go_to(self, key: str) -> None:
        found = next((entry for entry in self._entries if entry.key == key), None)
        if found is not None and found.video_id in self._session.videos:
            self._at = key
            self._page.go_to(found.video_id, found.start_frame)
            self._show()
            self._page.edits.said.emit(self._words(found))

    def _show(self) -> None:
        videos = self._session.videos
        choices = [self._choice(one) for one in self._entries if one.video_id in videos]
        hint = ""
        if not self._probe.has_source:
            hint = self.tr("Embed the videos in the step Explore: then what would teach the most is listed here.")
        elif self._has_result:
            hint = self.tr("No frame is in doubt, and every video has labels.")
        self._list.set_entries(choices, self._at, hint)

    def _choice(self, entry: QueueEntry) -> Choice:
        name = displayable(self._session.videos[entry.video_id].name)
        if entry.doubt is None:
            note = self.tr("video")
        else:
            note = self.tr("{0} to {1}").format(entry.start_frame, entry.end_frame_exclusive - 1)
        return Choice(entry.key, name, note, f"{name}\n{self._words(entry)}")

    def _words(self, entry: QueueEntry) -> str:
        if entry.doubt is None:
            return self.tr("Next: this video has no labels, and many others are like it.")
        said = self.tr("Next: frames {0} to {1}, “{2}” or “{3}”?")
        phases = (displayable(phase) for phase in entry.doubt)
        return said.format(entry.start_frame, entry.end_frame_exclusive - 1, *phases)
