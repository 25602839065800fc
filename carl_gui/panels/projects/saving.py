"""Dialog shown while jobs save, before their project is closed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QWidget

from carl_gui.panels.layouts import vbox
from carl_gui.panels.progress_bar import ProgressBar
from carl_gui.panels.widgets import named


class SavingDialog(QDialog):
    """Stays open until its owner closes it; a job that never saves can be killed."""

    end_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Saving"))
        self.setMinimumWidth(380)
        bar = named(ProgressBar(), self.tr("Saving"))
        bar.setRange(0, 0)  # nobody knows how long the step at hand takes
        buttons = QDialogButtonBox()
        end = buttons.addButton(self.tr("&Close without saving"), QDialogButtonBox.ButtonRole.DestructiveRole)
        end.setAutoDefault(False)
        end.clicked.connect(self.end_requested)
        vbox(
            QLabel(self.tr("Saving your work. This closes by itself."), wordWrap=True),
            bar,
            buttons,
            on=self,
            margins=None,
            spacing=12,
        )

    def reject(self) -> None:
        """Esc and the cross leave it standing: the work goes on behind it."""
