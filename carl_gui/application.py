"""The one application of this process, for those who were not handed it."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication


def running_application() -> QApplication:
    """Return it. Raises RuntimeError where none was made: a window needs one."""
    found = QApplication.instance()
    if not isinstance(found, QApplication):
        raise RuntimeError("no QApplication was made")
    return found
