"""Which of the two videos of a pair are right, and where the other one departs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from carl_gui.panels.check_box import CheckBox
from carl_gui.panels.going import wrapped_label
from carl_gui.panels.section import section_title


class RightBox(QWidget):
    """Shows what `set_*` gives it; says what the person wants."""

    right_chosen = Signal(int, bool)
    """0 for A, 1 for B, and whether it is right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes = CheckBox(self.tr("A is right")), CheckBox(self.tr("B is right"))
        for side, box in enumerate(self.boxes):
            box.setToolTip(self.tr("Marks where other videos deviate from the right ones"))
            box.toggled.connect(lambda is_right, side=side: self.right_chosen.emit(side, is_right))
        self._words = wrapped_label()
        row = QHBoxLayout()
        row.setContentsMargins(0, 0, 0, 0)
        for box in self.boxes:
            row.addWidget(box, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(section_title(self.tr("Deviations"), self.boxes[0]))
        layout.addLayout(row)
        layout.addWidget(self._words)

    @property
    def words(self) -> str:
        """What came of it."""
        return self._words.text()

    def set_right(self, right: Sequence[bool], *, is_possible: bool) -> None:
        """Whether A, and B, is right, and whether that can be said."""
        for box, is_right in zip(self.boxes, right, strict=True):
            with QSignalBlocker(box):
                box.setChecked(is_right)
            box.setEnabled(is_possible)

    def set_words(self, words: str) -> None:
        """What came of it."""
        self._words.setText(words)
        self._words.setVisible(bool(words))
