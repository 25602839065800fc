"""The heatmap of a pair besides its path: colours, pictures of hovered frames, and periodicity of a video."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject

from carl_gui.controllers.explore.pair_hover import PairHover
from carl_gui.models.heatmap_look import Look, look_of, words_of
from carl_gui.models.pair import Pair
from carl_gui.panels.pair.heatmap import HeatmapView
from carl_gui.panels.pair.lag_view import LagView
from carl_gui.panels.pair.look_box import HeatmapLookBox
from carl_gui.settings import open_settings, saved_words
from core.project.rows import VideoRow

_KEY = "explore/heatmap_look"


class HeatmapControl(QObject):
    """Remembers the user's choices."""

    def __init__(self, heatmap: HeatmapView, lags: LagView, go: Callable[[int, int], None]) -> None:
        """`go` shows a frame of A and one of B."""
        super().__init__(heatmap)
        self._heatmap, self._go = heatmap, go
        self._pair: Pair | None = None
        self.box = HeatmapLookBox()
        self.hover = PairHover(heatmap)
        look = look_of(saved_words(open_settings(), _KEY))
        self.box.set_look(look)
        heatmap.set_look(look)
        self.box.look_selected.connect(self.choose_look)
        lags.lag_selected.connect(self.choose_lag)

    @property
    def look(self) -> Look:
        """How the heatmap is coloured."""
        return self.box.look

    def show(self, pair: Pair | None, a: VideoRow | None, b: VideoRow | None, folder: Path) -> None:
        """The pair that is seen, whose videos are of the project in that folder."""
        self._pair = pair
        self.hover.show(a, b, folder)

    def choose_look(self, look: Look) -> None:
        """Colour it like this, now and next time."""
        self._heatmap.set_look(look)
        open_settings().setValue(_KEY, words_of(look))

    def choose_lag(self, seconds: float) -> None:
        """Show B so much later than A; where the video ends before, A goes back as far as needed."""
        pair = self._pair
        if pair is None:
            return
        a_frame = self._heatmap.frames[0]
        latest = max(pair.b.middle(len(pair.b) - 1) - seconds, 0.0)
        start = min(pair.a.middle(min(a_frame, len(pair.a) - 1)), latest)
        self._go(pair.a.frame_at(start), pair.b.frame_at(start + seconds))

    def close(self) -> None:
        """End the threads."""
        self._pair = None
        self.hover.close()
