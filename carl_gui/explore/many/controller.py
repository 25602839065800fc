"""The view of many videos: aligned with one, in a grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from carl_gui.explore.alignable import alignable_text
from carl_gui.explore.explore_context import ExploreContext
from carl_gui.explore.many.alignments import Alignments
from carl_gui.explore.many.export import COMMANDS, EXPORTS
from carl_gui.explore.many.files import GridSnapshot, GridVideo
from carl_gui.explore.many.grid_playing import GridPlaying
from carl_gui.explore.many.panel import BY_NAME, MAX_CELLS, ODD, ORDERS, CellTexts, ManyPanel
from carl_gui.explore.right_panel import RightBox
from carl_gui.explore.right_videos import choose_right, right_text
from carl_gui.explore.view import ExploreView
from carl_gui.models.messages import displayable, path_text
from carl_gui.models.scene import FrameRef, Scene
from carl_gui.models.video_choices import VideoChoices, video_choice
from carl_gui.numbers import percent
from carl_gui.whereabouts import Kept, integer, text
from core.align.alignable import BOUNDARY_SCORE
from core.embedding.embedded_video import EmbeddedVideo
from core.project.rows import VideoRow

if TYPE_CHECKING:
    from core.align.many import AlignedVideo


class ManyMessages(QObject):
    """Translated messages."""

    is_forced = False
    """Whether every frame gets a partner, however unsure; then the matched share says nothing."""

    def cell(self, video: VideoRow, match: AlignedVideo | None) -> CellTexts:
        """Return the texts of a video; without a match, it is the reference or not aligned yet."""
        name, tip = displayable(video.name), path_text(video)
        if match is None:
            return CellTexts(name, tip, "")
        sentence = alignable_text(match.matched_share, mean_confidence(match), match.alignable_score)
        cosine = self.tr("Mean similarity {0}").format(_figure(match.mean_cosine))
        note, details = self.note(match), f"{sentence}\n{cosine}" if match.matched_share else sentence
        is_doubtful = not match.matched_share or not is_alignable(match)
        return CellTexts(name, tip, note, details, note if is_doubtful else "")

    def note(self, match: AlignedVideo) -> str:
        """Return a short note on how well a video matches the reference."""
        if not match.matched_share:
            return self.tr("no match")
        if not is_alignable(match):
            return self.tr("another action?")
        if self.is_forced:
            return self.tr("confidence {0}").format(percent(mean_confidence(match)))
        return self.tr("{0} matched").format(percent(match.matched_share))

    def figure(self, match: AlignedVideo) -> str:
        """Return the same as a number alone."""
        return percent(mean_confidence(match) if self.is_forced else match.matched_share)

    def above(self, reference: VideoRow, others: int, playing: int, visible: range) -> str:
        """Return which of how many videos are visible.

                Args:
                    others: videos that could play beside the reference.
                    playing: those that do.
        visible: which of these are in cells.
        """
        name = displayable(reference.name)
        if not others:
            return self.tr("Only one video is embedded. Embed more to compare them.")
        if not playing:
            return self.tr("Tick the videos on the left to play beside {0}.").format(name)
        if len(visible) == playing:
            return self.tr("Beside {1}: {0}").format(playing, name)
        return self.tr("Beside {3}: {0}–{1} of {2}").format(visible.start + 1, visible.stop, playing, name)

    def odd(self, videos: Mapping[int, VideoRow], aligned: Sequence[int], matches: Mapping[int, AlignedVideo]) -> str:
        """Return which video shows another action, and which ones were not searched."""
        if not aligned:
            return ""
        odd_one = min(aligned, key=lambda video: sort_key(matches[video]))
        name, found = displayable(videos[odd_one].name), matches[odd_one]
        if not found.matched_share:
            line = self.tr("Least similar: {0}, no match.").format(name)
        elif not is_alignable(found):
            line = self.tr("Least similar: {0}, which may not show the same action.").format(name)
        elif self.is_forced:
            template = self.tr("Least similar: {0}, mean confidence {1}.")
            line = template.format(name, percent(mean_confidence(found)))
        else:
            template = self.tr("Least similar: {0}, {1} of the frames match.")
            line = template.format(name, percent(found.matched_share))
        bands = [band for video in aligned if (band := matches[video].band) is not None]
        if bands:
            share = f"{min(bands) * 100:.2g}"
            line += " " + self.tr("In long videos, matched frames are at most {0} % apart.").format(share)
        return line


def mean_confidence(match: AlignedVideo) -> float:
    """Return the mean over the reference's frames with a partner, 0 to 1; 0 where none has one."""
    confidences = match.confidence[match.has_partner]
    return float(confidences.mean()) if len(confidences) else 0.0


def is_alignable(match: AlignedVideo) -> bool:
    """Return whether it is likelier than not that the video shows what the reference shows."""
    return match.alignable_score >= BOUNDARY_SCORE


def sort_key(match: AlignedVideo) -> tuple[bool, float, float]:
    """Return the sort key of a match: another action last, then the share of both that surely matches, then how similar
    the frames are.
    """
    return is_alignable(match), round(match.matched_share * mean_confidence(match), 3), match.mean_cosine


def _figure(cosine: float) -> str:
    return f"{cosine:.3f}".replace("-", "−")


_BESIDE = MAX_CELLS - 1
"""Visible videos beside the reference."""


class ManyView(ExploreView[ManyPanel, GridSnapshot]):
    """Everything slow runs in threads. Positions are frames of the reference."""

    def __init__(self, context: ExploreContext) -> None:
        super().__init__(context, ManyPanel(), COMMANDS, EXPORTS)
        self._reference: int | None = None
        self._checked: frozenset[int] | None = None
        """None until the user ticks a video."""
        self._order = BY_NAME
        self._sorted: list[int] = []
        """The ids of the others, as last sorted."""
        self._page = 0
        self._pending_frame: int | None = None
        """The frame of the reference to show next."""
        self._right: frozenset[int] = frozenset()
        """The ids of the videos that are note to be right."""
        self._playing: list[int] = []
        """The ids of all that play, the reference first, then the visible ones."""
        self._visible: list[int] = []
        """The ids of the cells, the reference first."""
        self._choices, self._messages = VideoChoices(video_choice), ManyMessages(self)
        self.alignments = Alignments(self)
        self.right_box = RightBox(None)
        context.right.connect_box(self.right_box)
        self.side = self.panel.side_with(context.sureness.new_box(), self.right_box, self.export.box)
        self.first = self.panel.cells[0].view
        self.playing = GridPlaying(self.panel.player, self.frame_of, self.has_partner, self._badge)
        self._add_actions(self.panel.commands, self.panel.player.commands)
        self._connect()

    def _connect(self) -> None:
        panel, choice = self.panel, self.panel.choice
        self.alignments.refused.connect(self.context.app_context.warn)
        self.playing.moved.connect(self._notify_frame)
        choice.reference_selected.connect(self.choose_reference)
        choice.checks_selected.connect(self.check)
        choice.order_selected.connect(self.sort)
        panel.page_requested.connect(self.turn)
        panel.compare_requested.connect(self._compare)
        panel.reference_requested.connect(lambda cell: self.choose_reference(self._visible[cell]))
        panel.similar_requested.connect(self._find_frame)
        panel.similar_spans_requested.connect(self._find_span)
        panel.right_requested.connect(self._mark_right)
        panel.commands["choose_right"].triggered.connect(
            lambda: choose_right(self.context.app_context, self.context.right)
        )
        self._follow(self.alignments.changed, self.context.right.changed, self.context.sureness.changed)

    @property
    def reference(self) -> int | None:
        """The id of the reference video."""
        return self._reference

    @property
    def visible(self) -> Sequence[int]:
        """The ids of the videos in the cells, the reference first."""
        return self._visible

    @property
    def checked(self) -> frozenset[int]:
        """The ids of the videos that play beside the reference, visible or not."""
        return self._checked or frozenset()

    def frame_of(self, video: int, frame: int) -> int:
        """Return the frame of a video that belongs to this frame of the reference; -1 if that is not known yet."""
        if video == self._reference:
            return frame
        match = self.alignments.matches.get(video)
        return -1 if match is None else int(match.frames[min(frame, len(match.frames) - 1)])

    def has_partner(self, video: int, frame: int) -> bool:
        """Return whether this frame matches that of the reference; otherwise it is frozen."""
        match = self.alignments.matches.get(video)
        return match is None or bool(match.has_partner[min(frame, len(match.frames) - 1)])

    def choose_reference(self, video: int) -> None:
        """Make this video the reference, at the frame that it shows now."""
        if video == self._reference:
            return
        frame, before = max(self.frame_of(video, self.playing.frame), 0), self._reference
        self.pause()
        if video in self.checked and before is not None:
            self._checked = self.checked - {video} | {before}
        self._reference, self._page, self._pending_frame = video, 0, frame
        self.show()

    def check(self, videos: Sequence[int], is_checked: bool) -> None:
        """Let these play too, or no longer."""
        changed = frozenset(videos)
        self._checked = self.checked | changed if is_checked else self.checked - changed
        self.show()

    def sort(self, order: str) -> None:
        """Sort by name, or by similarity."""
        self._order, self._page = order, 0
        self.show()

    def turn(self, pages: int) -> None:
        """Turn this many pages forward."""
        self._page += pages
        self.show()

    def _show(self, scene: Scene) -> None:
        self.context.open_embedded()
        embedded = self.context.embedded or {}
        available = [video for video in scene.videos if video in embedded] or list(scene.videos)
        reference = self._valid_choice(available)
        if reference in embedded:
            key = scene.embeddings, scene.encoder_digest, reference
            self.alignments.follow(key, embedded[reference], self.context.sureness.level)
        others = self._ordered([video for video in available if video != reference])
        playing = [video for video in others if video in self.checked]
        last = max((len(playing) - 1) // _BESIDE, 0)
        self._page = min(max(self._page, 0), last)
        start = self._page * _BESIDE
        visible = playing[start : start + _BESIDE]
        self.alignments.ask({video: embedded[video] for video in (*visible, *playing) if video in embedded})
        self._show_choice(scene, others, playing)
        self._playing = list(dict.fromkeys([reference, *visible, *playing]))
        frame, self._pending_frame = self._pending_frame, None
        self._show_cells(scene, [reference, *visible], embedded, frame)
        self.panel.set_pages(has_previous=self._page > 0, has_next=self._page < last)
        shown_range = range(start, start + len(visible))
        self.panel.set_line(self._messages.above(scene.videos[reference], len(others), len(playing), shown_range))

    def pause(self) -> None:
        self.playing.metronome.pause()

    def save_state(self) -> Kept:
        checked = None if self._checked is None else sorted(self._checked)
        return {"reference": self._reference, "checked": checked, "order": self._order}

    def restore_state(self, state: Kept) -> None:
        self._reference = integer(state, "reference") if "reference" in state else None
        checked = state.get("checked")
        if isinstance(checked, list):
            self._checked = frozenset(video_id for video_id in checked if isinstance(video_id, int))
        self._order = text(state, "order", BY_NAME) if text(state, "order") in ORDERS else BY_NAME

    def close(self) -> None:
        self.alignments.clear()
        self.playing.close()
        self._reference, self._checked, self._page, self._visible, self._playing = None, None, 0, [], []
        self._order, self._sorted = BY_NAME, []
        self.panel.set_cells([])
        super().close()

    def _valid_choice(self, available: Sequence[int]) -> int:
        """Return the selected reference, or the first video, and the ticked videos, or the first page."""
        reference = self._reference
        if reference is None or reference not in available:
            reference = available[0]
        others = [video for video in available if video != reference]
        self._checked = frozenset(others[:_BESIDE]) if self._checked is None else self._checked & frozenset(others)
        self._reference = reference
        return reference

    def _ordered(self, others: list[int]) -> list[int]:
        """Return the other videos in order; while some are being aligned, all keep their positions."""
        if self._order == BY_NAME:
            self._sorted = others
        elif self.alignments.missing:
            available, before = set(others), set(self._sorted)
            self._sorted = [video for video in self._sorted if video in available]
            self._sorted += [video for video in others if video not in before]
        else:
            matches = self.alignments.matches
            known = sorted(
                matches.keys() & set(others), key=lambda video: sort_key(matches[video]), reverse=self._order != ODD
            )
            self._sorted = known + [video for video in others if video not in matches]
        return self._sorted

    def _show_choice(self, scene: Scene, others: Sequence[int], playing: Sequence[int]) -> None:
        choice, matches = self.panel.choice, self.alignments.matches
        all_of_them = self._choices.update(scene.videos)
        by_id = {one.key: one for one in all_of_them}
        choice.set_order(self._order)
        choice.set_videos(all_of_them, self._reference)
        self._messages.is_forced = self.context.sureness.level == 0
        notes = {video: self._messages.figure(match) for video, match in matches.items()}
        choice.set_others([by_id[video] for video in others], self.checked, notes)
        choice.set_line(self._messages.odd(scene.videos, [video for video in playing if video in matches], matches))
        choice.set_progress(len(playing) - self.alignments.missing, len(playing))

    def _show_cells(
        self, scene: Scene, cells: list[int], embedded: Mapping[int, EmbeddedVideo], frame: int | None
    ) -> None:
        self._visible = cells
        rows = [scene.videos[video] for video in cells]
        matches = self.alignments.matches
        self._request_deviations(scene, embedded)
        self.panel.set_cells(
            [self._with_deviations(self._messages.cell(row, matches.get(row.id)), row.id) for row in rows]
        )
        self.playing.show(rows, scene.project, embedded, frame)
        self.playing.show_badges()

    def _request_deviations(self, scene: Scene, embedded: Mapping[int, EmbeddedVideo]) -> None:
        right = self.context.right
        self._right = right.chosen(scene)
        right.ask(scene, embedded, self._playing, self.context.sureness.level)
        self.panel.commands["choose_right"].setEnabled(right.can_choose)
        self.panel.set_can_mark_right(right.can_choose)
        self.right_box.set_text(self._deviation_text(scene, embedded))

    def _deviation_text(self, scene: Scene, embedded: Mapping[int, EmbeddedVideo]) -> str:
        right = self.context.right
        lines = [right_text(right, scene)]
        judged = [found for one in self._playing if (found := right.judged(one)) is not None]
        others = [one for one in self._playing if one not in self._right]
        unknown = len(right.unknown(scene, embedded, others))
        if not self._right:
            hint = self.tr("Choose right videos with the button above the grid; deviations of the others are marked.")
            lines.insert(0, hint)
        elif right.problem:
            lines.insert(0, right.problem)
        elif unknown:
            lines.append(self.tr("Finding deviations: {0} of {1}").format(len(others) - unknown, len(others)))
        elif judged:
            count = sum(bool(one.found.spans) for one in judged)
            lines.append(self.tr("Videos with deviations: {0} of {1}.").format(count, len(judged)))
        return " ".join(filter(None, lines))

    def _with_deviations(self, texts: CellTexts, video: int) -> CellTexts:
        """Return the texts with the video's deviations, or that it is right, in front of the note."""
        right = self.context.right
        found, problem = right.judged(video), right.disabled_reason(video) or right.problem
        if not self._right:
            return texts
        if video in self._right:
            note, details = self.tr("right"), self.tr("Marked as right")
        elif found is not None:
            share = percent(found.flagged_share)
            note, details = self.tr("{0} deviate").format(share), self.tr("{0} of its frames deviate").format(share)
            if missing := sum(one.kind == "missing" for one in found.found.spans):
                missing_text = self.tr("%n step(s) missing", "", missing)
                note = f"{note}, {missing_text}" if found.flagged_share else missing_text
                details += "\n" + missing_text
        elif problem:
            note, details = self.tr("not judged"), problem
        else:
            return texts
        note = " · ".join(filter(None, (note, texts.note)))
        return replace(texts, note=note, details="\n".join(filter(None, (details, texts.details or texts.note))))

    def _badge(self, video: int, frame: int) -> str:
        score = self.context.right.score(video, frame)
        return self.tr("deviates {0}×").format(f"{score:.1f}") if score else ""

    def _mark_right(self, cell: int) -> None:
        scene = self.context.scene
        if scene is not None and cell < len(self._visible):
            video = self._visible[cell]
            self.context.right.choose(video, is_right=video not in self.context.right.chosen(scene))

    def _notify_frame(self, frame: int) -> None:
        if self.panel.isVisible() and self._reference is not None:
            self.context.playing.emit(self._reference, frame)

    def _moment(self, cell: int) -> FrameRef | None:
        """Return the frame that a cell shows."""
        frame = self.frame_of(self._visible[cell], self.playing.frame) if cell < len(self._visible) else -1
        return FrameRef(self._visible[cell], frame) if frame >= 0 else None

    def _compare(self, cell: int) -> None:
        reference, other = self._moment(0), self._moment(cell)
        if reference is not None and other is not None:
            self.context.pair_requested.emit(reference, other)

    def _find_frame(self, cell: int) -> None:
        moment = self._moment(cell)
        if moment is not None:
            self._find_similar(moment.video_id, moment.frame, moment.frame + 1)

    def _find_span(self, cell: int, start: int, end: int) -> None:
        """Search for what the cell shows from that frame of the reference up to, but excluding, the end frame."""
        video = self._visible[cell] if cell < len(self._visible) else None
        if video is not None and (first := self.frame_of(video, start)) >= 0:
            last = self.frame_of(video, end - 1)
            self._find_similar(video, min(first, last), max(first, last) + 1)

    def _snapshot(self, scene: Scene) -> GridSnapshot | None:
        embedded, matches = self.context.embedded, self.alignments.matches
        if embedded is None or self._reference is None or self._reference not in embedded:
            return None

        def aligned_video(video: int) -> GridVideo:
            return GridVideo(scene.videos[video], embedded[video], matches[video])

        reference = embedded[self._reference]
        itself = GridVideo(scene.videos[self._reference], reference, None)
        visible = [aligned_video(video) for video in self._visible[1:] if video in matches]
        aligned = [aligned_video(video) for video in self._sorted if video in matches and video in self.checked]
        right = self.context.right
        judged = [found for one in self._playing if (found := right.judged(one)) is not None]
        not_judged = [scene.videos[one].name for one in self._playing if right.disabled_reason(one)]
        is_running, is_film_running = (
            bool(right.unknown(scene, embedded, one)) for one in (self._playing, self._visible)
        )
        spans = self.context.app_context.session.require().spans_reader()
        return GridSnapshot(scene, itself, visible, aligned, judged, not_judged, is_running, is_film_running, spans)
