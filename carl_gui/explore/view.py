"""The base of the views of the Explore page.

A view is a subclass that makes its panel, draws the scene (`_show`), returns what can be exported (`_snapshot`), and is
listed in `views.py`.
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
    """Created once, for as long as the page exists. Subclasses set `side` and `first`."""

    side: QWidget
    """The controls of the view, below the choice of the encoder."""
    first: QWidget
    """The widget that gets the focus when the view is selected."""

    def __init__(self, context: ExploreContext, panel: P, table: PanelTable, exports: Sequence[Export[S]]) -> None:
        """Create the view. `table`: the commands of the exports."""
        super().__init__(context)
        self.context, self.panel, self.widget = context, panel, panel
        self.export = ViewExporter(context.app_context, table, exports, self.exported)
        self.actions: list[QAction] = list(self.export.box.commands.values())
        """The actions of its panels, with the ids of commands as object names."""

    def show(self) -> None:
        """Update the widgets, because the view is visible and the context may have changed."""
        if self.context.scene is not None:
            self._show(self.context.scene)
            self.export.show()

    def refresh(self) -> None:
        """Show what changed, if the view is visible."""
        if self.panel.isVisible():
            self.show()

    def exported(self) -> S | None:
        """Return what can be exported; None while there is nothing."""
        return None if self.context.scene is None else self._snapshot(self.context.scene)

    def pause(self) -> None:
        """Stop playing, because the view is hidden."""

    def save_state(self) -> Kept:
        """Return the current selection."""
        return {}

    def restore_state(self, state: Kept) -> None:
        """Restore the selection as far as it still exists; the project is open."""

    def close(self) -> None:
        """End the threads and clear the project's data. Overrides call it last."""
        self.export.close()

    def _show(self, scene: Scene) -> None:
        """Show all that follows from the scene and the selection."""
        raise NotImplementedError

    def _snapshot(self, scene: Scene) -> S | None:
        """Return a snapshot of the view, for files; None while there is nothing to write."""
        raise NotImplementedError

    def _add_actions(self, *panels: Mapping[str, QAction]) -> None:
        """Add the actions of these panels."""
        self.actions += [action for commands in panels for action in commands.values()]

    def _follow(self, *signals: SignalInstance) -> None:
        """Refresh when one of these signals is emitted."""
        for signal in signals:
            signal.connect(self.refresh)

    def _come_forward(self) -> bool:
        """Return whether the page is visible; otherwise show it, and let the user choose again."""
        is_visible = self.panel.isVisible()
        if not is_visible:
            self.context.app_context.show_page("explore")
        return is_visible

    def _find_similar(self, video_id: int | None, start_frame: int, end_frame_exclusive: int) -> None:
        """Search for frames similar to these; None: there is no such video."""
        if video_id is not None:
            self.context.search_requested.emit(VideoRange(video_id, start_frame, end_frame_exclusive))
