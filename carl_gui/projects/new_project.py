"""Dialog for the location and name of a new project."""

from __future__ import annotations

import os
import re
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QFormLayout, QLabel, QLineEdit, QWidget

from carl_gui.widgets.factories import push_button
from carl_gui.widgets.labels import breakable, shown, wrapped_label
from carl_gui.widgets.layouts import hbox, vbox

_REFUSED = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
_OF_WINDOWS = {"con", "prn", "aux", "nul", *(f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10))}


def is_folder_name(name: str) -> bool:
    """Return whether a folder can be called so on every system that we run on."""
    return bool(name.strip()) and not _REFUSED.search(name) and name[-1] not in ". " and not _is_of_windows(name)


def _is_of_windows(name: str) -> bool:
    return name.split(".")[0].strip().casefold() in _OF_WINDOWS


class NewProjectDialog(QDialog):
    """A name and a location; `chosen` emits the folder, which does not exist yet or is empty."""

    folder_selected = Signal(Path)

    def __init__(self, parent_folder: Path, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("New project"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(520)
        self._name, self._location = QLineEdit(name), QLineEdit(str(parent_folder))
        self._sentence = wrapped_label(ink="muted")
        browse = push_button(self.tr("&Browse…"), self._browse)
        row = hbox((self._location, 1), browse)
        form = QFormLayout()
        form.addRow(self.tr("&Name"), self._name)
        location = QLabel(self.tr("&Location"))
        location.setBuddy(self._location)
        form.addRow(location, row)
        self._buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._create = self._buttons.addButton(self.tr("&Create"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._buttons.accepted.connect(self._accept)
        self._buttons.rejected.connect(self.reject)
        vbox(
            QLabel(self.tr("A project is one folder. You can move, copy or zip it as a whole."), wordWrap=True),
            form,
            self._sentence,
            self._buttons,
            on=self,
            margins=None,
            spacing=12,
        )
        self._name.textChanged.connect(self._check)
        self._location.textChanged.connect(self._check)
        self._name.selectAll()
        self._check()

    def set_message(self, sentence: str) -> None:
        """Set why it could not be created."""
        self._set_message(shown(sentence), is_warning=True)

    @property
    def sentence(self) -> str:
        """What it says of the choice."""
        return self._message

    def _folder(self) -> Path:
        return self._parent() / self._name.text().strip()

    def _parent(self) -> Path:
        return Path(os.path.expanduser(self._location.text().strip()))  # a person that is none stays as it is

    def _check(self) -> None:
        problem = self._problem()
        self._create.setEnabled(not problem)
        self._set_message(problem or shown(str(self._folder())), is_warning=bool(problem))

    def _problem(self) -> str:
        name, parent = self._name.text().strip(), self._parent()
        if not name:
            return self.tr("Give the project a name.")
        if _is_of_windows(name):
            return self.tr("{0} is reserved by Windows. Choose another name.").format(name)
        if not is_folder_name(name):
            refused = '/ \\ : * ? " < > |'
            return self.tr("{0} is not a valid folder name. Leave out {1} and a final dot.").format(name, refused)
        if not parent.is_absolute():
            return self.tr("Choose a location for the project.")
        parent_folder = next((one for one in (parent, *parent.parents) if os.path.lexists(one)), parent)
        if not os.path.isdir(parent_folder):
            return self.tr("{0} is not a folder. Choose another location.").format(shown(str(parent_folder)))
        if not os.access(parent_folder, os.W_OK | os.X_OK):
            return self.tr("{0} is not writable. Choose another location.").format(shown(str(parent_folder)))
        return self._problem_of(self._folder())

    def _problem_of(self, folder: Path) -> str:
        try:
            is_taken = bool(os.listdir(folder))
        except FileNotFoundError:
            return ""
        except NotADirectoryError:
            is_taken = True
        except OSError as error:
            return self.tr("{0} cannot be used ({1}).").format(shown(str(folder)), error.strerror)
        return self.tr("{0} already exists. Choose another name.").format(shown(str(folder))) if is_taken else ""

    def _set_message(self, sentence: str, *, is_warning: bool) -> None:
        self._message = sentence
        self._sentence.setText(breakable(sentence))
        self._sentence.set_ink("warning" if is_warning else "muted")

    def _browse(self) -> None:
        dialog = QFileDialog(self, self.tr("Location of the project"), self._location.text())
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self._location.setText)
        dialog.open()

    def _accept(self) -> None:
        self._check()  # the disk may have changed
        if self._create.isEnabled():
            self.folder_selected.emit(self._folder())
