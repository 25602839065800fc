"""The linked playback of two videos: tracks, modes, and the box to choose them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLabel, QSizePolicy, QSlider, QWidget

from carl_gui.explore.pair.model import CycleMoments, Pair, PairSide
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
"""Both along the path; A or B leads, and the other follows along the path; both at a fixed offset; each alone."""
Pace = Literal["a", "b", "even"]
"""The video whose time passes evenly while both play along the path; even: every step takes the same time."""
MODES: tuple[Mode, ...] = get_args(Mode)
PACES: tuple[Pace, ...] = get_args(Pace)


@dataclass(frozen=True, eq=False)
class DriveTrack:
    """N moments in order, which include every frame of a leading side."""

    seconds: NDArray[np.float64]
    """(N,) rising: the time at which each is due during playback."""
    a_frames: NDArray[np.int64]
    """(N,) never decreasing, nor are B's, except where a repetition restarts."""
    b_frames: NDArray[np.int64]
    leads: tuple[bool, bool]
    """Whether moving A moves B, and vice versa."""
    frame_moments: tuple[NDArray[np.int64], NDArray[np.int64]] | None = None
    """The moment of each frame of A, and of B; None: the middle one of those that show it."""
    plays: tuple[NDArray[np.bool_], NDArray[np.bool_]] | None = None
    """(N,) each: whether A, and B, shows a frame of its own; otherwise it is frozen, since the other's frame has no
    match. None: nothing is frozen."""
    cycles: CycleMoments | None = None
    """The moments of frames that have one in each repetition."""

    def __len__(self) -> int:
        return len(self.seconds)

    def frames(self, moment: int) -> tuple[int, int]:
        """Return the frames of A and of B."""
        return int(self.a_frames[moment]), int(self.b_frames[moment])

    def frozen_at(self, moment: int) -> tuple[bool, bool]:
        """Return whether A, and whether B, is frozen at that moment, because it has no match."""
        return (False, False) if self.plays is None else (not self.plays[0][moment], not self.plays[1][moment])

    def moment_of(self, side: int, frame: int, near: int = 0) -> int:
        """Return the moment of a frame of a side, 0 for A; frames beyond the ends get the first or last moment.

        Args:
            near: a moment; of a frame that is repeated, the repetition at that moment is meant, or the nearest one.
        """
        if self.cycles is not None and side == self.cycles.side:
            return self.cycles.moment_of(frame, near)
        if self.frame_moments is not None:
            frame_moments = self.frame_moments[side]
            return int(frame_moments[min(max(frame, 0), len(frame_moments) - 1)])
        frames = self.b_frames if side else self.a_frames
        frame = min(max(frame, int(frames[0])), int(frames[-1]))
        first = int(np.searchsorted(frames, frame, side="left"))
        beyond = int(np.searchsorted(frames, frame, side="right"))
        return first if beyond == first else (first + beyond - 1) // 2

    def nearest(self, a_frame: int, b_frame: int) -> int:
        """Return the moment whose frames are nearest to these two."""
        return int((np.abs(self.a_frames - a_frame) + np.abs(self.b_frames - b_frame)).argmin())

    def steps_at(self, a_frame: int, b_frame: int) -> tuple[int, int]:
        """Return the moments of A and of B; a single one where both frames share it."""
        nearest = self.nearest(a_frame, b_frame)
        if self.frames(nearest) == (a_frame, b_frame):
            return nearest, nearest
        return self.moment_of(0, a_frame, nearest), self.moment_of(1, b_frame, nearest)


def track_of(mode: Mode, pace: Pace, pair: Pair | None, frames: tuple[int, int]) -> DriveTrack | None:
    """Return the track to play in that mode; None: each player alone.

    Args:
        pair: how the two correspond; None while that is not known.
        frames: what is shown now, which a fixed offset keeps, and whose repetition is led through.
    """
    if mode == "free" or pair is None:
        return None
    if mode == "offset":
        return _offset_track(pair.a, pair.b, frames)
    if mode == "path":
        return _path_track(pair, pace)
    leader = pair.a if mode == "a" else pair.b
    frame_indices = np.arange(len(leader))
    if mode == "a":
        plays = np.ones(len(leader), np.bool_), pair.has_partner[0]
        return DriveTrack(
            leader.edges_seconds[:-1], frame_indices, pair.followers_at(frames), (True, False), plays=plays
        )
    plays = pair.has_partner[1], np.ones(len(leader), np.bool_)
    return DriveTrack(leader.edges_seconds[:-1], pair.leaders_at(frames), frame_indices, (False, True), plays=plays)


def seconds_ahead(pair: Pair, a_frame: int, b_frame: int) -> float:
    """Return by how much B is ahead of A, in seconds."""
    return pair.b.middle(b_frame) - pair.a.middle(a_frame)


def _path_track(pair: Pair, pace: Pace) -> DriveTrack:
    """Return every step of the path, with every unmatched frame in its position, which takes its own time."""
    moments = pair.moments
    a, b = (moments.seconds_of(side, video.edges_seconds) for side, video in enumerate((pair.a, pair.b)))
    durations = np.where(moments.a_plays, a, b) if pace == "a" else np.where(moments.b_plays, b, a)
    if pace == "even":
        both = moments.a_plays & moments.b_plays
        durations = np.full(len(moments), float(np.where(both, (a + b) / 2, a + b).mean()))
    seconds = np.append(0.0, np.cumsum(durations[:-1]))
    if pace != "even":
        seconds += (pair.a if pace == "a" else pair.b).start_seconds
    return DriveTrack(seconds, *moments.frames, (True, True), moments.frame_moments, moments.plays, moments.cycles)


def _offset_track(a: PairSide, b: PairSide, frames: tuple[int, int]) -> DriveTrack:
    """Return every moment at which one of the two changes; the shorter one waits at its end."""
    a_frame, b_frame = min(frames[0], len(a) - 1), min(frames[1], len(b) - 1)
    shift = a.middle(a_frame) - b.middle(b_frame)
    edges = a.edges_seconds, b.edges_seconds + shift
    seconds = np.union1d(edges[0][:-1], edges[1][:-1])
    seconds = seconds[np.append(True, np.diff(seconds) > _SAME_SECONDS)]
    a_frames, b_frames = (np.clip(_last_start(one[:-1], seconds), 0, None) for one in edges)
    a_moments, b_moments = (_last_start(seconds, (one[:-1] + one[1:]) / 2) for one in edges)
    return DriveTrack(seconds, a_frames, b_frames, (True, True), (a_moments, b_moments))


def _last_start(starts: NDArray[np.float64], seconds: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return for each moment the index of the last start before it; -1: none."""
    return np.searchsorted(starts, seconds + _SAME_SECONDS, side="right") - 1


_SAME_SECONDS = 1e-6
"""Times closer than this are one moment, because sums of times are not exact."""


_SHARES = 20
"""Steps of the slider."""
_PEAKS = ("previous_peak", "next_peak")


class DriveBox(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user. Its lines break where there is no room."""

    share_selected = Signal(float)
    """The share of B, 0 to 1."""
    speed_selected = Signal(float)
    """The factor on the tempo."""

    def __init__(self, commands: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        """Create the box. `commands`: those of the view, by name, for the buttons."""
        super().__init__(parent)
        self._rate = 0.0
        self._play = named(Button(self), self.tr("Play both, or pause"))
        self._play.setToolTip(self._play.accessibleName())
        self.play_toggled = self._play.clicked
        self._peaks = [self._button(commands[name], name) for name in _PEAKS]
        pin_texts = {"pin": self.tr("Pin"), "unpin": self.tr("Unpin")}
        self._pins = [self._button(commands[name], text=text) for name, text in pin_texts.items()]
        self._speeds = _Combo(self.tr("Speed"), [Choice(index, f"{speed:g}×") for index, speed in enumerate(SPEEDS)])
        self._speeds.setMinimumContentsLength(3)
        self._modes = _combo(self.tr("How both videos move"), MODES, self._mode_texts())
        self._paces = _combo(self.tr("Tempo along the path"), PACES, self._pace_texts())
        self._looks = _combo(self.tr("How both videos are shown"), LOOKS, self._look_texts())
        self._offset = QLabel()
        self._share = named(QSlider(Qt.Orientation.Horizontal), self.tr("Opacity of B"))
        self._share.setRange(0, _SHARES)
        self._share.setValue(_SHARES // 2)
        self._share.setFixedWidth(90)
        self._mirror = CheckBox(self.tr("Mirror B"))
        self._speeds.selected.connect(lambda index: self.speed_selected.emit(SPEEDS[index]))
        self.mode_selected = self._modes.selected
        self.pace_selected = self._paces.selected
        self.look_selected = self._looks.selected
        """A `Mode`, `Pace`, `Look`."""
        self._share.valueChanged.connect(lambda value: self._on_share(value))
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
        self._share_text = QLabel(self.tr("A")), QLabel(self.tr("B"))
        flow.addWidget(_row(6, self._looks, self._share_text[0], self._share, self._share_text[1]))
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hasHeightForWidth(self) -> bool:  # noqa: N802
        return True

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        hint = super().minimumSizeHint()
        return QSize(hint.width(), self._flow.heightForWidth(max(self.width(), hint.width())))

    def set_mode(self, mode: Mode, pace: Pace) -> None:
        """Set how both are moved."""
        self._modes.set_current(mode)
        self._paces.set_current(pace)
        self._paces.setVisible(mode == "path")

    def set_look(self, look: Look, b_share: float, *, is_mirrored: bool) -> None:
        """Set how both are shown."""
        self._looks.set_current(look)
        with QSignalBlocker(self._share), QSignalBlocker(self._mirror):
            self._share.setValue(round(b_share * _SHARES))
            self._mirror.setChecked(is_mirrored)
        for widget in (self._share, *self._share_text):
            widget.setVisible(look in ("blend", "onion"))

    def set_offset(self, seconds: float | None) -> None:
        """Set by how much B is ahead of A, if that is constant; None: it is not."""
        self._offset.setVisible(seconds is not None)
        if seconds is not None:
            amount = f"{abs(seconds):.2f}"
            template = self.tr("B {0} s ahead") if seconds >= 0 else self.tr("B {0} s behind")
            self._offset.setText(template.format(amount))

    def set_rate(self, rate: float, speed: float) -> None:
        """Set the rate at which both play together (0 is pause), and the speed at which they resume."""
        self._rate = rate
        self._speeds.set_current(SPEEDS.index(speed))
        self._draw_play()

    def _draw_play(self) -> None:
        self._play.setIcon(glyph("pause" if self._rate else "play", self.palette()))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_offset"):
            self._draw_play()
            for button, name in zip(self._peaks, _PEAKS, strict=True):
                button.setIcon(glyph(name, self.palette()))

    def _on_share(self, value: int) -> None:
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

    def _mode_texts(self) -> list[str]:
        return [
            self.tr("Along the path"),
            self.tr("A leads"),
            self.tr("B leads"),
            self.tr("Fixed offset"),
            self.tr("Each alone"),
        ]

    def _pace_texts(self) -> list[str]:
        return [self.tr("at A's tempo"), self.tr("at B's tempo"), self.tr("in even steps")]

    def _look_texts(self) -> list[str]:
        return [self.tr("Side by side"), self.tr("Overlay"), self.tr("Onion skin"), self.tr("Difference")]


class _Combo(NameCombo):
    """A combo box of a few fixed words, as wide as the longest."""

    def __init__(self, name: str, choices: list[Choice]) -> None:
        super().__init__(name)
        self._fixed = choices
        self.set_choices(choices, choices[0].key)
        letters = self.fontMetrics()
        self.setMinimumWidth(max(letters.horizontalAdvance(choice.text) for choice in choices) + 44)

    def set_current(self, key: int | str) -> None:
        if key != self.key:
            self.set_choices(self._fixed, key)


def _combo(name: str, keys: tuple[str, ...], texts: list[str]) -> _Combo:
    return _Combo(name, [Choice(key, text) for key, text in zip(keys, texts, strict=True)])


def _row(gap: int, *widgets: QWidget) -> QWidget:
    """Return widgets that stay together on a line."""
    return holder(hbox(*widgets, spacing=gap))
