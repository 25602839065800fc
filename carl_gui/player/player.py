"""A player: frame, seek bar, transport and its commands."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QComboBox,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QSlider,
    QWidget,
)

from carl_gui.player.commands import COMMANDS, MEASURING
from carl_gui.player.frame_view import FrameView
from carl_gui.player.seek_bar import SeekBar, SeekPreview, SpanMarks
from carl_gui.player.transport import Transport, stepping_handlers
from carl_gui.theme import colours_of
from carl_gui.timecode import clock
from carl_gui.widgets.layouts import hbox, vbox
from core.base.types import Image, VideoMeta

_EDGE = 4


class MissingLine(QWidget):
    """Offers to find the file; hidden if it exists."""

    find_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        label = QLabel(self.tr("File missing; showing stored frames."), textFormat=Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setMinimumWidth(1)
        self._find = QPushButton(self.tr("Find…"))
        self._find.setAccessibleName(self.tr("Find the file of this video"))
        self._find.setToolTip(self.tr("Choose a folder; the file is looked for there and below, whatever its name"))
        self._find.clicked.connect(self.find_requested)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        hbox((label, 1), self._find, on=self, margins=(12, 3, 6, 3))
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the background, since a style sheet would keep the look in which it was written."""
        colours = colours_of(self.palette())
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(colours.base))
        painter.fillRect(0, 0, _EDGE, self.height(), QColor(colours.warning))
        painter.end()


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


ZOOM_STEP = 1.25
_TALL = 1.3
"""Times the height of a line of Latin letters: Chinese, Japanese and Korean ones take as much."""
_IN_MENU = (
    "skeleton",
    "follow_largest",
    *MEASURING,
    "find_similar",
    "mark_start",
    "mark_end",
    "find_span",
    "loop",
    "forget_span",
)


class PlayerPanel(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user. Frames count from 0, seconds as in any player."""

    play_toggled = Signal()
    shuttled = Signal(int)
    """-1 backwards, 0 pause, 1 forwards; the same again is faster."""
    frames_stepped = Signal(int)
    seconds_stepped = Signal(float)
    frame_selected = Signal(int)
    volume_selected = Signal(int)
    """0 to 100."""
    mute_toggled = Signal(bool)
    preview_requested = Signal(int)
    """The frame under the cursor on the seek bar; -1 when none is any more."""
    skeleton_toggled = Signal(bool)
    """Whether the body's skeleton is to be drawn over the picture."""
    person_selected = Signal(int, float, float)
    """Body pose is to follow the person there: frame, and shares of the picture's width and height as it is shown."""
    measured = Signal(int, object)
    """The frame, and the points of a line or an angle in it: ((x, y), ...) in shares of the picture as it is shown."""
    largest_requested = Signal()
    """Body pose is to follow the largest person again."""
    similar_requested = Signal(int, int)
    """Frames like these, or spans: the first one, and the end (exclusive)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Player"))
        self._seconds: NDArray[np.float64] = np.zeros(0)
        self._name = self._details = self._pose_remark = ""
        self._frame_index = self._shown_frame_index = 0
        self._followed: int | None = None
        """The frame in which the person to follow was chosen."""
        self._can_follow = False
        self.commands = self._make_commands()
        """By the names of `COMMANDS`."""
        self.view = FrameView(self)
        self.setFocusProxy(self.view)
        self._title = QLabel(textFormat=Qt.TextFormat.PlainText)
        self._title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # a long name widens nothing
        self._bar = SeekBar(self)
        self._spans = SpanMarks(self.commands, self._bar, self)
        self._transport = Transport(self.commands, self)
        self._missing = MissingLine()
        self.find_requested = self._missing.find_requested
        """The file of this video, which is not where it was."""
        vbox(
            self._title,
            self._missing,
            (self.view, 1),
            self._bar,
            self._transport,
            on=self,
            margins=(0, 0, 0, 6),
            spacing=2,
        )
        self._title.setContentsMargins(8, 5, 8, 3)
        self._title.setMinimumHeight(math.ceil(self._title.fontMetrics().height() * _TALL) + 8)
        self._transport.setContentsMargins(6, 0, 6, 0)
        self._preview = SeekPreview(self)
        self._connect()
        self.set_no_video()

    def _make_commands(self) -> dict[str, QAction]:
        actions = COMMANDS.actions(self)
        for name in ("skeleton", "mute"):
            actions[name].setCheckable(True)
        return actions

    def _connect(self) -> None:
        handlers = {
            **stepping_handlers(self, lambda: len(self._seconds)),
            "zoom_in": lambda: self.view.set_zoom(self.view.zoom * ZOOM_STEP),
            "zoom_out": lambda: self.view.set_zoom(self.view.zoom / ZOOM_STEP),
            "zoom_fit": self.view.fit,
            "zoom_pixels": lambda: self.view.set_zoom(1.0),
            "follow_person": self._start_picking,
            "measure_line": lambda: self._start_measuring(2, self.tr("Click on both ends of the line (Esc cancels)")),
            "measure_angle": lambda: self._start_measuring(
                3, self.tr("Click on one end, the corner and the other end (Esc cancels)")
            ),
            "follow_largest": self.largest_requested.emit,
            "find_similar": lambda: self.similar_requested.emit(self._frame_index, self._frame_index + 1),
        }
        for name, handler in handlers.items():
            self.commands[name].triggered.connect(lambda _=False, handler=handler: handler())
        self.commands["skeleton"].toggled.connect(self.skeleton_toggled)
        self.commands["mute"].triggered.connect(self.mute_toggled)
        self._transport.volume_selected.connect(self.volume_selected)
        self.loop_changed = self._spans.loop_changed
        """The loop: first frame and end (exclusive); None: none."""
        self._spans.similar_requested.connect(self.similar_requested)
        self._bar.frame_selected.connect(self.frame_selected)
        self.scrub_began = self._bar.scrub_began
        self.scrub_ended = self._bar.scrub_ended
        self._bar.hovered.connect(self._on_hovered)
        self._transport.read_out.frame_selected.connect(self.frame_selected)
        self._transport.read_out.edit_ended.connect(self.view.setFocus)
        self.speed_selected = self._transport.speed_selected
        self._transport.zoom_selected.connect(self.view.set_zoom)
        self.view.zoom_changed.connect(self._transport.set_zoom)
        self.view.picked.connect(lambda x, y: self.person_selected.emit(self._shown_frame_index, x, y))
        self.view.measured.connect(lambda points: self.measured.emit(self._shown_frame_index, points))
        self.view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.view.customContextMenuRequested.connect(self._show_menu)

    def set_seek_insets(self, left: float, right: float) -> None:
        """Let the bar's frames lie where those of a timeline below do, within so many pixels of the player's edges."""
        self._bar.set_insets(left, right)

    def set_compact(self, is_compact: bool) -> None:
        """Set whether only the buttons that are needed most are shown; the keys work for all."""
        self._transport.set_compact(is_compact)

    def set_no_video(self, name: str = "", sentence: str = "") -> None:
        """Show no video; `sentence` says why."""
        self._set_times(np.zeros(0), 0.0)
        self._name, self._details = name, ""
        self._missing.hide()
        self._show_title()
        self.view.set_video_size(0, 0)
        self.view.set_sentence(sentence or self.tr("Choose a video to see it here."))

    def set_video(self, name: str, meta: VideoMeta, seconds: NDArray[np.float64], *, is_previewed: bool) -> None:
        """Prepare for a video.

        Args:
            name: as people know it.
            seconds: (S,) times of the frames by the medium's clock.
            is_previewed: whether `set_preview` will answer `preview_requested`.
        """
        self._name = name
        self._details = self.tr("{0} × {1} · {2} frames/s").format(meta.width, meta.height, f"{meta.fps:.4g}")
        if meta.num_frames_lost:
            self._details += self.tr(" · damaged: %n frame(s) lost", "", meta.num_frames_lost)
        self._show_title()
        self.view.set_video_size(meta.width, meta.height)
        self._preview.set_video_size(meta.width, meta.height)
        self._preview.set_has_thumbnails(is_previewed)
        self._set_times(seconds, float(seconds[0]) + meta.duration_seconds)

    def set_file_missing(self, is_missing: bool) -> None:
        """Set whether its file was deleted, and its stored frames are shown alone."""
        self._missing.setVisible(is_missing)

    @property
    def is_file_missing(self) -> bool:
        """Whether the missing file is reported."""
        return not self._missing.isHidden()

    def set_name(self, name: str) -> None:
        """Change the displayed name."""
        self._name = name
        self._show_title()

    def set_remark(self, remark: str) -> None:
        """Add a remark on this video beside its name."""
        self._details += f" · {remark}"
        self._show_title()

    def set_pose_remark(self, remark: str) -> None:
        """Set why no body pose is drawn, beside the name; empty: nothing is to be said."""
        self._pose_remark = remark
        self._show_title()

    def set_frame_index(self, frame_index: int) -> None:
        """Set the frame that is being read or shown."""
        self._frame_index = frame_index
        self._bar.set_frame_index(frame_index)
        self._transport.read_out.set_frame_index(frame_index)
        self._spans.set_frame_index(frame_index)

    def set_image(self, image: Image, frame_index: int | None = None) -> None:
        """Set the image, (H, W, 3) RGB of the frame or smaller; `frame_index` if it is another frame's."""
        self._shown_frame_index = self._frame_index if frame_index is None else frame_index
        self.view.set_image(image)

    def set_skeleton(self, points: NDArray[np.float32] | None) -> None:
        """Draw (33, 2) landmarks over the picture, in shares of its width and height; None: none."""
        self.view.set_skeleton(points)

    def set_followed(self, frame: int | None, *, can_follow: bool) -> None:
        """Set the frame in which the person to follow was chosen (None: nobody was), and whether one can be."""
        self._followed, self._can_follow = frame, can_follow
        self._show_followed()

    def set_target(self, at: tuple[float, float] | None) -> None:
        """Mark the chosen person at this point, in shares of the picture's width and height; None: none."""
        self.view.set_target(at)

    def set_caption(self, caption: str) -> None:
        """Show a text over the frame, which is grey below it; empty: none."""
        self.view.set_caption(caption)

    def set_missing(self, stretches: Sequence[tuple[int, int]]) -> None:
        """Set the ranges of frames, first and end (exclusive), that another video lacks."""
        self._bar.set_missing(stretches)

    def set_rate(self, rate: float, speed: float) -> None:
        """Show the speed (negative is backwards, 0 paused), and the speed of the next play."""
        self._transport.set_rate(rate, speed)

    def set_sound(self, has_sound: bool, volume: int, *, is_muted: bool) -> None:
        """Show whether the video has sound, and how loud it is heard, 0 to 100."""
        self.commands["mute"].setChecked(is_muted)
        self._transport.set_sound(has_sound, volume, is_muted=is_muted)

    def set_preview(self, image: Image) -> None:
        """Set the frame that `preview_requested` asked for last, (H, W, 3) RGB."""
        self._preview.set_image(image)

    def _set_times(self, seconds: NDArray[np.float64], end_seconds: float) -> None:
        self._seconds = seconds
        self._bar.set_num_frames(len(seconds))
        self._transport.read_out.set_video(seconds, end_seconds)
        self._frame_index = 0
        for action in self.commands.values():
            action.setEnabled(len(seconds) > 0)
        for name in MEASURING:
            self.commands[name].setEnabled(False)
        self.view.set_measures(())
        self._pose_remark = ""
        self.set_followed(None, can_follow=False)
        self.set_target(None)
        self._spans.set_num_frames(len(seconds))

    def _on_hovered(self, frame_index: int) -> None:
        if frame_index < 0 or self._bar.isSliderDown():  # the picture itself shows where one drags to
            self._preview.hide()
        else:
            above = self._bar.mapTo(self, QPoint(round(self._bar.x_of(frame_index)), -4))
            self._preview.show_at(above, f"{clock(float(self._seconds[frame_index]))} · {frame_index}")
        self.preview_requested.emit(-1 if self._bar.isSliderDown() else frame_index)

    @property
    def marked(self) -> tuple[int, int] | None:
        """The span that is marked: first frame and end (exclusive); None: none is."""
        return self._spans.marked

    @property
    def loop(self) -> tuple[int, int] | None:
        """The loop: first frame and end (exclusive); None: none."""
        return self._spans.loop

    def set_looping(self, is_looping: bool) -> None:
        """Set whether playing repeats the marked span."""
        self.commands["loop"].setChecked(is_looping)

    def set_loop_hint(self, span: tuple[int, int] | None) -> None:
        """Set the loop where nothing is marked here: first frame and end (exclusive); None: the whole video."""
        self._spans.set_hint(span)

    def _show_followed(self) -> None:
        self.commands["follow_person"].setEnabled(self._can_follow)
        self.commands["follow_largest"].setEnabled(self._can_follow and self._followed is not None)
        self._show_title()

    def _start_picking(self) -> None:
        self.shuttled.emit(0)  # nobody is to run away
        self.view.start_picking(self.tr("Click on the person to follow (Esc cancels)"))

    def _start_measuring(self, num_points: int, hint: str) -> None:
        self.shuttled.emit(0)
        self.view.start_measuring(num_points, hint)

    def _follow_here_action(self, at: QPoint) -> QAction:
        """Return an action that follows the person at that point of the current frame."""
        here, frame_index = self.view.relative_point_at(QPointF(at)), self._shown_frame_index
        action = QAction(self.tr("Follow the person here"), self)
        action.setEnabled(self._can_follow and here is not None)
        if here is not None:
            action.triggered.connect(lambda: self.person_selected.emit(frame_index, *here))
        return action

    def _show_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        here = self._follow_here_action(at)
        here.setParent(menu)
        menu.addAction(here)
        menu.addActions([self.commands[name] for name in _IN_MENU])
        menu.popup(self.view.mapToGlobal(at))

    def _show_title(self) -> None:
        """Show the name, elided in favour of the details; the tooltip has all of it."""
        self._title.setVisible(bool(self._name))
        followed = ""
        if self._followed is not None:
            followed = self.tr("follows the person chosen in frame {0}").format(self._followed)
        details = " · ".join(filter(None, [self._details, self._pose_remark or followed]))
        metrics, room = QFontMetrics(self._title.font()), self.width() - 24
        details = f"   {details}" if details else ""
        name = metrics.elidedText(
            self._name, Qt.TextElideMode.ElideMiddle, max(room - metrics.horizontalAdvance(details), 60)
        )
        rest = room - metrics.horizontalAdvance(name)
        self._title.setText(name + metrics.elidedText(details, Qt.TextElideMode.ElideRight, rest))
        whole = " · ".join(filter(None, [self._details, followed, self._pose_remark]))
        self._title.setToolTip(f"{self._name}\n{whole}".strip())
        self._title.setAccessibleName(f"{self._name} {whole}".strip())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self._show_title()
