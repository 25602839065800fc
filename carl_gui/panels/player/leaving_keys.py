"""Keep the player's keys working wherever else was clicked, so that Space always plays."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QComboBox, QSlider, QWidget

from carl_gui.panels.player.seek_bar import SeekBar


def leave_keys_to_player(page: QWidget, actions: Iterable[QAction] = ()) -> None:
    """Let no click on `page` take the player's keys from it.

    A click on a button, a check box, a combo box or a slider leaves the focus where it was; Tab still reaches it, and
    then Space is its own. A list takes the focus, as its arrows are wanted, and has the player's keys as well. What
    comes to the page later is not known to this.

    Args:
        actions: the player's commands that lists are to have.
    """
    actions = list(actions)
    for widget in page.findChildren(QWidget):
        if isinstance(widget, QAbstractItemView) and not isinstance(widget.parentWidget(), QComboBox):
            if widget.focusPolicy() & Qt.FocusPolicy.ClickFocus:
                widget.addActions(actions)
        elif _is_pressed(widget) and widget.focusPolicy() & Qt.FocusPolicy.ClickFocus:
            widget.setFocusPolicy(Qt.FocusPolicy.TabFocus)


def _is_pressed(widget: QWidget) -> bool:
    """Return whether Space does something with it, so that a click must not give it the focus; nobody types into it."""
    if isinstance(widget, QComboBox):
        return not widget.isEditable()
    return isinstance(widget, QAbstractButton | QSlider) and not isinstance(widget, SeekBar)
