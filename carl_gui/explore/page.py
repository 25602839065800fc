"""The Explore page: choice of encoder and view, and what is missing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QObject, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from carl_gui.app_context import AppContext
from carl_gui.embedding_index import EmbeddingIndex, EmbeddingSource, by_digest
from carl_gui.explore.embedding import EmbeddingController
from carl_gui.explore.explore_context import ExploreContext
from carl_gui.explore.panel import ExplorePanel
from carl_gui.explore.views import VIEWS
from carl_gui.models.messages import displayable
from carl_gui.models.scene import FrameRef, Scene, VideoRange
from carl_gui.whereabouts import Kept, part, text
from carl_gui.widgets.when_shown import WhenShown
from core.project.rows import VideoRow


class ExploreController(QObject):
    """Checks what is embedded when the page is shown; everything slow runs in threads or as a job."""

    changed = Signal()

    def __init__(self, app_context: AppContext) -> None:
        super().__init__(app_context.window)
        self._app_context = app_context
        self.panel = ExplorePanel()
        self.widget = self.panel
        self.context = ExploreContext(app_context, self)
        self.views = {view.id: view.make(self.context) for view in VIEWS}
        for view in VIEWS:
            made = self.views[view.id]
            self.panel.add_view(view.id, QCoreApplication.translate("ExploreViews", view.text), made.widget, made.side)
        self._videos: Mapping[int, VideoRow] = {}
        self._embeddings = app_context.session.embeddings
        self._shown: EmbeddingIndex | None = None
        """What the page was brought up to date with."""
        self._name: str | None = None
        """The run whose embeddings are shown."""
        self._error = ""
        """Why they cannot be opened."""
        self._wish: VideoRange | None = None
        """What is searched for as soon as its video is embedded."""
        self._pair_wish: tuple[str, FrameRef, FrameRef] | None = None
        """Which run's pair is shown as soon as it is known that its videos are embedded."""
        self._action: Callable[[], object] = lambda: None
        self._resting_commands: list[QAction] = []
        """Of the views: those that work again as soon as there is something to see."""
        self.embedding = EmbeddingController(app_context, self.panel.encoders)
        self._when_shown = WhenShown(self.panel, self._take_videos)
        self._connect()
        if app_context.session.project is not None:
            self._open()

    def _connect(self) -> None:
        session, panel, context = self._app_context.session, self.panel, self.context
        session.opened.connect(self._open)
        session.about_to_close.connect(self._leave)
        session.changes_of("videos").connect(self._when_shown.refresh)
        self._embeddings.changed.connect(self._on_scan)
        self.embedding.job.changed.connect(self._show)
        panel.appeared.connect(self._appear)
        panel.vanished.connect(lambda: self.views[panel.view].pause())
        panel.action_triggered.connect(lambda: self._action())
        panel.encoders.encoder_selected.connect(self.choose_encoder)
        panel.judgement.worst_requested.connect(self._show_worst)
        panel.commands["embed"].triggered.connect(self.embedding.begin)
        for view in VIEWS:
            panel.commands[f"view_{view.id}"].triggered.connect(lambda _=False, id=view.id: self.choose_view(id))
        for name, by in (("next_view", 1), ("previous_view", -1)):
            panel.commands[name].triggered.connect(lambda _=False, by=by: self._move(by))
        panel.view_selected.connect(self.choose_view)
        context.opened.connect(self._show_view)
        context.refused.connect(self._refuse)
        context.pair_requested.connect(lambda *_: self.choose_view("pair"))
        context.search_requested.connect(lambda *_: self.choose_view("search"))
        context.moments_requested.connect(lambda *_: self.choose_view("search"))

    @property
    def actions(self) -> Sequence[QAction]:
        """The actions of the page and its views, those of the view that is seen last."""
        views = sorted(self.views.items(), key=lambda item: item[0] == self.panel.view)
        return [*self.panel.commands.values(), *(action for _, view in views for action in view.actions)]

    @property
    def help_topic(self) -> str:
        """Of the view that is seen."""
        return f"explore-{self.panel.view}"

    @property
    def first(self) -> QWidget:
        """Of the view that is seen."""
        return self.views[self.panel.view].first

    def choose_encoder(self, name: str) -> None:
        """Show the embeddings of this run."""
        self._name, self._error = name, ""
        self._show()

    def choose_view(self, name: str) -> None:
        """Show this view; the page comes forward where it is not seen."""
        is_other = name != self.panel.view
        if is_other:
            self.views[self.panel.view].pause()
            self.panel.set_view(name)
            self.changed.emit()
        if not self.panel.isVisible():
            self._app_context.show_page("explore")  # which shows the view
        elif is_other:
            self._show_view()
        if is_other and not self.panel.empty.isVisible():
            self.first.setFocus()

    def _show_worst(self) -> None:
        """The pair that goes together worst, where both of its videos are still there."""
        found = self.panel.judgement.found
        ids = {video.digest: video.id for video in self._videos.values()}
        if found is None or not all(digest in ids for digest in found.worst):
            return
        (a, b), (a_frame, b_frame) = found.worst, found.worst_frames
        self.context.pair_requested.emit(FrameRef(ids[a], a_frame), FrameRef(ids[b], b_frame))

    def _move(self, by: int) -> None:
        ids = list(self.views)
        self.choose_view(ids[(ids.index(self.panel.view) + by) % len(ids)])

    def find_similar(self, passage: VideoRange) -> None:
        """Search for these frames, as soon as their video is embedded; the page comes forward."""
        self.choose_view("search")
        self._wish = passage
        self._grant()
        if self._wish is not None and self._embeddings.index is not None:
            self._app_context.show_status(self.tr("This video is not embedded yet. Embed it; the search then starts."))

    def save_state(self) -> Kept:
        """Return which encoder and view are chosen, and what each view says."""
        said = {name: view.save_state() for name, view in self.views.items()}
        return {"encoder": self._name or "", "view": self.panel.view, "views": said}

    def restore_state(self, kept: Kept) -> None:
        """Choose them again; whether there is such an encoder is seen when it was looked what is embedded."""
        self._name = text(kept, "encoder") or None
        if (view := text(kept, "view")) in self.views and view != self.panel.view:
            self.panel.set_view(view)
            self.changed.emit()
        for name, one in self.views.items():
            one.restore_state(part(part(kept, "views"), name))

    def show_pair(self, run: str, a: FrameRef, b: FrameRef) -> None:
        """Show these two videos side by side by this run's embeddings; what is embedded is looked up anew."""
        self._pair_wish = run, a, b
        self._embeddings.scan()

    def close(self) -> None:
        """End the threads."""
        self.embedding.job.close()
        self.context.close()
        for view in self.views.values():
            view.close()

    def _open(self) -> None:
        self._name = self._wish = self._pair_wish = None
        self._error = ""
        self._videos = self._app_context.session.videos
        self._show()
        self.context.right.take_over()
        if self.panel.isVisible():
            self._embeddings.look()

    def _leave(self) -> None:
        self.close()
        self._videos, self._name, self._wish, self._pair_wish = {}, None, None, None
        self._show()

    def _take_videos(self) -> None:
        self._videos = self._app_context.session.videos
        self._show()

    def _appear(self) -> None:
        """Show what the view has not shown while it was hidden; the disk is looked at after what is asked now."""
        self._show_view()
        self._embeddings.look()

    def _on_scan(self) -> None:
        """Show another run where the one that is shown is no more."""
        found, is_as_before = self._embeddings.index, self._embeddings.index is self._shown
        if found is None or (is_as_before and not (self._error or self._pair_wish)):
            return
        self._shown, self._error = found, ""
        if self._pair_wish is not None and found.source(self._pair_wish[0]) is not None:
            self._name = self._pair_wish[0]
        if found.source(self._name) is None:
            with_some = [source for source in found.sources if source.digests]
            self._name = next((source.name for source in (*with_some, *found.sources)), None)
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        """All that follows from the videos, the survey and the encoder that is chosen."""
        panel, found = self.panel, self._embeddings.index
        source = found.source(self._name) if found is not None else None
        embedded = by_digest(self._videos, source) if source is not None else []
        self.embedding.show(self._videos, found, source)
        panel.commands["embed"].setEnabled(self.embedding.can_start)
        self._let_views_be_told(is_there=source is not None and bool(embedded))
        panel.judgement.set_judgement(source.judgement if source is not None and embedded else None)
        if source is None or not embedded:
            self.context.set_scene(None)
        else:
            project = self._app_context.session.require()
            place, videos = project.embeddings / source.name, {video.id: video for video in embedded}
            self.context.set_scene(Scene(project.folder, source.name, place, source.encoder_digest, videos))
        if source is None or not self._videos:
            self._show_beginning()
        elif not embedded:
            self._show_nothing_embedded(source)
        else:
            self._show_view()
            self._grant()

    def _let_views_be_told(self, *, is_there: bool) -> None:
        """Commands of the views are off while there is nothing to see in them."""
        if is_there:
            for action in self._resting_commands:
                action.setEnabled(True)
            self._resting_commands = []
        elif not self._resting_commands:
            own = [action for view in self.views.values() for action in view.actions if action.isEnabled()]
            self._resting_commands = [action for action in own if not action.objectName().startswith("play.")]
            for action in self._resting_commands:
                action.setEnabled(False)

    def _show_view(self) -> None:
        """The view that is chosen, where there is something to see."""
        found = self._embeddings.index
        source = found.source(self._name) if found is not None else None
        if self.context.scene is None or source is None:
            return
        if self._error:
            self._show_damage(source)
            return
        self.panel.show_views()
        if self.panel.isVisible():
            self.views[self.panel.view].show()

    def _show_beginning(self) -> None:
        """There is no encoder yet, or not even a video."""
        empty, show_page = self.panel.empty, self._app_context.show_page
        if not self._videos:
            empty.say_no_videos()
            self._action = lambda: show_page("videos")
        elif (found := self._embeddings.index) is None:
            empty.say_looking()
        elif found.is_lost:
            empty.say_lost()
        else:
            empty.say_no_encoder()
            self._action = lambda: show_page("train")
        self.panel.show_empty(has_side=False)

    def _show_nothing_embedded(self, source: EmbeddingSource) -> None:
        empty, embedding, name = self.panel.empty, self.embedding, displayable(source.name)
        handler = embedding.action if embedding.can_start else ""
        self._action = embedding.begin
        if embedding.is_running:
            empty.say_being_embedded(name)
        elif source.problem:
            empty.say_damaged(displayable(source.problem), handler)
        else:
            empty.say_nothing_embedded(name, handler)
        self.panel.show_empty(has_side=True)

    def _show_damage(self, source: EmbeddingSource) -> None:
        if not self._app_context.session.require().folder.is_dir():  # before anybody looked
            self.panel.empty.say_lost()
            self.panel.show_empty(has_side=False)
            return
        can_embed = source.has_encoder and not self._app_context.session.require().read_only
        handler = self.tr("Embed all again") if can_embed and not self.embedding.is_running else ""
        self._action = self.embedding.begin
        self.panel.empty.say_damaged(displayable(self._error), handler)
        self.panel.show_empty(has_side=True)

    def _refuse(self, sentence: str) -> None:
        self._error = sentence
        self._show_view()

    def _grant(self) -> None:
        """Search for what was wished for, and show the pair that was, where that can be done now."""
        wish, scene = self._wish, self.context.scene
        if wish is not None and scene is not None and wish.video_id in scene.videos:
            self._wish = None
            self.context.search_requested.emit(wish)
        if self._pair_wish is not None and scene is not None and scene.run == self._pair_wish[0]:
            _, a, b = self._pair_wish
            if a.video_id in scene.videos and b.video_id in scene.videos:
                self._pair_wish = None
                self.context.pair_requested.emit(a, b)
