"""The view of the map as a widget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QColor, QHideEvent, QImage, QPainter, QPaintEvent, QPixmap
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget

from carl_gui.explore.map.boxes import MapLookBox, MethodBox
from carl_gui.explore.map.canvas import MapCanvas
from carl_gui.explore.map.colours import LegendEntry, time_scale
from carl_gui.explore.map.commands import COMMANDS
from carl_gui.explore.map.rendering import MapPicture, image_of
from carl_gui.theme import DARK, colours_of
from carl_gui.widgets.empty_state import EmptyState
from carl_gui.widgets.factories import follow, named
from carl_gui.widgets.labels import ElidedLabel, breakable
from carl_gui.widgets.layouts import STRETCH, FlowLayout, hbox, holder, section_title, stacked, vbox
from carl_gui.widgets.pictures import WidePicture, draw_picture

_BAR = QSize(180, 12)
_PATCH = 12
_WIDEST_NAME = 150
_SHADES = 180


class MapLegend(QWidget):
    """Displays what `set_*` gives it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Colour legend"))
        self._entries: list[LegendEntry] = []
        self._text = ElidedLabel()
        self._time = holder(
            hbox(QLabel(self.tr("Start of a video")), _TimeBar(), QLabel(self.tr("End")), STRETCH, spacing=8)
        )
        self._patches = QWidget()
        self._flow = FlowLayout(self._patches, gap=18, line_gap=4)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self._patches.setSizePolicy(policy)
        vbox(self._time, self._patches, self._text, on=self, spacing=4)

    @property
    def entries(self) -> list[LegendEntry]:
        """Its patches."""
        return self._entries

    @property
    def text(self) -> str:
        """The text beside the patches."""
        return self._text.full_text

    def set_legend(self, entries: Sequence[LegendEntry], text: str, *, has_time: bool) -> None:
        """Set patches with names, a sentence (empty: none), and whether the bar is shown."""
        self._time.setVisible(has_time)
        self._text.set_full_text(text)
        self._text.setVisible(bool(text))
        if list(entries) != self._entries:
            self._entries = list(entries)
            while (item := self._flow.takeAt(0)) is not None:
                if (patch := item.widget()) is not None:
                    patch.deleteLater()
            for entry in self._entries:
                self._flow.addWidget(_Patch(entry))
        self._patches.setVisible(bool(entries))


class _Patch(QWidget):
    """A colour and its meaning."""

    def __init__(self, entry: LegendEntry) -> None:
        super().__init__()
        self._entry = entry
        self.setAccessibleName(entry.text)
        self.setToolTip(entry.text)

    def sizeHint(self) -> QSize:  # noqa: N802
        letters = self.fontMetrics()
        wide = min(letters.horizontalAdvance(self._entry.text) + 2, _WIDEST_NAME)
        return QSize(_PATCH + 6 + wide, max(letters.height(), _PATCH) + 2)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        colours = colours_of(self.palette())
        painter.setPen(QColor(colours.border))
        painter.setBrush(QColor(self._entry.colour))
        painter.drawRect(QRectF(0.5, (self.height() - _PATCH) / 2, _PATCH - 1, _PATCH - 1))
        painter.setPen(QColor(colours.text))
        box = self.rect().adjusted(_PATCH + 6, 0, 0, 0)
        text = painter.fontMetrics().elidedText(self._entry.text, Qt.TextElideMode.ElideMiddle, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
        painter.end()


class _TimeBar(QWidget):
    """The scale of time."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName(self.tr("Colours of time, from start to end of a video"))
        self.setFixedSize(_BAR)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        colours = colours_of(self.palette())
        shades = time_scale(_SHADES, is_dark=colours is DARK)
        painter.drawImage(self.rect(), QImage(shades.data, _SHADES, 1, 3 * _SHADES, QImage.Format.Format_RGB888))
        painter.setPen(QColor(colours.border))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()


_PICTURE = QSize(200, 113)
_PAD, _AWAY = 8, 18


class HoverCard(QWidget):
    """Covers its parent and ignores the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._over = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._lines: tuple[str, ...] = ()
        self._picture: QPixmap | None = None
        self.hide()

    @property
    def lines(self) -> tuple[str, ...]:
        """The text; empty while hidden."""
        return () if self.isHidden() else self._lines

    @property
    def has_picture(self) -> bool:
        return self._picture is not None

    def show_frame(self, lines: tuple[str, ...], at: QPoint) -> None:
        """Show this text beside a point of the parent; the picture follows."""
        self._lines, self._picture = lines, None
        high = self.fontMetrics().height() * len(lines)
        self.resize(_PICTURE.width() + 2 * _PAD, _PICTURE.height() + high + 3 * _PAD)
        self.move(self._beside(at))
        self.show()
        self.raise_()
        self.update()

    def set_picture(self, picture: QImage) -> None:
        """Set the picture of the frame."""
        self._picture = QPixmap.fromImage(picture)
        self.update()

    def _beside(self, at: QPoint) -> QPoint:
        """Return the position to the right and below, or on the other side where there is no room; always within the
        parent.
        """
        room = self._over.rect().adjusted(4, 4, -4, -4)
        x = at.x() + _AWAY if at.x() + _AWAY + self.width() <= room.right() else at.x() - _AWAY - self.width()
        y = at.y() + _AWAY if at.y() + _AWAY + self.height() <= room.bottom() else at.y() - _AWAY - self.height()
        return QPoint(max(room.left(), x), max(room.top(), y))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        colours = colours_of(self.palette())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colours.border))
        painter.setBrush(QColor(colours.window))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 6, 6)
        draw_picture(painter, self.palette(), QRect(QPoint(_PAD, _PAD), _PICTURE), self._picture)
        letters = painter.fontMetrics()
        line = QRect(_PAD, 2 * _PAD + _PICTURE.height(), _PICTURE.width(), letters.height())
        for index, text in enumerate(self._lines):
            painter.setPen(QColor(colours.muted_text if index else colours.text))
            shown = letters.elidedText(text, Qt.TextElideMode.ElideMiddle, line.width())
            painter.drawText(
                line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, shown
            )
            line.translate(0, letters.height())
        painter.end()


_HIGHEST = 180


class ChosenBox(QWidget):
    """Shows what `set_*` gives it; its buttons are the map's commands."""

    def __init__(self, commands: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._picture = WidePicture(self.tr("The chosen frame"), _HIGHEST)
        self._video, self._text = ElidedLabel(), QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._text.setMinimumWidth(1)
        self._hint = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._hint.setMinimumWidth(1)
        self._hint.setText(self.tr("Click a point to see its frame. Shift+drag to select many."))
        self._buttons = [
            follow(QPushButton(self.tr("Find similar")), commands["find_similar"], QAction.toolTip),
            follow(QPushButton(self.tr("Compare with playing frame")), commands["compare"], QAction.toolTip),
        ]
        vbox(
            section_title(self.tr("Chosen frame")),
            self._hint,
            self._picture,
            self._video,
            self._text,
            *self._buttons,
            on=self,
            spacing=6,
        )
        self.set_frame("", "")

    @property
    def texts(self) -> tuple[str, str]:
        """The video's name, and the text on the frame."""
        return self._video.full_text, self._text.text()

    @property
    def has_picture(self) -> bool:
        return self._picture.has_picture

    def set_frame(self, video: str, text: str) -> None:
        """Set the texts of the selected frame; empty: none. Its picture follows."""
        self._picture.set_picture(None)
        self._video.set_full_text(video)
        self._text.setText(breakable(text))
        self._hint.setVisible(not video)
        for widget in (self._picture, self._video, self._text, *self._buttons):
            widget.setVisible(bool(video))

    def set_picture(self, picture: QImage) -> None:
        """Set the picture of the selected frame."""
        self._picture.set_picture(picture)


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
        """The button shown while there is no map."""
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
                _switch(self.commands[name], text)
                for name, text in (("lasso", self.tr("Lasso")), ("zoom_fit", self.tr("Fit map")))
            ),
            margins=(12, 4, 12, 8),
            spacing=8,
        )
        map_widget = holder(vbox((self.canvas, 1), self.legend, row, spacing=0))
        self._stack = stacked(map_widget, self.empty)
        self._map_widget = map_widget
        vbox(self._stack, on=self)

    def add_below(self, box: QWidget) -> None:
        """Add a box at the bottom of the side bar."""
        self._side_column.addWidget(box)

    def picture(self) -> MapPicture | None:
        """Return the visible part of the map, for a file; None while there is none."""
        if self.is_empty:
            return None
        return self.canvas.picture_to_draw(image_of(self.legend, colours_of(self.palette()).base))

    @property
    def line(self) -> str:
        """The text under the map."""
        return self._line.full_text

    @property
    def is_empty(self) -> bool:
        """Whether `empty` replaces the map."""
        return self._stack.currentWidget() is self.empty

    def set_line(self, text: str) -> None:
        """Set the text under the map."""
        self._line.set_full_text(text)

    def show_map(self) -> None:
        """Show the points."""
        self._stack.setCurrentWidget(self._map_widget)

    def show_empty(self, title: str, sentence: str, handler: str = "") -> None:
        """Show why there is no map, with a button that calls `handler`."""
        self.card.hide()
        self.empty.show_message(title, sentence, handler)
        self._stack.setCurrentWidget(self.empty)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self.card.hide()


def _switch(action: QAction, text: str) -> QPushButton:
    """Return a button for the action, pressed while the action is on."""
    button = named(QPushButton(text), action.text(), action.text())
    button.setCheckable(action.isCheckable())
    if action.isCheckable():
        button.toggled.connect(action.setChecked)
        action.toggled.connect(button.setChecked)
    else:
        button.clicked.connect(action.trigger)
    return button
