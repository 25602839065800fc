"""The step Label: phases and spans of the project, through the session, with the player at the frame in question."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from carl_gui.actions import LABEL
from carl_gui.controllers.opening import Opener
from carl_gui.controllers.playback import PlaybackController
from carl_gui.models.choices import Choice
from carl_gui.models.scene import Passage
from carl_gui.models.video_choices import VideoChoices
from carl_gui.models.wording import displayable, place_of
from carl_gui.panels.label.label import LabelPanel
from carl_gui.panels.numbers import count, percent
from carl_gui.workshop import Workshop
from core.project.changes import Changes
from core.project.phase_edits import AddPhase, ColourPhase, OrderPhases, RemovePhases, RenamePhase
from core.project.rows import PhaseRow, VideoRow, natural
from core.project.span_edits import EraseSpans, PaintSpan
from core.types import Span


class LabelController(QObject):
    """One video at a time. A stretch runs between two marks, or from one mark to the frame that is shown."""

    changed = Signal()

    def __init__(self, workshop: Workshop) -> None:
        super().__init__(workshop.window)
        self._workshop = workshop
        self._videos: Mapping[int, VideoRow] = {}
        self._phases: Sequence[PhaseRow] = ()
        self._spans: Sequence[Span] = ()
        self._chosen: int | None = None
        self._marks: list[int | None] = [None, None]
        """First and last frame of the stretch, as they were marked."""
        self._said = ""
        """What came of the last deed, until something else happens."""
        self._choices = VideoChoices(_choice)
        self._is_behind = False
        """Whether something changed while the page was not seen."""
        self.panel = LabelPanel()
        self.widget, self.first = self.panel, self.panel.player
        self.playback = PlaybackController(self.panel.player)
        self._opener = Opener(self.playback, self.panel.player)
        self.adopted: list[tuple[str, str, QAction]] = [
            (f"label.{name}", LABEL, action) for name, action in self.panel.commands.items()
        ]
        self.adopted += self.panel.player.adopted
        self._connect()
        if workshop.session.project is not None:
            self._open()

    def _connect(self) -> None:
        session, panel, phases = self._workshop.session, self.panel, self.panel.phases
        session.opened.connect(self._open)
        session.about_to_close.connect(self._leave)
        session.changed.connect(self._take_changes)
        self.playback.opened.connect(self._take_num_frames)
        self.playback.place_changed.connect(self._take_place)
        panel.appeared.connect(lambda: self._show() if self._is_behind else None)
        panel.vanished.connect(lambda: self.playback.shuttle(0))
        panel.deed_chosen.connect(lambda: self._workshop.show_page("videos"))
        panel.videos.video_chosen.connect(self.choose)
        panel.phase_number_chosen.connect(self._label_as_number)
        phases.label_wanted.connect(self.label_as)
        phases.add_wanted.connect(lambda name: session.do(AddPhase(name)))
        phases.rename_wanted.connect(lambda number, name: session.do(RenamePhase(number, name)))
        phases.colour_wanted.connect(lambda number, colour: session.do(ColourPhase(number, colour)))
        phases.order_wanted.connect(lambda ids: session.do(OrderPhases(ids)))
        phases.remove_wanted.connect(lambda number: session.do(RemovePhases((number,))))
        panel.player.similar_wanted.connect(self._find_similar)
        panel.timeline.frame_chosen.connect(self.playback.go)
        panel.timeline.scrub_began.connect(self.playback.hold)
        panel.timeline.scrub_ended.connect(self.playback.release)
        deeds: dict[str, Callable[[], None]] = {
            "mark_start": lambda: self._mark(0),
            "mark_end": lambda: self._mark(1),
            "unmark": self.unmark,
            "erase": self.erase,
        }
        for name, deed in deeds.items():
            panel.commands[name].triggered.connect(lambda _=False, deed=deed: self._if_seen(deed))

    @property
    def chosen(self) -> int | None:
        """The video that is shown, by id."""
        return self._chosen

    @property
    def stretch(self) -> tuple[int, int] | None:
        """First frame and end (exclusive) of what is marked; None: nothing is."""
        start, last = self._marks
        if start is None and last is None:
            return None
        ends = [self.playback.place if mark is None else mark for mark in (start, last)]
        return min(ends), max(ends) + 1

    def choose(self, video_id: int | None) -> None:
        """Show this video; None: none."""
        self._chosen = video_id
        self._marks, self._said = [None, None], ""
        project = self._workshop.session.require()
        video = None if video_id is None else self._videos[video_id]
        self._opener.show(video, project.folder)
        self.panel.timeline.set_num_frames((video.num_frames or 0) if video is not None else 0)
        self._read_spans()
        self._show()

    def label_as(self, phase_id: int) -> None:
        """Make the stretch that is marked this phase."""
        phase = next(phase for phase in self._phases if phase.id == phase_id)
        stretch = self.stretch
        if self._chosen is None:
            return
        if stretch is None:
            self._say(self.tr("Mark a stretch first: I where it begins, O where it ends."))
        elif self._workshop.session.do(PaintSpan(self._chosen, Span(phase.name, *stretch))):
            self._marks = [None, None]
            said = self.tr("Frames {0} to {1} are “{2}” now.")
            self._say(said.format(stretch[0], stretch[1] - 1, displayable(phase.name)))

    def erase(self) -> None:
        """Take the label of the span at the frame that is shown away."""
        span = self.panel.timeline.span_at(self.playback.place)
        if self._chosen is None:
            return
        if span is None:
            self._say(self.tr("Frame {0} has no label.").format(self.playback.place))
        else:
            self._workshop.session.do(EraseSpans(self._chosen, span.start_frame, span.end_frame_exclusive))

    def unmark(self) -> None:
        """Nothing is marked any more."""
        self._marks = [None, None]
        self._say("")

    def close(self) -> None:
        """End the threads."""
        self._opener.close()
        self.playback.close()

    def _open(self) -> None:
        project = self._workshop.session.require()
        self.panel.set_read_only(bool(project.read_only))
        self._videos = self._workshop.session.videos
        self._phases = project.phases()
        self.choose(self._first())

    def _leave(self) -> None:
        self.close()
        self._videos, self._phases, self._spans, self._chosen = {}, (), (), None
        self.panel.videos.set_videos([], None)
        self.panel.phases.set_phases([])
        self.panel.timeline.set_spans((), {})

    def _first(self) -> int | None:
        return min(self._videos, key=lambda number: natural(self._videos[number].name), default=None)

    def _read_spans(self) -> None:
        self._spans = () if self._chosen is None else self._workshop.session.require().spans(self._chosen)

    def _take_changes(self, changes: Changes) -> None:
        if not (changes.videos or changes.spans or changes.phases):
            return
        project = self._workshop.session.require()
        self._videos = self._workshop.session.videos
        self._phases = project.phases()
        self._said = ""
        if self._chosen not in self._videos:
            self.choose(self._first())
            return
        if self._chosen in changes.videos and self._opener.video is not None:
            self._reopen(self._opener.video, self._videos[self._chosen])
        self._read_spans()
        self._show()

    def _reopen(self, before: VideoRow, now: VideoRow) -> None:
        """It may have been found again, or goes by another name."""
        if (before.name, before.relative, before.absolute) != (now.name, now.relative, now.absolute):
            self._opener.show(now, self._workshop.session.require().folder, self.playback.place)

    def _take_num_frames(self, num_frames: int) -> None:
        self.panel.timeline.set_num_frames(num_frames)
        self._show()

    def _take_place(self, place: int) -> None:
        self._said = ""
        self._show_place()

    def _find_similar(self, start_frame: int, end_frame_exclusive: int) -> None:
        if self._chosen is not None:
            self._workshop.find_similar(Passage(self._chosen, start_frame, end_frame_exclusive))

    def _label_as_number(self, number: int) -> None:
        self._if_seen(lambda: self._label_as_seen(number))

    def _label_as_seen(self, number: int) -> None:
        if number <= len(self._phases):
            self.label_as(self._phases[number - 1].id)
        else:
            self._say(self.tr("There is no phase {0}: add one first.").format(number))

    def _if_seen(self, deed: Callable[[], None]) -> None:
        """Nothing is changed that is not seen: the palette knows these commands on every page."""
        if self.panel.isVisible():
            deed()
        else:
            self._workshop.show_page("label")

    def _mark(self, side: int) -> None:
        if self._chosen is not None:
            self._marks[side] = self.playback.place
            self._say("")

    def _say(self, sentence: str) -> None:
        self._said = sentence
        self._show_place()

    def _show(self) -> None:
        """All that follows from the project and what is chosen, once it is seen."""
        self._is_behind = not self.panel.isVisible()
        if self._is_behind:
            return
        if not self._videos:
            self.panel.say(
                self.tr("No videos yet"),
                self.tr("Here every frame gets its phase, by hand. Add some videos first."),
                self.tr("Add videos"),
            )
            return
        self.panel.videos.set_videos(self._choices.of(self._videos), self._chosen)
        self.panel.phases.set_phases(self._phases)
        self.panel.timeline.set_spans(self._spans, {phase.name: phase.colour for phase in self._phases})
        self._show_place()

    def _show_place(self) -> None:
        place, stretch = self.playback.place, self.stretch
        self.panel.timeline.set_place(place)
        self.panel.timeline.set_stretch(stretch)
        span = self.panel.timeline.span_at(place)
        phase = displayable(span.phase) if span is not None else self.tr("not labelled")
        words = [self.tr("Frame {0}: {1}").format(place, phase)]
        if self._said:
            words.append(self._said)
        elif stretch is not None:
            words.append(self.tr("Marked: {0} to {1}. A number key labels it.").format(stretch[0], stretch[1] - 1))
        else:
            words.append(self.tr("I and O mark a stretch."))
        self.panel.set_line("   ".join(words))


def _choice(video: VideoRow) -> Choice:
    note = ""
    if video.num_spans:
        share = video.num_frames_labelled / video.num_frames if video.num_frames else None
        note = count(video.num_spans) if share is None else percent(share)
    return Choice(video.id, displayable(video.name), note, place_of(video))
