"""A dialog for the note on a label."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QInputDialog, QWidget

from carl_gui.models.messages import displayable


def lines_of(note: str) -> str:
    """Return the displayable note, in its lines."""
    return "\n".join(map(displayable, note.splitlines()))


def ask_for_text(parent: QWidget, now: str, on_written: Callable[[str], object]) -> None:
    """Let the person write a note of any number of lines; `now` is the one so far. An empty one removes it."""
    translate = QCoreApplication.translate
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setOption(QInputDialog.InputDialogOption.UsePlainTextEditForTextInput)
    dialog.setWindowTitle(translate("Note", "Note"))
    dialog.setLabelText(translate("Note", "Note on the label"))
    dialog.setTextValue(lines_of(now))
    dialog.textValueSelected.connect(lambda text: on_written(text) if text != lines_of(now) else None)
    dialog.open()
