"""Review of proposed labels: shown video by video, accepted as one step, or discarded.

What is accepted fills frames without a label: what a person said stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QObject, Signal

from carl_gui.label.acceptance import Acceptance, LabelAcceptance, judge_proposals
from carl_gui.label.panel import LabelPanel
from carl_gui.label.probe_work import Prediction, Proposals
from carl_gui.models.messages import displayable
from carl_gui.numbers import frames, percent, repetitions
from carl_gui.session import Session
from core.base.types import Span
from core.project import tracks
from core.project.edits import Together, count_of
from core.project.rows import VideoRow, natural
from core.project.span_edits import ReplaceSpans


class LabelReview(QObject):
    """At most one set of proposals at a time; newer ones replace older ones of the same videos."""

    changed = Signal()
    """Other videos have proposals now."""

    def __init__(
        self,
        session: Session,
        panel: LabelPanel,
        acceptance: LabelAcceptance,
        predicted: Callable[[], Prediction | None],
        is_blocked: Callable[[], bool],
        shown: Callable[[], int | None],
        show: Callable[[int], None],
    ) -> None:
        """`predicted` is what the probe says, `is_blocked` whether that will change soon.

        `shown` is the id of the video that is shown, `show` shows another one.
        """
        super().__init__(panel)
        self._session, self._panel, self._shown, self._choose = session, panel, shown, show
        self._acceptance, self._predicted, self._is_blocked = acceptance, predicted, is_blocked
        self._proposals: Proposals | None = None
        bar = panel.review
        bar.accept_requested.connect(self.accept)
        bar.accept_all_requested.connect(self.accept_all)
        bar.discard_requested.connect(lambda: self._discard(self._shown_with_proposals()))
        bar.discard_all_requested.connect(lambda: self.set_proposals(None))
        bar.next_requested.connect(self.show_next)
        panel.timeline.accept_requested.connect(self._accept_span)

    @property
    def videos(self) -> Sequence[int]:
        """For which something is proposed, by name."""
        rows = self._session.videos
        waiting = () if self._proposals is None else (key for key in self._proposals.by_video if key in rows)
        return sorted(waiting, key=lambda key: natural(rows[key].name))

    def set_proposals(self, proposals: Proposals | None) -> None:
        """Set the proposals to review, and show a video of them; None: there are none."""
        self._proposals = proposals
        self.changed.emit()
        if proposals is not None and self._shown() not in proposals.by_video:
            self.show_next()

    def show(self, videos: Mapping[int, VideoRow]) -> None:
        """Bring the bar and the row up to date with what is shown."""
        if self._proposals is not None and not self._proposals.by_video.keys() <= videos.keys():
            self._proposals = self._proposals.without(self._proposals.by_video.keys() - videos.keys())
        shown, proposals = self._shown(), self._proposals
        spans = self._spans(shown)
        self._panel.timeline.set_proposed(spans)
        line = ""
        if proposals is not None:
            number = len(proposals.by_video)
            line = self.tr("Transferred from “{0}”: %n video(s) to review.", "", number)
            line = line.format(displayable(proposals.source))
            if spans is not None and shown is not None:
                line += " " + self._summary(shown, spans)
        others = [key for key in self.videos if key != shown]
        is_read_only = bool(self._session.require().read_only)
        self._panel.review.set_line(
            line, is_here=spans is not None, is_elsewhere=bool(others), is_read_only=is_read_only
        )

    def accept(self) -> None:
        """Accept the proposals for the current video, as one step."""
        self._accept(self._shown_with_proposals())

    def accept_all(self) -> None:
        """Show what of everything that is proposed would be accepted, and what not; then it is one step."""
        if self._proposals is not None and not self._session.require().read_only and not self._is_blocked():
            found = judge_proposals(
                self._proposals,
                {phase.id: phase.name for phase in self._session.require().phases()},
                self._session.require().spans_reader()(),
                self._session.videos,
                self._proposals.action,
                self._predicted(),
            )
            self._acceptance.show(
                self.tr("Accept transferred labels"), found, lambda spans: self._accept_found(found, spans)
            )

    def show_next(self) -> None:
        """Show the next video by name with proposals."""
        rows, waiting, shown = self._session.videos, self.videos, self._shown()
        if waiting:
            now = natural(rows[shown].name) if shown is not None and shown in rows else natural("")
            after = [key for key in waiting if natural(rows[key].name) > now]
            self._choose((after or waiting)[0])

    def _shown_with_proposals(self) -> Sequence[int]:
        shown = self._shown()
        return [shown] if shown is not None and shown in self.videos else []

    def _spans(self, video_id: int | None) -> Sequence[Span] | None:
        if self._proposals is None or video_id is None:
            return None
        names = {phase.id: phase.name for phase in self._session.require().phases()}
        return self._proposals.spans(video_id, names)

    def _summary(self, video_id: int, spans: Sequence[Span]) -> str:
        """Return how similar the videos are, and how many frames would be filled."""
        assert self._proposals is not None
        likeness = percent(max(1 - self._proposals.by_video[video_id].mean_cost, 0.0))
        free = spans
        for span in self._session.require().spans(video_id):
            free = tracks.erase(free, span.start_frame, span.end_frame_exclusive)
        to_fill = frames(sum(map(len, free)))
        if count := self._proposals.repetitions.get(video_id):
            template = self.tr("This video: {0}, similarity {1}, {2} to fill.")
            return template.format(repetitions(count), likeness, to_fill)
        return self.tr("This video: similarity {0}, {1} to fill.").format(likeness, to_fill)

    def _accept(self, videos: Sequence[int]) -> None:
        edits = [self._edit(key, self._spans(key) or ()) for key in videos]
        label = f"Accept transferred labels of {count_of(len(edits), 'video')}"
        if edits and self._session.do(Together(label, tuple(edits))):
            self._discard(videos)

    def _accept_found(self, found: Acceptance, spans: Mapping[int, Sequence[Span]]) -> None:
        """Turn these spans into labels; what was left out of a video stays proposed."""
        edits = [self._edit(key, found) for key, found in spans.items() if key in self._session.videos]
        label = f"Accept transferred labels of {count_of(len(edits), 'video')}"
        if edits and self._session.do(Together(label, tuple(edits))):
            self._discard([key for key in spans if key not in found.disputed])

    def _accept_span(self, row: str, span: Span) -> None:
        """Accept a proposed span that was double-clicked."""
        shown = self._shown()
        if row == "proposed" and shown is not None:
            self._session.do(Together("Accept transferred label", (self._edit(shown, (span,)),)))

    def _edit(self, video_id: int, spans: Sequence[Span]) -> ReplaceSpans:
        most = self._session.videos[video_id].num_frames
        fitting = spans if most is None else tracks.erase(spans, most, max(most + 1, 2**53))
        return ReplaceSpans(video_id, tuple(tracks.fill_spans(self._session.require().spans(video_id), fitting)))

    def _discard(self, videos: Sequence[int]) -> None:
        if self._proposals is not None:
            self.set_proposals(self._proposals.without(videos))
