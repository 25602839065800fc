"""The bar that offers the next step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from carl_gui.models.messages import displayable
from carl_gui.theme import colours_of
from carl_gui.widgets.buttons import PrimaryButton
from carl_gui.widgets.layouts import hbox

translate = QCoreApplication.translate
_LEAST_VIDEOS = 2
Action = Literal["", "add", "learn", "embed", "pair", "label", "export"]


@dataclass(frozen=True)
class Situation:
    """The state of a project."""

    page: str = ""
    """The step that is seen; empty: no project is open."""
    is_read_only: bool = False
    num_videos: int = 0
    """That can be learned from."""
    is_importing: bool = False
    learning: str = ""
    """The run that is being trained, or embedded with, or whose best pair is looked for; empty: none."""
    is_embedding: bool = False
    """Whether it is trained already."""
    is_waiting: bool = False
    """Whether it is still being found out which recipe suits, before it begins."""
    trained: str = ""
    """The newest run that is done; empty: none."""
    num_kept: int = 0
    """Validation videos, which are not learned from."""
    num_embedded: int = 0
    """Videos, with any run."""
    has_seen_pair: bool = False
    num_labelled: int = 0
    cost: str = ""
    """Of learning, such as `about 40 s`; empty while nobody knows."""
    is_measuring: bool = False
    """Whether that is being found out."""


@dataclass(frozen=True)
class NextStep:
    """The sentence, and what the button does."""

    sentence: str
    action: Action = ""
    button: str = ""


def next_step(now: Situation) -> NextStep | None:
    """Return what comes next; None where the page says so itself, or nothing does."""
    if not now.page or now.is_read_only:
        return None
    if now.learning or now.is_waiting:
        return _while_learning(now)
    if now.is_importing:
        return (
            NextStep(translate("NextStep", "Adding videos. Next, learn from them.")) if now.page == "videos" else None
        )
    if not now.num_videos:
        return (
            None
            if now.page == "videos"
            else NextStep(translate("NextStep", "Begin with your videos."), "add", translate("NextStep", "Add videos"))
        )
    if not now.num_embedded:
        return _towards_the_first_pair(now)
    return _after_the_first_pair(now)


def _while_learning(now: Situation) -> NextStep:
    if now.is_waiting:
        return NextStep(
            translate("NextStep", "Looking at a few frames to see which recipe suits; then training starts by itself.")
        )
    sentence = translate("NextStep", "Embedding all videos with {0}; then the best pair opens by itself.")
    if not now.is_embedding:
        sentence = translate(
            "NextStep", "{0} is training; then all videos are embedded and the best pair opens by itself."
        )
    return NextStep(sentence.format(displayable(now.learning)))


def _towards_the_first_pair(now: Situation) -> NextStep:
    if now.trained:
        sentence = translate("NextStep", "{0} is trained. Next, embed all videos with it; then the best pair opens.")
        return NextStep(sentence.format(displayable(now.trained)), "embed", translate("NextStep", "Embed all videos"))
    if now.num_videos < _LEAST_VIDEOS:
        return NextStep(
            translate("NextStep", "A pair needs two videos. Add one more of the same action."),
            "add",
            translate("NextStep", "Add videos"),
        )
    sentence = translate(
        "NextStep", "Next, learn which moments are similar. No labels are needed. The best pair then opens by itself."
    )
    if kept := now.num_kept:
        sentence += " " + translate("NextStep", "%n Validation video(s) kept for checking.", "", kept)
    if now.is_measuring and not now.cost:
        sentence += " " + translate("NextStep", "Measuring how long it takes…")
    number = now.num_videos
    button = translate("NextStep", "Learn from these %n video(s)", "", number)
    return NextStep(sentence, "learn", f"{button}, {now.cost}" if now.cost else button)


def _after_the_first_pair(now: Situation) -> NextStep | None:
    if not now.has_seen_pair and now.page != "explore":
        return NextStep(
            translate("NextStep", "Next, see how two videos correspond."),
            "pair",
            translate("NextStep", "Open the best pair"),
        )
    if now.page == "export":
        return None
    if not now.num_labelled:
        sentence = translate("NextStep", "Next, mark the phases of a few videos; the rest are predicted.")
        if now.page == "label":
            return NextStep(sentence)  # so that the page keeps its height when the first label is drawn
        return NextStep(sentence, "label", translate("NextStep", "Go to Label"))
    sentence = translate("NextStep", "Next, export the results as tables, films or labels.")
    if now.page == "label" and now.num_labelled < now.num_videos + now.num_kept:
        sentence = translate(
            "NextStep", "Next, check and accept what is predicted for the other videos, or export the results."
        )
    return NextStep(sentence, "export", translate("NextStep", "Go to Export"))


class NextStepBar(QWidget):
    """Displays what `say` gives it; hidden while there is nothing."""

    action_triggered = Signal()
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._message = "", ""
        self.setAccessibleName(self.tr("Next step"))
        self._text = QLabel(wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self._text.setMinimumWidth(1)
        self._action = PrimaryButton("")
        self._action.setMinimumHeight(self._action.fontMetrics().height() + 9)
        self._action.clicked.connect(self.action_triggered)
        self._close = QToolButton(autoRaise=True)
        self._close.setText("✕")
        self._close.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._close.setAccessibleName(self.tr("Hide the next step"))
        self._close.setToolTip(self.tr("Hide the next step; View, “Next step” brings it back"))
        self._close.clicked.connect(self.dismissed)
        row = hbox(on=self, margins=(14, 3, 8, 3), spacing=10)
        row.addStrut(max(self._action.sizeHint().height(), self._action.minimumHeight()))  # as high without a button
        row.addWidget(self._text, 1)
        row.addWidget(self._action)
        row.addWidget(self._close)
        self.hide()

    @property
    def sentence(self) -> str:
        """What it says; empty while it is hidden."""
        return "" if self.isHidden() else self._text.text()

    @property
    def button(self) -> PrimaryButton:
        """What leads on."""
        return self._action

    def show_message(self, sentence: str, action: str = "") -> None:
        """Show this sentence and a button called `action`, empty: none; an empty sentence hides all of it."""
        if (sentence, action) == self._message:
            return
        self._message = sentence, action
        self._text.setText(sentence)
        self._action.setText(action.replace("&", "&&"))
        self._action.setVisible(bool(action))
        self.setVisible(bool(sentence))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        """Paint the frame: a style sheet would keep the look in which it was written."""
        painter = QPainter(self)
        colours = colours_of(self.palette())
        painter.fillRect(self.rect(), colours.base)
        painter.fillRect(0, 0, self.width(), 1, colours.border)
        painter.end()
