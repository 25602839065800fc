"""The row of buttons under a video: play, steps, read-out, speed and zoom."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QMenu, QStyle, QStyleOptionToolButton, QStylePainter, QToolButton, QWidget

from carl_gui.commands.player import SPEEDS
from carl_gui.panels.glyphs import glyph
from carl_gui.panels.layouts import STRETCH, hbox
from carl_gui.panels.player.read_out import ReadOut
from carl_gui.panels.widgets import follow, named

_BUTTONS = ("first_frame", "frame_back", "play", "frame_on", "last_frame", "loop")
_PERCENTS = (50, 100, 200, 400)


class Button(QToolButton):
    """A button that gets focus by Tab, not by click, so that Space otherwise stays with the player."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAutoRaise(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.ShortcutOverride:
            if event.key() != Qt.Key.Key_Space or event.modifiers():
                return super().event(event)
            event.accept()
            return True
        return super().event(event)


class _MenuButton(Button):
    """A menu button without the style's own arrow, which would be too far off; a style sheet would not follow the
    theme."""

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        option.features &= ~QStyleOptionToolButton.ToolButtonFeature.HasMenu
        QStylePainter(self).drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)


class Transport(QWidget):
    """Buttons for the player's actions; everything else is emitted as signals."""

    speed_selected = Signal(float)
    zoom_selected = Signal(float)
    """Device pixels a pixel of the video."""

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.read_out = ReadOut(self)
        self._buttons = {name: self._button(name, actions[name]) for name in _BUTTONS if name in actions}
        self._speed = self._menu_button(self.tr("Speed"))
        self._speeds = QActionGroup(self)
        for speed in SPEEDS:
            action = self._speed.menu().addAction(_times(speed))
            action.setCheckable(True)
            action.setData(speed)
            self._speeds.addAction(action)
        self._speeds.triggered.connect(lambda action: self.speed_selected.emit(action.data()))
        self._zoom = self._menu_button(self.tr("Zoom"))
        for name in ("zoom_fit", "zoom_pixels", "zoom_in", "zoom_out"):
            self._zoom.menu().addAction(actions[name])
        self._zoom.menu().addSeparator()
        for percent in _PERCENTS:
            action = self._zoom.menu().addAction(f"{percent} %")
            action.triggered.connect(lambda _=False, zoom=percent / 100: self.zoom_selected.emit(zoom))
        hbox(*self._buttons.values(), STRETCH, self.read_out, STRETCH, self._speed, self._zoom, on=self, spacing=0)
        self.set_rate(0.0, 1.0)
        self.set_zoom(1.0, True)

    def set_compact(self, is_compact: bool) -> None:
        """Set whether speed and zoom have no buttons here."""
        for button in (self._speed, self._zoom):
            button.setVisible(not is_compact)

    def set_rate(self, rate: float, speed: float) -> None:
        """How fast it plays (negative is backwards, 0 pauses), and how fast it will play again."""
        self._buttons["play"].setIcon(glyph("pause" if rate else "play", self.palette()))
        self._is_playing = rate != 0
        sign = "−" if rate < 0 else ""
        self._speed.setText(f"{sign}{_times(abs(rate) or speed)} ▾")
        for action in self._speeds.actions():
            action.setChecked(action.data() == (abs(rate) or speed))

    def set_zoom(self, zoom: float, is_fitting: bool) -> None:
        """What the zoom button says."""
        size = self.tr("Fit") if is_fitting else f"{round(zoom * 100)} %"
        self._zoom.setText(f"{size} ▾")
        self._zoom.setToolTip(self.tr("Zoom: {0} %. Scroll to zoom at the cursor.").format(round(zoom * 100)))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        if event.type() == QEvent.Type.PaletteChange:
            for name, button in self._buttons.items():
                button.setIcon(glyph("pause" if name == "play" and self._is_playing else name, self.palette()))
        super().changeEvent(event)

    def _button(self, name: str, action: QAction) -> Button:
        button = follow(Button(self), action)
        button.setIcon(glyph(name, self.palette()))
        button.setAutoRepeat(name in ("frame_back", "frame_on"))
        if action.isCheckable():
            button.setCheckable(True)
            action.toggled.connect(button.setChecked)
        return button

    def _menu_button(self, name: str) -> Button:
        button = named(_MenuButton(self), name, name)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(QMenu(button))
        button.setMinimumWidth(button.fontMetrics().horizontalAdvance("1600 % ▾") + 2)
        return button


def _times(speed: float) -> str:
    return f"{speed:g}×"
