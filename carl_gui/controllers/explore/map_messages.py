"""Sentences about a map: its contents, its age, its colours, or why there is none."""

from __future__ import annotations

from PySide6.QtCore import QObject

from carl_gui.controllers.explore.explore_context import ExploreContext
from carl_gui.controllers.explore.map_colours import Coloured
from carl_gui.controllers.explore.map_job import MapJob
from carl_gui.controllers.explore.map_layouts import Layouts, MapLayout
from carl_gui.models.choices import Choice
from carl_gui.models.map_colours import LegendEntry, cluster_colour, grey, video_colour
from carl_gui.models.messages import displayable
from carl_gui.numbers import count, frames, percent, videos
from carl_gui.panels.map.map import MapPanel
from core.map import MapMethod

_MOST_PHASES = 24
"""In the legend."""
_MOST_VIDEOS = 8
"""With more of them colours repeat, and the legend names none."""


class MapMessages(QObject):
    """Shows the sentences in the panel of a view."""

    def __init__(self, desk: ExploreContext, panel: MapPanel, job: MapJob, layouts: Layouts) -> None:
        super().__init__(panel)
        self._desk, self._panel, self._job, self._layouts = desk, panel, job, layouts

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
        scene = self._desk.scene
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
