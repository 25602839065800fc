"""The About dialog's texts; reads the metadata of installed packages without importing them."""

from __future__ import annotations

import platform
from importlib import metadata

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QMessageBox, QWidget

from core.version import DISTRIBUTION, VERSION

CITATION = (
    "Chen, M., Wei, F., Li, C., Cai, D. (2022). Frame-wise Action Representations for Long Videos via Sequence "
    "Contrastive Learning. CVPR 2022."
)
BIBTEX = """@inproceedings{chen2022carl,
  title = {Frame-wise Action Representations for Long Videos via Sequence Contrastive Learning},
  author = {Chen, Minghao and Wei, Fangyun and Li, Chong and Cai, Deng},
  booktitle = {Proceedings of the IEEE/CVF Conference on Computer Vision and Pattern Recognition (CVPR)},
  year = {2022}
}
"""
_PACKAGES = ("PySide6-Essentials", "pyqtgraph", "numpy", "torch")


def versions() -> list[tuple[str, str]]:
    """Return (name, version) of the program, of its libraries, and of the system."""
    found = [(DISTRIBUTION, VERSION)]
    for name in _PACKAGES:
        try:
            found.append((name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            continue
    return [*found, ("Python", platform.python_version()), ("System", platform.platform(terse=True))]


def _purpose() -> str:
    return QCoreApplication.translate("About", "Compare performances frame by frame.")


def _licence() -> str:
    return QCoreApplication.translate(
        "About",
        "Licence: MIT. The body-pose networks (BlazePose, by The MediaPipe Authors) are under the Apache License 2.0.",
    )


def _citation() -> str:
    text = QCoreApplication.translate("About", "Please cite the method, CARL, as: {0} The details have it as BibTeX.")
    return text.format(CITATION)


def _versions() -> str:
    return "\n".join(f"{package} {version}" for package, version in versions())


def show_about(parent: QWidget) -> None:
    """Open a box that says what this is, in which versions; its text can be copied."""
    name = QCoreApplication.translate("About", "CARL Studio")
    box = QMessageBox(
        QMessageBox.Icon.NoIcon, QCoreApplication.translate("About", "About CARL Studio"), name, parent=parent
    )
    box.setIconPixmap(parent.windowIcon().pixmap(64))
    box.setInformativeText("\n\n".join((_purpose(), _licence(), _citation(), _versions())))
    box.setDetailedText(BIBTEX)
    box.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.open()
