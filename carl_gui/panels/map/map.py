"""The Map view: the points, their legend, and display options."""

from __future__ import annotations

from PySide6.QtGui import QAction, QHideEvent
from PySide6.QtWidgets import QPushButton, QWidget

from carl_gui.commands.map import COMMANDS
from carl_gui.panels.elided import ElidedLabel
from carl_gui.panels.empty_state import EmptyState
from carl_gui.panels.layouts import hbox, holder, stacked, vbox
from carl_gui.panels.map.canvas import MapCanvas
from carl_gui.panels.map.chosen_box import ChosenBox
from carl_gui.panels.map.hover_card import HoverCard
from carl_gui.panels.map.legend import MapLegend
from carl_gui.panels.map.look_box import MapLookBox
from carl_gui.panels.map.method_box import MethodBox
from carl_gui.panels.map.picture import MapPicture, image_of
from carl_gui.panels.widgets import named
from carl_gui.theme import colours_of

_ZOOM = 1.5


class MapPanel(QWidget):
    """The parts of the view, which emit their own signals, and the map's commands."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Map"))
        self.commands = COMMANDS.actions(self)
        self.commands["lasso"].setCheckable(True)
        self.canvas, self.legend = MapCanvas(), MapLegend()
        self.card = HoverCard(self.canvas)
        self.empty = EmptyState()
        self._line = ElidedLabel(is_sentence=True)
        self.side = self._new_side()
        self._lay_out()
        self.make_requested = self.empty.action_triggered
        """The button in the place of a map that is not there yet."""
        self.commands["lasso"].toggled.connect(self.canvas.set_lasso)
        self.commands["zoom_in"].triggered.connect(lambda: self.canvas.zoom(_ZOOM))
        self.commands["zoom_out"].triggered.connect(lambda: self.canvas.zoom(1 / _ZOOM))
        self.commands["zoom_fit"].triggered.connect(self.canvas.fit)

    def _new_side(self) -> QWidget:
        self.method, self.look, self.chosen = MethodBox(), MapLookBox(), ChosenBox(self.commands)
        side = QWidget()
        self._side_column = vbox(self.method, self.look, self.chosen, on=side, spacing=20)
        return side

    def _lay_out(self) -> None:
        self.legend.setContentsMargins(12, 8, 12, 0)
        row = hbox(
            (self._line, 1),
            *(
                _button(self.commands[name], text)
                for name, text in (("lasso", self.tr("Lasso")), ("zoom_fit", self.tr("Fit map")))
            ),
            margins=(12, 4, 12, 8),
            spacing=8,
        )
        seen = holder(vbox((self.canvas, 1), self.legend, row, spacing=0))
        self._stack = stacked(seen, self.empty)
        self._seen = seen
        vbox(self._stack, on=self)

    def add_below(self, box: QWidget) -> None:
        """One more box at the side, under all others."""
        self._side_column.addWidget(box)

    def picture(self) -> MapPicture | None:
        """Return the map as it is seen, for a file; None while there is none."""
        if self.is_empty:
            return None
        return self.canvas.picture_wanted(image_of(self.legend, colours_of(self.palette()).base))

    @property
    def line(self) -> str:
        """What stands under the map."""
        return self._line.full_text

    @property
    def is_empty(self) -> bool:
        """Whether `empty` stands in the place of the map."""
        return self._stack.currentWidget() is self.empty

    def set_line(self, text: str) -> None:
        """What stands under the map."""
        self._line.set_full_text(text)

    def show_map(self) -> None:
        """Show the points."""
        self._stack.setCurrentWidget(self._seen)

    def show_empty(self, title: str, sentence: str, handler: str = "") -> None:
        """Say why there is no map; `action` is the button's text, empty: no button."""
        self.card.hide()
        self.empty.say(title, sentence, handler)
        self._stack.setCurrentWidget(self.empty)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self.card.hide()


def _button(action: QAction, text: str) -> QPushButton:
    """A button that does as the action, and is pressed while it is on."""
    button = named(QPushButton(text), action.text(), action.text())
    button.setCheckable(action.isCheckable())
    if action.isCheckable():
        button.toggled.connect(action.setChecked)
        action.toggled.connect(button.setChecked)
    else:
        button.clicked.connect(action.trigger)
    return button
