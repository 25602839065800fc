"""Non-blocking file dialogs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget


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
