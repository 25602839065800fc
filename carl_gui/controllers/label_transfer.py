"""Labels of one video carried to others along the paths of alignment: computed in a thread, shown, then accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from carl_gui.workshop import Workshop

if TYPE_CHECKING:
    from carl_gui.controllers.labelling import LabelController


class LabelTransfer(QObject):
    def __init__(self, workshop: Workshop, page: LabelController) -> None:
        super().__init__(page)

    def begin(self) -> None: ...

    def close(self) -> None: ...
