"""The buttons of a player, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QActionGroup, QFocusEvent, QKeyEvent, QPaintEvent
from PySide6.QtWidgets import (
    QLineEdit,
    QMenu,
    QPushButton,
    QSlider,
    QStackedWidget,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
    QWidgetAction,
)

from carl_gui.player.commands import SPEEDS
from carl_gui.theme import wrong_field
from carl_gui.timecode import clock, parse_frame
from carl_gui.widgets.factories import follow, named
from carl_gui.widgets.glyphs import glyph
from carl_gui.widgets.layouts import STRETCH, hbox, holder


class Stepped(Protocol):
    """What plays and steps: a player, or the grid of many videos."""

    @property
    def play_toggled(self) -> SignalInstance: ...

    @property
    def shuttled(self) -> SignalInstance: ...

    @property
    def frames_stepped(self) -> SignalInstance: ...

    @property
    def seconds_stepped(self) -> SignalInstance: ...

    @property
    def frame_selected(self) -> SignalInstance: ...


def stepping_handlers(player: Stepped, num_frames: Callable[[], int]) -> dict[str, Callable[[], None]]:
    """Return by command of a player which request it emits."""
    return {
        "play": player.play_toggled.emit,
        "shuttle_back": lambda: player.shuttled.emit(-1),
        "shuttle_stop": lambda: player.shuttled.emit(0),
        "shuttle_on": lambda: player.shuttled.emit(1),
        "frame_back": lambda: player.frames_stepped.emit(-1),
        "frame_on": lambda: player.frames_stepped.emit(1),
        "second_back": lambda: player.seconds_stepped.emit(-1.0),
        "second_on": lambda: player.seconds_stepped.emit(1.0),
        "first_frame": lambda: player.frame_selected.emit(0),
        "last_frame": lambda: player.frame_selected.emit(num_frames() - 1),
    }


class ReadOut(QStackedWidget):
    """`120 / 309   0:04.00 / 0:10.38`: frame and last frame, time and end, as any player shows them."""

    frame_selected = Signal(int)
    """Typed as a number or as a time."""
    edit_ended = Signal()
    """By Return or Escape: the keys are free again."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._seconds: NDArray[np.float64] = np.zeros(0)
        self._end_seconds = 0.0
        self._frame_index = 0
        self._button = QPushButton(flat=True)
        self._button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._button.setToolTip(self.tr("Frame and time; frames count from 0. Click to type a frame or a time."))
        self._button.clicked.connect(self.edit)
        self._field = named(QLineEdit(alignment=Qt.AlignmentFlag.AlignCenter), self.tr("Go to a frame or time"))
        self._field.setPlaceholderText(self.tr("120 or 0:04.00"))
        self._field.returnPressed.connect(self._on_return_pressed)
        self._field.textEdited.connect(lambda: self._show_error(""))
        self._field.installEventFilter(self)
        self.addWidget(self._button)
        self.addWidget(self._field)
        self.set_video(np.zeros(0), 0.0)

    @property
    def text(self) -> str:
        return self._button.text()

    def set_video(self, seconds: NDArray[np.float64], end_seconds: float) -> None:
        """Set the times of the frames, (S,), and when the last one ends; none of them is no video."""
        self._seconds, self._end_seconds = seconds, end_seconds
        self.setEnabled(len(seconds) > 0)
        self.setCurrentWidget(self._button)
        last = len(seconds) - 1
        widest = self._format(last, float(seconds[-1])) if len(seconds) else "0 / 0   0:00.00 / 0:00.00"
        self.setFixedWidth(self.fontMetrics().horizontalAdvance(widest) + 10)
        self.set_frame_index(0)

    def set_frame_index(self, frame_index: int) -> None:
        """Show the number and time of this frame."""
        self._frame_index = frame_index
        self._button.setText(
            self._format(frame_index, float(self._seconds[frame_index])) if len(self._seconds) else "– / –"
        )
        self._button.setAccessibleName(self.tr("Frame and time: {0}").format(self._button.text()))

    def edit(self) -> None:
        """Let another frame or time be typed."""
        self._field.setText(str(self._frame_index))
        self._show_error("")
        self.setCurrentWidget(self._field)
        self._field.setFocus()
        self._field.selectAll()

    def _format(self, frame_index: int, seconds: float) -> str:
        return f"{frame_index} / {len(self._seconds) - 1}   {clock(seconds)} / {clock(self._end_seconds)}"

    def _on_return_pressed(self) -> None:
        frame_index = parse_frame(self._field.text(), self._seconds)
        if frame_index is None:
            self._show_error(self.tr("Not a frame or time. Type 120, 4.5 or 1:02.5"))
            self._field.selectAll()
            return
        self._stop_editing()
        self.frame_selected.emit(frame_index)

    def _show_error(self, problem: str) -> None:
        """Show by colour and tooltip what is wrong with the text; nothing is where it is empty."""
        self._field.setToolTip(problem)
        self._field.setAccessibleDescription(problem)
        self._field.setStyleSheet(wrong_field(self.palette()) if problem else "")

    def _stop_editing(self) -> None:
        self.edit_ended.emit()  # first, so that the focus does not wander to whatever comes next
        self.setCurrentWidget(self._button)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Stop editing by Escape or a click elsewhere."""
        if isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()  # as a shortcut override too: Escape is the field's own here
            if event.type() == QEvent.Type.KeyPress:
                self._stop_editing()
            return True
        if isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() != Qt.FocusReason.PopupFocusReason:
            self.setCurrentWidget(self._button)
        return super().eventFilter(watched, event)


_BUTTONS = ("first_frame", "frame_back", "play", "frame_on", "last_frame", "loop")
_VOLUME_WIDTH = 140
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
    volume_selected = Signal(int)
    zoom_selected = Signal(float)
    """Device pixels a pixel of the video."""

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_compact = False
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
        self._sound = self._menu_button(self.tr("Sound"))
        self._volume = QSlider(Qt.Orientation.Horizontal)
        self._add_sound_menu(actions)
        self._zoom = self._menu_button(self.tr("Zoom"))
        for name in ("zoom_fit", "zoom_pixels", "zoom_in", "zoom_out"):
            self._zoom.menu().addAction(actions[name])
        self._zoom.menu().addSeparator()
        for percent in _PERCENTS:
            action = self._zoom.menu().addAction(f"{percent} %")
            action.triggered.connect(lambda _=False, zoom=percent / 100: self.zoom_selected.emit(zoom))
        hbox(
            *self._buttons.values(),
            STRETCH,
            self.read_out,
            STRETCH,
            self._sound,
            self._speed,
            self._zoom,
            on=self,
            spacing=0,
        )
        self.set_rate(0.0, 1.0)
        self.set_sound(False, 0, is_muted=False)
        self.set_zoom(1.0, True)

    def set_compact(self, is_compact: bool) -> None:
        """Set whether speed and zoom have no buttons here."""
        self._is_compact = is_compact
        for button in (self._speed, self._zoom):
            button.setVisible(not is_compact)
        self._sound.setVisible(self._has_sound and not is_compact)

    def set_rate(self, rate: float, speed: float) -> None:
        """Show the speed (negative is backwards, 0 paused), and the speed of the next play."""
        self._buttons["play"].setIcon(glyph("pause" if rate else "play", self.palette()))
        self._is_playing = rate != 0
        sign = "−" if rate < 0 else ""
        self._speed.setText(f"{sign}{_times(abs(rate) or speed)} ▾")
        for action in self._speeds.actions():
            action.setChecked(action.data() == (abs(rate) or speed))

    def set_sound(self, has_sound: bool, volume: int, *, is_muted: bool) -> None:
        """Show how loud it is, 0 to 100; there is no button where the video has no sound."""
        self._has_sound, self._is_muted = has_sound, is_muted or not volume
        self._sound.setVisible(has_sound and not self._is_compact)
        self._sound.setIcon(glyph("muted" if self._is_muted else "sound", self.palette()))
        state = self.tr("muted") if is_muted else f"{volume} %"
        self._sound.setToolTip(self.tr("Sound: {0}. Heard forwards, from 0.25× to 2×.").format(state))
        with QSignalBlocker(self._volume):
            self._volume.setValue(volume)

    def set_zoom(self, zoom: float, is_fitting: bool) -> None:
        """Show the zoom on its button."""
        size = self.tr("Fit") if is_fitting else f"{round(zoom * 100)} %"
        self._zoom.setText(f"{size} ▾")
        self._zoom.setToolTip(self.tr("Zoom: {0} %. Scroll to zoom at the cursor.").format(round(zoom * 100)))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        if event.type() == QEvent.Type.PaletteChange:
            for name, button in self._buttons.items():
                button.setIcon(glyph("pause" if name == "play" and self._is_playing else name, self.palette()))
            self._sound.setIcon(glyph("muted" if self._is_muted else "sound", self.palette()))
        super().changeEvent(event)

    def _add_sound_menu(self, actions: Mapping[str, QAction]) -> None:
        self._sound.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
        self._sound.setMinimumWidth(0)
        named(self._volume, self.tr("Volume"), self.tr("Volume"))
        self._volume.setRange(0, 100)
        self._volume.setPageStep(10)
        self._volume.setMinimumWidth(_VOLUME_WIDTH)
        self._volume.valueChanged.connect(self.volume_selected)
        row = QWidgetAction(self._sound)
        row.setDefaultWidget(holder(hbox(self._volume, margins=(12, 6, 12, 6))))
        self._sound.menu().addAction(row)
        self._sound.menu().addAction(actions["mute"])

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
