"""All settings in a form, made from their declarations."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QPalette, QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QToolButton, QWidget

from carl_gui.widgets.editors import FileField, make_editor
from carl_gui.widgets.factories import scaled_font
from carl_gui.widgets.glyphs import glyph
from carl_gui.widgets.layouts import STRETCH, vbox
from carl_gui.widgets.setting_texts import (
    help_of,
    label_of,
    name_for_people,
    plain_number,
    range_of,
    section_names,
    title_of,
    unit_of,
    values_of,
)
from core.base.declaring import Value
from core.base.errors import ConfigError
from core.objectives.kinds import KINDS
from core.settings.config import Config, Setting, settings, with_values
from core.settings.renamed import former_name


class SettingsDraft:
    """Values by dotted name. They may contradict each other temporarily; `config` reports it."""

    def __init__(self, recipe: Config) -> None:
        self.set_recipe(recipe)

    def set_recipe(self, recipe: Config) -> None:
        """Start from this recipe's values."""
        self.recipe = recipe
        self._recipe_values = values_of(recipe)
        self._values = dict(self._recipe_values)

    def set_config(self, config: Config) -> None:
        """Set these values; the recipe stays what they are compared with."""
        self._values = values_of(config)

    def set(self, name: str, value: Value) -> None:
        self._values[name] = value

    def __getitem__(self, name: str) -> Value:
        return self._values[name]

    def of_recipe(self, name: str) -> Value:
        return self._recipe_values[name]

    def changed(self) -> dict[str, Value]:
        """Return what differs from the recipe; of the objectives' settings only those of the chosen one."""
        return {
            name: value for name, value in self._values.items() if value != self._recipe_values[name] and self.has(name)
        }

    def has(self, name: str) -> bool:
        """Return whether a setting says anything: those of other objectives than the one that is chosen do not."""
        section = name.partition(".")[0]
        return section not in KINDS or section == self._values["objective.name"]

    def config(self, more: Mapping[str, object] | None = None) -> Config:
        """Return the recipe with what was changed. Raises ConfigError where the values contradict each other."""
        return with_values(self.recipe, {**self.changed(), **(more or {})})


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
        self.setFont(scaled_font(self.font(), scale=0.9))
        self.setMinimumWidth(1)  # a word that is too long widens nothing

    def show_message(self, text: str, *, is_warning: bool = False) -> None:
        """Show a text; a warning stands out."""
        role = QPalette.ColorRole.BrightText if is_warning else QPalette.ColorRole.PlaceholderText
        if self.foregroundRole() != role:
            self.setForegroundRole(role)
        broken = _SLASH.sub("\\g<0>\u200b", text)  # paths may go on in the next line
        if self.text() != broken:
            self.setText(broken)
        self.setVisible(bool(text))


def new_grid(stretched: int) -> QGridLayout:
    """Return columns for labels, editors and reset buttons; the one of this number takes the spare room."""
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
        """Draw the icon when it is needed: most rows never do."""
        self.setIcon(glyph("undo", self.palette()))
        super().showEvent(event)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Draw the icon of another theme."""
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
        self.editor.edited.connect(self._emit_edited)
        self.reset.clicked.connect(self._reset)

    def add_to_grid(self, grid: QGridLayout, at: int, *, is_wide: bool = False) -> None:
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
            self.label.setFont(scaled_font(self.label.font(), bold=is_changed))
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
        lines.append(self.tr("Recipe’s value: {0}").format(plain_number(self._recipe_value)))
        tip = "\n".join(lines)
        for widget in (self.label, self.editor, self.help):
            widget.setToolTip(tip)
        self.reset.setToolTip(self.tr("Reset to the recipe’s value: {0}").format(plain_number(self._recipe_value)))

    def _emit_edited(self) -> None:
        self.edited.emit(self.item.name)

    def _reset(self) -> None:
        self.editor.setFocus()  # the button goes
        self.editor.set_value(self._recipe_value)
        self._emit_edited()


_EDITOR_WIDTH = 150


@dataclass
class _Section:
    heading: list[QLabel]
    rows: list[SettingRow] = field(default_factory=list)


class SettingsForm(QWidget):
    """A row for every setting. Rows are created when the form is first shown; values exist from the start."""

    edited = Signal()
    """A person changed a value; `values` and `config` have it."""

    def __init__(self, parent: QWidget | None = None, *, shows_error: bool = True) -> None:
        """`shows_error=False` leaves it to the parent to show `problem`."""
        super().__init__(parent)
        self._draft = SettingsDraft(Config())
        self._shows_error = shows_error
        self._error = ""
        self._wrong: set[str] = set()
        self._shown_objective: Value = ""
        self._rows: dict[str, SettingRow] = {}
        self._sections: list[_Section] = []
        self._search = QLineEdit(placeholderText=self.tr("Search settings"), clearButtonEnabled=True)
        self._search.setAccessibleName(self.tr("Search settings"))
        self._search.textChanged.connect(self._narrow)
        self._line = MutedLabel()
        self._nothing = MutedLabel()
        self._line.show_message("")
        self._nothing.show_message("")
        self._column = vbox(self._search, self._line, self._nothing, STRETCH, on=self, spacing=6)

    @property
    def is_built(self) -> bool:
        """Whether the rows have been made."""
        return bool(self._rows)

    @property
    def is_valid(self) -> bool:
        """Whether the values go together."""
        return not self._error

    @property
    def problem(self) -> str:
        """What is wrong with the values, in one sentence; empty where they go together."""
        return self._error

    @property
    def recipe(self) -> Config:
        """What the values are compared with."""
        return self._draft.recipe

    def set_recipe(self, base: Config) -> None:
        """Start from a recipe's values."""
        self._draft.set_recipe(base)
        self._show_state()

    def set_config(self, config: Config) -> None:
        """Show other values; the recipe stays what they are compared with."""
        self._draft.set_config(config)
        self._show_state()

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Show other values of some settings, by dotted name."""
        for name, value in values.items():
            self._draft.set(name, value)
        self._show_state()

    def value(self, name: str) -> Value:
        """Return the value of one setting."""
        return self._draft[name]

    def recipe_value(self, name: str) -> Value:
        """Return what the recipe says of one setting."""
        return self._draft.of_recipe(name)

    def is_wrong(self, name: str) -> bool:
        """Return whether one setting is named in `problem`."""
        return name in self._wrong

    def values(self) -> dict[str, Value]:
        """Return the dotted settings that differ from the recipe."""
        return self._draft.changed()

    def config(self) -> Config:
        """Return the recipe with these values. Raises ConfigError where they contradict each other."""
        return self._draft.config()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Build the rows: sixty cost more than a glance at the folded form should."""
        if not self.is_built:
            self._build()
        super().showEvent(event)

    def _build(self) -> None:
        for at, name in enumerate(section_names()):
            self._column.insertLayout(self._column.count() - 1, self._new_section(name, is_first=at == 0))
        self._show_state()
        self._narrow(self._search.text())

    def _new_section(self, name: str, *, is_first: bool) -> QGridLayout:
        grid = new_grid(stretched=LABEL)
        grid.setVerticalSpacing(2)
        section = _Section(self._new_heading(name, is_first))
        for widget in section.heading:
            grid.addWidget(widget, grid.rowCount(), LABEL, 1, -1)
        for item in settings():
            if item.name.split(".")[0] == name:
                row = SettingRow(item, self)
                row.edited.connect(self._on_edited)
                self._rows[item.name] = row
                section.rows.append(row)
                self._place(row, grid)
        self._sections.append(section)
        return grid

    def _new_heading(self, name: str, is_first: bool) -> list[QLabel]:
        title, source = title_of(name)
        label = QLabel(title, self, wordWrap=True)
        label.setFont(scaled_font(label.font(), scale=1.1, bold=True))
        label.setContentsMargins(0, 4 if is_first else 14, 0, 0)
        origin = MutedLabel(source, self)
        origin.setContentsMargins(0, 0, 0, 6)
        return [label, origin] if source else [label]

    def _place(self, row: SettingRow, grid: QGridLayout) -> None:
        is_wide = isinstance(row.editor, FileField)  # paths are long
        if not is_wide:
            row.editor.setFixedWidth(_EDITOR_WIDTH)
        row.add_to_grid(grid, grid.rowCount(), is_wide=is_wide)
        row.help.setContentsMargins(0, 0, 0, 10)
        grid.addWidget(row.help, grid.rowCount(), LABEL, 1, 2)

    def _on_edited(self, name: str) -> None:
        self._draft.set(name, self._rows[name].value())
        self._show_state()
        self.edited.emit()

    def _show_state(self) -> None:
        """Show what the values are, which differ, and whether they go together."""
        self._error, self._wrong = "", set()
        try:
            self._draft.config()
        except ConfigError as error:
            self._error, self._wrong = name_for_people(str(error))
        self._line.show_message(self._error if self._shows_error else "", is_warning=True)
        for name, row in self._rows.items():
            row.show_state(self._draft[name], self._draft.of_recipe(name), is_wrong=self.is_wrong(name))
            row.show_reset(not row.label.isHidden())
        if self._rows and self._draft["objective.name"] != self._shown_objective:
            self._narrow(self._search.text())

    def _narrow(self, query: str) -> None:
        """Show the rows that have every word, of the objectives' only those of the chosen one."""
        self._shown_objective = self._draft["objective.name"]
        words = query.casefold().split()
        for section in self._sections:
            about = section.heading[0].text()
            shown = [row for row in section.rows if _has(words, row.item, about) and self._draft.has(row.item.name)]
            for label in section.heading:
                label.setVisible(bool(shown))
            for row in section.rows:
                for widget in row.widgets:
                    widget.setVisible(row in shown)
                row.show_reset(row in shown)
        is_found = any(not row.label.isHidden() for row in self._rows.values())
        none = self.tr("No setting matches “{0}”.").format(query.strip())
        self._nothing.show_message(none if self._rows and not is_found else "")


def _has(words: list[str], item: Setting, about: str) -> bool:
    names = f"{label_of(item)} {item.name} {former_name(item.name)}"
    text = f"{names} {help_of(item)} {about} {' '.join(item.choices)}".casefold()
    return all(word in text for word in words)
