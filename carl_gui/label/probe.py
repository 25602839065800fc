"""The linear probe of the Label page: refitted in a thread after every edit of labels, accepted in one step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QObject, Signal

from carl_gui.app_context import AppContext
from carl_gui.embedding_index import EmbeddingSource, by_digest
from carl_gui.label.acceptance import AcceptanceOrder, new_pieces
from carl_gui.label.page import LabelPage
from carl_gui.label.probe_work import Prediction, ProbeOrder, ProbeWork, human_spans
from carl_gui.models.messages import displayable
from carl_gui.models.rows import Choice
from carl_gui.numbers import percent, segments, videos
from carl_gui.tasks import Tasks, in_thread
from core.base.control import Control
from core.base.types import Span
from core.project import tracks
from core.project.changes import Changes
from core.project.edits import Together, count_of
from core.project.span_edits import ReplaceSpans

_FEW = 50
"""Videos whose labels are looked at to see whether an edit teaches anything; of more it is taken for granted."""


class LabelProbe(QObject):
    """Works while the page is shown; closes its files when it is hidden."""

    changed = Signal()
    """There is another prediction, or none any more, or labels changed and it stays."""

    def __init__(self, app_context: AppContext, page: LabelPage) -> None:
        super().__init__(page.panel)
        self._session, self._page = app_context.session, page
        self._bar, self._timeline = page.panel.probe, page.panel.timeline
        self._has_new_videos = False
        """Whether videos changed since it was scanned."""
        self._sources: Sequence[EmbeddingSource] = ()
        self._name: str | None = None
        """Name of the run whose embeddings are read."""
        self._has_scanned, self._error = False, ""
        self._is_lost = False
        """Whether the project's folder was gone."""
        self._work = ProbeWork()
        self._prediction: Prediction | None = None
        self._cross_validated: tuple[Prediction | None, Mapping[int, Sequence[Span]]] = None, {}
        """A prediction, and what other videos predict for its labelled frames."""
        self._tasks = Tasks(self, self._on_error)
        self._connect()

    def _connect(self) -> None:
        self._session.opened.connect(self._refresh_sources)
        self._session.embeddings.changed.connect(self._on_scan)
        self._session.changes_of("videos", "spans", "phases").connect(self._on_changes)
        panel = self._page.panel
        panel.appeared.connect(self._refresh_sources)
        panel.vanished.connect(self._unload)
        self._page.video_shown.connect(self._show)
        self._page.playback.frame_changed.connect(self._update_buttons)
        self._timeline.accept_requested.connect(self._accept_span)
        self._bar.source_selected.connect(self._choose_source)
        self._bar.order_selected.connect(lambda _: self._refit())

    @property
    def prediction(self) -> Prediction | None:
        """The last one; None while there is none."""
        return self._prediction

    @property
    def is_pending(self) -> bool:
        """Whether a newer prediction is being made."""
        return self._tasks.is_running("predict")

    @property
    def disabled_reason(self) -> str:
        """Why many labels cannot be accepted just now; empty where they can."""
        if not self.is_pending:
            return ""
        return self.tr("Labels changed: a newer prediction is being made. Accept when it is there.")

    @property
    def is_ordered(self) -> bool:
        """Whether phases keep to the order that the labels show."""
        return self._bar.order.isChecked()

    @property
    def has_source(self) -> bool:
        """Whether a run has embedded videos of the project, as far as is known."""
        return bool(self._sources) or not self._has_scanned

    def show_cross_validated(self, prediction: Prediction, spans: Mapping[int, Sequence[Span]]) -> None:
        """Show in the predicted row what other videos say of labelled frames too, until there is another prediction."""
        self._cross_validated = prediction, spans
        self._show()

    def accept_segment(self) -> None:
        """Accept the predicted segment at the current frame."""
        strip = self._timeline.state.predicted
        span = strip.span_at(self._page.playback.frame_index) if strip is not None else None
        if span is not None:
            self._accept_span("predicted", span)

    def accept_video(self) -> None:
        """Accept all that is predicted for the current video."""
        shown = self._page.chosen
        if self._prediction is not None and shown is not None:
            self._accept(self._prediction.above(0, [shown]))

    def accept_above(self) -> None:
        """Show what is predicted with the confidence that was chosen or more, in the videos of the action of the one
        that is shown; what the person then accepts is one step."""
        prediction, shown, videos = self._prediction, self._page.chosen, self._session.videos
        project, threshold = self._session.require(), self._bar.threshold.value()
        if prediction is None or shown is None or shown not in videos or project.read_only:
            return
        if self.is_pending:
            self._page.edits.message_changed.emit(self.disabled_reason)
            return
        action = videos[shown].action
        if not self._has_human_labels(action):
            text = self.tr("No video of “{0}” is labelled by hand. Label one to accept predictions of it.")
            self._page.edits.message_changed.emit(text.format(displayable(action) or self.tr("no action")))
            return
        order = AcceptanceOrder(prediction, project.spans_reader(), videos, action, threshold / 100)
        title = self.tr("Accept predictions ≥ {0} %").format(threshold)
        nothing = self.tr("Nothing accepted: no unlabelled segment reaches {0} %.").format(threshold)
        self._page.acceptance.judge(title, nothing, order, self._accept)

    def _has_human_labels(self, action: str) -> bool:
        """Return whether a video of that action is labelled by hand."""
        videos, prediction = self._session.videos, self._prediction
        keys = (
            []
            if prediction is None
            else [key for key in prediction.by_video if key in videos and videos[key].action == action]
        )
        return prediction is not None and any(human_spans(prediction.spans.get(key, ())) for key in keys)

    def close(self) -> None:
        """End the threads, close the embeddings."""
        self._tasks.close()
        self._unload()

    def _unload(self) -> None:
        """Forget everything while the page is hidden: a first prediction imports large libraries."""
        self._tasks.cancel("predict")
        self._work, self._prediction, self._cross_validated = ProbeWork(), None, (None, {})
        self._has_scanned, self._error, self._sources = False, "", ()
        self._show()
        self.changed.emit()

    def _refresh_sources(self) -> None:
        if self._page.panel.isVisible():
            self._session.embeddings.refresh()

    def _on_scan(self) -> None:
        """Show which runs have embedded videos of the project."""
        found, videos = self._session.embeddings.index, self._session.videos
        if found is None or not self._page.panel.isVisible():
            return
        sources = [one for one in found.sources if one.digests and by_digest(videos, one)]
        is_as_before = (self._sources, self._is_lost) == (sources, found.is_lost)
        if self._has_scanned and not self._has_new_videos and is_as_before:
            return
        self._sources, self._is_lost = sources, found.is_lost
        self._has_scanned, self._has_new_videos = True, False
        names = [one.name for one in self._sources]
        self._name = self._name if self._name in names else next(iter(names), None)
        self._bar.set_sources([Choice(name, displayable(name)) for name in names], self._name)
        self._refit()

    def _choose_source(self, name: str) -> None:
        self._name, self._prediction = name, None
        self._refit()

    def _on_changes(self, changes: Changes) -> None:
        if not self._page.panel.isVisible():
            return
        if changes.videos:
            self._has_new_videos = True  # they are scanned
        elif changes.phases or (changes.spans and self._changes_training(changes.spans)):
            self._refit()
        else:
            self.changed.emit()

    def _changes_training(self, videos: frozenset[int]) -> bool:
        """Return whether labels by hand of these videos differ from those that the prediction was made with."""
        prediction = self._prediction
        if prediction is None or self.is_pending or len(videos) > _FEW:
            return True
        project = self._session.require()
        return any(human_spans(project.spans(key)) != human_spans(prediction.spans.get(key, ())) for key in videos)

    def _refit(self) -> None:
        source = next((one for one in self._sources if one.name == self._name), None)
        project = self._session.project
        if source is None or project is None:
            self._tasks.cancel("predict")
            self._prediction = None
            self._show()
            self.changed.emit()
            return
        videos = {row.digest: row.id for row in by_digest(self._session.videos, source)}
        order = ProbeOrder(
            project.embeddings / source.name,
            source.encoder_digest,
            videos,
            project.spans_reader(),
            self.is_ordered,
        )
        work, self._error = self._work, ""
        self._tasks.start("predict", self._predict(lambda control: work.predict(order, control)))
        self._show()

    async def _predict(self, work: Callable[[Control], Prediction]) -> None:
        self._prediction = await in_thread(work)
        self._show()
        self.changed.emit()

    def _on_error(self, sentence: str) -> None:
        self._error, self._prediction = displayable(sentence), None
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        """Bring the rows of the timeline and the bar up to date with what is shown."""
        prediction, shown = self._prediction, self._page.chosen
        spans = None if prediction is None or shown is None else prediction.predicted(shown)
        validated_spans = (
            self._cross_validated[1].get(shown, ())
            if shown is not None and self._cross_validated[0] is prediction
            else ()
        )
        row = None if spans is None else sorted([*spans, *validated_spans], key=lambda span: span.start_frame)
        self._timeline.set_predicted(row)
        self._timeline.set_confidence(None if prediction is None or shown is None else prediction.confidence(shown))
        self._bar.set_line(self._status_text(spans))
        self._update_buttons()

    def _update_buttons(self) -> None:
        project, prediction, strip = self._session.project, self._prediction, self._timeline.state.predicted
        can = project is not None and not project.read_only and prediction is not None and bool(prediction.by_video)
        here = strip.span_at(self._page.playback.frame_index) if strip is not None else None
        self._bar.set_enabled_actions(
            has_segment=can and here is not None, is_video=can and strip is not None, is_any=can
        )

    def _status_text(self, spans: Sequence[Span] | None) -> str:
        prediction, shown = self._prediction, self._page.chosen
        if self._error:
            return self._error
        if not self._sources and self._is_lost:
            return self.tr("The project folder was moved or deleted: its embeddings cannot be read.")
        if not self._sources:
            return self.tr("Embed the videos on the Explore page to see predictions here.") * self._has_scanned
        if self.is_pending:
            if prediction is None or not prediction.by_video:
                return self.tr("Predicting…")
            return self.tr("Labels changed; updating the prediction…")
        if prediction is None or not prediction.by_video:
            return self.tr("Label frames of at least two phases; the rest are predicted.")
        if spans is None:
            return self.tr("No prediction: this video is not embedded with that run.")
        if not spans:
            return self.tr("Every frame of this video is labelled; nothing to predict.")
        frames = sum(map(len, spans))
        sure = sum(len(span) * span.confidence for span in spans) / frames
        text = self.tr("%n frame(s) predicted here, mean confidence {0}", "", frames).format(percent(sure))
        action = self._session.videos[shown].action if shown is not None and shown in self._session.videos else ""
        if self._has_human_labels(action):
            return text
        other = self.tr("No video of “{0}” is labelled by hand; these phases are of another action.")
        return f"{other.format(displayable(action) or self.tr('no action'))} {text}"

    def _accept_span(self, row: str, span: Span) -> None:
        shown = self._page.chosen
        if row == "predicted" and shown is not None:
            self._accept({shown: [span]})

    def _accept(self, spans: Mapping[int, Sequence[Span]]) -> None:
        """Turn predicted spans into labels where there are none yet, as one step."""
        project = self._session.require()
        if project.read_only:
            return
        edits, num_spans = [], 0
        for key, found in spans.items():
            if key not in self._session.videos:
                continue
            track = project.spans(key)
            if pieces := new_pieces(track, found, self._session.videos[key].num_frames):
                num_spans += len(pieces)
                edits.append(ReplaceSpans(key, tuple(tracks.fill_spans(track, pieces))))
        if not edits:
            self._page.edits.message_changed.emit(self.tr("Nothing accepted: these frames are labelled already."))
            return
        label = f"Accept {count_of(num_spans, 'segment')} of {count_of(len(edits), 'video')}"
        if self._session.do(Together(label, tuple(edits))):
            text = self.tr("Accepted {0} in {1}.")
            self._page.edits.message_changed.emit(text.format(segments(num_spans), videos(len(edits))))
