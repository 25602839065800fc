"""The Label page: phases and labels of the project, edited through the session, with the player."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PySide6.QtCore import QCoreApplication, QObject, Signal

from carl_gui.app_context import AppContext
from carl_gui.label.acceptance import LabelAcceptance
from carl_gui.label.check import LabelCheck
from carl_gui.label.edits import LabelEdits, LabelSelection
from carl_gui.label.other_annotator import OtherAnnotator
from carl_gui.label.panel import LabelPanel
from carl_gui.label.probe import LabelProbe
from carl_gui.label.queue import LabelQueue
from carl_gui.label.recordings import LabelRecordings
from carl_gui.label.review import LabelReview
from carl_gui.label.transfer import LabelTransfer
from carl_gui.label.video_list import LabelFilter
from carl_gui.models.messages import displayable, path_text
from carl_gui.models.rows import Choice
from carl_gui.models.scene import VideoRange
from carl_gui.models.video_choices import VideoChoices
from carl_gui.numbers import count, percent
from carl_gui.player.followed_person import FollowedPerson
from carl_gui.player.measuring import Measuring
from carl_gui.player.playback import PlaybackController
from carl_gui.player.sound import Sound
from carl_gui.player.video_opener import Opener
from carl_gui.projects.moved import MovedVideos
from carl_gui.session import Session
from carl_gui.whereabouts import Kept, integer, part
from carl_gui.widgets.when_shown import WhenShown
from core.base.types import Span
from core.project.changes import Changes
from core.project.phase_edits import AddPhase, ColourPhase, MergePhases, OrderPhases, RemovePhases, RenamePhase
from core.project.rows import PhaseRow, VideoRow, natural

_Action = Callable[[], object]


class LabelController(QObject):
    """One video at a time. A range is between two marks, or from one mark to the shown frame."""

    changed = Signal()
    video_shown = Signal()
    """Another video is shown, or its labels changed: rows of the timeline that others fill may be out of date."""

    def __init__(self, app_context: AppContext) -> None:
        super().__init__(app_context.window)
        self._app_context = app_context
        self._videos: Mapping[int, VideoRow] = {}
        self._phases: Sequence[PhaseRow] = ()
        self._spans: Sequence[Span] = ()
        self._chosen: int | None = None
        self._message = ""
        """The outcome of the last action, until something else happens."""
        self._choices = VideoChoices(_choice)
        self._filter = LabelFilter()
        self.panel = LabelPanel()
        self._when_shown = WhenShown(self.panel, self._show_all)
        self.widget, self.first = self.panel, self.panel.player
        self.playback = PlaybackController(self.panel.player)
        self.edits = LabelEdits(app_context.session, self.panel, self.playback)
        self.selection = LabelSelection(self.edits, self.panel.timeline, self.playback)
        self.acceptance = LabelAcceptance(app_context.window, app_context.session, self)
        self.review = LabelReview(
            app_context.session,
            self.panel,
            self.acceptance,
            lambda: self.probe.prediction,
            self._is_blocked,
            lambda: self._chosen,
            self.choose,
        )
        self.transfer = LabelTransfer(app_context, self)
        self.probe = LabelProbe(app_context, self)
        self.queue = LabelQueue(app_context, self, self.probe)
        self.check = LabelCheck(app_context, self, self.probe, self.queue)
        self.other_annotator = OtherAnnotator(app_context, self)
        self._opener = Opener(self.playback, self.panel.player)
        self._moved = MovedVideos(app_context)
        FollowedPerson(self.playback, self.panel.player, app_context)
        Measuring(self.playback, self.panel.player, app_context)
        Sound(self.playback, self.panel.player, app_context.show_status)
        self.recordings = LabelRecordings(app_context, self)
        self.actions = [*self.panel.commands.values(), *self.panel.player.commands.values()]
        self._connect()
        _connect_actions(self, app_context.session, self._if_visible)
        if app_context.session.project is not None:
            self._open()

    def _connect(self) -> None:
        session, panel = self._app_context.session, self.panel
        session.opened.connect(self._open)
        session.about_to_close.connect(self._on_about_to_close)
        session.changes_of("videos", "spans", "phases").connect(self._on_changes)
        self.playback.opened.connect(self._on_num_frames)
        self.playback.frame_changed.connect(self._on_frame_changed)
        panel.vanished.connect(lambda: self.playback.shuttle(0))
        panel.action_triggered.connect(lambda: self._app_context.show_page("videos"))
        panel.videos.video_selected.connect(self.choose)
        panel.videos.filter_selected.connect(self._on_filter_selected)
        panel.player.similar_requested.connect(self._find_similar)
        panel.player.find_requested.connect(self._find_file)
        panel.timeline.frame_selected.connect(self.playback.seek)
        panel.timeline.scrub_began.connect(self.playback.hold)
        panel.timeline.scrub_ended.connect(self.playback.release)
        panel.timeline.selection_changed.connect(lambda: self._show_message(""))
        self.edits.message_changed.connect(self._show_message)
        self.transfer.refused.connect(self._show_message)
        self.recordings.message_changed.connect(self._show_message)
        self.acceptance.message_changed.connect(self._show_message)
        self.transfer.proposed.connect(self.review.set_proposals)
        panel.phases.chosen_changed.connect(self._show_brush)
        self.review.changed.connect(self._show)
        self.edits.painting.changed.connect(self._show_frame)

    @property
    def chosen(self) -> int | None:
        """The video that is shown, by id."""
        return self._chosen

    @property
    def marked_range(self) -> tuple[int, int] | None:
        """First frame and end (exclusive) of what is marked; None: nothing is."""
        return self.edits.marked_range

    @property
    def spans(self) -> Sequence[Span]:
        """The labels of the video that is shown, in order of time."""
        return self._spans

    def choose(self, video_id: int | None) -> None:
        """Show this video; None: none."""
        self.edits.painting.finish()
        self._chosen, self._message = video_id, ""
        self.edits.set_video(video_id)
        project = self._app_context.session.require()
        video = None if video_id is None else self._videos[video_id]
        self._opener.show(video, project.folder)
        self.panel.timeline.set_num_frames((video.num_frames or 0) if video is not None else 0)
        self.panel.timeline.show_all()
        self._read_spans()
        self._show()

    def step_video(self, by: int) -> None:
        """Show the next video of the list (1), or the one before (-1)."""
        rows, shown, keys = self._videos, self._chosen, [int(one.key) for one in self._listed_choices()]
        name = natural(rows[shown].name) if shown is not None else natural("")
        if shown in keys:
            index = keys.index(shown)
            before, after = keys[:index], keys[index + 1 :]
        else:  # it is not listed: by name
            before = [key for key in keys if natural(rows[key].name) < name]
            after = keys[len(before) :]
        if by > 0 and after:
            self.choose(after[0])
        elif by < 0 and before:
            self.choose(before[-1])
        elif by > 0:
            self._show_message(self.tr("This is the last video of the list."))
        else:
            self._show_message(self.tr("This is the first video of the list."))

    def show_frame(self, video_id: int, frame: int) -> None:
        """Show that frame of that video, or begin there when it is open."""
        if video_id != self._chosen:
            self.choose(video_id)
        self._opener.start_at(frame)
        self.playback.seek(frame)

    def save_state(self) -> Kept:
        """Return which video and frame are shown, which videos are listed, and how predictions are taken."""
        return {
            "video": -1 if self._chosen is None else self._chosen,
            "frame": self.playback.frame_index,
            "filter": self._filter.encoded(),
            "prediction": self.panel.probe.settings,
        }

    def restore_state(self, kept: Kept) -> None:
        """Show and list them again."""
        filters = self.panel.videos.filters
        filters.set_actions(self._actions())
        filters.set_filter(LabelFilter.decoded(part(kept, "filter")))
        self.panel.probe.set_settings(part(kept, "prediction"))
        if (video := integer(kept, "video")) in self._videos:
            self.show_frame(video, integer(kept, "frame", 0))

    def close(self) -> None:
        """End the threads."""
        self.check.close()
        self.other_annotator.close()
        self.acceptance.close()
        self.probe.close()
        self.queue.close()
        self.transfer.close()
        self._moved.close()
        self.recordings.close()
        self._opener.close()
        self.playback.close()

    def _open(self) -> None:
        project = self._app_context.session.require()
        self.panel.set_read_only(bool(project.read_only))
        self._videos = self._app_context.session.videos
        self._phases = project.phases()
        self.choose(self._first_video())

    def _on_about_to_close(self) -> None:
        self.edits.clear()
        self.selection.clear()
        self.review.set_proposals(None)
        self.close()
        self._videos, self._phases, self._spans, self._chosen = {}, (), (), None
        self.panel.videos.set_videos([], None)
        self.panel.phases.set_phases([])
        self.panel.timeline.set_spans((), {})

    def _first_video(self) -> int | None:
        return min(self._videos, key=lambda video_id: natural(self._videos[video_id].name), default=None)

    def _read_spans(self) -> None:
        self._spans = () if self._chosen is None else self._app_context.session.require().spans(self._chosen)
        self.edits.set_labels(self._spans, self._phases)

    def _on_changes(self, changes: Changes) -> None:
        project = self._app_context.session.require()
        self._videos = self._app_context.session.videos
        self._phases = project.phases()
        self._message = ""
        if self._chosen not in self._videos:
            self.edits.painting.cancel()
            self.choose(self._first_video())
            return
        if self._chosen in changes.videos and self._opener.video is not None:
            self._reopen_if_moved(self._opener.video, self._videos[self._chosen])
        self._read_spans()
        self._show()

    def _reopen_if_moved(self, before: VideoRow, now: VideoRow) -> None:
        """Open the video again if its file was found again, or it has another name."""
        if (before.name, before.relative, before.absolute) != (now.name, now.relative, now.absolute):
            self._opener.show(now, self._app_context.session.require().folder, self.playback.frame_index)

    def _on_num_frames(self, num_frames: int) -> None:
        self.panel.timeline.set_num_frames(num_frames)
        self.panel.timeline.set_edges(self.edits.edges)
        self._show()

    def _on_frame_changed(self, frame_index: int) -> None:
        self._message = ""
        self._show_frame()

    def start_transfer(self) -> None:
        """Ask to which videos the labels of this one are to go."""
        if self._chosen is not None:
            self.transfer.start(self._videos[self._chosen], self._spans, self._phases)

    def _is_blocked(self) -> bool:
        """Show why many labels cannot be accepted now, if so; return whether that is so."""
        if reason := self.probe.disabled_reason:
            self._show_message(reason)
        return bool(reason)

    def _find_file(self) -> None:
        if self._chosen is not None:
            self._moved.ask([self._videos[self._chosen]])

    def _find_similar(self, start_frame: int, end_frame_exclusive: int) -> None:
        if self._chosen is not None:
            self._app_context.find_similar(VideoRange(self._chosen, start_frame, end_frame_exclusive))

    def _if_visible(self, handler: Callable[[], object]) -> None:
        """Run the handler if the page is visible, else show the page: edits must be seen."""
        if self.panel.isVisible():
            handler()
        else:
            self._app_context.show_page("label")

    def _show_message(self, sentence: str) -> None:
        self._message = sentence
        self._show_frame()

    def _show(self) -> None:
        """Refresh all that follows from the project and the chosen video, once it is visible."""
        self._when_shown.refresh()

    def _show_all(self) -> None:
        if not self._videos:
            self.panel.show_empty_state(
                self.tr("No videos yet"),
                self.tr("Mark the phases of a few videos; the rest are predicted. Add some videos first."),
                self.tr("Add videos"),
            )
            return
        self._show_videos()
        self.panel.phases.set_phases(self._phases)
        self._show_brush()
        self.panel.timeline.set_spans(self._spans, {phase.name: phase.colour for phase in self._phases})
        self.review.show(self._videos)
        self.recordings.show(None if self._chosen is None else self._videos[self._chosen])
        self._show_frame()
        self.video_shown.emit()

    def _show_videos(self) -> None:
        """List the videos that match the filter."""
        filters = self.panel.videos.filters
        filters.set_actions(self._actions())
        self._filter = filters.filter  # by an action that is gone nothing is filtered any more
        waiting, listed = set(self.review.videos), self._listed_choices()
        choices = [self._mark_proposed(one) if one.key in waiting else one for one in listed]
        self.panel.videos.set_videos(choices, self._chosen, len(self._videos))

    def _actions(self) -> list[str]:
        return sorted({video.action for video in self._videos.values()}, key=natural)

    def _listed_choices(self) -> Sequence[Choice]:
        """Return the videos that are listed, by name."""
        choices = self._choices.update(self._videos)
        if self._filter.is_empty:
            return choices
        kept = set(self._filter.listed(self._videos, [int(one.key) for one in choices], set(self.review.videos)))
        return [one for one in choices if one.key in kept]

    def _on_filter_selected(self, label_filter: LabelFilter) -> None:
        self._filter = label_filter
        self._show_videos()

    def _mark_proposed(self, choice: Choice) -> Choice:
        """Mark a video with proposals to review."""
        return replace(choice, note=" ".join((self.tr("proposed"), choice.note)).strip())

    def _show_brush(self) -> None:
        phase = self.panel.phases.chosen
        self.panel.timeline.set_brush(phase.name if phase is not None else "")

    def _show_loop(self) -> None:
        """Loop the marked range, or else the selected labels."""
        chosen, hint = self.panel.timeline.selected, self.edits.completely_marked_range
        if hint is None and chosen:
            hint = chosen[0].start_frame, chosen[-1].end_frame_exclusive
        self.panel.player.set_loop_hint(hint)

    def _show_frame(self) -> None:
        frame_index, marked_range, stroke = self.playback.frame_index, self.marked_range, self.edits.painting.stroke
        timeline = self.panel.timeline
        timeline.set_frame_index(frame_index)
        timeline.set_marked_range(marked_range)
        self._show_loop()
        span = timeline.span_at(frame_index)
        phase = displayable(span.phase) if span is not None else self.tr("not labelled")
        parts = [self.tr("Frame {0}: {1}").format(frame_index, phase)]
        if span is not None and span.note:
            parts.append(self.tr("Note: {0}").format(displayable(" ".join(span.note.split()))))
        if stroke is not None:
            parts.append(self.tr("Painting “{0}”. Press its key again to stop.").format(displayable(stroke[2])))
        elif self._message:
            parts.append(self._message)
        elif marked_range is not None:
            marked = self.tr("Marked frames {0} to {1}. Press Enter or a number key to label them.")
            parts.append(marked.format(marked_range[0], marked_range[1] - 1))
        elif timeline.selected:
            number = len(timeline.selected)
            parts.append(self.tr("%n label(s) selected. Press a number key to change the phase.", "", number))
        elif not self._phases:
            parts.append(self.tr("Add a phase first, under “Phases” on the left; then drag over its frames."))
        else:
            parts.append(
                self.tr("Drag to label, or press I, O and Enter. Number keys paint during playback; , and . step on.")
            )
        self.panel.set_line("   ".join(parts))


def _choice(video: VideoRow) -> Choice:
    """Return its row of the list, which tells labels by hand from accepted predictions."""
    translate = QCoreApplication.translate
    name, folder = displayable(video.name), path_text(video)
    if not video.num_frames or not video.num_spans:
        return Choice(video.id, name, count(video.num_spans) if video.num_spans else "", folder)
    by_hand, predicted = (one / video.num_frames for one in (video.num_frames_by_hand, video.num_frames_predicted))
    shares = min(by_hand, 1.0), min(predicted, 1.0)
    if not video.num_frames_predicted:
        return Choice(video.id, name, percent(by_hand), folder, shares)
    note = translate("LabelController", "{0} predicted").format(percent(predicted))
    template = translate("LabelController", "Labelled by hand: {0}. Predicted and accepted, not confirmed: {1}.")
    return Choice(video.id, name, note, f"{folder}\n{template.format(percent(by_hand), percent(predicted))}", shares)


def _connect_actions(page: LabelController, session: Session, if_visible: Callable[[_Action], None]) -> None:
    """Join what the panel says with what is done.

    Args:
        if_visible: runs a handler if the page is visible.
    """
    panel, edits = page.panel, page.edits
    panel.phase_number_selected.connect(lambda number: if_visible(lambda: edits.press_number(number)))
    panel.timeline.span_drawn.connect(edits.draw)
    panel.timeline.boundary_moved.connect(edits.move_boundary)
    panel.timeline.split_requested.connect(edits.split)
    _connect_phases(page, session)
    for name, action in _actions(page).items():
        panel.commands[name].triggered.connect(lambda _=False, action=action: if_visible(action))


def _connect_phases(page: LabelController, session: Session) -> None:
    phases = page.panel.phases
    phases.label_requested.connect(page.edits.label_as)
    phases.add_requested.connect(lambda name: session.do(AddPhase(name)))
    phases.rename_requested.connect(lambda phase_id, name: session.do(RenamePhase(phase_id, name)))
    phases.colour_requested.connect(lambda phase_id, colour: session.do(ColourPhase(phase_id, colour)))
    phases.order_requested.connect(lambda ids: session.do(OrderPhases(ids)))
    phases.merge_requested.connect(lambda phase_id, into: session.do(MergePhases(into, (phase_id,))))
    phases.remove_requested.connect(lambda phase_id: session.do(RemovePhases((phase_id,))))


def _actions(page: LabelController) -> dict[str, _Action]:
    """Return the handlers by the names of the commands."""
    panel, edits, selection, timeline = page.panel, page.edits, page.selection, page.panel.timeline
    return {
        "mark_start": lambda: edits.mark(0),
        "mark_end": lambda: edits.mark(1),
        "label": edits.label_as_chosen,
        "unmark": edits.unmark,
        "erase": edits.erase,
        "split": edits.split,
        "merge": edits.merge,
        "note": edits.ask_for_note,
        "next": lambda: selection.step(1),
        "previous": lambda: selection.step(-1),
        "next_video": lambda: page.step_video(1),
        "previous_video": lambda: page.step_video(-1),
        "find": panel.videos.search,
        "start_back": lambda: edits.nudge(0, -1),
        "start_on": lambda: edits.nudge(0, 1),
        "end_back": lambda: edits.nudge(1, -1),
        "end_on": lambda: edits.nudge(1, 1),
        "select_all": selection.select_all,
        "copy": selection.copy,
        "paste": selection.paste,
        "transfer": page.start_transfer,
        "confirm": edits.confirm,
        "confirm_all": lambda: edits.confirm(is_all=True),
        "accept_segment": page.probe.accept_segment,
        "accept_video": page.probe.accept_video,
        "accept_above": page.probe.accept_above,
        "sensors_add": page.recordings.ask_for_file,
        "sensors_shift": page.recordings.ask_for_offset,
        "sensors_remove": page.recordings.remove,
        "check": page.check.start,
        "compare_annotator": page.other_annotator.ask,
        "what_next": page.queue.show_next,
        "zoom_in": lambda: timeline.zoom(1),
        "zoom_out": lambda: timeline.zoom(-1),
        "show_all": timeline.show_all,
        "unit": timeline.toggle_unit,
    }
