"""Pictures of the window for the manual: every page, light and dark."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication

from carl_gui.main_window import MainWindow
from carl_gui.theme import Theme

_LOOKS: tuple[Theme, ...] = ("light", "dark")


def save_pictures(window: MainWindow, folder: Path) -> bool:
    """Write `PAGE-light.png` and `PAGE-dark.png` of every page; False where one could not be written."""
    folder.mkdir(parents=True, exist_ok=True)
    saved = []
    for theme in _LOOKS:
        window.wear(theme)
        for page in window.pages:
            window.show_page(page.id)
            QApplication.processEvents()
            saved.append(window.grab().save(str(folder / f"{page.id}-{theme}.png")))
    return all(saved)
