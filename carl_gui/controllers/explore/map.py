"""The Map view: all embedded frames as points, with similar frames close together."""

from __future__ import annotations

from carl_gui.controllers.explore.explore_context import ExploreContext
from carl_gui.controllers.explore.map_colours import ColourRequest, MapColouring
from carl_gui.controllers.explore.map_export import COMMANDS, EXPORTS, MapSnapshot
from carl_gui.controllers.explore.map_frames import MapFrames
from carl_gui.controllers.explore.map_job import MapJob
from carl_gui.controllers.explore.map_lasso import MapLasso
from carl_gui.controllers.explore.map_layouts import Layouts, MapLayout
from carl_gui.controllers.explore.map_messages import MapMessages
from carl_gui.controllers.explore.view import ExploreView
from carl_gui.controllers.when_shown import WhenShown
from carl_gui.models.map_colours import COLOURS_BY, ColourBy
from carl_gui.models.map_files import MapSeen
from carl_gui.models.messages import displayable
from carl_gui.models.scene import Scene
from carl_gui.models.video_choices import video_choice
from carl_gui.panels.map.look_box import MOST_CLUSTERS
from carl_gui.panels.map.map import MapPanel
from carl_gui.panels.map.marks import Label
from carl_gui.panels.map.rendering import Scatter
from carl_gui.theme import DARK, colours_of
from carl_gui.whereabouts import Kept, whole
from core.map import MAP_METHODS, MapMethod
from core.map.umap_map import FEWEST_FRAMES

_CLUSTERS = 8


class MapView(ExploreView[MapPanel, MapSnapshot]):
    """Everything slow runs in threads or as a job."""

    def __init__(self, desk: ExploreContext) -> None:
        super().__init__(desk, MapPanel(), COMMANDS, EXPORTS)
        self.side, self.first = self.panel.side, self.panel.canvas
        self._method: MapMethod = "pca"
        self._by: ColourBy = "time"
        self._num_clusters = _CLUSTERS
        self._look = (1.0, 1.0)
        """Size and opacity of points, times what fits."""
        self._video: int | None = None
        """The one that was picked out, by id."""
        self._labels_version = 0
        self._shown: MapLayout | None = None
        self.layouts, self.colours = Layouts(self), MapColouring(self)
        self.frames, self.lasso = MapFrames(desk, self.panel), MapLasso(desk, self.panel)
        self.panel.add_below(self.export.box)
        self._add_actions(self.panel.commands)
        self.job = MapJob(desk.workshop, self.panel.method)
        self._words = MapMessages(desk, self.panel, self.job, self.layouts)
        self._connect()

    def _connect(self) -> None:
        panel = self.panel
        self._follow(self.layouts.changed, self.job.changed)
        self.colours.changed.connect(self._show_colours)
        self.colours.refused.connect(panel.set_line)
        self.frames.chosen_changed.connect(self._ask_colours)
        panel.method.method_selected.connect(self.choose_method)
        panel.method.make_requested.connect(self.job.begin)
        panel.make_requested.connect(self.job.begin)
        panel.commands["make_umap"].triggered.connect(self._make)
        panel.look.colour_selected.connect(self.choose_colour)
        panel.look.clusters_selected.connect(self._choose_clusters)
        panel.look.look_selected.connect(self._choose_look)
        panel.look.video_selected.connect(self.choose_video)
        panel.canvas.dressed.connect(self._show_colours)
        self._labels = WhenShown(panel, self._take_labels)
        self.desk.workshop.session.changes_of("spans", "phases").connect(self._labels.refresh)

    @property
    def layout(self) -> MapLayout | None:
        """What is seen; None: nothing yet."""
        return self._shown

    def choose_method(self, method: MapMethod) -> None:
        """Show this kind of map."""
        self._method = method
        self.refresh()

    def choose_colour(self, by: ColourBy) -> None:
        """Colour points by this."""
        self._by = by
        self.frames.does_hover_show_course = by == "video"
        self._ask_colours()
        self.refresh()

    def choose_video(self, video_id: int | None) -> None:
        """Pick this video out; None: all are alike."""
        self._video = video_id
        chosen = self.frames.chosen
        if video_id is not None and (chosen is None or chosen.video_id != video_id):
            self.frames.choose(self.frames.first_of(video_id))
            self.frames.reveal()
        self._ask_colours()

    def _show(self, scene: Scene) -> None:
        desk, panel = self.desk, self.panel
        self.job.run = scene.run
        self.job.show()
        if self._video not in scene.videos:
            self._video = None
        panel.method.set_methods(self._words.methods(), self._method)
        panel.look.set_colours(self._words.colours(), self._by, self._num_clusters)
        choices = [video_choice(video) for video in scene.videos.values()]
        panel.look.set_videos(choices, self._video)
        desk.open_embedded()
        if desk.embedded is None:
            self._show_layout(None)
            panel.set_line(self.tr("Opening the embeddings…"))
            return
        self.layouts.ask(scene, desk.embedded, self._method)
        self._show_layout(self.layouts.layout)

    def pause(self) -> None:
        self.panel.card.hide()

    def whereabouts(self) -> Kept:
        return {"method": self._method, "colour": self._by, "clusters": self._num_clusters, "video": self._video}

    def return_to(self, kept: Kept) -> None:
        self._method = next((one for one in MAP_METHODS if one == kept.get("method")), "pca")
        self._by = next((one for one in COLOURS_BY if one == kept.get("colour")), "time")
        self.frames.does_hover_show_course = self._by == "video"
        self._num_clusters = min(max(whole(kept, "clusters", _CLUSTERS), 2), MOST_CLUSTERS)
        video = whole(kept, "video")
        self._video = video if video in self.desk.workshop.session.videos else None

    def close(self) -> None:
        self.layouts.forget()
        self.colours.forget()
        self.lasso.close()
        self.frames.close()
        self.job.close()
        self._video = self._shown = None
        self.panel.canvas.close_threads()
        self.panel.canvas.set_labels(())
        super().close()

    def _make(self) -> None:
        if self._come_forward():
            self.choose_method("umap")
            self.job.begin()

    def _choose_clusters(self, count: int) -> None:
        self._num_clusters = count
        self._ask_colours()

    def _choose_look(self, size: float, opacity: float) -> None:
        self._look = size, opacity
        self._show_colours()

    def _take_labels(self) -> None:
        self._labels_version += 1
        self.frames.forget_spans()
        if self._by == "phase":
            self._ask_colours()

    def _show_layout(self, layout: MapLayout | None) -> None:
        is_other = layout is not self._shown
        if is_other:
            self._shown = layout
            self.panel.canvas.set_scatter(None)  # its frames are counted otherwise
            self.panel.canvas.set_labels(())
            self.frames.set_layout(layout)
            self.lasso.set_layout(layout)
        read_only = displayable(self.desk.workshop.session.require().read_only)
        num_frames = sum(len(video) for video in (self.desk.embedded or {}).values())
        few = self.tr("UMAP needs {1} frames or more; these videos have {0}.").format(num_frames, FEWEST_FRAMES)
        disabled_reason = read_only or (few if num_frames < FEWEST_FRAMES else "")
        self.panel.commands["make_umap"].setEnabled(not disabled_reason and not self.job.is_running)
        self._words.show(layout, self._method, disabled_reason)
        self._ask_colours()
        if is_other:  # it may have been coloured before
            self._show_colours()

    def _snapshot(self, scene: Scene) -> MapSnapshot | None:
        layout, embedded = self._shown, self.desk.embedded
        is_drawn = self.colours.now is not None and self.colours.now.layout is layout
        if layout is None or embedded is None or not is_drawn:
            return None
        if any(number not in scene.videos or number not in embedded for number in layout.ids):
            return None
        videos = [scene.videos[number] for number in layout.ids]
        edges = [embedded[number].edges_seconds for number in layout.ids]
        return MapSnapshot(MapSeen(scene.project, videos, edges, layout.points), self.panel.picture)

    def _ask_colours(self) -> None:
        layout, embedded = self._shown, self.desk.embedded
        project = self.desk.workshop.session.project
        if layout is None or embedded is None or project is None or not self.panel.isVisible():
            return
        chosen = self.frames.chosen
        meant = self._video
        if meant is None and self._by == "video" and chosen is not None:
            meant = chosen.video_id
        wish = ColourRequest(self._by, self._num_clusters, meant, self._labels_version)
        self.colours.ask(layout, embedded, wish, project.spans_reader(), project.phases())
        self._words.show_line(layout, is_running=self.colours.is_running)

    def _show_colours(self) -> None:
        """What is there is drawn, until something newer is."""
        made, canvas = self.colours.now, self.panel.canvas
        if made is None or made.layout is not self._shown:
            return
        colours = colours_of(canvas.palette())
        is_dark = colours is DARK
        base = colours.base
        background = int(base[1:3], 16), int(base[3:5], 16), int(base[5:7], 16)
        palette = made.colouring.palette(is_dark=is_dark)
        canvas.set_scatter(Scatter(made.layout.points, made.classes, palette, background, *self._look))
        texts = [displayable(name) for name, _ in made.colouring.phases]
        names = {number: texts[number - 1] if texts else str(number) for number, _, _ in made.middles}
        canvas.set_labels([Label(names[number], x, y) for number, x, y in made.middles])
        self.panel.legend.set_legend(*self._words.legend(made, is_dark=is_dark), has_time=made.colouring.by == "time")
        self._words.show_line(made.layout, is_running=self.colours.is_running)
        self.export.show()
