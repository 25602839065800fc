"""The page Explore as a widget."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QStackedWidget, QTabBar, QWidget

from carl_gui.explore.commands import COMMANDS
from carl_gui.explore.embedding import EncoderBox
from carl_gui.player.player import leave_keys_to_player
from carl_gui.widgets.empty_state import EmptyState
from carl_gui.widgets.factories import named
from carl_gui.widgets.judgement_card import JudgementCard
from carl_gui.widgets.layouts import holder, splitter, stacked, vbox


class ExploreEmpty(EmptyState):
    """Shows what is missing, and offers the next step."""

    def show_no_videos(self) -> None:
        """Show that the project has no videos."""
        self.show_message(
            self.tr("No videos yet"),
            self.tr("Compare two performances frame by frame. Add some videos first."),
            self.tr("Add videos"),
        )

    def show_scanning(self) -> None:
        """Show that the scan is not done yet."""
        self.show_message(self.tr("Looking for embeddings…"), "")

    def show_missing_folder(self) -> None:
        """Show that the project's folder is gone."""
        sentence = self.tr("It was moved or deleted. Its runs and embeddings can be read once it is back.")
        self.show_message(self.tr("Project folder missing"), sentence)

    def show_no_encoder(self) -> None:
        """Show that there is no trained encoder."""
        self.show_message(
            self.tr("No encoder yet"),
            self.tr("An encoder learns which moments of your videos match. Train one to compare performances."),
            self.tr("Train an encoder"),
        )

    def show_being_embedded(self, name: str) -> None:
        """Show that videos are being embedded with this run."""
        title = self.tr("Embedding with {0}").format(name)
        self.show_message(title, self.tr("Two videos appear here as soon as they are ready."))

    def show_nothing_embedded(self, name: str, action: str) -> None:
        """Show that no video is embedded with this run; `action` is the button's text, empty: no button."""
        title = self.tr("Nothing is embedded with {0} yet").format(name)
        sentence = self.tr("Embedding reads every frame once; after that, any two videos can be compared instantly.")
        self.show_message(title, sentence, action)

    def show_damaged(self, problem: str, action: str) -> None:
        """Show that the embeddings cannot be opened."""
        self.show_message(self.tr("The embeddings cannot be opened"), problem, action)


_SIDE_WIDTH, _MIDDLE_WIDTH = 232, 990
_LEAST_SIDE = 190


class ExplorePanel(QWidget):
    """Displays what `set_*` gives it and its parts; emits the requests of the user."""

    appeared = Signal()
    vanished = Signal()
    view_selected = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Explore"))
        self.commands = COMMANDS.actions(self)
        self.encoders, self.empty = EncoderBox(), ExploreEmpty()
        self.judgement = JudgementCard()
        self._ids: list[str] = []
        self._tabs = named(QTabBar(expanding=False, drawBase=False, documentMode=True), self.tr("Views"))
        self._views, self._sides = QStackedWidget(), QStackedWidget()
        self._lay_out()
        leave_keys_to_player(self.encoders)
        self._tabs.tabBarClicked.connect(self._choose)
        self._tabs.currentChanged.connect(self._choose)
        self.action_triggered = self.empty.action_triggered
        """The button of the empty state."""

    def _lay_out(self) -> None:
        middle = holder(vbox(self._tabs, (self._views, 1), spacing=0))
        self._stack = stacked(middle, self.empty)
        self._middle = middle
        self._side = self._new_side()
        sizes = [_SIDE_WIDTH, _MIDDLE_WIDTH]
        sections = splitter("explore_side", Qt.Orientation.Horizontal, [self._side, self._stack], sizes, [0, 1])
        vbox(sections, on=self)

    def _new_side(self) -> QScrollArea:
        inner = QWidget()
        column = vbox(self.encoders, self.judgement, (self._sides, 1), on=inner, margins=14, spacing=20)
        column.addStretch(0)  # takes the height where no view has a side
        side = _Side(widgetResizable=True)
        side.setFrameShape(QFrame.Shape.NoFrame)
        side.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        side.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        side.setWidget(inner)
        return side

    def add_view(self, view_id: str, text: str, widget: QWidget, side: QWidget) -> None:
        """Add a view after the others; its keys work in its side bar too."""
        side.addActions(widget.actions())
        leave_keys_to_player(side)
        leave_keys_to_player(widget)
        self._ids.append(view_id)
        self._views.addWidget(widget)
        self._sides.addWidget(_at_top(side))
        self._tabs.addTab(text)

    @property
    def view(self) -> str:
        """The id of the selected view."""
        return self._ids[self._views.currentIndex()]

    def set_view(self, view_id: str) -> None:
        """Select this view."""
        place = self._ids.index(view_id)
        self._views.setCurrentIndex(place)
        self._sides.setCurrentIndex(place)
        for at in range(self._sides.count()):  # the column is as high as the view's own side, not as the highest
            if (side := self._sides.widget(at)) is not None:
                policy = side.sizePolicy()
                policy.setVerticalPolicy(policy.Policy.Preferred if at == place else policy.Policy.Ignored)
                policy.setHorizontalPolicy(policy.verticalPolicy())
                side.setSizePolicy(policy)
        self._tabs.setCurrentIndex(place)

    def show_empty(self, *, has_side: bool) -> None:
        """Show `empty` in place of the views; `has_side`: keep the side bar."""
        self._side.setVisible(has_side)
        self._sides.hide()
        self._stack.setCurrentWidget(self.empty)

    def show_views(self) -> None:
        """Show the selected view."""
        self._side.show()
        self._sides.show()
        self._stack.setCurrentWidget(self._middle)

    def _choose(self, place: int) -> None:
        if 0 <= place < len(self._ids) and place != self._views.currentIndex():
            self.view_selected.emit(self._ids[place])

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self.appeared.emit()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802
        super().hideEvent(event)
        self.vanished.emit()


class _Side(QScrollArea):
    """As wide as what is in it needs, beside its bar."""

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        widget = self.widget()
        inner = widget.minimumSizeHint().width() if widget is not None else 0
        width = max(inner + self.verticalScrollBar().sizeHint().width(), _LEAST_SIDE)
        return QSize(width, super().minimumSizeHint().height())


def _at_top(side: QWidget) -> QWidget:
    """Keep a side bar that does not expand at its minimum height."""
    holder = QWidget()
    grows = side.sizePolicy().verticalPolicy() == QSizePolicy.Policy.Expanding
    column = vbox((side, int(grows)), on=holder)
    if not grows:
        column.addStretch(1)
    return holder
