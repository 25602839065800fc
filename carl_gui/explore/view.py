"""What all views of the Explore page have in common.

A view is a subclass that makes its panel, draws the scene (`_show`), says what of it can be exported (`_snapshot`), and
stands in `views.py`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import QObject, SignalInstance
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from carl_gui.commands.command import PanelTable
from carl_gui.explore.explore_context import ExploreContext
from carl_gui.exporting import Export, ViewExporter
from carl_gui.models.scene import Scene, VideoRange
from carl_gui.whereabouts import Kept

P = TypeVar("P", bound=QWidget)
S = TypeVar("S")


class ExploreView(QObject, Generic[P, S]):
    """Created once, for as long as the page exists. Whoever derives from it sets `side` and `first`."""

    side: QWidget
    """What is chosen in it; stands under the choice of the encoder."""
    first: QWidget
    """Has the focus when the view is chosen."""

    def __init__(self, context: ExploreContext, panel: P, table: PanelTable, exports: Sequence[Export[S]]) -> None:
        """`table`: the commands of the exports."""
        super().__init__(context)
        self.context, self.panel, self.widget = context, panel, panel
        self.export = ViewExporter(context.app_context, table, exports, self.exported)
        self.actions: list[QAction] = list(self.export.box.commands.values())
        """What its panels do, with the ids of commands as object names."""

    def show(self) -> None:
        """Bring the widgets up to date: the view is seen, and what the context holds may be new."""
        if self.context.scene is not None:
            self._show(self.context.scene)
            self.export.show()

    def refresh(self) -> None:
        """Show what has changed, if the view is seen."""
        if self.panel.isVisible():
            self.show()

    def exported(self) -> S | None:
        """Return what can be exported; None while there is nothing."""
        return None if self.context.scene is None else self._snapshot(self.context.scene)

    def pause(self) -> None:
        """Play nothing: the view is not seen any more."""

    def save_state(self) -> Kept:
        """Return what is chosen now."""
        return {}

    def restore_state(self, kept: Kept) -> None:
        """Choose that again, as far as it is still there; the project is open."""

    def close(self) -> None:
        """End the threads, and show nothing of the project, which closes. Called last by whoever overrides it."""
        self.export.close()

    def _show(self, scene: Scene) -> None:
        """Show all that follows from the scene and what is chosen."""
        raise NotImplementedError

    def _snapshot(self, scene: Scene) -> S | None:
        """Return what is seen, for files; None while there is nothing to write."""
        raise NotImplementedError

    def _add_actions(self, *panels: Mapping[str, QAction]) -> None:
        """Add what these panels do."""
        self.actions += [action for commands in panels for action in commands.values()]

    def _follow(self, *signals: SignalInstance) -> None:
        """Show what has changed as soon as one of these says so."""
        for signal in signals:
            signal.connect(self.refresh)

    def _come_forward(self) -> bool:
        """Return whether the page is seen; where it is not, it is shown, and the person chooses again."""
        is_seen = self.panel.isVisible()
        if not is_seen:
            self.context.app_context.show_page("explore")
        return is_seen

    def _find_similar(self, video_id: int | None, start_frame: int, end_frame_exclusive: int) -> None:
        """Ask for what is like these frames; None: there is no such video."""
        if video_id is not None:
            self.context.search_requested.emit(VideoRange(video_id, start_frame, end_frame_exclusive))
