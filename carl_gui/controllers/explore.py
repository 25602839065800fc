"""The step Explore: two embedded videos side by side, and how they correspond."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction

from carl_gui.actions import EXPLORE
from carl_gui.controllers.comparison import Comparison
from carl_gui.controllers.embedding import EmbeddingController
from carl_gui.controllers.linked_players import LinkedPlayers
from carl_gui.errands import Errand
from carl_gui.models.choices import Choice
from carl_gui.models.embedding_sources import EmbeddingSource, KnownDigests, Survey, by_digest, survey
from carl_gui.models.pair import Pair
from carl_gui.models.wording import displayable, place_of
from carl_gui.panels.explore.explore import ExplorePanel
from carl_gui.workshop import Workshop
from core.project.changes import Changes
from core.project.rows import VideoRow

_REST_MS = 250
"""After the last change, before the disk is looked at again."""


class ExploreController(QObject):
    """Looks at what is embedded when the page is seen; everything slow is done in threads or as a job."""

    changed = Signal()

    def __init__(self, workshop: Workshop) -> None:
        super().__init__(workshop.window)
        self._workshop = workshop
        self.panel = ExplorePanel()
        self.widget, self.first = self.panel, self.panel.a_player
        self.adopted: list[tuple[str, str, QAction]] = [
            (f"explore.{name}", EXPLORE, action) for name, action in self.panel.commands.items()
        ]
        self.adopted += self.panel.a_player.adopted
        self._videos: Mapping[int, VideoRow] = {}
        self._survey: Survey | None = None
        self._known: KnownDigests = {}
        self._name: str | None = None
        """The run whose embeddings are shown."""
        self._chosen: tuple[int | None, int | None] = (None, None)
        self._deed: Callable[[], object] = lambda: None
        self._is_behind = False
        """Whether videos changed while the page was not seen."""
        self.players = LinkedPlayers(self.panel)
        self.embedding = EmbeddingController(workshop, self.panel.encoders)
        self.comparison = Comparison(self)
        self._looking = Errand(self)
        self._resting = QTimer(self, singleShot=True, interval=_REST_MS)
        self._connect()
        if workshop.session.project is not None:
            self._open()

    def _connect(self) -> None:
        session, panel = self._workshop.session, self.panel
        session.opened.connect(self._open)
        session.about_to_close.connect(self._leave)
        session.changed.connect(self._take_changes)
        self._workshop.jobs.ended.connect(lambda *_: self._resting.start())
        self.embedding.changed.connect(self._show)
        self._resting.timeout.connect(self.look)
        self._looking.done.connect(self._take_survey)
        self.comparison.changed.connect(self._take_pair)
        panel.appeared.connect(self._appear)
        panel.vanished.connect(self.players.pause)
        panel.deed_chosen.connect(lambda: self._deed())
        panel.encoders.encoder_chosen.connect(self.choose_encoder)
        panel.choice.a_chosen.connect(lambda a: self.choose(a, self._chosen[1]))
        panel.choice.b_chosen.connect(lambda b: self.choose(self._chosen[0], b))
        panel.commands["swap"].triggered.connect(self.swap)
        panel.commands["embed"].triggered.connect(self.embedding.begin)

    @property
    def pair(self) -> Pair | None:
        """What is seen; None while it is not known."""
        return self.comparison.pair

    @property
    def chosen(self) -> tuple[int | None, int | None]:
        """The ids of A and B."""
        return self._chosen

    def look(self) -> None:
        """Find out in a thread what is embedded; only while the page is seen."""
        project = self._workshop.session.project
        if project is not None and self.panel.isVisible():
            rows, folder, known = list(self._videos.values()), project.folder, self._known
            self._looking.start(lambda control: survey(folder, rows, known))

    def choose_encoder(self, name: str) -> None:
        """Show the embeddings of this run."""
        self._name = name
        self._show()

    def choose(self, a: int | None, b: int | None) -> None:
        """Compare these two videos, by id."""
        self._set_chosen((a, b), (0, 0))
        self._show()

    def swap(self) -> None:
        """A becomes B and B becomes A; both stay at the frames that they show."""
        if not self.panel.isVisible():
            self._workshop.show_page("explore")
        elif None not in self._chosen:
            a_frame, b_frame = self.players.frames
            self._set_chosen((self._chosen[1], self._chosen[0]), (b_frame, a_frame))
            self.players.stay()
            self._show()

    def close(self) -> None:
        """End the threads."""
        self._resting.stop()
        self._looking.close()
        self.comparison.forget()
        self.players.close()

    def _open(self) -> None:
        self._survey = self._name = None
        self._videos = self._workshop.session.videos
        self._show()
        self.look()

    def _leave(self) -> None:
        self.close()
        self._videos, self._survey, self._name = {}, None, None
        self._chosen = None, None
        self.players.set_pair(None)
        self.panel.set_pair(None, "", "")
        self._show()

    def _take_changes(self, changes: Changes) -> None:
        if not changes.videos:
            return
        before, self._videos = self._videos, self._workshop.session.videos
        folder = self._workshop.session.require().folder
        for side, number in enumerate(self._chosen):
            now, then = (rows.get(number) if number is not None else None for rows in (self._videos, before))
            if now is not None and then is not None and _shown_of(now) != _shown_of(then):  # renamed, or found again
                show = self.players.show_b if side else self.players.show_a
                show(now, folder, self.players.frames[side])
        self._is_behind = not self.panel.isVisible()
        if not self._is_behind:
            self._show()
            self._resting.start()

    def _appear(self) -> None:
        if self._is_behind:
            self._is_behind = False
            self._show()
        self.look()

    def _take_survey(self, found: Survey) -> None:
        self._survey = found
        if found.source(self._name) is None:
            with_some = [source for source in found.sources if source.digests]
            self._name = next((source.name for source in (*with_some, *found.sources)), None)
        self.comparison.ask_again()
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        """All that follows from the videos, the survey and what is chosen."""
        panel, found = self.panel, self._survey
        source = found.source(self._name) if found is not None else None
        embedded = by_digest(self._videos, source) if source is not None else []
        self._keep_choice(embedded)
        panel.choice.set_videos([_choice(video) for video in embedded], *self._chosen)
        panel.commands["swap"].setEnabled(None not in self._chosen and self._chosen[0] != self._chosen[1])
        self.embedding.show(self._videos, found, source)
        panel.commands["embed"].setEnabled(self.embedding.can_begin)
        if source is None or not self._videos:
            self._show_beginning()
        elif not embedded:
            self._show_nothing_embedded(source)
        else:
            self._show_pair(source)

    def _show_beginning(self) -> None:
        """There is no encoder yet, or not even a video."""
        empty, show_page = self.panel.empty, self._workshop.show_page
        if not self._videos:
            empty.say_no_videos()
            self._deed = lambda: show_page("videos")
        elif self._survey is None:
            empty.say("", "")
        else:
            empty.say_no_encoder()
            self._deed = lambda: show_page("train")
        self.panel.show_empty(has_side=False)

    def _show_nothing_embedded(self, source: EmbeddingSource) -> None:
        empty, embedding, name = self.panel.empty, self.embedding, displayable(source.name)
        deed = embedding.deed if embedding.can_begin else ""
        self._deed = embedding.begin
        if embedding.is_going:
            empty.say_being_embedded(name)
        elif source.trouble:
            empty.say_damaged(displayable(source.trouble), deed)
        else:
            empty.say_nothing_embedded(name, deed)
        self.panel.show_empty(has_side=True)

    def _keep_choice(self, embedded: list[VideoRow]) -> None:
        """The two that were chosen, or the first two that are there."""
        ids = [video.id for video in embedded]
        a, b = (number if number in ids else None for number in self._chosen)
        if a is None:
            a = next((number for number in ids if number != b), ids[0] if ids else None)
        if b is None:
            b = next((number for number in ids if number != a), a)
        if self._survey is not None:
            self._set_chosen((a, b), (0, 0))

    def _set_chosen(self, chosen: tuple[int | None, int | None], places: tuple[int, int]) -> None:
        """Show in the players what is not in them yet, from these frames on."""
        before, self._chosen = self._chosen, chosen
        folder = self._workshop.session.require().folder
        for side, show in enumerate((self.players.show_a, self.players.show_b)):
            number = chosen[side]
            if number != before[side]:
                show(None if number is None else self._videos[number], folder, places[side])

    def _show_pair(self, source: EmbeddingSource) -> None:
        a, b = (self._videos[number] for number in self._chosen if number is not None)
        project, comparison = self._workshop.session.require(), self.comparison
        if comparison.ask(project.embeddings / source.name, source, a.digest, b.digest):
            self.players.set_pair(None)
        if comparison.trouble:
            self._deed = self.embedding.begin
            can_embed = source.has_encoder and not project.read_only and not self.embedding.is_going
            deed = self.tr("Embed all again") if can_embed else ""
            self.panel.empty.say_damaged(displayable(comparison.trouble), deed)
            self.panel.show_empty(has_side=True)
        else:
            self.panel.set_pair(comparison.pair, displayable(a.name), displayable(b.name))

    def _take_pair(self) -> None:
        if self.comparison.pair is not None:
            self.players.set_pair(self.comparison.pair)
        self._show()


def _choice(video: VideoRow) -> Choice:
    return Choice(video.id, displayable(video.name), tip=place_of(video))


def _shown_of(video: VideoRow) -> tuple[str, str, str]:
    return video.name, video.relative, video.absolute
