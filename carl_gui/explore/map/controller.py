"""The view of the map: its layout, colours and frames."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject

from carl_gui.explore.explore_context import ExploreContext
from carl_gui.explore.map.boxes import MOST_CLUSTERS
from carl_gui.explore.map.colours import (
    COLOURS_BY,
    ColourBy,
    Coloured,
    ColourRequest,
    LegendEntry,
    MapColouring,
    cluster_colour,
    grey,
    video_colour,
)
from carl_gui.explore.map.export import COMMANDS, EXPORTS, MapSnapshot
from carl_gui.explore.map.files import MapSeen
from carl_gui.explore.map.frames import MapFrames
from carl_gui.explore.map.layouts import Layouts, MapLayout
from carl_gui.explore.map.map_job import MapJob
from carl_gui.explore.map.panel import MapPanel
from carl_gui.explore.map.rendering import Label, Scatter
from carl_gui.explore.view import ExploreView
from carl_gui.models.messages import displayable
from carl_gui.models.rows import Choice
from carl_gui.models.scene import FrameRef, Scene
from carl_gui.models.video_choices import video_choice
from carl_gui.numbers import count, frames, percent, videos
from carl_gui.tasks import Tasks, in_thread
from carl_gui.theme import DARK, colours_of
from carl_gui.whereabouts import Kept, integer
from carl_gui.widgets.when_shown import WhenShown
from core.map import MAP_METHODS, MapMethod
from core.map.rows import spread
from core.map.umap_map import FEWEST_FRAMES

_MOST_PHASES = 24
"""In the legend."""
_MOST_VIDEOS = 8
"""With more of them colours repeat, and the legend names none."""


class MapMessages(QObject):
    """Shows the sentences in the panel of a view."""

    def __init__(self, context: ExploreContext, panel: MapPanel, job: MapJob, layouts: Layouts) -> None:
        super().__init__(panel)
        self._context, self._panel, self._job, self._layouts = context, panel, job, layouts

    def methods(self) -> list[Choice]:
        """Kinds of map."""
        return [
            Choice("pca", self.tr("PCA: main directions")),
            Choice("umap", self.tr("UMAP: neighbourhoods")),
        ]

    def colours(self) -> list[Choice]:
        """By what points can be coloured."""
        return [
            Choice("time", self.tr("Time")),
            Choice("video", self.tr("Video")),
            Choice("phase", self.tr("Phase")),
            Choice("cluster", self.tr("Cluster")),
        ]

    def show(self, layout: MapLayout | None, method: MapMethod, disabled_reason: str) -> None:
        """The box beside the map, and what stands in its place; `disabled_reason` says why UMAP's cannot be made."""
        panel, job, layouts = self._panel, self._job, self._layouts
        notice, action = "", ""
        if method == "umap" and layout is not None:
            notice = self._age(layout)
            action = self.tr("Make again") if notice else ""
        if method == "umap" and job.failure:
            notice = job.failure
        facts = self._facts(layout) if layout is not None else ""
        panel.method.set_state(facts, notice, action, disabled_reason)
        if layout is not None or not layouts.is_known:
            panel.show_map()
            if layout is None:
                panel.set_line(self.tr("Computing the layout…"))
        elif method == "umap" and job.is_running:
            panel.show_empty(
                self.tr("Making the map"), self.tr("It appears here when it is done. You can keep working.")
            )
        elif layouts.problem:
            again = self._action(self.tr("Make again"), disabled_reason) if method == "umap" else ""
            panel.show_empty(self.tr("The map cannot be drawn"), displayable(layouts.problem), again)
        else:
            sentence = self.tr(
                "UMAP keeps similar frames together and shows loops and branches that PCA folds over each "
                "other. It takes about a minute, once."
            )
            panel.show_empty(
                self.tr("No UMAP map yet"),
                disabled_reason or sentence,
                self._action(self.tr("Make the UMAP map"), disabled_reason),
            )

    def show_line(self, layout: MapLayout, *, is_running: bool) -> None:
        """The line under the map."""
        if is_running:
            self._panel.set_line(self.tr("Colouring the points…"))
        else:
            self._panel.set_line(
                self.tr("%n point(s). Scroll to zoom, drag to move, Shift+drag to lasso.", "", len(layout.points))
            )

    def legend(self, made: Coloured, *, is_dark: bool) -> tuple[list[LegendEntry], str]:
        """Patches, and a sentence beside them."""
        colouring = made.colouring
        if colouring.by == "video":
            return self._video_legend(made.layout, is_dark=is_dark)
        if colouring.by == "phase":
            if not colouring.phases:
                return [], self.tr("No phases yet. Label some frames on the Label page.")
            unlabelled = LegendEntry(self.tr("Not labelled"), grey(is_dark=is_dark))
            named = [LegendEntry(displayable(name), colour) for name, colour in colouring.phases[:_MOST_PHASES]]
            more = len(colouring.phases) - len(named)
            return [*named, unlabelled], self.tr("Phases not listed: {0}.").format(more) if more else ""
        if colouring.by == "cluster":
            colours = [cluster_colour(number, is_dark=is_dark) for number in range(colouring.num_clusters)]
            return [LegendEntry(str(number), colour) for number, colour in enumerate(colours, 1)], ""
        return [], ""

    def _video_legend(self, layout: MapLayout, *, is_dark: bool) -> tuple[list[LegendEntry], str]:
        scene = self._context.scene
        if scene is None:
            return [], ""
        if len(layout.ids) > _MOST_VIDEOS:
            return [], self.tr(
                "{0} videos share {1} colours. Hover over a point to see its video; click to select it."
            ).format(count(len(layout.ids)), _MOST_VIDEOS)
        names = [scene.videos[number].name if number in scene.videos else "" for number in layout.ids]
        return [
            LegendEntry(displayable(name), video_colour(place, is_dark=is_dark)) for place, name in enumerate(names)
        ], ""

    def _facts(self, layout: MapLayout) -> str:
        made = layout.made
        words = [self.tr("{0} of {1}.").format(frames(len(layout.points)), videos(len(layout.ids)))]
        nowhere = len(layout.points.order) - len(layout.points)
        if made.shares is not None:
            across, up = (percent(share) for share in made.shares)
            words.append(self.tr("Variance shown: {0} horizontal, {1} vertical.").format(across, up))
        else:
            words.append(self.tr("Laid out by {0} of these frames.").format(count(made.num_landmarks)))
        if made.trustworthiness is not None:
            words.append(self.tr("Neighbour trustworthiness: {0}.").format(f"{made.trustworthiness:.2f}"))
        if nowhere and not layout.num_missing:
            words.append(self.tr("%n frame(s) not shown: their embeddings are not finite.", "", nowhere))
        return " ".join(words)

    def _age(self, layout: MapLayout) -> str:
        """Return why it should be made again; empty: it is of what is embedded now."""
        if layout.is_outdated:
            return self.tr("This map is outdated: the videos were embedded again with another encoder.")
        if layout.num_missing:
            return self.tr("This map is outdated: it lacks %n video(s).", "", layout.num_missing)
        return ""

    @staticmethod
    def _action(text: str, disabled_reason: str) -> str:
        return "" if disabled_reason else text


MOST_MOMENTS = 2000
"""That the grid is given: more are sampled."""


class MapLasso(QObject):
    """Finds the frames inside in a thread."""

    def __init__(self, context: ExploreContext, panel: MapPanel) -> None:
        super().__init__(context)
        self._context, self._panel = context, panel
        self._layout: MapLayout | None = None
        self._tasks = Tasks(self, panel.set_line)
        panel.canvas.lassoed.connect(self._look)

    def set_layout(self, layout: MapLayout | None) -> None:
        """Where frames lie."""
        if layout is not self._layout:
            self._tasks.cancel("look")
        self._layout = layout

    def close(self) -> None:
        """End the thread."""
        self._tasks.close()
        self._layout = None

    def _look(self, outline: NDArray[np.float64]) -> None:
        if self._layout is not None:
            self._tasks.start("look", self._hand_over(self._layout, outline))

    async def _hand_over(self, layout: MapLayout, outline: NDArray[np.float64]) -> None:
        frames = await in_thread(lambda control: layout.points.inside(outline))
        if not len(frames):
            self._panel.set_line(self.tr("No points inside the lasso."))
            return
        taken = frames[spread(len(frames), MOST_MOMENTS)]
        title = self.tr("From the map: %n frame(s)", "", len(frames))
        if len(taken) < len(frames):
            sampled = self.tr("From the map: {0} of {1} frames, evenly spread")
            title = sampled.format(count(len(taken)), count(len(frames)))
        self._panel.set_line(title)
        self._panel.commands["lasso"].setChecked(False)
        self._context.moments_requested.emit(self._moments(layout, taken), title)

    @staticmethod
    def _moments(layout: MapLayout, frames: NDArray[np.int64]) -> list[FrameRef]:
        """Of ascending frames, counted through all videos."""
        found, place = list[FrameRef](), 0
        for frame in frames.tolist():
            while frame >= layout.starts[place + 1]:
                place += 1
            found.append(FrameRef(layout.ids[place], frame - layout.starts[place]))
        return found


_CLUSTERS = 8


class MapView(ExploreView[MapPanel, MapSnapshot]):
    """Everything slow runs in threads or as a job."""

    def __init__(self, context: ExploreContext) -> None:
        super().__init__(context, MapPanel(), COMMANDS, EXPORTS)
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
        self.frames, self.lasso = MapFrames(context, self.panel), MapLasso(context, self.panel)
        self.panel.add_below(self.export.box)
        self._add_actions(self.panel.commands)
        self.job = MapJob(context.app_context, self.panel.method)
        self._words = MapMessages(context, self.panel, self.job, self.layouts)
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
        self.context.app_context.session.changes_of("spans", "phases").connect(self._labels.refresh)

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
        context, panel = self.context, self.panel
        self.job.run = scene.run
        self.job.show()
        if self._video not in scene.videos:
            self._video = None
        panel.method.set_methods(self._words.methods(), self._method)
        panel.look.set_colours(self._words.colours(), self._by, self._num_clusters)
        choices = [video_choice(video) for video in scene.videos.values()]
        panel.look.set_videos(choices, self._video)
        context.open_embedded()
        if context.embedded is None:
            self._show_layout(None)
            panel.set_line(self.tr("Opening the embeddings…"))
            return
        self.layouts.ask(scene, context.embedded, self._method)
        self._show_layout(self.layouts.layout)

    def pause(self) -> None:
        self.panel.card.hide()

    def save_state(self) -> Kept:
        return {"method": self._method, "colour": self._by, "clusters": self._num_clusters, "video": self._video}

    def restore_state(self, kept: Kept) -> None:
        self._method = next((one for one in MAP_METHODS if one == kept.get("method")), "pca")
        self._by = next((one for one in COLOURS_BY if one == kept.get("colour")), "time")
        self.frames.does_hover_show_course = self._by == "video"
        self._num_clusters = min(max(integer(kept, "clusters", _CLUSTERS), 2), MOST_CLUSTERS)
        video = integer(kept, "video")
        self._video = video if video in self.context.app_context.session.videos else None

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
        self.frames.clear_spans()
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
        read_only = displayable(self.context.app_context.session.require().read_only)
        num_frames = sum(len(video) for video in (self.context.embedded or {}).values())
        few = self.tr("UMAP needs {1} frames or more; these videos have {0}.").format(num_frames, FEWEST_FRAMES)
        disabled_reason = read_only or (few if num_frames < FEWEST_FRAMES else "")
        self.panel.commands["make_umap"].setEnabled(not disabled_reason and not self.job.is_running)
        self._words.show(layout, self._method, disabled_reason)
        self._ask_colours()
        if is_other:  # it may have been coloured before
            self._show_colours()

    def _snapshot(self, scene: Scene) -> MapSnapshot | None:
        layout, embedded = self._shown, self.context.embedded
        is_drawn = self.colours.now is not None and self.colours.now.layout is layout
        if layout is None or embedded is None or not is_drawn:
            return None
        if any(number not in scene.videos or number not in embedded for number in layout.ids):
            return None
        videos = [scene.videos[number] for number in layout.ids]
        edges = [embedded[number].edges_seconds for number in layout.ids]
        return MapSnapshot(MapSeen(scene.project, videos, edges, layout.points), self.panel.picture)

    def _ask_colours(self) -> None:
        layout, embedded = self._shown, self.context.embedded
        project = self.context.app_context.session.project
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
