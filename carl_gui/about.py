"""What the program says of itself; asks the installed packages and imports none."""

from __future__ import annotations

import platform
from importlib import metadata
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Qt, QUrl
from PySide6.QtWidgets import QMessageBox, QWidget

_NAME = "carl-studio"
_PACKAGES = (_NAME, "PySide6-Essentials", "pyqtgraph", "numpy", "torch")


def versions() -> list[tuple[str, str]]:
    """(name, version) of the program, of what it stands on, and of the system."""
    found = []
    for name in _PACKAGES:
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            continue
    return [*found, ("Python", platform.python_version()), ("System", platform.platform(terse=True))]


def documentation() -> QUrl | None:
    """README.md of the checkout, else the address in the package's metadata; None where there is neither."""
    readme = Path(__file__).resolve().parents[1] / "README.md"
    if readme.is_file():
        return QUrl.fromLocalFile(str(readme))
    try:
        addresses = metadata.metadata(_NAME).get_all("Project-URL") or []
    except metadata.PackageNotFoundError:
        return None
    return QUrl(addresses[0].split(",")[-1].strip()) if addresses else None


def show_about(parent: QWidget) -> None:
    """A box that says what this is, in which versions; its text can be copied."""
    name = QCoreApplication.translate("About", "CARL Studio")
    box = QMessageBox(
        QMessageBox.Icon.NoIcon, QCoreApplication.translate("About", "About CARL Studio"), name, parent=parent
    )
    box.setIconPixmap(parent.windowIcon().pixmap(64))
    box.setInformativeText("\n".join(f"{package} {version}" for package, version in versions()))
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
