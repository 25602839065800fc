"""Show a bug of ours: what went wrong, where, and that the work so far is safe."""

from __future__ import annotations

import sys
import threading
import traceback
from types import TracebackType

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal
from PySide6.QtWidgets import QApplication, QMessageBox

from carl_gui.widgets.layouts import box_over


class BugBox(QObject):
    """Shows exceptions that nothing caught, in a box with the traceback; one at a time. They are on stderr too."""

    _raised = Signal(str, str)

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self._box: QMessageBox | None = None
        self._raised.connect(self._show, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Handle every exception from now on, whatever thread raises it."""
        sys.excepthook = self.handle
        threading.excepthook = lambda args: self.handle(args.exc_type, args.exc_value, args.exc_traceback)

    def handle(self, kind: type[BaseException], error: BaseException | None, where: TracebackType | None) -> None:
        """Write it to stderr, and show it as soon as the loop is at it."""
        details = "".join(traceback.format_exception(kind, error, where))
        print(details, end="", file=sys.stderr, flush=True)
        if issubclass(kind, Exception):
            self._raised.emit("".join(traceback.format_exception_only(kind, error)).strip(), details)

    def _show(self, line: str, details: str) -> None:
        if self._box is not None:  # the first is the cause of what follows, more often than not
            return
        sentence = QCoreApplication.translate(
            "Bugs",
            "This is a bug in CARL Studio. Every edit so far is saved. Please report it with these details.",
        )
        title = QCoreApplication.translate("Bugs", "Something went wrong")
        box = box_over(QApplication.activeWindow(), QMessageBox.Icon.Critical, title, sentence)
        box.setInformativeText(line)
        box.setDetailedText(details)
        box.addButton(QMessageBox.StandardButton.Close)
        box.destroyed.connect(self._on_destroyed)
        self._box = box
        box.open()

    def _on_destroyed(self) -> None:
        self._box = None
