"""Non-blocking dialogs for the destination of an export."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QWidget


def ask_for_target(
    parent: QWidget, title: str, proposed: Path, kinds: str, suffix: str, take: Callable[[Path], object]
) -> None:
    """Let the person name a file; the dialog itself asks where there is one already.

    Args:
        proposed: the folder to begin in, and a name.
        kinds: as `QFileDialog` filters them: `Tables (*.csv)`, several with `;;` between them.
        suffix: added to a name without one, with no dot; where there are several kinds, that of the chosen one.
    """
    dialog = QFileDialog(parent, title, str(proposed.parent), kinds)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix)
    dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix(kind.rpartition("*.")[2].rstrip(")")))
    dialog.selectFile(proposed.name)
    _open(dialog, take)


def ask_for_folder(parent: QWidget, title: str, begin_in: Path, take: Callable[[Path], object]) -> None:
    """Let the person choose the folder in which a new one is made."""
    dialog = QFileDialog(parent, title, str(begin_in))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    _open(dialog, take)


def _open(dialog: QFileDialog, take: Callable[[Path], object]) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(lambda name: take(Path(name)))
    dialog.open()
