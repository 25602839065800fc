"""What the program says of itself; asks the installed packages and imports none."""

from __future__ import annotations

import platform
from importlib import metadata
from pathlib import Path

from PySide6.QtCore import QUrl

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
