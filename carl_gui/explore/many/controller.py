"""The view of many videos: aligned with one, in a grid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from carl_gui.explore.alignable import alignable_words
from carl_gui.explore.explore_context import ExploreContext
from carl_gui.explore.many.alignments import Alignments
from carl_gui.explore.many.export import COMMANDS, EXPORTS
from carl_gui.explore.many.files import Followed, GridSnapshot
from carl_gui.explore.many.grid_playing import GridPlaying
from carl_gui.explore.many.panel import BY_NAME, MOST, ODD, ORDERS, CellWords, ManyPanel
from carl_gui.explore.right_panel import RightBox
from carl_gui.explore.right_videos import choose_right, right_words
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
    """Sentences, translated."""

    is_forced = False
    """Whether every frame gets a partner, however unsure: then how many have one says nothing."""

    def cell(self, video: VideoRow, match: AlignedVideo | None) -> CellWords:
        """Of a video; None: it is the reference, or not aligned yet."""
        name, place = displayable(video.name), path_text(video)
        if match is None:
            return CellWords(name, place, "")
        sentence = alignable_words(match.matched_share, mean_confidence(match), match.alignable_score)
        cosine = self.tr("Mean similarity {0}").format(_figure(match.mean_cosine))
        note, details = self.note(match), f"{sentence}\n{cosine}" if match.matched_share else sentence
        is_doubtful = not match.matched_share or not is_alignable(match)
        return CellWords(name, place, note, details, note if is_doubtful else "")

    def note(self, match: AlignedVideo) -> str:
        """How well a video goes along, in few letters."""
        if not match.matched_share:
            return self.tr("no match")
        if not is_alignable(match):
            return self.tr("another action?")
        if self.is_forced:
            return self.tr("confidence {0}").format(percent(mean_confidence(match)))
        return self.tr("{0} matched").format(percent(match.matched_share))

    def figure(self, match: AlignedVideo) -> str:
        """The same as a number alone."""
        return percent(mean_confidence(match) if self.is_forced else match.matched_share)

    def above(self, reference: VideoRow, others: int, playing: int, seen: range) -> str:
        """Return which of how many are seen.

        Args:
            others: videos that could play beside the reference.
            playing: those that do.
            seen: which of these are in cells.
        """
        name = displayable(reference.name)
        if not others:
            return self.tr("Only one video is embedded. Embed more to compare them.")
        if not playing:
            return self.tr("Tick the videos on the left to play beside {0}.").format(name)
        if len(seen) == playing:
            return self.tr("Beside {1}: {0}").format(playing, name)
        return self.tr("Beside {3}: {0}–{1} of {2}").format(seen.start + 1, seen.stop, playing, name)

    def odd(self, videos: Mapping[int, VideoRow], aligned: Sequence[int], matches: Mapping[int, AlignedVideo]) -> str:
        """Return which one does something else than the reference, and what was not searched."""
        if not aligned:
            return ""
        least = min(aligned, key=lambda video: likeness(matches[video]))
        name, found = displayable(videos[least].name), matches[least]
        if not found.matched_share:
            line = self.tr("Least similar: {0}, no match.").format(name)
        elif not is_alignable(found):
            line = self.tr("Least similar: {0}, which may not show the same action.").format(name)
        elif self.is_forced:
            words = self.tr("Least similar: {0}, mean confidence {1}.")
            line = words.format(name, percent(mean_confidence(found)))
        else:
            words = self.tr("Least similar: {0}, {1} of the frames match.")
            line = words.format(name, percent(found.matched_share))
        bands = [band for video in aligned if (band := matches[video].band) is not None]
        if bands:
            share = f"{min(bands) * 100:.2g}"
            line += " " + self.tr("In long videos, matched frames are at most {0} % apart.").format(share)
        return line


def mean_confidence(match: AlignedVideo) -> float:
    """Of the reference's frames with a partner, 0 to 1; 0 where none has one."""
    sure = match.confidence[match.has_partner]
    return float(sure.mean()) if len(sure) else 0.0


def is_alignable(match: AlignedVideo) -> bool:
    """Return whether it is likelier than not that the video shows what the reference shows."""
    return match.alignable_score >= BOUNDARY_SCORE


def likeness(match: AlignedVideo) -> tuple[bool, float, float]:
    """By which videos are sorted: those of another action last, then by what share of both surely matches; where that
    is equal, by how alike the frames are."""
    return is_alignable(match), round(match.matched_share * mean_confidence(match), 3), match.mean_cosine


def _figure(cosine: float) -> str:
    return f"{cosine:.3f}".replace("-", "−")


_BESIDE = MOST - 1
"""Videos that are seen beside the reference."""


class ManyView(ExploreView[ManyPanel, GridSnapshot]):
    """Everything slow runs in threads. Positions are frames of the reference."""

    def __init__(self, context: ExploreContext) -> None:
        super().__init__(context, ManyPanel(), COMMANDS, EXPORTS)
        self._reference: int | None = None
        self._checked: frozenset[int] | None = None
        """None until something is chosen."""
        self._order = BY_NAME
        self._sorted: list[int] = []
        """The others, as they were sorted last."""
        self._page = 0
        self._place: int | None = None
        """The frame of the reference to go to when it is shown."""
        self._right: frozenset[int] = frozenset()
        """The ids of the videos that are said to be right."""
        self._playing: list[int] = []
        """The ids of all that play, the reference first, then those that are seen."""
        self._seen: list[int] = []
        """The ids of the cells, the reference first."""
        self._choices, self._words = VideoChoices(video_choice), ManyMessages(self)
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
        self.playing.moved.connect(self._tell_place)
        choice.reference_selected.connect(self.choose_reference)
        choice.checks_selected.connect(self.check)
        choice.order_selected.connect(self.sort)
        panel.page_requested.connect(self.turn)
        panel.compare_requested.connect(self._compare)
        panel.reference_requested.connect(lambda cell: self.choose_reference(self._seen[cell]))
        panel.similar_requested.connect(self._find)
        panel.similar_spans_requested.connect(self._find_span)
        panel.right_requested.connect(self._say_right)
        panel.commands["choose_right"].triggered.connect(
            lambda: choose_right(self.context.app_context, self.context.right)
        )
        self._follow(self.alignments.changed, self.context.right.changed, self.context.sureness.changed)

    @property
    def reference(self) -> int | None:
        """The id of the video that the others follow."""
        return self._reference

    @property
    def seen(self) -> Sequence[int]:
        """The ids of the videos in the cells, the reference first."""
        return self._seen

    @property
    def checked(self) -> frozenset[int]:
        """The ids of the videos that play beside the reference, seen or not."""
        return self._checked or frozenset()

    def frame_of(self, video: int, place: int) -> int:
        """Return which frame of a video belongs to that frame of the reference; -1: that is not known yet."""
        if video == self._reference:
            return place
        match = self.alignments.matches.get(video)
        return -1 if match is None else int(match.frames[min(place, len(match.frames) - 1)])

    def has_partner(self, video: int, place: int) -> bool:
        """Return whether this frame matches that of the reference; otherwise it is frozen."""
        match = self.alignments.matches.get(video)
        return match is None or bool(match.has_partner[min(place, len(match.frames) - 1)])

    def choose_reference(self, video: int) -> None:
        """Let the others follow this one; what it did at the frame that is seen is seen on."""
        if video == self._reference:
            return
        place, before = max(self.frame_of(video, self.playing.place), 0), self._reference
        self.pause()
        if video in self.checked and before is not None:
            self._checked = self.checked - {video} | {before}
        self._reference, self._page, self._place = video, 0, place
        self.show()

    def check(self, videos: Sequence[int], is_checked: bool) -> None:
        """Let these play too, or no more."""
        changed = frozenset(videos)
        self._checked = self.checked | changed if is_checked else self.checked - changed
        self.show()

    def sort(self, order: str) -> None:
        """By name, or by how alike they are."""
        self._order, self._page = order, 0
        self.show()

    def turn(self, pages: int) -> None:
        """See so many pages on."""
        self._page += pages
        self.show()

    def _show(self, scene: Scene) -> None:
        self.context.open_embedded()
        embedded = self.context.embedded or {}
        there = [video for video in scene.videos if video in embedded] or list(scene.videos)
        reference = self._keep_choice(there)
        if reference in embedded:
            key = scene.embeddings, scene.encoder_digest, reference
            self.alignments.follow(key, embedded[reference], self.context.sureness.level)
        others = self._ordered([video for video in there if video != reference])
        playing = [video for video in others if video in self.checked]
        last = max((len(playing) - 1) // _BESIDE, 0)
        self._page = min(max(self._page, 0), last)
        start = self._page * _BESIDE
        beside = playing[start : start + _BESIDE]
        self.alignments.ask({video: embedded[video] for video in (*beside, *playing) if video in embedded})
        self._show_choice(scene, others, playing)
        self._playing = list(dict.fromkeys([reference, *beside, *playing]))
        place, self._place = self._place, None
        self._show_cells(scene, [reference, *beside], embedded, place)
        self.panel.set_pages(has_previous=self._page > 0, has_next=self._page < last)
        seen = range(start, start + len(beside))
        self.panel.set_line(self._words.above(scene.videos[reference], len(others), len(playing), seen))

    def pause(self) -> None:
        self.playing.metronome.pause()

    def save_state(self) -> Kept:
        checked = None if self._checked is None else sorted(self._checked)
        return {"reference": self._reference, "checked": checked, "order": self._order}

    def restore_state(self, kept: Kept) -> None:
        self._reference = integer(kept, "reference") if "reference" in kept else None
        checked = kept.get("checked")
        if isinstance(checked, list):
            self._checked = frozenset(number for number in checked if isinstance(number, int))
        self._order = text(kept, "order", BY_NAME) if text(kept, "order") in ORDERS else BY_NAME

    def close(self) -> None:
        self.alignments.forget()
        self.playing.close()
        self._reference, self._checked, self._page, self._seen, self._playing = None, None, 0, [], []
        self._order, self._sorted = BY_NAME, []
        self.panel.set_cells([])
        super().close()

    def _keep_choice(self, there: Sequence[int]) -> int:
        """The reference that was chosen, or the first video; and beside it what was ticked, or the first page."""
        reference = self._reference
        if reference is None or reference not in there:
            reference = there[0]
        others = [video for video in there if video != reference]
        self._checked = frozenset(others[:_BESIDE]) if self._checked is None else self._checked & frozenset(others)
        self._reference = reference
        return reference

    def _ordered(self, others: list[int]) -> list[int]:
        """While some are being aligned, all stay where they are."""
        if self._order == BY_NAME:
            self._sorted = others
        elif self.alignments.missing:
            there, before = set(others), set(self._sorted)
            self._sorted = [video for video in self._sorted if video in there]
            self._sorted += [video for video in others if video not in before]
        else:
            matches = self.alignments.matches
            known = sorted(
                matches.keys() & set(others), key=lambda video: likeness(matches[video]), reverse=self._order != ODD
            )
            self._sorted = known + [video for video in others if video not in matches]
        return self._sorted

    def _show_choice(self, scene: Scene, others: Sequence[int], playing: Sequence[int]) -> None:
        choice, matches = self.panel.choice, self.alignments.matches
        all_of_them = self._choices.update(scene.videos)
        by_id = {one.key: one for one in all_of_them}
        choice.set_order(self._order)
        choice.set_videos(all_of_them, self._reference)
        self._words.is_forced = self.context.sureness.level == 0
        notes = {video: self._words.figure(match) for video, match in matches.items()}
        choice.set_others([by_id[video] for video in others], self.checked, notes)
        choice.set_line(self._words.odd(scene.videos, [video for video in playing if video in matches], matches))
        choice.set_progress(len(playing) - self.alignments.missing, len(playing))

    def _show_cells(
        self, scene: Scene, cells: list[int], embedded: Mapping[int, EmbeddedVideo], place: int | None
    ) -> None:
        self._seen = cells
        rows = [scene.videos[video] for video in cells]
        matches = self.alignments.matches
        self._ask_deviations(scene, embedded)
        self.panel.set_cells(
            [self._with_deviations(self._words.cell(row, matches.get(row.id)), row.id) for row in rows]
        )
        self.playing.show(rows, scene.project, embedded, place)
        self.playing.show_badges()

    def _ask_deviations(self, scene: Scene, embedded: Mapping[int, EmbeddedVideo]) -> None:
        right = self.context.right
        self._right = right.chosen(scene)
        right.ask(scene, embedded, self._playing, self.context.sureness.level)
        self.panel.commands["choose_right"].setEnabled(right.can_choose)
        self.panel.set_can_say_right(right.can_choose)
        self.right_box.set_words(self._words_on_right(scene, embedded))

    def _words_on_right(self, scene: Scene, embedded: Mapping[int, EmbeddedVideo]) -> str:
        right = self.context.right
        lines = [right_words(right, scene)]
        judged = [found for one in self._playing if (found := right.judged(one)) is not None]
        others = [one for one in self._playing if one not in self._right]
        unknown = len(right.unknown(scene, embedded, others))
        if not self._right:
            words = self.tr("Choose right videos with the button above the grid; deviations of the others are marked.")
            lines.insert(0, words)
        elif right.problem:
            lines.insert(0, right.problem)
        elif unknown:
            lines.append(self.tr("Finding deviations: {0} of {1}").format(len(others) - unknown, len(others)))
        elif judged:
            count = sum(bool(one.found.spans) for one in judged)
            lines.append(self.tr("Videos with deviations: {0} of {1}.").format(count, len(judged)))
        return " ".join(filter(None, lines))

    def _with_deviations(self, words: CellWords, video: int) -> CellWords:
        """The same, with whether the video is right or how much of it deviates in front of the note."""
        right = self.context.right
        found, problem = right.judged(video), right.disabled_reason(video) or right.problem
        if not self._right:
            return words
        if video in self._right:
            said, details = self.tr("right"), self.tr("Marked as right")
        elif found is not None:
            share = percent(found.flagged_share)
            said, details = self.tr("{0} deviate").format(share), self.tr("{0} of its frames deviate").format(share)
            if missing := sum(one.kind == "missing" for one in found.found.spans):
                lacks = self.tr("%n step(s) missing", "", missing)
                said = f"{said}, {lacks}" if found.flagged_share else lacks
                details += "\n" + lacks
        elif problem:
            said, details = self.tr("not judged"), problem
        else:
            return words
        note = " · ".join(filter(None, (said, words.note)))
        return replace(words, note=note, details="\n".join(filter(None, (details, words.details or words.note))))

    def _badge(self, video: int, frame: int) -> str:
        score = self.context.right.score(video, frame)
        return self.tr("deviates {0}×").format(f"{score:.1f}") if score else ""

    def _say_right(self, cell: int) -> None:
        scene = self.context.scene
        if scene is not None and cell < len(self._seen):
            video = self._seen[cell]
            self.context.right.choose(video, is_right=video not in self.context.right.chosen(scene))

    def _tell_place(self, place: int) -> None:
        if self.panel.isVisible() and self._reference is not None:
            self.context.playing.emit(self._reference, place)

    def _moment(self, cell: int) -> FrameRef | None:
        """What a cell shows."""
        frame = self.frame_of(self._seen[cell], self.playing.place) if cell < len(self._seen) else -1
        return FrameRef(self._seen[cell], frame) if frame >= 0 else None

    def _compare(self, cell: int) -> None:
        reference, other = self._moment(0), self._moment(cell)
        if reference is not None and other is not None:
            self.context.pair_requested.emit(reference, other)

    def _find(self, cell: int) -> None:
        moment = self._moment(cell)
        if moment is not None:
            self._find_similar(moment.video_id, moment.frame, moment.frame + 1)

    def _find_span(self, cell: int, start: int, end: int) -> None:
        """What the cell does from that frame of the reference to before that end."""
        video = self._seen[cell] if cell < len(self._seen) else None
        if video is not None and (first := self.frame_of(video, start)) >= 0:
            last = self.frame_of(video, end - 1)
            self._find_similar(video, min(first, last), max(first, last) + 1)

    def _snapshot(self, scene: Scene) -> GridSnapshot | None:
        embedded, matches = self.context.embedded, self.alignments.matches
        if embedded is None or self._reference is None or self._reference not in embedded:
            return None

        def followed(video: int) -> Followed:
            return Followed(scene.videos[video], embedded[video], matches[video])

        reference = embedded[self._reference]
        itself = Followed(scene.videos[self._reference], reference, None)
        visible = [followed(video) for video in self._seen[1:] if video in matches]
        aligned = [followed(video) for video in self._sorted if video in matches and video in self.checked]
        right = self.context.right
        judged = [found for one in self._playing if (found := right.judged(one)) is not None]
        not_judged = [scene.videos[one].name for one in self._playing if right.disabled_reason(one)]
        is_running, is_film_going = (bool(right.unknown(scene, embedded, one)) for one in (self._playing, self._seen))
        spans = self.context.app_context.session.require().spans_reader()
        return GridSnapshot(scene, itself, visible, aligned, judged, not_judged, is_running, is_film_going, spans)
