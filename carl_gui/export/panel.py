"""The page Export as a widget."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from PySide6.QtCore import QCoreApplication, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QWidget

from carl_gui.export.commands import COMMANDS, CONTEXT, TEXTS
from carl_gui.models.rows import Choice
from carl_gui.theme import colours_of
from carl_gui.widgets.editors import NameCombo
from carl_gui.widgets.factories import push_button, scaled_font
from carl_gui.widgets.help_button import HelpButton
from carl_gui.widgets.labels import wrapped_label
from carl_gui.widgets.layouts import STRETCH, hbox, holder, vbox
from carl_gui.widgets.progress import ProgressRow

_LARGE_TITLE = 1.15
_COMBO_WIDTH, _BUTTON_WIDTH, _RADIUS = 260, 150, 8


class ExportRow(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user. Title and sentence come untranslated."""

    def __init__(self, name: str, title: str, sentence: str, action: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._action = name, action
        self.commands = {name: action}
        self._title = QLabel(QCoreApplication.translate(CONTEXT, title))
        self._title.setFont(scaled_font(self._title.font(), scale=_LARGE_TITLE, bold=True))
        self._sentence, self._disabled_reason, self._result = (
            wrapped_label(ink="muted"),
            wrapped_label(),
            wrapped_label(),
        )
        self._sentence.setText(QCoreApplication.translate(CONTEXT, sentence))
        self._result.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._run = NameCombo(self.tr("Run"))
        self._run.setMaximumWidth(_COMBO_WIDTH)
        self._run.hide()
        self.run_selected = self._run.selected
        """The name of a run."""
        self._kind = NameCombo(self.tr("Format"))
        self._kind.setMaximumWidth(_COMBO_WIDTH)
        self._kind.hide()
        self.kind_selected = self._kind.selected
        """The key of a kind of file."""
        self._button = push_button(action.text(), action.trigger)
        self._button.setMinimumWidth(_BUTTON_WIDTH)
        self._button.setEnabled(action.isEnabled())
        action.enabledChanged.connect(self._button.setEnabled)
        self._reveal = push_button(self.tr("Show in folder"))
        self._reveal.setMinimumWidth(_BUTTON_WIDTH)
        self.reveal_requested = self._reveal.clicked
        self._progress_row = ProgressRow(self.tr("Exporting"), self.tr("Cancel export"))
        self.cancel_requested = self._progress_row.cancel_requested
        self._lay_out()
        self.set_result("")

    def _lay_out(self) -> None:
        text = vbox(
            self._title,
            self._sentence,
            self._disabled_reason,
            hbox((self._run, _COMBO_WIDTH), (self._kind, _COMBO_WIDTH), STRETCH, spacing=10),
            spacing=5,
        )
        self._outcome = holder(hbox((self._result, 1), (self._reveal, 0, Qt.AlignmentFlag.AlignTop), spacing=12))
        vbox(
            hbox((text, 1), (self._button, 0, Qt.AlignmentFlag.AlignTop), spacing=18),
            self._progress_row,
            self._outcome,
            on=self,
            margins=(18, 14, 18, 14),
            spacing=10,
        )

    @property
    def button(self) -> QPushButton:
        return self._button

    @property
    def problem(self) -> str:
        """Why there is nothing to export; empty where there is."""
        return self._disabled_reason.text()

    @property
    def result(self) -> str:
        """The result of the last export."""
        return self._result.text()

    @property
    def run(self) -> str | None:
        """The run that is chosen."""
        key = self._run.key
        return key if isinstance(key, str) else None

    def set_enabled(self, enabled: Collection[str], reasons: Mapping[str, str]) -> None:
        """Set whether it can be exported, and why not, by name."""
        self._action.setEnabled(self._name in enabled)
        self._disabled_reason.setText(reasons.get(self._name, ""))
        self._disabled_reason.setVisible(bool(self.problem))

    def set_runs(self, choices: Sequence[Choice], now: str | None) -> None:
        """Set the runs to choose from, and the chosen one; hidden while there is none."""
        self._run.setVisible(bool(choices))
        self._run.set_choices(choices, now)

    def set_kinds(self, choices: Sequence[Choice], now: str) -> None:
        """Set the kinds of files to choose from, and the chosen one."""
        self._kind.setVisible(bool(choices))
        self._kind.set_choices(choices, now)

    def set_progress(self, share: float | None, text: str) -> None:
        """Set how far it has come, 0 to 1 (None: not known), and in words; empty words: it is not being exported."""
        self._progress_row.set_progress(share, text)

    def set_result(self, sentence: str, *, is_error: bool = False) -> None:
        """Set the result of the export; empty: nothing yet."""
        self._result.setText(sentence)
        self._outcome.setVisible(bool(sentence))
        self._reveal.setVisible(bool(sentence) and not is_error)
        self._result.set_ink("warning" if is_error else "text")

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        colours, painter = colours_of(self.palette()), QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(colours.border))
        painter.setBrush(QColor(colours.base))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), _RADIUS, _RADIUS)
        painter.end()


_LARGE = 1.4
_WIDEST = 820


class ExportPanel(QScrollArea):
    """A row for each kind of export."""

    appeared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, widgetResizable=True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAccessibleName(self.tr("Export"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.commands: dict[str, QAction] = {}
        self.rows: dict[str, ExportRow] = {}
        """Both by the names of `COMMANDS`."""
        for command in COMMANDS:
            action = COMMANDS.action(self, command)
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
            self.commands[command.name] = action
            self.rows[command.name] = ExportRow(command.name, *TEXTS[command.name], action)
        self._lay_out()

    def _lay_out(self) -> None:
        title = QLabel(self.tr("Export results"))
        title.setFont(scaled_font(title.font(), scale=_LARGE, bold=True))
        note = QLabel(self.tr("Exporting copies data; the project does not change."))
        page = QWidget()
        page.setMaximumWidth(_WIDEST)
        page.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        vbox(
            title,
            hbox(note, HelpButton("formats", self.tr("which formats there are")), STRETCH),
            4,
            *self.rows.values(),
            self._new_pointer(),
            STRETCH,
            on=page,
            margins=(24, 22, 24, 22),
            spacing=12,
        )
        whole = QWidget()
        centred = hbox(STRETCH, on=whole)
        centred.addWidget(page, _WIDEST)  # all the room there is, up to its greatest width
        centred.addStretch(1)
        self.setWidget(whole)

    def _new_pointer(self) -> QHBoxLayout:
        """Return a pointer to the export of films and pictures, which are not in the rows."""
        text = QLabel(
            self.tr(
                "Films of two or more videos, heatmaps, matching frames, search results and the map are exported on "
                "the Explore page, where they are seen."
            ),
            wordWrap=True,
        )
        self.explore_button = push_button(self.tr("Go to Explore"))
        self.explore_requested = self.explore_button.clicked
        """To what is exported where it is seen."""
        row = hbox((text, 1), self.explore_button, margins=(18, 4, 18, 4), spacing=18)
        return row

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self.appeared.emit()
