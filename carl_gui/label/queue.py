"""What to label next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import QObject

from carl_gui.app_context import AppContext
from carl_gui.label.page import LabelPage
from carl_gui.label.probe import LabelProbe
from carl_gui.label.probe_work import Opinions, Prediction, ProbeCheck, QueueEntry, QueueWork, Tracks, human_spans
from carl_gui.models.messages import displayable
from carl_gui.models.rows import Choice
from carl_gui.tasks import Tasks, in_thread
from core.base.control import Control
from core.base.types import Span

_MOST = 500
"""Entries, the longest ones."""


def find_differences(checked: ProbeCheck, control: Control) -> list[QueueEntry]:
    """Return the disagreements, the longest first. Stopped: `control` asked for it."""
    from core.label.disagreements import disagreements

    found = disagreements(list(checked.prediction.by_video.values()), checked.found, control)
    return [
        QueueEntry(
            checked.ids[one.place],
            one.start_frame,
            one.end_frame_exclusive,
            None,
            Opinions(one.label, one.probe, one.transfer),
        )
        for one in found[:_MOST]
    ]


def predictions_over_labels(checked: ProbeCheck) -> dict[int, list[Span]]:
    """Return what the other videos predict for frames labelled by hand, by id of the video."""
    found = {}
    for index, spans in checked.found.spans.items():
        key = checked.ids[index]
        found[key] = [
            replace(one, start_frame=start, end_frame_exclusive=stop)
            for one in spans
            for first, end in _stretches(human_spans(checked.prediction.spans.get(key, ())))
            if (start := max(one.start_frame, first)) < (stop := min(one.end_frame_exclusive, end))
        ]
    return found


def _stretches(spans: Sequence[Span]) -> list[tuple[int, int]]:
    """Return first frames and ends of ranges that touching spans cover."""
    found: list[tuple[int, int]] = []
    for span in spans:
        first = found.pop()[0] if found and found[-1][1] == span.start_frame else span.start_frame
        found.append((first, span.end_frame_exclusive))
    return found


def unchanged_entries(entries: Sequence[QueueEntry], then: Tracks, now: Tracks) -> list[QueueEntry]:
    """Return the entries whose frames have the same labels as then."""
    return [one for one in entries if _labels_within(then, one) == _labels_within(now, one)]


def _labels_within(spans: Tracks, entry: QueueEntry) -> list[tuple[str, int, int]]:
    first, end = entry.start_frame, entry.end_frame_exclusive
    return [
        (span.phase, max(span.start_frame, first), min(span.end_frame_exclusive, end))
        for span in spans.get(entry.video_id, ())
        if span.start_frame < end and span.end_frame_exclusive > first
    ]


class LabelQueue(QObject):
    """Follows the probe."""

    def __init__(self, app_context: AppContext, page: LabelPage, probe: LabelProbe) -> None:
        super().__init__(page.panel)
        self._session, self._page, self._probe, self._list = app_context.session, page, probe, page.panel.queue
        self._work = QueueWork()
        self._ranked: Sequence[QueueEntry] = ()
        self._differing: Sequence[QueueEntry] = ()
        self._compared: Prediction | None = None
        """The prediction that the disagreements were found in."""
        self._current_key: str | None = None
        """The entry where the person went last."""
        self._has_result = False
        self._tasks = Tasks(self, lambda sentence: app_context.warn(displayable(sentence)))
        probe.changed.connect(self._start_ranking)
        self._list.entry_selected.connect(self.show_entry)
        self._show()

    @property
    def entries(self) -> Sequence[QueueEntry]:
        """The best first; behind them where opinions differ."""
        return [*self._ranked, *self._differing]

    @property
    def is_busy(self) -> bool:
        """Whether a newer list is being made."""
        return self._tasks.is_running("rank")

    def show_next(self) -> None:
        """Go to the entry after the one where the person went last; the best one where that is gone."""
        if not self.entries:
            self._page.edits.message_changed.emit(self._list.hint)
            return
        keys = [entry.key for entry in self.entries]
        index = keys.index(self._current_key) + 1 if self._current_key in keys else 0
        self.show_entry(keys[index % len(keys)])

    def set_differing(self, entries: Sequence[QueueEntry], compared: Prediction) -> None:
        """Set the disagreements: listed until the labels there change, or other embeddings are read."""
        self._differing, self._compared = entries, compared
        self._show()
        self._start_ranking()

    def close(self) -> None:
        """End the thread."""
        self._tasks.close()

    def _start_ranking(self) -> None:
        prediction, project = self._probe.prediction, self._session.project
        if prediction is None or project is None:
            self._tasks.cancel("rank")
            self._work, self._ranked, self._differing, self._has_result = QueueWork(), (), (), False
            self._show()
            return
        if self._compared is not None and self._compared.embedded is not prediction.embedded:
            self._differing, self._compared = (), None
        then = {} if self._compared is None else self._compared.spans
        work, read, differing = self._work, project.spans_reader(), self._differing

        def rank(control: Control) -> tuple[list[QueueEntry], list[QueueEntry]]:
            now = read()
            return work.queue(prediction, now, control), unchanged_entries(differing, then, now)

        self._tasks.start("rank", self._rank(rank))

    async def _rank(self, rank: Callable[[Control], tuple[list[QueueEntry], list[QueueEntry]]]) -> None:
        (self._ranked, self._differing), self._has_result = await in_thread(rank), True
        self._show()

    def show_entry(self, key: str) -> None:
        """Show that entry; N goes on from it."""
        found = next((entry for entry in self.entries if entry.key == key), None)
        if found is not None and found.video_id in self._session.videos:
            self._current_key = key
            self._page.show_frame(found.video_id, found.start_frame)
            self._show()
            self._page.edits.message_changed.emit(self._text(found))

    def _show(self) -> None:
        videos = self._session.videos
        choices = [self._choice(one) for one in self.entries if one.video_id in videos]
        hint = ""
        if not self._probe.has_source:
            hint = self.tr("Embed the videos on the Explore page to see what to label next.")
        elif self._has_result:
            hint = self.tr("Every video has labels, and no prediction is in doubt.")
        self._list.set_entries(choices, self._current_key, hint)

    def _choice(self, entry: QueueEntry) -> Choice:
        name = displayable(self._session.videos[entry.video_id].name)
        if entry.doubt is None and entry.opinions is None:
            note = self.tr("video")
        else:
            note = self.tr("{0} to {1}") if entry.opinions is None else self.tr("{0} to {1}, disputed")
            note = note.format(entry.start_frame, entry.end_frame_exclusive - 1)
        return Choice(entry.key, name, note, f"{name}\n{self._text(entry)}")

    def opinions_text(self, opinions: Opinions) -> str:
        """Return the phase by each source, as one sentence."""
        parts = (
            (self.tr("labelled “{0}”"), opinions.label),
            (self.tr("predicted “{0}”"), opinions.probe),
            (self.tr("transferred “{0}”"), opinions.transfer),
        )
        return ", ".join(text.format(displayable(phase)) for text, phase in parts if phase is not None)

    def _text(self, entry: QueueEntry) -> str:
        if entry.opinions is not None:
            template = self.tr("Next: frames {0} to {1}, disagreement: {2}.")
            return template.format(entry.start_frame, entry.end_frame_exclusive - 1, self.opinions_text(entry.opinions))
        if entry.doubt is None:
            return self.tr("Next: this video has no labels and resembles many others.")
        template = self.tr("Next: frames {0} to {1}, “{2}” or “{3}”?")
        phases = (displayable(phase) for phase in entry.doubt)
        return template.format(entry.start_frame, entry.end_frame_exclusive - 1, *phases)
