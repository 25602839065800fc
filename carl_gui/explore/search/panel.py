"""The view of a search as a widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QRect, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QAction, QImage, QMouseEvent, QPainter, QPaintEvent, QPalette, QPixmap
from PySide6.QtWidgets import QFrame, QLabel, QPushButton, QSizePolicy, QSlider, QStyle, QStyleOptionSlider, QWidget

from carl_gui.explore.search.commands import COMMANDS
from carl_gui.explore.search.filters import FilterBox
from carl_gui.explore.search.history import EntriesModel, HistoryList
from carl_gui.explore.search.hits import Hit, HitsModel
from carl_gui.explore.search.hits_view import HitsView
from carl_gui.models.rows import Choice
from carl_gui.player.transport import Button
from carl_gui.widgets.editors import NameCombo, NoWheelMixin
from carl_gui.widgets.empty_state import EmptyState
from carl_gui.widgets.factories import follow, push_button, scaled_font
from carl_gui.widgets.glyphs import glyph
from carl_gui.widgets.labels import ElidedLabel, InkLabel
from carl_gui.widgets.layouts import STRETCH, hbox, section_title, stacked, vbox
from carl_gui.widgets.pictures import WidePicture, draw_picture

_PICTURE = QSize(112, 63)
_GAP = 3
MOST_PICTURES = 5


class Filmstrip(QWidget):
    """Shows every other frame if not all fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Frames of the query"))
        self._frames: Sequence[int] = ()
        self._pictures: dict[int, QPixmap] = {}
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    @property
    def frames(self) -> Sequence[int]:
        """The frames to show."""
        return self._frames

    def picture(self, frame: int) -> QPixmap | None:
        """Return the picture; None while there is none."""
        return self._pictures.get(frame)

    def set_frames(self, frames: Sequence[int]) -> None:
        """Set the frames to show, at most five; their pictures come later."""
        self._frames = tuple(frames)
        self._pictures = {}
        self.updateGeometry()
        self.update()

    def set_picture(self, frame: int, picture: QPixmap) -> None:
        """Set the picture of one of them; ignore others."""
        if frame in self._frames:
            self._pictures[frame] = picture
            self.update()

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(_width(max(1, len(self._frames))), _PICTURE.height())

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        return QSize(_width(1), _PICTURE.height())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        frames = self._frames
        while len(frames) > 1 and _width(len(frames)) > self.width():
            frames = frames[::2]
        for index, frame in enumerate(frames):
            box = QRect(index * (_PICTURE.width() + _GAP), 0, _PICTURE.width(), _PICTURE.height())
            draw_picture(painter, self.palette(), box, self._pictures.get(frame))
        painter.end()


def _width(pictures: int) -> int:
    return pictures * (_PICTURE.width() + _GAP) - _GAP


_LEAST_WORDS = 230
"""Pixels that a filmstrip leaves for the texts."""
_GLYPHS = {
    "previous_search": "search_back",
    "next_search": "search_on",
    "query_earlier": "frame_back",
    "query_later": "frame_on",
}


class QueryBar(QWidget):
    """Buttons for commands of the view; words and pictures as `set_*` gives them."""

    def __init__(self, commands: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.strip = Filmstrip()
        self._buttons = {name: follow(Button(), commands[name]) for name in _GLYPHS}
        self._name, self._time, self._result = ElidedLabel(), ElidedLabel(), InkLabel(ink="muted")
        self._time.set_ink("muted")
        self._result.setTextFormat(Qt.TextFormat.PlainText)
        self._result.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self._name.setFont(scaled_font(self._name.font(), bold=True))
        self._lay_out()
        self._update_palette()

    def _lay_out(self) -> None:
        texts = QWidget()
        texts.setMinimumWidth(_LEAST_WORDS)
        vbox(
            self._name,
            hbox(*(self._buttons[name] for name in ("query_earlier", "query_later")), (self._time, 1), spacing=4),
            self._result,
            STRETCH,
            on=texts,
            spacing=2,
        )
        hbox(
            vbox(*(self._buttons[name] for name in ("previous_search", "next_search")), STRETCH, spacing=2),
            (self.strip, 0, Qt.AlignmentFlag.AlignTop),
            (texts, 1),
            on=self,
            margins=(10, 10, 12, 8),
            spacing=12,
        )

    @property
    def texts(self) -> tuple[str, str, str]:
        """The name, the place, and the result."""
        return self._name.full_text, self._time.full_text, self._result.text()

    def set_query(self, name: str, time_text: str, frames: Sequence[int]) -> None:
        """Set the video's name, the time, and the frames to show; without frames, there is no query."""
        self._name.set_full_text(name)
        self._time.set_full_text(time_text)
        self.strip.setVisible(bool(frames))
        if frames != self.strip.frames:
            self.strip.set_frames(frames)
        for button in ("query_earlier", "query_later"):
            self._buttons[button].setVisible(bool(frames))

    def set_result(self, text: str) -> None:
        """Set the result, in words."""
        self._result.setText(text)
        self._result.setToolTip(text)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._update_palette()

    def _update_palette(self) -> None:
        for name, drawn in _GLYPHS.items():
            self._buttons[name].setIcon(glyph(drawn, self.palette()))


_HIGHEST = 150


class StartBox(QWidget):
    """Shows what `set_*` gives it; frames count from 0."""

    def __init__(self, search: QAction, parent: QWidget | None = None) -> None:
        """Create the box; `search` is called by its button."""
        super().__init__(parent)
        self.videos, self.slider = NameCombo(self.tr("Video to search from")), _Slider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(self.tr("Frame to search for"))
        self.slider.setToolTip(self.slider.accessibleName())
        self._picture, self._text = (
            WidePicture(self.tr("Frame to search for"), _HIGHEST),
            QLabel(textFormat=Qt.TextFormat.PlainText),
        )
        self.button = follow(QPushButton(self.tr("Find similar frames")), search)
        self.video_selected = self.videos.selected
        """The id of a video."""
        self.frame_selected = self.slider.valueChanged
        vbox(
            section_title(self.tr("Search for"), self.videos),
            self.videos,
            self._picture,
            self.slider,
            self._text,
            self.button,
            on=self,
            spacing=6,
        )

    @property
    def text(self) -> str:
        """The selected frame, in words."""
        return self._text.text()

    @property
    def has_picture(self) -> bool:
        return self._picture.has_picture

    def set_videos(self, choices: Sequence[Choice], chosen: int | None) -> None:
        """Set the videos to search from, and the selected one, by id."""
        self.videos.set_choices(choices, chosen)

    def set_frame(self, frame: int, num_frames: int, text: str) -> None:
        """Set the selected frame, the number of frames, and its time in words. Its picture follows."""
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, max(num_frames - 1, 0))
            self.slider.setPageStep(max(num_frames // 10, 1))
            self.slider.setValue(frame)
        self.slider.setEnabled(num_frames > 1)
        self.slider.setAccessibleDescription(text)
        self._text.setText(text)

    def set_picture(self, picture: QImage | None) -> None:
        """Set the picture of the selected frame; None: not read yet."""
        self._picture.set_picture(picture)


class _Slider(NoWheelMixin, QSlider):
    """A slider that ignores the mouse wheel, and that a click leads to where it was."""

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Move the handle under the mouse, and drag it from there."""
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        handle = self.style().subControlRect(
            QStyle.ComplexControl.CC_Slider, option, QStyle.SubControl.SC_SliderHandle, self
        )
        at = event.position().toPoint()
        if event.button() == Qt.MouseButton.LeftButton and not handle.contains(at):
            left, room = at.x() - handle.width() // 2, self.width() - handle.width()
            self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), left, room))
        super().mousePressEvent(event)


class SearchSide(QWidget):
    """The parts of the side bar, which emit their own signals."""

    def __init__(self, commands: Mapping[str, QAction], entries: EntriesModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.start, self.filters = StartBox(commands["new_search"]), FilterBox()
        self.history = HistoryList(entries)
        self._entries = entries
        self._history_title = section_title(self.tr("Earlier searches"), self.history)
        self._clear_button = push_button(self.tr("Clear history"))
        self.clear_requested = self._clear_button.clicked
        self._lay_out()
        entries.modelReset.connect(self._show_history)
        self._show_history()

    def _lay_out(self) -> None:
        self._column = vbox(
            self.start,
            12,
            self.filters,
            12,
            self._history_title,
            self.history,
            self._clear_button,
            on=self,
            spacing=6,
        )

    def add_below(self, section: QWidget) -> None:
        """Add a section at the bottom."""
        self._column.addSpacing(12)
        self._column.addWidget(section)

    def _show_history(self) -> None:
        for widget in (self._history_title, self.history, self._clear_button):
            widget.setVisible(bool(self._entries.rows))


class SearchPanel(QWidget):
    """Shows what `set_*` gives it and its parts."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Search"))
        self.commands = COMMANDS.actions(self)
        self.model, self.entries = HitsModel(self), EntriesModel(self)
        self.query, self.hits = QueryBar(self.commands), HitsView(self.model)
        self.side = SearchSide(self.commands, self.entries)
        self.empty = EmptyState()
        self._line = QFrame(frameShape=QFrame.Shape.HLine, frameShadow=QFrame.Shadow.Plain)
        self._line.setForegroundRole(QPalette.ColorRole.Mid)
        self._stack = stacked(self.hits, self.empty)
        vbox(self.query, self._line, (self._stack, 1), on=self, spacing=0)
        self.setFocusProxy(self.hits)
        self.show_start()

    def set_query(self, name: str, time_text: str, frames: Sequence[int]) -> None:
        """Set the query; see `QueryBar.set_query`."""
        self.query.set_query(name, time_text, frames)
        self.query.show()
        self._line.show()

    def set_hits(self, hits: Sequence[Hit], names: Mapping[int, str], text: str) -> None:
        """Set the hits; `names` of their videos by id, `text`: how many there are."""
        self.model.set_hits(hits, names)
        self.query.set_result(text)
        self._stack.setCurrentWidget(self.hits)

    def show_message(self, title: str, sentence: str, action: str = "") -> None:
        """Show why there are no hits, and a button."""
        self.model.set_hits((), {})
        self.query.set_result("")
        self.empty.show_message(title, sentence, action)
        self._stack.setCurrentWidget(self.empty)

    def show_start(self) -> None:
        """Show that there was no search yet."""
        self.query.hide()
        self._line.hide()
        self.show_message(
            self.tr("Where else is this moment?"),
            self.tr(
                "Choose a video and a frame at the side. Or stop any player at the moment and press F; for a span, "
                "mark it with [ and ] and press Shift+F. The most similar frames of all videos appear here."
            ),
            self.tr("Find similar frames"),
        )
