"""The list of videos to label, and its filters."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from PySide6.QtCore import QEvent, QModelIndex, QObject, QRectF, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QBrush, QKeyEvent
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QStyleOptionViewItem, QWidget

from carl_gui.models.messages import displayable, folded
from carl_gui.models.rows import Choice, ChoicesModel
from carl_gui.models.video_filter import search_text
from carl_gui.widgets.delegate import Cell, RowDelegate
from carl_gui.widgets.factories import list_view, named, push_button
from carl_gui.widgets.layouts import STRETCH, holder, section_title, stacked, vbox
from core.project.rows import VideoRow

LabelState = Literal["none", "part", "hand", "predicted", "proposed"]
"""Without any label; with frames that have none; all by hand; with labels that were predicted; with proposals that
wait for a review."""
LABEL_STATES: tuple[LabelState, ...] = get_args(LabelState)


@dataclass(frozen=True, slots=True)
class LabelFilter:
    """Conditions for a video to be listed; an empty filter lists all."""

    text: str = ""
    """Words that its name or place holds, in any order, case and accents aside."""
    state: LabelState | None = None
    action: str | None = None
    """None: any; empty: those without one."""

    @property
    def is_empty(self) -> bool:
        return not self.text.strip() and self.state is None and self.action is None

    def encoded(self) -> dict[str, str | None]:
        """Return the filter for JSON."""
        return {"text": self.text, "state": self.state, "action": self.action}

    @classmethod
    def decoded(cls, encoded: Mapping[str, object]) -> LabelFilter:
        """Restore a filter from `encoded`; what makes no sense filters nothing."""
        text, action = encoded.get("text"), encoded.get("action")
        return cls(
            text if isinstance(text, str) else "",
            next((state for state in LABEL_STATES if state == encoded.get("state")), None),
            action if isinstance(action, str) else None,
        )

    def listed(self, videos: Mapping[int, VideoRow], order: Sequence[int], proposed: Collection[int]) -> Sequence[int]:
        """Return those of the ids that are listed, in their order.

        Args:
            proposed: videos with proposals that wait.
        """
        if self.is_empty:
            return order
        words = folded(self.text).split()
        return [key for key in order if self._matches(videos[key], words, proposed)]

    def _matches(self, video: VideoRow, words: Sequence[str], proposed: Collection[int]) -> bool:
        if self.action is not None and video.action != self.action:
            return False
        if self.state is not None and not _has_state(video, self.state, proposed):
            return False
        return not words or all(word in search_text(video) for word in words)


def _has_state(video: VideoRow, state: LabelState, proposed: Collection[int]) -> bool:
    is_whole = video.num_frames is not None and video.num_frames_labelled >= video.num_frames
    return {
        "none": not video.num_spans,
        "part": video.num_spans > 0 and not is_whole,
        "hand": is_whole and not video.num_frames_predicted,
        "predicted": video.num_frames_predicted > 0,
        "proposed": video.id in proposed,
    }[state]


_STATE, _ACTION = "state", "action"


class VideoFilters(QWidget):
    """Emits which videos to list."""

    filter_selected = Signal(object)
    """`LabelFilter`."""
    list_requested = Signal()
    """The keys are to move in the list now."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = QLineEdit(placeholderText=self.tr("Search by name or folder"), clearButtonEnabled=True)
        self.field.setAccessibleName(self.tr("Search videos"))
        self.field.installEventFilter(self)
        self.kind = named(QComboBox(), self.tr("Which videos are listed"))
        self.kind.setToolTip(self.kind.accessibleName())
        self.kind.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.kind.setMinimumContentsLength(7)
        self._actions: Sequence[str] = ()
        self._fill_kinds()
        self.field.textChanged.connect(self._emit_filter)
        self.kind.currentIndexChanged.connect(self._emit_filter)
        vbox(self.field, self.kind, on=self, spacing=4)

    @property
    def filter(self) -> LabelFilter:
        """The current filter."""
        kind, value = self.kind.currentData() or ("", None)
        state, action = (value if kind == _STATE else None), (value if kind == _ACTION else None)
        return LabelFilter(self.field.text(), state, action)

    def set_filter(self, label_filter: LabelFilter) -> None:
        """List these, and emit the filter; an action that no video has filters nothing."""
        kind = (_STATE, label_filter.state) if label_filter.state is not None else (_ACTION, label_filter.action)
        indices = [index for index in range(self.kind.count()) if self.kind.itemData(index) == kind]
        with QSignalBlocker(self.field), QSignalBlocker(self.kind):
            self.field.setText(label_filter.text)
            self.kind.setCurrentIndex(indices[0] if indices else 0)
        self._emit_filter()

    def set_actions(self, actions: Sequence[str]) -> None:
        """Set the actions of the videos. If the filtered action is gone, it filters no more, as `filter` then says."""
        if list(actions) != list(self._actions):
            self._actions = actions
            self._fill_kinds()

    def focus(self) -> None:
        """Let the person type what they search."""
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def clear(self) -> None:
        """List all, and emit the filter."""
        self.set_filter(LabelFilter())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Move from the search into the list by arrows and Enter; empty the search by Escape."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.list_requested.emit()
                return True
            if event.key() == Qt.Key.Key_Escape and self.field.text():
                self.field.clear()
                return True
        return super().eventFilter(watched, event)

    def _fill_kinds(self) -> None:
        words = {
            "none": self.tr("Without labels"),
            "part": self.tr("Partly labelled"),
            "hand": self.tr("Labelled by hand"),
            "predicted": self.tr("With predicted labels"),
            "proposed": self.tr("With proposals to check"),
        }
        chosen = self.kind.currentData()
        with QSignalBlocker(self.kind):
            self.kind.clear()
            self.kind.addItem(self.tr("All videos"), None)
            for state in LABEL_STATES:
                self.kind.addItem(words[state], (_STATE, state))
            if len(self._actions) > 1:
                self.kind.insertSeparator(self.kind.count())
                for action in self._actions:
                    name = self.tr("Action: {0}").format(displayable(action)) if action else self.tr("No action")
                    self.kind.addItem(name, (_ACTION, action))
            indices = [index for index in range(self.kind.count()) if self.kind.itemData(index) == chosen]
            self.kind.setCurrentIndex(indices[0] if indices else 0)

    def _emit_filter(self) -> None:
        self.filter_selected.emit(self.filter)


_GAP = 9
_BAR = 3
"""Pixels: the height of the bar under a name."""
_PATTERNS = Qt.BrushStyle.SolidPattern, Qt.BrushStyle.Dense5Pattern


class VideoList(QWidget):
    """Shows what `set_videos` gives it; emits the selected video, and the filter."""

    video_selected = Signal(int)
    filter_selected = Signal(object)
    """`carl_gui.label.video_list.LabelFilter`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = ChoicesModel(self)
        self.filters = VideoFilters()
        self.view = list_view(self.model, ShareDelegate, self.tr("Videos"))
        self.view.selectionModel().currentChanged.connect(self._on_current_changed)
        self._title = section_title(self.tr("Videos"), self.view)
        self._title.setToolTip(self.tr("Page Down and Page Up show the next and the previous one"))
        self._stack = stacked(self.view, self._new_empty_message())
        self.filters.filter_selected.connect(self.filter_selected)
        self.filters.list_requested.connect(self._focus_list)
        vbox(self._title, self.filters, (self._stack, 1), on=self, spacing=6)

    def _new_empty_message(self) -> QWidget:
        self.show_all = push_button(self.tr("List all videos"), self.filters.clear)
        nothing = holder(
            vbox(
                QLabel(self.tr("No video matches."), wordWrap=True),
                (self.show_all, 0, Qt.AlignmentFlag.AlignLeft),
                STRETCH,
                margins=(0, 4, 0, 0),
            )
        )
        return nothing

    def search(self) -> None:
        """Let the person type what they search."""
        self.filters.focus()

    def set_videos(self, choices: Sequence[Choice], chosen: int | None, of: int | None = None) -> None:
        """Set the listed videos by id, and the current one; `of`: how many there are in all, None: no more."""
        with QSignalBlocker(self):
            self.model.set_rows(choices)
            row = self.model.row_of(chosen)
            if row != self.view.currentIndex().row():
                self.view.setCurrentIndex(self.model.index(row, 0) if row >= 0 else QModelIndex())
        count = len(choices) if of is None else of
        is_part = len(choices) < count
        self._title.setText(
            self.tr("Videos ({0} of {1})").format(len(choices), count) if is_part else self.tr("Videos")
        )
        self._stack.setCurrentIndex(int(is_part and not choices))

    def _focus_list(self) -> None:
        if self.model.rows:
            self.view.setFocus()
            if not self.view.currentIndex().isValid():
                self.view.setCurrentIndex(self.model.index(0, 0))

    def _on_current_changed(self, now: QModelIndex) -> None:
        if now.isValid():
            self.video_selected.emit(self.model.rows[now.row()].key)


class VideoChoiceDelegate(RowDelegate):
    """Draws the name, elided if needed, and a note at the right."""

    below = 0
    """Pixels of a row that are no text's."""

    def text_room(self, option: QStyleOptionViewItem) -> QRectF:
        """Return where name and note stand."""
        return QRectF(option.rect).adjusted(_GAP, 0, -_GAP, -self.below)

    def draw(self, cell: Cell) -> None:
        room = cell.note(self.text_room(cell.option), str(cell.index.data(ChoicesModel.NOTE)), _GAP)
        cell.write(room, str(cell.index.data()))


class ShareDelegate(VideoChoiceDelegate):
    """Draws a bar under the name: filled for labels by hand, hatched for accepted predictions."""

    below = _BAR + 1

    def draw(self, cell: Cell) -> None:
        super().draw(cell)
        ink, rect = cell.ink(cell.colours.curve), cell.option.rect
        box = QRectF(rect).adjusted(_GAP, rect.height() - self.below, -_GAP, -1)
        left = box.left()
        for share, pattern in zip(cell.index.data(ChoicesModel.SHARES), _PATTERNS, strict=True):
            cell.painter.fillRect(QRectF(left, box.top(), box.width() * share, _BAR), QBrush(ink, pattern))
            left += box.width() * share
