"""The view of two videos: their alignment, players and heatmap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from carl_gui.explore.explore_context import ExploreContext
from carl_gui.explore.pair.anchors import Pins
from carl_gui.explore.pair.export import COMMANDS, EXPORTS
from carl_gui.explore.pair.files import PairSnapshot
from carl_gui.explore.pair.heatmap_control import HeatmapControl
from carl_gui.explore.pair.model import Pair, compare, realign
from carl_gui.explore.pair.pair_drive import PairDrive
from carl_gui.explore.pair.panel import PairPanel
from carl_gui.explore.pair.players import LinkedPlayers
from carl_gui.explore.pair.repeated import RepeatedPair
from carl_gui.explore.pair.repetitions import PairRepetitions, RepetitionBox
from carl_gui.explore.right_panel import RightBox
from carl_gui.explore.right_videos import choose_right, right_text
from carl_gui.explore.view import ExploreView
from carl_gui.models.messages import displayable
from carl_gui.models.scene import FrameRef, Scene
from carl_gui.models.video_choices import video_choice
from carl_gui.numbers import percent
from carl_gui.player.followed_person import FollowedPerson
from carl_gui.player.measuring import Measuring
from carl_gui.projects.moved import MovedVideos
from carl_gui.tasks import Tasks, in_thread
from carl_gui.whereabouts import Kept, integer
from core.align.anchored import Anchor, fitting_anchors
from core.align.confidence import LEAST_CONFIDENCE
from core.project.rows import VideoRow

if TYPE_CHECKING:
    from core.report.deviations import Judged


_Videos = tuple[Path, str, str, str]
"""Folder of embeddings, digest of their encoder, digests of A and B."""
_Request = tuple[tuple[Anchor, ...], float]
"""The anchors of the path, and the least confidence of a match."""

_MOST_KEPT = 32
"""The number of cached paths of two videos, so that undoing is fast."""


class PairComparison(QObject):
    """The request, and its result once available."""

    changed = Signal()
    """`pair` or `problem` changed."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._videos: _Videos | None = None
        self._request: _Request | None = None
        self._pairs: dict[_Request, Pair] = {}
        """The pairs of these videos, by request."""
        self.pair: Pair | None = None
        """None until the two are compared. After another request, the previous pair until the new path is found."""
        self.problem = ""
        """The message why they cannot be compared."""
        self._tasks = Tasks(self, self._refuse)

    @property
    def is_settled(self) -> bool:
        """Whether `pair` is the result of the last request."""
        return self.pair is not None and self._request is not None and self._pairs.get(self._request) is self.pair

    def ask(
        self,
        folder: Path,
        encoder_digest: str,
        a_digest: str,
        b_digest: str,
        anchors: tuple[Anchor, ...] = (),
        least_confidence: float = LEAST_CONFIDENCE,
    ) -> bool:
        """Compare these two videos of that folder, with a path through the anchors and matches at least that sure.

        Returns:
            Whether the videos are others than before; `pair` is None then.
        """
        videos = folder, encoder_digest, a_digest, b_digest
        is_new = videos != self._videos
        if is_new:
            self._tasks.cancel("compare")
            self._videos, self._pairs, self.pair, self.problem = videos, {}, None, ""
        elif (anchors, least_confidence) == self._request:
            return False
        self._request = request = anchors, least_confidence
        known, pair = self._pairs.get(request), self.pair
        if known is not None:
            self._show(known)
        elif pair is not None:
            self._tasks.start("compare", self._compare(request, lambda: realign(pair, *request)))
        else:
            self._tasks.start("compare", self._compare(request, lambda: compare(*videos, *request)))
        return is_new

    def retry(self) -> None:
        """Retry after an error: the next request is a new one."""
        if self.problem:
            self._videos, self.problem = None, ""

    def clear(self) -> None:
        """Clear the request and end the thread."""
        self._tasks.close()
        self._videos, self._request, self._pairs, self.pair, self.problem = None, None, {}, None, ""

    async def _compare(self, request: _Request, find: Callable[[], Pair]) -> None:
        pair = await in_thread(lambda control: _prepared(find()))
        while len(self._pairs) >= _MOST_KEPT:
            del self._pairs[next(iter(self._pairs))]
        self._pairs[request] = pair
        if request == self._request:
            self._show(pair)

    def _show(self, pair: Pair) -> None:
        if pair is not self.pair:
            self.pair = pair
            self.changed.emit()

    def _refuse(self, sentence: str) -> None:
        self.problem = sentence
        self.changed.emit()


def _prepared(pair: Pair) -> Pair:
    pair.prepare()
    return pair


class PairDeviations(QObject):
    """Connects the box, the strip and the players to the right videos of the context."""

    def __init__(self, context: ExploreContext, panel: PairPanel) -> None:
        super().__init__(context)
        self._context, self._panel = context, panel
        self._ids: Sequence[int] = ()
        choose = panel.commands["choose_right"]
        self.box = RightBox(choose)
        context.right.connect_box(self.box)
        self.box.right_selected.connect(self._choose)
        choose.triggered.connect(lambda: choose_right(context.app_context, context.right))

    @property
    def judged(self) -> list[Judged]:
        """The deviations of A and B, as far as they are known."""
        found = [self._context.right.judged(one) for one in dict.fromkeys(self._ids)]
        return [one for one in found if one is not None]

    @property
    def is_running(self) -> bool:
        """Whether more deviations are being computed."""
        scene, right = self._context.scene, self._context.right
        if scene is None or not right.chosen(scene) or right.problem:
            return False
        return self._context.embedded is None or bool(right.unknown(scene, self._context.embedded, self._ids))

    def show(self, a: VideoRow, b: VideoRow, pair: Pair | None) -> None:
        """Request the missing deviations of these two, and show those that are known."""
        scene, right = self._context.scene, self._context.right
        assert scene is not None
        self._ids = a.id, b.id
        chosen = right.chosen(scene)
        self._panel.commands["choose_right"].setEnabled(right.can_choose)
        self.box.set_right([one in chosen for one in self._ids], is_possible=a.id != b.id and right.can_choose)
        if chosen:
            self._context.open_embedded()
        right.ask(scene, self._context.embedded or {}, self._ids, self._context.sureness.level)
        self.box.set_text(self._text(scene, chosen))
        scores = [None if (found := right.judged(one)) is None else found.found.score for one in self._ids]
        self._panel.set_scores(scores)
        self._panel.strip.set_deviating(_deviating(pair, scores))
        self._panel.heatmap.set_deviating([None if score is None else score > 1 for score in scores])

    def _choose(self, side: int, is_right: bool) -> None:
        scene = self._context.scene
        if scene is not None and side < len(self._ids) and self._ids[side] in scene.videos:
            self._context.right.choose(self._ids[side], is_right=is_right)

    def _text(self, scene: Scene, chosen: frozenset[int]) -> str:
        right = self._context.right
        if not chosen:
            hint = self.tr("Tick the video that is right; deviations of the other are marked.")
            return " ".join(filter(None, (hint, right_text(right, scene))))
        if right.problem:
            return right.problem
        lines = []
        for letter, video in zip("AB", self._ids, strict=True):
            found = right.judged(video)
            if video in chosen:
                continue
            if found is None:
                lines.append(right.disabled_reason(video) or self.tr("{0}: finding deviations…").format(letter))
                continue
            flagged = [one for one in found.found.spans if one.kind != "missing"]
            missing = len(found.found.spans) - len(flagged)
            if flagged:
                template = self.tr("{0} deviates in {1} of its frames, in %n stretch(es).", "", len(flagged))
                lines.append(template.format(letter, percent(found.flagged_share)))
            else:
                lines.append(self.tr("{0} does not deviate.").format(letter))
            if missing:
                lines.append(self.tr("%n step(s) missing in {0}.", "", missing).format(letter))
            if found.only_group:
                template = self.tr(
                    "The right videos that align with {0} are all of {1}; others are flagged more often."
                )
                lines.append(template.format(letter, displayable(found.only_group)))
        return " ".join([*lines, right_text(right, scene)])


def _deviating(pair: Pair | None, scores: Sequence[NDArray[np.float64] | None]) -> list[tuple[int, NDArray[np.bool_]]]:
    """Return the side, 0 for A, and (M,) which moments of the path show a deviating frame of it."""
    if pair is None or pair.is_self or isinstance(pair, RepeatedPair):
        return []
    found = []
    for side, score in enumerate(scores):
        frames, plays = pair.moments.frames[side], pair.moments.plays[side]
        if score is not None and len(score) > frames.max(initial=-1):
            found.append((side, plays & (score[frames] > 1)))
    return found


_Chosen = tuple[int | None, int | None]


class PairView(ExploreView[PairPanel, PairSnapshot]):
    """Everything slow runs in threads."""

    def __init__(self, context: ExploreContext) -> None:
        super().__init__(context, PairPanel(), COMMANDS, EXPORTS)
        self.side, self.first = self.panel.choice, self.panel.pictures
        self._chosen: _Chosen = (None, None)
        self._rows: tuple[VideoRow | None, VideoRow | None] = (None, None)
        """The videos that the players show."""
        self.players = LinkedPlayers(self.panel)
        for side, player in enumerate((self.panel.a_player, self.panel.b_player)):
            FollowedPerson(self.players.solo[side], player, context.app_context)
        self.measuring = [
            Measuring(self.players.solo[side], player, context.app_context)
            for side, player in enumerate((self.panel.a_player, self.panel.b_player))
        ]
        self._moved = MovedVideos(context.app_context)
        self.drive = PairDrive(self.panel, self.players)
        self.pins = Pins(self.panel, context.app_context.session, lambda: self.players.frames)
        self.comparison = PairComparison(self)
        self.heatmap = HeatmapControl(self.panel.heatmap, self.panel.lags, self.players.seek)
        self.sure_box = context.sureness.new_box()
        self.panel.choice.add_below(self.sure_box)
        commands = self.panel.commands
        self.repetition_box = RepetitionBox(commands["previous_repetition"], commands["next_repetition"])
        self.repetitions = PairRepetitions(context.app_context, self.repetition_box)
        self.panel.choice.add_below(self.repetition_box)
        self.deviations = PairDeviations(context, self.panel)
        self.panel.choice.add_below(self.deviations.box)
        self.panel.choice.add_below(self.heatmap.box)
        self.panel.choice.add_below(self.export.box)
        self._add_actions(self.panel.commands, self.panel.a_player.commands, self.panel.heatmap.commands)
        self._connect()

    def _connect(self) -> None:
        panel, players = self.panel, self.players
        self.comparison.changed.connect(self._on_pair)
        panel.choice.a_selected.connect(lambda a: self.choose(a, self._chosen[1]))
        panel.choice.b_selected.connect(lambda b: self.choose(self._chosen[0], b))
        panel.commands["swap"].triggered.connect(self.swap)
        panel.commands["itself"].triggered.connect(self.compare_with_itself)
        self.pins.placed.connect(players.seek)
        players.moved.connect(self._notify_playing)
        for side, player in enumerate((panel.a_player, panel.b_player)):
            player.similar_requested.connect(lambda start, end, side=side: self._find_similar_on(side, start, end))
            player.find_requested.connect(lambda side=side: self._find_file(side))
        panel.heatmap.search_requested.connect(lambda side, frame: self._find_similar_on(side, frame, frame + 1))
        panel.heatmap.span_requested.connect(self._find_similar_on)
        self.context.pair_requested.connect(self.open_at)
        self._follow(
            self.repetitions.changed, self.pins.changed, self.context.sureness.changed, self.context.right.changed
        )

    @property
    def pair(self) -> Pair | None:
        """The pair that is shown; None while it is not known."""
        return self.repetitions.pair or self.comparison.pair

    @property
    def chosen(self) -> _Chosen:
        """The ids of A and B."""
        return self._chosen

    def choose(self, a: int | None, b: int | None) -> None:
        """Compare these two videos, by id."""
        self._open_chosen((a, b), (0, 0))
        self.show()

    def open_at(self, a: FrameRef, b: FrameRef) -> None:
        """Compare these two videos, and show these frames."""
        self._open_chosen((a.video_id, b.video_id), (a.frame, b.frame))
        self.players.seek(a.frame, b.frame)
        self.refresh()

    def swap(self) -> None:
        """Swap A and B; both stay at their current frames."""
        if self._come_forward() and None not in self._chosen:
            a_frame, b_frame = self.players.frames
            self._open_chosen((self._chosen[1], self._chosen[0]), (b_frame, a_frame))
            self.players.keep_frames()
            self.show()

    def compare_with_itself(self) -> None:
        """Compare A with itself, from its current frame."""
        if self._come_forward() and self._chosen[0] is not None:
            a_frame = self.players.frames[0]
            self._open_chosen((self._chosen[0], self._chosen[0]), (a_frame, a_frame))
            self.show()

    def _show(self, scene: Scene) -> None:
        panel = self.panel
        self._restore_choice(list(scene.videos))
        self._follow_rows()
        panel.choice.set_videos([video_choice(video) for video in scene.videos.values()], *self._chosen)
        for name in ("swap", "itself"):
            panel.commands[name].setEnabled(self._chosen[0] != self._chosen[1])
        a, b = (scene.videos[video_id] for video_id in self._chosen if video_id is not None)
        pins = self.pins.of(a.id, b.id)
        self.comparison.retry()
        self.comparison.ask(
            scene.embeddings, scene.encoder_digest, a.digest, b.digest, pins, self.context.sureness.level
        )
        self.repetitions.follow(scene, a, b)
        pair = self.pair
        self.sure_box.setEnabled(a.id != b.id and not isinstance(pair, RepeatedPair))
        if pair is not self.players.pair:
            self.players.set_pair(pair)
        can_pin = pair is not None and not isinstance(pair, RepeatedPair)
        used = tuple(fitting_anchors(pins, len(pair.a), len(pair.b))) if pair is not None and can_pin else ()
        notice, headline = self._notice(len(pins), used, pair), self.repetitions.headline
        panel.set_pair(pair, displayable(a.name), displayable(b.name), notice, headline)
        panel.heatmap.set_anchors(used)
        self.heatmap.show(pair, a, b, scene.project)
        self.pins.show((a.id, b.id) if can_pin or pair is None else None, used, can_pin=can_pin)
        self.deviations.show(a, b, pair)
        self.drive.show()

    def pause(self) -> None:
        self.players.pause()

    def save_state(self) -> Kept:
        a, b = (-1 if video_id is None else video_id for video_id in self._chosen)
        a_frame, b_frame = self.players.frames
        return {"a": a, "b": b, "a_frame": a_frame, "b_frame": b_frame}

    def restore_state(self, state: Kept) -> None:
        a, b, videos = integer(state, "a"), integer(state, "b"), self.context.app_context.session.videos
        if a in videos and b in videos:
            self.open_at(FrameRef(a, integer(state, "a_frame", 0)), FrameRef(b, integer(state, "b_frame", 0)))

    def close(self) -> None:
        self.comparison.clear()
        self.repetitions.close()
        self._moved.close()
        self.heatmap.close()
        self._chosen, self._rows = (None, None), (None, None)
        self.players.close()
        self.players.set_pair(None)
        self.panel.set_pair(None, "", "")
        self.panel.heatmap.set_anchors(())
        self.pins.show(None, (), can_pin=False)
        self.drive.show()
        super().close()

    def _snapshot(self, scene: Scene) -> PairSnapshot | None:
        pair, rows = self.pair, [scene.videos.get(video_id) for video_id in self._chosen if video_id is not None]
        if pair is None or len(rows) != 2 or rows[0] is None or rows[1] is None:
            return None
        judged, is_running = self.deviations.judged, self.deviations.is_running
        look, spans = self.panel.heatmap.sheet.look, self.context.app_context.session.require().spans_reader()
        frames, (a_frozen, b_frozen) = self.players.frames, self.players.frozen
        partners = not a_frozen, not b_frozen
        a_drawn, b_drawn = ([(one.points, one.text) for one in measuring.drawn] for measuring in self.measuring)
        return PairSnapshot(
            scene,
            rows[0],
            rows[1],
            pair,
            frames,
            partners,
            (a_drawn, b_drawn),
            look,
            judged,
            is_running,
            spans,
        )

    def _restore_choice(self, ids: list[int]) -> None:
        """Select the two videos again, or the first two that exist."""
        a, b = (video_id if video_id in ids else None for video_id in self._chosen)
        if a is None:
            a = next((video_id for video_id in ids if video_id != b), ids[0])
        if b is None:
            b = next((video_id for video_id in ids if video_id != a), a)
        self._open_chosen((a, b), (0, 0))

    def _open_chosen(self, chosen: _Chosen, frames: tuple[int, int]) -> None:
        """Open the selected videos in the players, unless they are there already, at these frames."""
        before, self._chosen = self._chosen, chosen
        for side, video_id in enumerate(chosen):
            if video_id != before[side]:
                self.players.set_pair(None)
                self._show_in(side, video_id, frames[side])

    def _follow_rows(self) -> None:
        """Reopen a video that was renamed or found again, at its current frame."""
        scene = self.context.scene
        for side, video_id in enumerate(self._chosen):
            current, previous = (
                (scene.videos.get(video_id) if scene and video_id is not None else None),
                self._rows[side],
            )
            if current is not None and previous is not None and _display_key(current) != _display_key(previous):
                self._show_in(side, video_id, self.players.frames[side])

    def _show_in(self, side: int, video_id: int | None, frame: int) -> None:
        project = self.context.app_context.session.require()
        row = self.context.app_context.session.videos.get(video_id) if video_id is not None else None
        self._rows = (row, self._rows[1]) if side == 0 else (self._rows[0], row)
        (self.players.show_b if side else self.players.show_a)(row, project.folder, frame)

    def _notice(self, num_pins: int, used: tuple[tuple[int, int], ...], pair: Pair | None) -> str:
        """Return a note on pins that the path cannot pass through."""
        if pair is None or num_pins == len(used):
            return ""
        if isinstance(pair, RepeatedPair):
            return self.tr("Pins shape a single path; they do not affect repetitions.")
        num_ignored = num_pins - len(used)
        return self.tr("%n pin(s) ignored: past the end of a video or crossing another pin.", "", num_ignored)

    def _notify_playing(self, side: int, frame: int) -> None:
        video_id = self._chosen[side]
        if video_id is not None:
            self.context.playing.emit(video_id, frame)

    def _find_file(self, side: int) -> None:
        if (row := self._rows[side]) is not None:
            self._moved.ask([row])

    def _find_similar_on(self, side: int, start_frame: int, end_frame_exclusive: int) -> None:
        self._find_similar(self._chosen[side], start_frame, end_frame_exclusive)

    def _on_pair(self) -> None:
        if self.comparison.problem:
            self.context.refuse(self.comparison.problem)
        else:
            self.refresh()


def _display_key(video: VideoRow) -> tuple[str, str, str]:
    return video.name, video.relative, video.absolute
