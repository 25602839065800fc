"""Who drives whom, how fast, and the box that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QSizePolicy, QSlider, QWidget

from carl_gui.explore.pair.model import CyclePlaces, Pair, PairSide
from carl_gui.models.overlay import LOOKS, Look
from carl_gui.models.rows import Choice
from carl_gui.player.commands import SPEEDS
from carl_gui.player.transport import Button
from carl_gui.widgets.buttons import CheckBox
from carl_gui.widgets.editors import NameCombo
from carl_gui.widgets.factories import follow, named
from carl_gui.widgets.glyphs import glyph
from carl_gui.widgets.layouts import FlowLayout, hbox, holder

Mode = Literal["path", "a", "b", "offset", "free"]
"""Both along the path; A leads, or B does, and the other follows along the path; both so far apart as they are; each
alone."""
Pace = Literal["a", "b", "even"]
"""Whose time goes by evenly while both are played along the path; even: every step of it takes as long."""
MODES: tuple[Mode, ...] = get_args(Mode)
PACES: tuple[Pace, ...] = get_args(Pace)


@dataclass(frozen=True, eq=False)
class DriveTrack:
    """N moments in order, which include every frame of a leading side."""

    seconds: NDArray[np.float64]
    """(N,) rising: when each is due while it is played."""
    a_frames: NDArray[np.int64]
    """(N,) never decreasing, and B's neither, but where a repetition begins anew."""
    b_frames: NDArray[np.int64]
    leads: tuple[bool, bool]
    """Whether moving A moves B, and the other way round."""
    places: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None
    """Which moment each frame of A, and each of B, stands for; None: the middle one of those that have it."""
    plays: tuple[NDArray[np.bool_], NDArray[np.bool_]] | None = None
    """(N,) each: whether A, and B, shows a frame of its own; else it is held, since the other's frame has no partner.
    None: nothing is held."""
    cycles: CyclePlaces | None = None
    """Where each frame stands for several moments: one in each repetition of it."""

    def __len__(self) -> int:
        return len(self.seconds)

    def frames(self, place: int) -> tuple[int, int]:
        """Of A and of B."""
        return int(self.a_frames[place]), int(self.b_frames[place])

    def held_at(self, place: int) -> tuple[bool, bool]:
        """Return whether A, and whether B, is held then: the other shows what this one lacks."""
        return (False, False) if self.plays is None else (not self.plays[0][place], not self.plays[1][place])

    def place_of(self, side: int, frame: int, near: int = 0) -> int:
        """The moment that this frame of a side, 0 for A, stands for; the ends stand for what lies beyond them.

        Args:
            near: a moment; of a frame that is repeated, the repetition at that moment is meant, or the nearest one.
        """
        if self.cycles is not None and side == self.cycles.side:
            return self.cycles.place_of(frame, near)
        if self.places is not None:
            places = self.places[side]
            return int(places[min(max(frame, 0), len(places) - 1)])
        frames = self.b_frames if side else self.a_frames
        frame = min(max(frame, int(frames[0])), int(frames[-1]))
        first = int(np.searchsorted(frames, frame, side="left"))
        beyond = int(np.searchsorted(frames, frame, side="right"))
        return first if beyond == first else (first + beyond - 1) // 2

    def nearest(self, a_frame: int, b_frame: int) -> int:
        """The moment whose frames are the nearest to these two."""
        return int((np.abs(self.a_frames - a_frame) + np.abs(self.b_frames - b_frame)).argmin())

    def steps_at(self, a_frame: int, b_frame: int) -> tuple[int, int]:
        """Where A and where B is: one and the same moment where there is one with both frames."""
        nearest = self.nearest(a_frame, b_frame)
        if self.frames(nearest) == (a_frame, b_frame):
            return nearest, nearest
        return self.place_of(0, a_frame, nearest), self.place_of(1, b_frame, nearest)


def track_of(mode: Mode, pace: Pace, pair: Pair | None, frames: tuple[int, int]) -> DriveTrack | None:
    """What is played in that mode; None: each player alone.

    Args:
        pair: how the two correspond; None while that is not known.
        frames: what is shown now, which a fixed offset keeps, and whose repetition is led through.
    """
    if mode == "free" or pair is None:
        return None
    if mode == "offset":
        return _apart(pair.a, pair.b, frames)
    if mode == "path":
        return _along(pair, pace)
    lead = pair.a if mode == "a" else pair.b
    numbers = np.arange(len(lead))
    if mode == "a":
        plays = np.ones(len(lead), np.bool_), pair.has_partner[0]
        return DriveTrack(lead.edges_seconds[:-1], numbers, pair.followers_at(frames), (True, False), plays=plays)
    plays = pair.has_partner[1], np.ones(len(lead), np.bool_)
    return DriveTrack(lead.edges_seconds[:-1], pair.leaders_at(frames), numbers, (False, True), plays=plays)


def seconds_ahead(pair: Pair, a_frame: int, b_frame: int) -> float:
    """By how much B is ahead of A."""
    return pair.b.middle(b_frame) - pair.a.middle(a_frame)


def _along(pair: Pair, pace: Pace) -> DriveTrack:
    """Every step of the path, and every frame without a partner in its place; these take their own time."""
    moments = pair.moments
    a, b = (moments.seconds_of(side, video.edges_seconds) for side, video in enumerate((pair.a, pair.b)))
    lasting = np.where(moments.a_plays, a, b) if pace == "a" else np.where(moments.b_plays, b, a)
    if pace == "even":
        both = moments.a_plays & moments.b_plays
        lasting = np.full(len(moments), float(np.where(both, (a + b) / 2, a + b).mean()))
    seconds = np.append(0.0, np.cumsum(lasting[:-1]))
    if pace != "even":
        seconds += (pair.a if pace == "a" else pair.b).start_seconds
    return DriveTrack(seconds, *moments.frames, (True, True), moments.places, moments.plays, moments.cycles)


def _apart(a: PairSide, b: PairSide, frames: tuple[int, int]) -> DriveTrack:
    """Every moment at which one of the two changes; where one is over, it waits."""
    a_frame, b_frame = min(frames[0], len(a) - 1), min(frames[1], len(b) - 1)
    shift = a.middle(a_frame) - b.middle(b_frame)
    edges = a.edges_seconds, b.edges_seconds + shift
    seconds = np.union1d(edges[0][:-1], edges[1][:-1])
    seconds = seconds[np.append(True, np.diff(seconds) > _SAME_SECONDS)]
    a_frames, b_frames = (np.clip(_last_begun(one[:-1], seconds), 0, None) for one in edges)
    a_places, b_places = (_last_begun(seconds, (one[:-1] + one[1:]) / 2) for one in edges)
    return DriveTrack(seconds, a_frames, b_frames, (True, True), (a_places, b_places))


def _last_begun(starts: NDArray[np.float64], seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """For each moment which start is the last before it; -1: none."""
    return np.searchsorted(starts, seconds + _SAME_SECONDS, side="right") - 1


_SAME_SECONDS = 1e-6
"""What is less apart is one moment: sums of times are not exact."""


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
        self._speeds.selected.connect(lambda place: self.speed_selected.emit(SPEEDS[place]))
        self.mode_selected = self._modes.selected
        self.pace_selected = self._paces.selected
        self.look_selected = self._looks.selected
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
