"""Controls for linked playback and display of both videos, between the players and the path."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QSizePolicy, QSlider, QWidget

from carl_gui.commands.player import SPEEDS
from carl_gui.models.choices import Choice
from carl_gui.models.drive import MODES, PACES, Mode, Pace
from carl_gui.models.overlay import LOOKS, Look
from carl_gui.panels.check_box import CheckBox
from carl_gui.panels.flow import FlowLayout
from carl_gui.panels.glyphs import glyph
from carl_gui.panels.layouts import hbox, holder
from carl_gui.panels.name_combo import NameCombo
from carl_gui.panels.player.transport import Button
from carl_gui.panels.widgets import follow, named

_SHARES = 20
"""Steps of the slider."""
_PEAKS = ("previous_peak", "next_peak")


class DriveBox(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user. Its lines break where there is no room."""

    share_selected = Signal(float)
    """How much of B is seen, 0 to 1."""
    speed_selected = Signal(float)
    """Times as fast as the tempo says."""

    def __init__(self, commands: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        """`commands`: those of the view, by name, for the buttons."""
        super().__init__(parent)
        self._rate = 0.0
        self._play = named(Button(self), self.tr("Play both, or pause"))
        self._play.setToolTip(self._play.accessibleName())
        self.play_toggled = self._play.clicked
        self._peaks = [self._button(commands[name], name) for name in _PEAKS]
        words = {"pin": self.tr("Pin"), "unpin": self.tr("Unpin")}
        self._pins = [self._button(commands[name], text=text) for name, text in words.items()]
        self._speeds = _Combo(self.tr("Speed"), [Choice(place, f"{speed:g}×") for place, speed in enumerate(SPEEDS)])
        self._speeds.setMinimumContentsLength(3)
        self._modes = _combo(self.tr("How both videos move"), MODES, self._mode_words())
        self._paces = _combo(self.tr("Tempo along the path"), PACES, self._pace_words())
        self._looks = _combo(self.tr("How both videos are shown"), LOOKS, self._look_words())
        self._offset = QLabel()
        self._share = named(QSlider(Qt.Orientation.Horizontal), self.tr("Opacity of B"))
        self._share.setRange(0, _SHARES)
        self._share.setValue(_SHARES // 2)
        self._share.setFixedWidth(90)
        self._mirror = CheckBox(self.tr("Mirror B"))
        self._speeds.chosen.connect(lambda place: self.speed_selected.emit(SPEEDS[place]))
        self.mode_selected = self._modes.chosen
        self.pace_selected = self._paces.chosen
        self.look_selected = self._looks.chosen
        """A `Mode`, `Pace`, `Look`."""
        self._share.valueChanged.connect(lambda value: self._say_share(value))
        self.mirror_toggled = self._mirror.toggled
        self._lay_out()
        self.set_mode("path", "a")
        self.set_look("side", 0.5, is_mirrored=False)
        self.set_rate(0.0, 1.0)
        self.set_offset(None)

    def _lay_out(self) -> None:
        flow = self._flow = FlowLayout(self, gap=14, line_gap=4)
        flow.setContentsMargins(10, 6, 10, 4)
        flow.addWidget(_row(2, self._peaks[0], self._play, self._peaks[1], self._speeds))
        flow.addWidget(_row(4, *self._pins))
        flow.addWidget(self._mirror)  # here, it takes no line of its own in a small window
        flow.addWidget(_row(6, self._modes, self._paces, self._offset))
        self._share_words = QLabel(self.tr("A")), QLabel(self.tr("B"))
        flow.addWidget(_row(6, self._looks, self._share_words[0], self._share, self._share_words[1]))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        return True

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        hint = super().minimumSizeHint()
        return QSize(hint.width(), self._flow.heightForWidth(max(self.width(), hint.width())))

    def set_mode(self, mode: Mode, pace: Pace) -> None:
        """How both are moved."""
        self._modes.set_now(mode)
        self._paces.set_now(pace)
        self._paces.setVisible(mode == "path")

    def set_look(self, look: Look, b_share: float, *, is_mirrored: bool) -> None:
        """How both are looked at."""
        self._looks.set_now(look)
        with QSignalBlocker(self._share), QSignalBlocker(self._mirror):
            self._share.setValue(round(b_share * _SHARES))
            self._mirror.setChecked(is_mirrored)
        for widget in (self._share, *self._share_words):
            widget.setVisible(look in ("blend", "onion"))

    def set_offset(self, seconds: float | None) -> None:
        """By how much B is ahead of A, where that stays so; None: it does not."""
        self._offset.setVisible(seconds is not None)
        if seconds is not None:
            amount = f"{abs(seconds):.2f}"
            words = self.tr("B {0} s ahead") if seconds >= 0 else self.tr("B {0} s behind")
            self._offset.setText(words.format(amount))

    def set_rate(self, rate: float, speed: float) -> None:
        """How fast both play together (0 is pause), and how fast they will play again."""
        self._rate = rate
        self._speeds.set_now(SPEEDS.index(speed))
        self._draw_play()

    def _draw_play(self) -> None:
        self._play.setIcon(glyph("pause" if self._rate else "play", self.palette()))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_offset"):
            self._draw_play()
            for button, name in zip(self._peaks, _PEAKS, strict=True):
                button.setIcon(glyph(name, self.palette()))

    def _say_share(self, value: int) -> None:
        self.share_selected.emit(value / _SHARES)

    def _button(self, action: QAction, sign: str = "", text: str = "") -> Button:
        button = follow(Button(self), action)
        if sign:
            button.setIcon(glyph(sign, self.palette()))
        else:
            button.setText(text)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
            button.setAutoRaise(False)
        return button

    def _mode_words(self) -> list[str]:
        return [
            self.tr("Along the path"),
            self.tr("A leads"),
            self.tr("B leads"),
            self.tr("Fixed offset"),
            self.tr("Each alone"),
        ]

    def _pace_words(self) -> list[str]:
        return [self.tr("at A's tempo"), self.tr("at B's tempo"), self.tr("in even steps")]

    def _look_words(self) -> list[str]:
        return [self.tr("Side by side"), self.tr("Overlay"), self.tr("Onion skin"), self.tr("Difference")]


class _Combo(NameCombo):
    """A combo box of a few fixed words, as wide as the longest."""

    def __init__(self, name: str, choices: list[Choice]) -> None:
        super().__init__(name)
        self._fixed = choices
        self.set_choices(choices, choices[0].key)
        letters = self.fontMetrics()
        self.setMinimumWidth(max(letters.horizontalAdvance(choice.text) for choice in choices) + 44)

    def set_now(self, key: int | str) -> None:
        if key != self.key:
            self.set_choices(self._fixed, key)


def _combo(name: str, keys: tuple[str, ...], words: list[str]) -> _Combo:
    return _Combo(name, [Choice(key, word) for key, word in zip(keys, words, strict=True)])


def _row(gap: int, *widgets: QWidget) -> QWidget:
    """Widgets that stay together on a line."""
    return holder(hbox(*widgets, spacing=gap))
