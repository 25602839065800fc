"""The pins of the shown pair: dragging the path or pinning frames becomes an edit of the project."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from carl_gui.explore.pair.panel import PairPanel
from carl_gui.session import Session
from core.project.anchor_edits import AddAnchor, Anchor, MoveAnchor, RemoveAnchor, SetAnchors
from core.project.changes import Changes

_Ids = tuple[int, int]


class Pins(QObject):
    """The pins of the pair given by `show`."""

    changed = Signal()
    """The pair's pins in the project changed."""
    placed = Signal(int, int)
    """A pin was set at these frames of A and B."""

    def __init__(self, panel: PairPanel, session: Session, frames: Callable[[], tuple[int, int]]) -> None:
        """Connect the panels. `frames` returns the frames of A and B that are shown."""
        super().__init__(panel)
        self._panel, self._session, self._frames = panel, session, frames
        self._ids: _Ids | None = None
        self._used: tuple[Anchor, ...] = ()
        """The pins on the heatmap: those that the path passes through."""
        session.changes_of("anchors").connect(self._on_changes)
        heatmap, commands = panel.heatmap, panel.commands
        heatmap.anchor_requested.connect(lambda path_a, path_b, a_frame, b_frame: self.add(a_frame, b_frame))
        heatmap.anchor_moved.connect(self.move)
        heatmap.anchor_removed.connect(self.remove)
        commands["pin"].triggered.connect(lambda: self.add(*self._frames()))
        commands["unpin"].triggered.connect(self.remove_nearest)
        commands["unpin_all"].triggered.connect(self.remove_all)

    def of(self, a_id: int, b_id: int) -> tuple[Anchor, ...]:
        """Return all pins of these two videos in the project; a video with itself has none."""
        project = self._session.project
        return () if project is None or a_id == b_id else tuple(project.anchors(a_id, b_id))

    def show(self, ids: _Ids | None, used: tuple[Anchor, ...], *, can_pin: bool) -> None:
        """Show the pins of these two videos, and what can be done with them.

        Args:
            used: those that the path passes through, in order.
            can_pin: whether the path is known.
        """
        self._ids, self._used = ids, used
        project = self._session.project
        can_edit = project is not None and not project.read_only and ids is not None and ids[0] != ids[1]
        commands = self._panel.commands
        commands["pin"].setEnabled(can_edit and can_pin)
        for name in ("unpin", "unpin_all"):
            commands[name].setEnabled(can_edit and ids is not None and bool(self.of(*ids)))

    def add(self, a_frame: int, b_frame: int) -> None:
        """Pin these two frames together."""
        if self._ids is not None and self._session.do(AddAnchor(*self._ids, a_frame, b_frame)):
            self.placed.emit(a_frame, b_frame)

    def move(self, index: int, a_frame: int, b_frame: int) -> None:
        """Move the pin at that index of the heatmap, where they are in order of time."""
        project_index = self._project_index(index)
        if self._ids is None or project_index is None:
            return
        if self._session.do(MoveAnchor(*self._ids, project_index, a_frame, b_frame)):
            self.placed.emit(a_frame, b_frame)

    def remove(self, index: int) -> None:
        """Remove the pin at that index of the heatmap."""
        project_index = self._project_index(index)
        if self._ids is not None and project_index is not None:
            self._session.do(RemoveAnchor(*self._ids, project_index))

    def remove_nearest(self) -> None:
        """Remove the pin nearest to the current frames."""
        if self._ids is None:
            return
        a_frame, b_frame = self._frames()
        pins = self.of(*self._ids)
        if pins:
            distances = [abs(pin[0] - a_frame) + abs(pin[1] - b_frame) for pin in pins]
            self._session.do(RemoveAnchor(*self._ids, distances.index(min(distances))))

    def remove_all(self) -> None:
        """Remove all pins of the pair."""
        if self._ids is not None:
            self._session.do(SetAnchors(*self._ids, ()))

    def _project_index(self, index: int) -> int | None:
        """Return the index of that pin among all pins of the project."""
        if self._ids is None or not 0 <= index < len(self._used):
            return None
        pins = self.of(*self._ids)
        return pins.index(self._used[index]) if self._used[index] in pins else None

    def _on_changes(self, changes: Changes) -> None:
        if self._ids is not None and (min(self._ids), max(self._ids)) in changes.anchors:
            self.changed.emit()
