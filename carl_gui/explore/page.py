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
            view_controller = self.views[view.id]
            self.panel.add_view(
                view.id,
                QCoreApplication.translate("ExploreViews", view.text),
                view_controller.widget,
                view_controller.side,
            )
        self._videos: Mapping[int, VideoRow] = {}
        self._embeddings = app_context.session.embeddings
        self._shown_index: EmbeddingIndex | None = None
        """The index that the page shows."""
        self._name: str | None = None
        """The run whose embeddings are shown."""
        self._error = ""
        """Why they cannot be opened."""
        self._pending_query: VideoRange | None = None
        """The query to run as soon as its video is embedded."""
        self._pending_pair: tuple[str, FrameRef, FrameRef] | None = None
        """The run and pair to show as soon as both videos are embedded."""
        self._action: Callable[[], object] = lambda: None
        self._disabled_actions: list[QAction] = []
        """Actions of the views that are disabled while there is nothing to show."""
        self.embedding = EmbeddingController(app_context, self.panel.encoders)
        self._when_shown = WhenShown(self.panel, self._on_videos)
        self._connect()
        if app_context.session.project is not None:
            self._open()

    def _connect(self) -> None:
        session, panel, context = self._app_context.session, self.panel, self.context
        session.opened.connect(self._open)
        session.about_to_close.connect(self._on_closing)
        session.changes_of("videos").connect(self._when_shown.refresh)
        self._embeddings.changed.connect(self._on_scan)
        self.embedding.job.changed.connect(self._show)
        panel.appeared.connect(self._on_appeared)
        panel.vanished.connect(lambda: self.views[panel.view].pause())
        panel.action_triggered.connect(lambda: self._action())
        panel.encoders.encoder_selected.connect(self.choose_encoder)
        panel.judgement.worst_requested.connect(self._show_worst)
        panel.commands["embed"].triggered.connect(self.embedding.start)
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
        """Return the actions of the page and its views, those of the visible view last."""
        views = sorted(self.views.items(), key=lambda item: item[0] == self.panel.view)
        return [*self.panel.commands.values(), *(action for _, view in views for action in view.actions)]

    @property
    def help_topic(self) -> str:
        """The help topic of the visible view."""
        return f"explore-{self.panel.view}"

    @property
    def first(self) -> QWidget:
        """The first widget of the visible view."""
        return self.views[self.panel.view].first

    def choose_encoder(self, name: str) -> None:
        """Show the embeddings of this run."""
        self._name, self._error = name, ""
        self._show()

    def choose_view(self, name: str) -> None:
        """Show this view, and bring the page to the front."""
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
        """Show the pair that matches worst, if both of its videos still exist."""
        judgement = self.panel.judgement.found
        ids = {video.digest: video.id for video in self._videos.values()}
        if judgement is None or not all(digest in ids for digest in judgement.worst):
            return
        (a, b), (a_frame, b_frame) = judgement.worst, judgement.worst_frames
        self.context.pair_requested.emit(FrameRef(ids[a], a_frame), FrameRef(ids[b], b_frame))

    def _move(self, by: int) -> None:
        ids = list(self.views)
        self.choose_view(ids[(ids.index(self.panel.view) + by) % len(ids)])

    def find_similar(self, video_range: VideoRange) -> None:
        """Search for these frames as soon as their video is embedded, and bring the page to the front."""
        self.choose_view("search")
        self._pending_query = video_range
        self._run_pending()
        if self._pending_query is not None and self._embeddings.index is not None:
            self._app_context.show_status(self.tr("This video is not embedded yet. Embed it; the search then starts."))

    def save_state(self) -> Kept:
        """Return the selected encoder and view, and the state of each view."""
        states = {name: view.save_state() for name, view in self.views.items()}
        return {"encoder": self._name or "", "view": self.panel.view, "views": states}

    def restore_state(self, state: Kept) -> None:
        """Select them again; a missing encoder is noticed after the scan."""
        self._name = text(state, "encoder") or None
        if (view := text(state, "view")) in self.views and view != self.panel.view:
            self.panel.set_view(view)
            self.changed.emit()
        for name, one in self.views.items():
            one.restore_state(part(part(state, "views"), name))

    def show_pair(self, run: str, a: FrameRef, b: FrameRef) -> None:
        """Show these two videos side by side with this run's embeddings, after a new scan."""
        self._pending_pair = run, a, b
        self._embeddings.scan()

    def close(self) -> None:
        """End the threads."""
        self.embedding.job.close()
        self.context.close()
        for view in self.views.values():
            view.close()

    def _open(self) -> None:
        self._name = self._pending_query = self._pending_pair = None
        self._error = ""
        self._videos = self._app_context.session.videos
        self._show()
        self.context.right.migrate()
        if self.panel.isVisible():
            self._embeddings.refresh()

    def _on_closing(self) -> None:
        self.close()
        self._videos, self._name, self._pending_query, self._pending_pair = {}, None, None, None
        self._show()

    def _on_videos(self) -> None:
        self._videos = self._app_context.session.videos
        self._show()

    def _on_appeared(self) -> None:
        """Show what changed while the view was hidden; the scan comes after what is requested now."""
        self._show_view()
        self._embeddings.refresh()

    def _on_scan(self) -> None:
        """Show another run if the selected one no longer exists."""
        index, is_as_before = self._embeddings.index, self._embeddings.index is self._shown_index
        if index is None or (is_as_before and not (self._error or self._pending_pair)):
            return
        self._shown_index, self._error = index, ""
        if self._pending_pair is not None and index.source(self._pending_pair[0]) is not None:
            self._name = self._pending_pair[0]
        if index.source(self._name) is None:
            with_embeddings = [source for source in index.sources if source.digests]
            self._name = next((source.name for source in (*with_embeddings, *index.sources)), None)
        self._show()
        self.changed.emit()

    def _show(self) -> None:
        """Show all that follows from the videos, the index and the selected encoder."""
        panel, index = self.panel, self._embeddings.index
        source = index.source(self._name) if index is not None else None
        embedded = by_digest(self._videos, source) if source is not None else []
        self.embedding.show(self._videos, index, source)
        panel.commands["embed"].setEnabled(self.embedding.can_start)
        self._enable_view_commands(has_scene=source is not None and bool(embedded))
        panel.judgement.set_judgement(source.judgement if source is not None and embedded else None)
        if source is None or not embedded:
            self.context.set_scene(None)
        else:
            project = self._app_context.session.require()
            folder, videos = project.embeddings / source.name, {video.id: video for video in embedded}
            self.context.set_scene(Scene(project.folder, source.name, folder, source.encoder_digest, videos))
        if source is None or not self._videos:
            self._show_no_encoder()
        elif not embedded:
            self._show_nothing_embedded(source)
        else:
            self._show_view()
            self._run_pending()

    def _enable_view_commands(self, *, has_scene: bool) -> None:
        """Disable the commands of the views while they show nothing."""
        if has_scene:
            for action in self._disabled_actions:
                action.setEnabled(True)
            self._disabled_actions = []
        elif not self._disabled_actions:
            own = [action for view in self.views.values() for action in view.actions if action.isEnabled()]
            self._disabled_actions = [action for action in own if not action.objectName().startswith("play.")]
            for action in self._disabled_actions:
                action.setEnabled(False)

    def _show_view(self) -> None:
        """Show the selected view, if it has something to show."""
        index = self._embeddings.index
        source = index.source(self._name) if index is not None else None
        if self.context.scene is None or source is None:
            return
        if self._error:
            self._show_damaged(source)
            return
        self.panel.show_views()
        if self.panel.isVisible():
            self.views[self.panel.view].show()

    def _show_no_encoder(self) -> None:
        """Show that there is no encoder yet, or no video."""
        empty, show_page = self.panel.empty, self._app_context.show_page
        if not self._videos:
            empty.show_no_videos()
            self._action = lambda: show_page("videos")
        elif (index := self._embeddings.index) is None:
            empty.show_scanning()
        elif index.is_lost:
            empty.show_missing_folder()
        else:
            empty.show_no_encoder()
            self._action = lambda: show_page("train")
        self.panel.show_empty(has_side=False)

    def _show_nothing_embedded(self, source: EmbeddingSource) -> None:
        empty, embedding, name = self.panel.empty, self.embedding, displayable(source.name)
        handler = embedding.action if embedding.can_start else ""
        self._action = embedding.start
        if embedding.is_running:
            empty.show_being_embedded(name)
        elif source.problem:
            empty.show_damaged(displayable(source.problem), handler)
        else:
            empty.show_nothing_embedded(name, handler)
        self.panel.show_empty(has_side=True)

    def _show_damaged(self, source: EmbeddingSource) -> None:
        if not self._app_context.session.require().folder.is_dir():  # before anybody looked
            self.panel.empty.show_missing_folder()
            self.panel.show_empty(has_side=False)
            return
        can_embed = source.has_encoder and not self._app_context.session.require().read_only
        handler = self.tr("Embed all again") if can_embed and not self.embedding.is_running else ""
        self._action = self.embedding.start
        self.panel.empty.show_damaged(displayable(self._error), handler)
        self.panel.show_empty(has_side=True)

    def _refuse(self, sentence: str) -> None:
        self._error = sentence
        self._show_view()

    def _run_pending(self) -> None:
        """Run the pending search, and show the pending pair, if that is possible now."""
        query, scene = self._pending_query, self.context.scene
        if query is not None and scene is not None and query.video_id in scene.videos:
            self._pending_query = None
            self.context.search_requested.emit(query)
        if self._pending_pair is not None and scene is not None and scene.run == self._pending_pair[0]:
            _, a, b = self._pending_pair
            if a.video_id in scene.videos and b.video_id in scene.videos:
                self._pending_pair = None
                self.context.pair_requested.emit(a, b)
