"""One setting in a form: label, editor, and a button to reset it to the recipe's value."""

from __future__ import annotations

import re
import textwrap

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QToolButton, QWidget

from carl_gui.panels.glyphs import glyph
from carl_gui.panels.training.setting_editors import make_editor
from carl_gui.panels.training.setting_texts import help_of, label_of, plain, range_of, unit_of
from carl_gui.panels.widgets import lettered
from core.base.declaring import Value
from core.settings.config import Setting

_TIP_LETTERS = 64
_SLASH = re.compile(r"[/\\]")
_GAP, _SIDE = 6, 24
RESET_WIDTH = _GAP + _SIDE
"""Of the reset button and the gap before it, in pixels."""
LABEL, EDITOR, RESET = range(3)
"""Columns of a form."""


class MutedLabel(QLabel):
    """An explanation in smaller, fainter letters; takes no space if empty."""

    def __init__(self, text: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent, wordWrap=True, textFormat=Qt.TextFormat.PlainText)
        self.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        self.setFont(lettered(self.font(), scale=0.9))
        self.setMinimumWidth(1)  # a word that is too long widens nothing

    def say(self, text: str, *, is_warning: bool = False) -> None:
        """Show a text; a warning stands out."""
        role = QPalette.ColorRole.BrightText if is_warning else QPalette.ColorRole.PlaceholderText
        if self.foregroundRole() != role:
            self.setForegroundRole(role)
        broken = _SLASH.sub("\\g<0>\u200b", text)  # paths may go on in the next line
        if self.text() != broken:
            self.setText(broken)
        self.setVisible(bool(text))


def new_grid(stretched: int) -> QGridLayout:
    """Columns for labels, editors and reset buttons; the one of this number takes what room there is."""
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(0)  # Qt leaves it out beside a column of hidden widgets
    grid.setColumnStretch(stretched, 1)
    grid.setColumnMinimumWidth(RESET, RESET_WIDTH)
    return grid


class ResetButton(QToolButton):
    """Resets to the recipe's value. `new_grid` reserves a column for it, so that nothing moves when it appears."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, autoRaise=True)
        self.setFixedSize(_SIDE, _SIDE)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.hide()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """The icon is drawn when it is needed: most rows never do."""
        self.setIcon(glyph("undo", self.palette()))
        super().showEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Another theme: another icon."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and self.isVisible():
            self.setIcon(glyph("undo", self.palette()))


class SettingRow(QObject):
    """The widgets of one setting, for a form to place: `label`, `editor`, `reset`, `help`."""

    edited = Signal(str)
    """A person gave the setting of this name another value, or put the recipe's back."""

    def __init__(self, item: Setting, parent: QWidget, *, label: str = "") -> None:
        """`label` is already translated, with a mnemonic perhaps; otherwise it is derived from the name."""
        super().__init__(parent)
        self.item = item
        self._recipe_value: Value = item.default
        self._is_changed = self._is_wrong = False
        self.label = QLabel(label or label_of(item), parent, wordWrap=not label)
        self.editor = make_editor(item)
        self.editor.setParent(parent)
        self.label.setContentsMargins(0, 0, _GAP, 0)
        self.reset = ResetButton(parent)
        self.help = MutedLabel(help_of(item), parent)
        if label:
            self.help.hide()  # the tooltip says it
        self.label.setBuddy(self.editor)
        name = self.label.text().replace("&", "")
        self.editor.setAccessibleName(name)
        self.editor.setAccessibleDescription(f"{help_of(item)} {range_of(item)} {unit_of(item)}".strip())
        self.reset.setAccessibleName(self.tr("{0}: reset to the recipe’s value").format(name))
        self._explain()
        self.editor.edited.connect(self._tell)
        self.reset.clicked.connect(self._go_back)

    def place(self, grid: QGridLayout, at: int, *, is_wide: bool = False) -> None:
        """Put label, editor and reset button into a row of `new_grid`, or the editor below the label (`is_wide`)."""
        grid.addWidget(self.label, at, LABEL)
        if is_wide:
            grid.addWidget(self.editor, at + 1, LABEL, 1, 2)
        else:
            grid.addWidget(self.editor, at, EDITOR)
        grid.addWidget(self.reset, at + is_wide, RESET, alignment=Qt.AlignmentFlag.AlignRight)

    @property
    def widgets(self) -> tuple[QWidget, ...]:
        """All but the reset button, which shows itself."""
        return self.label, self.editor, self.help

    def value(self) -> Value:
        return self.editor.value()

    @property
    def is_changed(self) -> bool:
        """Whether it is marked as differing from the recipe."""
        return self._is_changed

    def show_state(self, value: Value, recipe_value: Value, *, is_wrong: bool) -> None:
        """Show a value, whether it differs from the recipe's, and whether it is part of what is wrong."""
        if self.editor.value() != value:
            self.editor.set_value(value)
        if self._recipe_value != recipe_value:
            self._recipe_value = recipe_value
            self._explain()
        self._mark(value != recipe_value, is_wrong)

    def show_reset(self, visible: bool) -> None:
        """Show the reset button where it is of use, on a row that is seen."""
        self.reset.setVisible(visible and self._is_changed)

    def _mark(self, is_changed: bool, is_wrong: bool) -> None:
        if self._is_changed != is_changed:
            self._is_changed = is_changed
            self.label.setFont(lettered(self.label.font(), bold=is_changed))
            self.label.setAccessibleDescription(self.tr("differs from the recipe") if is_changed else "")
            self._explain()
        if self._is_wrong != is_wrong:
            self._is_wrong = is_wrong
            role = QPalette.ColorRole.BrightText if is_wrong else QPalette.ColorRole.WindowText
            self.label.setForegroundRole(role)

    def _explain(self) -> None:
        lines = [self.item.name, *textwrap.wrap(help_of(self.item), _TIP_LETTERS)]
        span = range_of(self.item)
        if span:
            lines.append(self.tr("Range: {0} {1}").format(span, unit_of(self.item)).rstrip())
        lines.append(self.tr("Recipe’s value: {0}").format(plain(self._recipe_value)))
        tip = "\n".join(lines)
        for widget in (self.label, self.editor, self.help):
            widget.setToolTip(tip)
        self.reset.setToolTip(self.tr("Reset to the recipe’s value: {0}").format(plain(self._recipe_value)))

    def _tell(self) -> None:
        self.edited.emit(self.item.name)

    def _go_back(self) -> None:
        self.editor.setFocus()  # the button goes
        self.editor.set_value(self._recipe_value)
        self._tell()
