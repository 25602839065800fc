"""Non-blocking dialogs about phases."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QColorDialog, QInputDialog, QMessageBox, QWidget

from carl_gui.models.messages import displayable
from core.project.rows import PhaseRow

_MOST_LETTERS = 60
"""Of a name within a sentence."""


def ask_for_name(parent: QWidget, now: str, take: Callable[[str], object]) -> None:
    """Let the person type the name of a phase; `now` is its name so far, empty for a new one."""
    translate = QCoreApplication.translate
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(translate("Phases", "Rename phase") if now else translate("Phases", "Add phase"))
    dialog.setLabelText(translate("Phases", "Phase name (e.g. reach)"))
    dialog.setTextValue(displayable(now))
    dialog.textValueSelected.connect(lambda text: take(text) if text.strip() and text != displayable(now) else None)
    dialog.open()


def ask_for_colour(parent: QWidget, now: str, take: Callable[[str], object]) -> None:
    """Let the person choose a colour, `#rrggbb`."""
    dialog = QColorDialog(QColor(now), parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(QCoreApplication.translate("Phases", "Phase colour"))
    dialog.colorSelected.connect(lambda colour: take(colour.name()) if colour.name() != now else None)
    dialog.open()


def ask_for_other(parent: QWidget, phase: PhaseRow, others: Sequence[PhaseRow], take: Callable[[int], object]) -> None:
    """Let the person choose the phase into which this one is merged; `take` gets its id."""
    translate = QCoreApplication.translate
    names = [displayable(other.name) for other in others]
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(translate("Phases", "Merge phase into another"))
    number = phase.num_spans
    said = translate("Phases", "Merge “{0}” and its %n label(s) into:", "", number)
    dialog.setLabelText(said.format(_short(phase.name)))
    dialog.setOption(QInputDialog.InputDialogOption.UseListViewForComboBoxItems)
    dialog.setComboBoxItems(names)
    dialog.setOkButtonText(translate("Phases", "&Merge"))
    dialog.textValueSelected.connect(lambda name: take(others[names.index(name)].id))
    dialog.open()


def _short(name: str) -> str:
    name = displayable(name)
    return name if len(name) <= _MOST_LETTERS else f"{name[: _MOST_LETTERS // 2]}…{name[-_MOST_LETTERS // 2 :]}"


def ask_to_remove(parent: QWidget, phase: PhaseRow, remove: Callable[[], object]) -> None:
    """Ask whether its labels may go with a phase."""
    translate = QCoreApplication.translate
    box = QMessageBox(parent)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(translate("Phases", "Remove phase"))
    box.setTextFormat(Qt.TextFormat.PlainText)
    number = phase.num_spans
    box.setText(translate("Phases", "Remove “{0}” and its %n label(s)?", "", number).format(_short(phase.name)))
    box.setInformativeText(translate("Phases", "Undo restores them."))
    button = box.addButton(translate("Phases", "&Remove"), QMessageBox.ButtonRole.AcceptRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    box.setDefaultButton(button)
    box.buttonClicked.connect(lambda chosen: remove() if chosen is button else None)
    box.open()
