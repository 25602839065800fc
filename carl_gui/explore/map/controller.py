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
from carl_gui.explore.map.files import MapContents
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
"""The phases that the legend names."""
_MOST_VIDEOS = 8
"""With more of them colours repeat, and the legend names none."""


class MapMessages(QObject):
    """Shows the sentences in the panel of a view."""

    def __init__(self, context: ExploreContext, panel: MapPanel, job: MapJob, layouts: Layouts) -> None:
        super().__init__(panel)
        self._context, self._panel, self._job, self._layouts = context, panel, job, layouts

    def methods(self) -> list[Choice]:
        """Return the kinds of map."""
        return [
            Choice("pca", self.tr("PCA: main directions")),
            Choice("umap", self.tr("UMAP: neighbourhoods")),
        ]

    def colours(self) -> list[Choice]:
        """Return the ways to colour points."""
        return [
            Choice("time", self.tr("Time")),
            Choice("video", self.tr("Video")),
            Choice("phase", self.tr("Phase")),
            Choice("cluster", self.tr("Cluster")),
        ]

    def show(self, layout: MapLayout | None, method: MapMethod, disabled_reason: str) -> None:
        """Fill the box beside the map, and what replaces the map; `disabled_reason` says why UMAP's cannot be made."""
        panel, job, layouts = self._panel, self._job, self._layouts
        notice, action = "", ""
        if method == "umap" and layout is not None:
            notice = self._outdated_reason(layout)
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
        """Show the line under the map."""
        if is_running:
            self._panel.set_line(self.tr("Colouring the points…"))
        else:
            self._panel.set_line(
                self.tr("%n point(s). Scroll to zoom, drag to move, Shift+drag to lasso.", "", len(layout.points))
            )

    def legend(self, coloured: Coloured, *, is_dark: bool) -> tuple[list[LegendEntry], str]:
        """Return the patches, and a sentence beside them."""
        colouring = coloured.colouring
        if colouring.by == "video":
            return self._video_legend(coloured.layout, is_dark=is_dark)
        if colouring.by == "phase":
            if not colouring.phases:
                return [], self.tr("No phases yet. Label some frames on the Label page.")
            unlabelled = LegendEntry(self.tr("Not labelled"), grey(is_dark=is_dark))
            named = [LegendEntry(displayable(name), colour) for name, colour in colouring.phases[:_MOST_PHASES]]
            more = len(colouring.phases) - len(named)
            return [*named, unlabelled], self.tr("Phases not listed: {0}.").format(more) if more else ""
        if colouring.by == "cluster":
            colours = [cluster_colour(cluster, is_dark=is_dark) for cluster in range(colouring.num_clusters)]
            return [LegendEntry(str(index), colour) for index, colour in enumerate(colours, 1)], ""
        return [], ""

    def _video_legend(self, layout: MapLayout, *, is_dark: bool) -> tuple[list[LegendEntry], str]:
        scene = self._context.scene
        if scene is None:
            return [], ""
        if len(layout.ids) > _MOST_VIDEOS:
            return [], self.tr(
                "{0} videos share {1} colours. Hover over a point to see its video; click to select it."
            ).format(count(len(layout.ids)), _MOST_VIDEOS)
        names = [scene.videos[video_id].name if video_id in scene.videos else "" for video_id in layout.ids]
        return [
            LegendEntry(displayable(name), video_colour(index, is_dark=is_dark)) for index, name in enumerate(names)
        ], ""

    def _facts(self, layout: MapLayout) -> str:
        frame_map = layout.frame_map
        texts = [self.tr("{0} of {1}.").format(frames(len(layout.points)), videos(len(layout.ids)))]
        num_hidden = len(layout.points.order) - len(layout.points)
        if frame_map.shares is not None:
            across, up = (percent(share) for share in frame_map.shares)
            texts.append(self.tr("Variance shown: {0} horizontal, {1} vertical.").format(across, up))
        else:
            texts.append(self.tr("Laid out by {0} of these frames.").format(count(frame_map.num_landmarks)))
        if frame_map.trustworthiness is not None:
            texts.append(self.tr("Neighbour trustworthiness: {0}.").format(f"{frame_map.trustworthiness:.2f}"))
        if num_hidden and not layout.num_missing:
            texts.append(self.tr("%n frame(s) not shown: their embeddings are not finite.", "", num_hidden))
        return " ".join(texts)

    def _outdated_reason(self, layout: MapLayout) -> str:
        """Return why it should be made again; empty if it is up to date."""
        if layout.is_outdated:
            return self.tr("This map is outdated: the videos were embedded again with another encoder.")
        if layout.num_missing:
            return self.tr("This map is outdated: it lacks %n video(s).", "", layout.num_missing)
        return ""

    @staticmethod
    def _action(text: str, disabled_reason: str) -> str:
        return "" if disabled_reason else text


MOST_MOMENTS = 2000
"""Limit of the frames that are shown as results; more are sampled."""


class MapLasso(QObject):
    """Finds the frames inside in a thread."""

    def __init__(self, context: ExploreContext, panel: MapPanel) -> None:
        super().__init__(context)
        self._context, self._panel = context, panel
        self._layout: MapLayout | None = None
        self._tasks = Tasks(self, panel.set_line)
        panel.canvas.lassoed.connect(self._on_lasso)

    def set_layout(self, layout: MapLayout | None) -> None:
        """Set the positions of the frames."""
        if layout is not self._layout:
            self._tasks.cancel("look")
        self._layout = layout

    def close(self) -> None:
        """End the thread."""
        self._tasks.close()
        self._layout = None

    def _on_lasso(self, outline: NDArray[np.float64]) -> None:
        if self._layout is not None:
            self._tasks.start("look", self._show_inside(self._layout, outline))

    async def _show_inside(self, layout: MapLayout, outline: NDArray[np.float64]) -> None:
        frames = await in_thread(lambda control: layout.points.inside(outline))
        if not len(frames):
            self._panel.set_line(self.tr("No points inside the lasso."))
            return
        sampled_frames = frames[spread(len(frames), MOST_MOMENTS)]
        title = self.tr("From the map: %n frame(s)", "", len(frames))
        if len(sampled_frames) < len(frames):
            sampled = self.tr("From the map: {0} of {1} frames, evenly spread")
            title = sampled.format(count(len(sampled_frames)), count(len(frames)))
        self._panel.set_line(title)
        self._panel.commands["lasso"].setChecked(False)
        self._context.moments_requested.emit(self._moments(layout, sampled_frames), title)

    @staticmethod
    def _moments(layout: MapLayout, frames: NDArray[np.int64]) -> list[FrameRef]:
        """Return the references of ascending frames, counted through all videos."""
        refs, index = list[FrameRef](), 0
        for frame in frames.tolist():
            while frame >= layout.starts[index + 1]:
                index += 1
            refs.append(FrameRef(layout.ids[index], frame - layout.starts[index]))
        return refs


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
        """Size and opacity of points, as factors on the automatic values."""
        self._video: int | None = None
        """The id of the emphasised video."""
        self._labels_version = 0
        self._layout: MapLayout | None = None
        self.layouts, self.colours = Layouts(self), MapColouring(self)
        self.frames, self.lasso = MapFrames(context, self.panel), MapLasso(context, self.panel)
        self.panel.add_below(self.export.box)
        self._add_actions(self.panel.commands)
        self.job = MapJob(context.app_context, self.panel.method)
        self._messages = MapMessages(context, self.panel, self.job, self.layouts)
        self._connect()

    def _connect(self) -> None:
        panel = self.panel
        self._follow(self.layouts.changed, self.job.changed)
        self.colours.changed.connect(self._show_colours)
        self.colours.refused.connect(panel.set_line)
        self.frames.selection_changed.connect(self._request_colours)
        panel.method.method_selected.connect(self.choose_method)
        panel.method.make_requested.connect(self.job.start)
        panel.make_requested.connect(self.job.start)
        panel.commands["make_umap"].triggered.connect(self._start_umap)
        panel.look.colour_selected.connect(self.choose_colour)
        panel.look.clusters_selected.connect(self._choose_clusters)
        panel.look.look_selected.connect(self._choose_look)
        panel.look.video_selected.connect(self.choose_video)
        panel.canvas.palette_changed.connect(self._show_colours)
        self._labels = WhenShown(panel, self._on_labels)
        self.context.app_context.session.changes_of("spans", "phases").connect(self._labels.refresh)

    @property
    def layout(self) -> MapLayout | None:
        """The layout that is shown; None: nothing yet."""
        return self._layout

    def choose_method(self, method: MapMethod) -> None:
        """Show this kind of map."""
        self._method = method
        self.refresh()

    def choose_colour(self, by: ColourBy) -> None:
        """Colour points by this."""
        self._by = by
        self.frames.does_hover_show_course = by == "video"
        self._request_colours()
        self.refresh()

    def choose_video(self, video_id: int | None) -> None:
        """Emphasise this video; None: none."""
        self._video = video_id
        chosen = self.frames.chosen
        if video_id is not None and (chosen is None or chosen.video_id != video_id):
            self.frames.choose(self.frames.first_of(video_id))
            self.frames.reveal()
        self._request_colours()

    def _show(self, scene: Scene) -> None:
        context, panel = self.context, self.panel
        self.job.run = scene.run
        self.job.show()
        if self._video not in scene.videos:
            self._video = None
        panel.method.set_methods(self._messages.methods(), self._method)
        panel.look.set_colours(self._messages.colours(), self._by, self._num_clusters)
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

    def restore_state(self, state: Kept) -> None:
        self._method = next((one for one in MAP_METHODS if one == state.get("method")), "pca")
        self._by = next((one for one in COLOURS_BY if one == state.get("colour")), "time")
        self.frames.does_hover_show_course = self._by == "video"
        self._num_clusters = min(max(integer(state, "clusters", _CLUSTERS), 2), MOST_CLUSTERS)
        video = integer(state, "video")
        self._video = video if video in self.context.app_context.session.videos else None

    def close(self) -> None:
        self.layouts.clear()
        self.colours.clear()
        self.lasso.close()
        self.frames.close()
        self.job.close()
        self._video = self._layout = None
        self.panel.canvas.close_threads()
        self.panel.canvas.set_labels(())
        super().close()

    def _start_umap(self) -> None:
        if self._come_forward():
            self.choose_method("umap")
            self.job.start()

    def _choose_clusters(self, count: int) -> None:
        self._num_clusters = count
        self._request_colours()

    def _choose_look(self, size: float, opacity: float) -> None:
        self._look = size, opacity
        self._show_colours()

    def _on_labels(self) -> None:
        self._labels_version += 1
        self.frames.clear_spans()
        if self._by == "phase":
            self._request_colours()

    def _show_layout(self, layout: MapLayout | None) -> None:
        is_other = layout is not self._layout
        if is_other:
            self._layout = layout
            self.panel.canvas.set_scatter(None)  # its frames are numbered differently
            self.panel.canvas.set_labels(())
            self.frames.set_layout(layout)
            self.lasso.set_layout(layout)
        read_only = displayable(self.context.app_context.session.require().read_only)
        num_frames = sum(len(video) for video in (self.context.embedded or {}).values())
        few = self.tr("UMAP needs {1} frames or more; these videos have {0}.").format(num_frames, FEWEST_FRAMES)
        disabled_reason = read_only or (few if num_frames < FEWEST_FRAMES else "")
        self.panel.commands["make_umap"].setEnabled(not disabled_reason and not self.job.is_running)
        self._messages.show(layout, self._method, disabled_reason)
        self._request_colours()
        if is_other:  # a colouring may be known
            self._show_colours()

    def _snapshot(self, scene: Scene) -> MapSnapshot | None:
        layout, embedded = self._layout, self.context.embedded
        is_drawn = self.colours.current is not None and self.colours.current.layout is layout
        if layout is None or embedded is None or not is_drawn:
            return None
        if any(video_id not in scene.videos or video_id not in embedded for video_id in layout.ids):
            return None
        videos = [scene.videos[video_id] for video_id in layout.ids]
        edges = [embedded[video_id].edges_seconds for video_id in layout.ids]
        return MapSnapshot(MapContents(scene.project, videos, edges, layout.points), self.panel.picture)

    def _request_colours(self) -> None:
        layout, embedded = self._layout, self.context.embedded
        project = self.context.app_context.session.project
        if layout is None or embedded is None or project is None or not self.panel.isVisible():
            return
        chosen = self.frames.chosen
        emphasised = self._video
        if emphasised is None and self._by == "video" and chosen is not None:
            emphasised = chosen.video_id
        request = ColourRequest(self._by, self._num_clusters, emphasised, self._labels_version)
        self.colours.ask(layout, embedded, request, project.spans_reader(), project.phases())
        self._messages.show_line(layout, is_running=self.colours.is_running)

    def _show_colours(self) -> None:
        """Draw the current colouring, until a newer one is ready."""
        coloured, canvas = self.colours.current, self.panel.canvas
        if coloured is None or coloured.layout is not self._layout:
            return
        colours = colours_of(canvas.palette())
        is_dark = colours is DARK
        base = colours.base
        background = int(base[1:3], 16), int(base[3:5], 16), int(base[5:7], 16)
        palette = coloured.colouring.palette(is_dark=is_dark)
        canvas.set_scatter(Scatter(coloured.layout.points, coloured.classes, palette, background, *self._look))
        texts = [displayable(name) for name, _ in coloured.colouring.phases]
        names = {index: texts[index - 1] if texts else str(index) for index, _, _ in coloured.middles}
        canvas.set_labels([Label(names[index], x, y) for index, x, y in coloured.middles])
        self.panel.legend.set_legend(
            *self._messages.legend(coloured, is_dark=is_dark), has_time=coloured.colouring.by == "time"
        )
        self._messages.show_line(coloured.layout, is_running=self.colours.is_running)
        self.export.show()
