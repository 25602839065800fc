"""The view of a pair: two embedded videos side by side, and how they correspond."""

from __future__ import annotations

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from carl_gui.actions import EXPLORE
from carl_gui.controllers.explore.comparison import Comparison
from carl_gui.controllers.explore.desk import Desk
from carl_gui.controllers.explore.linked_players import LinkedPlayers
from carl_gui.controllers.explore.pair_export import PairExport
from carl_gui.models.choices import Choice
from carl_gui.models.pair import Pair
from carl_gui.models.pair_files import Seen
from carl_gui.models.scene import Moment
from carl_gui.models.wording import displayable, place_of
from carl_gui.panels.pair.pair import PairPanel
from core.project.rows import VideoRow

_Chosen = tuple[int | None, int | None]


class PairView(QObject):
    """Everything slow is done in threads."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._desk = desk
        self.panel = PairPanel()
        self.widget, self.side, self.first = self.panel, self.panel.choice, self.panel.a_player
        self.adopted: list[tuple[str, str, QAction]] = [
            (f"explore.{name}", EXPLORE, action) for name, action in self.panel.commands.items()
        ]
        self.adopted += self.panel.a_player.adopted
        self._chosen: _Chosen = (None, None)
        self._rows: tuple[VideoRow | None, VideoRow | None] = (None, None)
        """What the players were told to show."""
        self.players = LinkedPlayers(self.panel)
        self.comparison = Comparison(self)
        self.comparison.changed.connect(self._take_pair)
        self.export = PairExport(desk, self._seen)
        self.panel.choice.add_below(self.export.box)
        self.adopted += self.export.adopted
        self.panel.choice.a_chosen.connect(lambda a: self.choose(a, self._chosen[1]))
        self.panel.choice.b_chosen.connect(lambda b: self.choose(self._chosen[0], b))
        self.panel.commands["swap"].triggered.connect(self.swap)
        desk.pair_wanted.connect(self.open_at)

    @property
    def pair(self) -> Pair | None:
        """What is seen; None while it is not known."""
        return self.comparison.pair

    @property
    def chosen(self) -> _Chosen:
        """The ids of A and B."""
        return self._chosen

    def choose(self, a: int | None, b: int | None) -> None:
        """Compare these two videos, by id."""
        self._set_chosen((a, b), (0, 0))
        self.show()

    def open_at(self, a: Moment, b: Moment) -> None:
        """Compare these two videos, and show these frames of them."""
        self._set_chosen((a.video_id, b.video_id), (a.frame, b.frame))
        self.players.go(a.frame, b.frame)
        if self.panel.isVisible():
            self.show()

    def swap(self) -> None:
        """A becomes B and B becomes A; both stay at the frames that they show."""
        if not self.panel.isVisible():
            self._desk.workshop.show_page("explore")
        elif None not in self._chosen:
            a_frame, b_frame = self.players.frames
            self._set_chosen((self._chosen[1], self._chosen[0]), (b_frame, a_frame))
            self.players.stay()
            self.show()

    def show(self) -> None:
        """All that follows from the scene and what is chosen."""
        scene, panel = self._desk.scene, self.panel
        if scene is None:
            return
        self._keep_choice(list(scene.videos))
        self._follow_rows()
        panel.choice.set_videos([_choice(video) for video in scene.videos.values()], *self._chosen)
        panel.commands["swap"].setEnabled(self._chosen[0] != self._chosen[1])
        a, b = (scene.videos[number] for number in self._chosen if number is not None)
        self.comparison.ask_again()
        if self.comparison.ask(scene.embeddings, scene.encoder_digest, a.digest, b.digest):
            self.players.set_pair(None)
        panel.set_pair(self.comparison.pair, displayable(a.name), displayable(b.name))
        self.export.show()

    def pause(self) -> None:
        """Play no more."""
        self.players.pause()

    def close(self) -> None:
        """End the threads, and show nothing."""
        self.comparison.forget()
        self.export.close()
        self._chosen, self._rows = (None, None), (None, None)
        self.players.close()
        self.players.set_pair(None)
        self.panel.set_pair(None, "", "")

    def _seen(self) -> Seen | None:
        """What can be exported."""
        scene, pair = self._desk.scene, self.comparison.pair
        rows = [scene.videos.get(number) for number in self._chosen if number is not None] if scene else []
        if scene is None or pair is None or len(rows) != 2 or rows[0] is None or rows[1] is None:
            return None
        return Seen(scene, rows[0], rows[1], pair)

    def _keep_choice(self, ids: list[int]) -> None:
        """The two that were chosen, or the first two that are there."""
        a, b = (number if number in ids else None for number in self._chosen)
        if a is None:
            a = next((number for number in ids if number != b), ids[0])
        if b is None:
            b = next((number for number in ids if number != a), a)
        self._set_chosen((a, b), (0, 0))

    def _set_chosen(self, chosen: _Chosen, places: tuple[int, int]) -> None:
        """Show in the players what is not in them yet, from these frames on."""
        before, self._chosen = self._chosen, chosen
        for side, number in enumerate(chosen):
            if number != before[side]:
                self._show_in(side, number, places[side])

    def _follow_rows(self) -> None:
        """A video that was renamed, or found again, is shown anew where it was."""
        scene = self._desk.scene
        for side, number in enumerate(self._chosen):
            now, then = (scene.videos.get(number) if scene and number is not None else None), self._rows[side]
            if now is not None and then is not None and _shown_of(now) != _shown_of(then):
                self._show_in(side, number, self.players.frames[side])

    def _show_in(self, side: int, number: int | None, place: int) -> None:
        project = self._desk.workshop.session.require()
        row = self._desk.workshop.session.videos.get(number) if number is not None else None
        self._rows = (row, self._rows[1]) if side == 0 else (self._rows[0], row)
        (self.players.show_b if side else self.players.show_a)(row, project.folder, place)

    def _take_pair(self) -> None:
        if self.comparison.trouble:
            self._desk.refuse(self.comparison.trouble)
            return
        if self.comparison.pair is not None:
            self.players.set_pair(self.comparison.pair)
        if self.panel.isVisible():
            self.show()


def _choice(video: VideoRow) -> Choice:
    return Choice(video.id, displayable(video.name), tip=place_of(video))


def _shown_of(video: VideoRow) -> tuple[str, str, str]:
    return video.name, video.relative, video.absolute
