"""Editors of values: numbers, choices, names, switches and files."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QValidator, QWheelEvent
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QFileDialog, QLineEdit, QListView, QSpinBox, QWidget

from carl_gui.models.rows import Choice, ChoicesModel
from carl_gui.widgets.buttons import CheckBox
from carl_gui.widgets.combos import ElidedCombo, WidePopup
from carl_gui.widgets.factories import push_button
from carl_gui.widgets.layouts import hbox
from carl_gui.widgets.setting_texts import plain_number, unit_of
from core.base.declaring import Value
from core.settings.config import Setting


def ask_for_file(
    parent: QWidget,
    title: str,
    kinds: str,
    chosen: Callable[[str], object],
    given_up: Callable[[], object] = lambda: None,
) -> QFileDialog:
    """Open a dialog for one file that exists; `chosen` gets its path, or `given_up` is called.

    Args:
        kinds: as `QFileDialog` filters them: `Recipes (*.toml)`.
    """
    dialog = QFileDialog(parent, title, "", kinds)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda path: chosen(str(Path(path))))  # with the system's own slashes
    dialog.rejected.connect(given_up)
    dialog.open()
    return dialog


_MOST = 2**31 - 1
"""What a spin box can hold; larger whole numbers are kept by the form, and shown as this one."""
_DECIMALS = 323
"""Qt rounds to so many decimals: none of a double's digits is lost."""
_FILES = {
    "backbone.name": "*.onnx",
    "backbone.weights": "*.pth *.safetensors",
    "backbone.person_table": "*.csv *.xlsx",
}
"""Settings that may name a file, and its kinds."""
_NUMBER = re.compile(r"\s*([-+]?[0-9]*[.,]?[0-9]*(?:[eE][-+]?[0-9]*)?)\s*(.*?)\s*")


if TYPE_CHECKING:
    _Editor = QWidget
else:
    _Editor = object


class NoWheelMixin(_Editor):
    """Mixed into an editor: the wheel scrolls the form past it, unless the editor has the focus."""

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class IntSpinBox(NoWheelMixin, QSpinBox):
    """A whole number with its unit."""

    edited = Signal()

    def __init__(self, item: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the wheel gives no focus
        self.setRange(int(max(item.low, -_MOST)), int(min(item.high, _MOST)))
        self.setSuffix(f" {unit_of(item)}" if item.unit else "")
        self.valueChanged.connect(self.edited)

    def set_value(self, value: Value) -> None:
        with QSignalBlocker(self):
            self.setValue(int(min(max(value, -_MOST), _MOST)))


class FloatBox(NoWheelMixin, QDoubleSpinBox):
    """A number of any size with its unit: 0.8 and 1e-5 alike. What is shown has ten digits, what is held has all."""

    edited = Signal()

    def __init__(self, item: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setDecimals(_DECIMALS)
        self.setRange(max(item.low, -sys.float_info.max), min(item.high, sys.float_info.max))
        self.setSuffix(f" {unit_of(item)}" if item.unit else "")
        self.setCorrectionMode(QDoubleSpinBox.CorrectionMode.CorrectToNearestValue)
        self.valueChanged.connect(self.edited)

    def set_value(self, value: Value) -> None:
        with QSignalBlocker(self):
            self.setValue(float(value))

    def textFromValue(self, value: float) -> str:  # noqa: N802
        return plain_number(value)

    def valueFromText(self, text: str) -> float:  # noqa: N802
        """Return the number held where the text is only its short form: leaving the field must not round it."""
        number, shown = self._number(text), _NUMBER.fullmatch(text)
        is_held = shown is not None and shown[1] == plain_number(self.value())
        return self.value() if number is None or is_held else number

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        number = self._number(text)
        if number is not None and self.minimum() <= number <= self.maximum():
            return QValidator.State.Acceptable, text, position
        return (QValidator.State.Intermediate if self._is_begun(text) else QValidator.State.Invalid), text, position

    def fixup(self, text: str) -> str:
        """Return the nearest value where it is out of range; the one before where it is not a number."""
        number = self._number(text)
        clamped = self.value() if number is None else min(max(number, self.minimum()), self.maximum())
        return f"{plain_number(clamped)}{self.suffix()}"

    def stepBy(self, steps: int) -> None:  # noqa: N802
        """Step by one unit of the first digit: 0.8 -> 0.9 -> 1 -> 2, 1e-5 -> 2e-5; down from 1 -> 0.9."""
        value = self.value()
        for _ in range(abs(steps)):
            value = next_value(value, math.copysign(1, steps))
        self.setValue(value)
        self.selectAll()

    def _number(self, text: str) -> float | None:
        found = _NUMBER.fullmatch(text)
        try:
            number = float(found[1].replace(",", ".")) if found and self._is_begun(text) else math.nan
        except ValueError:
            return None
        return number if math.isfinite(number) else None

    def _is_begun(self, text: str) -> bool:
        """Return whether it may become a number with our unit, or a part of that, behind it."""
        found = _NUMBER.fullmatch(text)
        return found is not None and found[2] in self.suffix()


def next_value(value: float, sign: float) -> float:
    """Return the next number up (1) or down (-1) with one digit changed."""
    if value == 0:
        return sign * 0.1
    power = math.floor(math.log10(abs(value)))
    if round(abs(value) / 10.0**power, 9) == 1 and sign * value < 0:  # from a power of ten towards zero
        power -= 1
    return float(f"{value + sign * 10.0**power:.10g}")


class BoolCheckBox(CheckBox):
    """A check box for a boolean."""

    edited = Signal()

    def __init__(self, item: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.toggled.connect(self.edited)

    def set_value(self, value: Value) -> None:
        with QSignalBlocker(self):
            self.setChecked(bool(value))

    def value(self) -> bool:
        return self.isChecked()


class NoWheelComboBox(WidePopup, NoWheelMixin, ElidedCombo):
    """A combo box that ignores the mouse wheel, as narrow as its place."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)


class ChoiceBox(NoWheelComboBox):
    """A choice of a few words."""

    edited = Signal()

    def __init__(self, item: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.addItems(list(item.choices))
        self.currentIndexChanged.connect(self.edited)

    def set_value(self, value: Value) -> None:
        with QSignalBlocker(self):
            self.setCurrentText(str(value))

    def value(self) -> str:
        return self.currentText()


class TextField(QLineEdit):
    """A short text."""

    edited = Signal()

    def __init__(self, item: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.textEdited.connect(self.edited)

    def set_value(self, value: Value) -> None:
        if self.text() != value:  # the cursor stays where somebody is typing
            self.setText(str(value))
            self.setCursorPosition(0)

    def value(self) -> str:
        return self.text()


class FileField(QWidget):
    """A word, or a file chosen in a dialog."""

    edited = Signal()

    def __init__(self, item: Setting, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kinds = _FILES[item.name]
        self.field = TextField(item)
        self.field.edited.connect(self.edited)
        self._browse = push_button(self.tr("Browse…"), self._ask)
        self.setFocusProxy(self.field)
        hbox((self.field, 1), self._browse, on=self)

    def set_value(self, value: Value) -> None:
        self.field.set_value(value)
        self.field.setToolTip(str(value))

    def value(self) -> str:
        return self.field.value()

    def setAccessibleName(self, name: str) -> None:  # noqa: N802
        """Name the field; the button says what it is for too."""
        super().setAccessibleName(name)
        self.field.setAccessibleName(name)
        self._browse.setAccessibleName(self.tr("Browse for a file: {0}").format(name))

    def setAccessibleDescription(self, description: str) -> None:  # noqa: N802
        super().setAccessibleDescription(description)
        self.field.setAccessibleDescription(description)

    def _ask(self) -> None:
        kinds = self.tr("Networks ({0})").format(self._kinds)
        ask_for_file(self, self.tr("Choose a file"), kinds, self._on_file_chosen)

    def _on_file_chosen(self, path: str) -> None:
        self.set_value(path)
        self.edited.emit()


Editor = IntSpinBox | FloatBox | BoolCheckBox | ChoiceBox | TextField | FileField


def make_editor(item: Setting) -> Editor:
    """Return the editor that fits a setting's type."""
    if item.type is bool:
        return BoolCheckBox(item)
    if item.type is int:
        return IntSpinBox(item)
    if item.type is float:
        return FloatBox(item)
    if item.choices:
        return ChoiceBox(item)
    return FileField(item) if item.name in _FILES else TextField(item)


_LETTERS = 6


class NameCombo(WidePopup, NoWheelMixin, ElidedCombo):
    """Elides the middle of names that do not fit. `chosen` is emitted only for the user's choice."""

    selected = Signal(object)
    """The key of the choice."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """`name` is what it is called for screen readers."""
        super().__init__(parent)
        self._choices = ChoicesModel(self)
        self.setModel(self._choices)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(_LETTERS)
        view = QListView(uniformItemSizes=True)
        view.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setView(view)
        self.activated.connect(self._on_activated)

    @property
    def key(self) -> int | str | None:
        """What is shown as chosen; None: nothing."""
        row = self.currentIndex()
        return self._choices.rows[row].key if 0 <= row < len(self._choices.rows) else None

    def set_choices(self, choices: Sequence[Choice], now: int | str | None) -> None:
        """Show these; `now` is the key of one of them, or None."""
        with QSignalBlocker(self):
            self._choices.set_rows(choices)
            self.setCurrentIndex(self._choices.row_of(now))
        self.setEnabled(len(choices) > 0)
        self._show_tip()

    def _on_activated(self, row: int) -> None:
        self._show_tip()
        self.selected.emit(self._choices.rows[row].key)

    def _show_tip(self) -> None:
        row = self.currentIndex()
        self.setToolTip(self._choices.rows[row].tip or self._choices.rows[row].text if row >= 0 else "")
