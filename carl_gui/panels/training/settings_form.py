"""All settings of a run as a form, built from `core.settings.config`: sections, search, and changes from the recipe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from carl_gui.panels.layouts import STRETCH, vbox
from carl_gui.panels.training.setting_editors import FileField
from carl_gui.panels.training.setting_row import LABEL, MutedLabel, SettingRow, new_grid
from carl_gui.panels.training.setting_texts import help_of, label_of, named_for_people, section_names, title_of
from carl_gui.panels.training.settings_draft import SettingsDraft
from carl_gui.panels.widgets import lettered
from core.base.declaring import Value
from core.base.errors import ConfigError
from core.settings.config import Config, Setting, settings
from core.settings.renamed import former_name

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
        self._line.say("")
        self._nothing.say("")
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
        """Begin with a recipe's values."""
        self._draft.set_recipe(base)
        self._show_state()

    def set_config(self, config: Config) -> None:
        """Take other values; the recipe stays what they are compared with."""
        self._draft.set_config(config)
        self._show_state()

    def set_values(self, values: Mapping[str, Value]) -> None:
        """Take other values of some settings, by dotted name."""
        for name, value in values.items():
            self._draft.set(name, value)
        self._show_state()

    def value(self, name: str) -> Value:
        """The value of one setting."""
        return self._draft[name]

    def recipe_value(self, name: str) -> Value:
        """What the recipe says of one setting."""
        return self._draft.of_recipe(name)

    def is_wrong(self, name: str) -> bool:
        """Return whether one setting is named in `problem`."""
        return name in self._wrong

    def values(self) -> dict[str, Value]:
        """Dotted settings that differ from the recipe."""
        return self._draft.changed()

    def config(self) -> Config:
        """The recipe with these values. Raises ConfigError where they contradict each other."""
        return self._draft.config()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        """Sixty rows cost more than a glance at the folded form should."""
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
                row.edited.connect(self._on_result)
                self._rows[item.name] = row
                section.rows.append(row)
                self._place(row, grid)
        self._sections.append(section)
        return grid

    def _new_heading(self, name: str, is_first: bool) -> list[QLabel]:
        title, source = title_of(name)
        label = QLabel(title, self, wordWrap=True)
        label.setFont(lettered(label.font(), scale=1.1, bold=True))
        label.setContentsMargins(0, 4 if is_first else 14, 0, 0)
        origin = MutedLabel(source, self)
        origin.setContentsMargins(0, 0, 0, 6)
        return [label, origin] if source else [label]

    def _place(self, row: SettingRow, grid: QGridLayout) -> None:
        is_wide = isinstance(row.editor, FileField)  # paths are long
        if not is_wide:
            row.editor.setFixedWidth(_EDITOR_WIDTH)
        row.place(grid, grid.rowCount(), is_wide=is_wide)
        row.help.setContentsMargins(0, 0, 0, 10)
        grid.addWidget(row.help, grid.rowCount(), LABEL, 1, 2)

    def _on_result(self, name: str) -> None:
        self._draft.set(name, self._rows[name].value())
        self._show_state()
        self.edited.emit()

    def _show_state(self) -> None:
        """What the values are, which differ, and whether they go together."""
        self._error, self._wrong = "", set()
        try:
            self._draft.config()
        except ConfigError as error:
            self._error, self._wrong = named_for_people(str(error))
        self._line.say(self._error if self._shows_error else "", is_warning=True)
        for name, row in self._rows.items():
            row.show_state(self._draft[name], self._draft.of_recipe(name), is_wrong=self.is_wrong(name))
            row.show_reset(not row.label.isHidden())
        if self._rows and self._draft["objective.name"] != self._shown_objective:
            self._narrow(self._search.text())

    def _narrow(self, query: str) -> None:
        """Show the rows that have every word, of the objectives' only those of the one that is chosen."""
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
        self._nothing.say(none if self._rows and not is_found else "")


def _has(words: list[str], item: Setting, about: str) -> bool:
    names = f"{label_of(item)} {item.name} {former_name(item.name)}"
    text = f"{names} {help_of(item)} {about} {' '.join(item.choices)}".casefold()
    return all(word in text for word in words)
