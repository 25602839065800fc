"""Choice of right videos and allowed false flags, and the deviations of others."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QWidget

from carl_gui.models.choices import Choice
from carl_gui.models.deviation_share import SHARES
from carl_gui.numbers import percent
from carl_gui.panels.check_box import CheckBox
from carl_gui.panels.ink_label import wrapped_label
from carl_gui.panels.layouts import hbox, vbox
from carl_gui.panels.name_combo import NameCombo
from carl_gui.panels.section import section_title
from carl_gui.panels.widgets import follow


class RightBox(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user."""

    right_selected = Signal(int, bool)
    """0 for A, 1 for B, and whether it is right."""
    share_selected = Signal(float)
    """The share of a right video's frames that may be flagged: one of `SHARES`."""

    def __init__(self, choose: QAction | None, parent: QWidget | None = None) -> None:
        """
        Args:
            choose: for a pair, whose two videos have a box each to tick: what the button does, let the person choose
                from all videos. None: there is no pair, and that button is elsewhere.
        """
        super().__init__(parent)
        self.boxes = () if choose is None else (CheckBox(self.tr("A is right")), CheckBox(self.tr("B is right")))
        for side, box in enumerate(self.boxes):
            box.setToolTip(self.tr("Marks where other videos deviate from the right ones"))
            box.toggled.connect(lambda is_right, side=side: self.right_selected.emit(side, is_right))
        self.button = None if choose is None else right_button(choose)
        self._share = NameCombo(self.tr("Share of a right video's frames that may be flagged"))
        self._tip = self.tr(
            "How many frames of a right video may be flagged, though nothing is wrong: with fewer false flags, more "
            "deviations are missed. 2 % is usual."
        )
        self._share.setToolTip(self._tip)
        self._share.chosen.connect(lambda row: self.share_selected.emit(SHARES[row]))
        self._words = wrapped_label()
        self._lay_out()

    def _lay_out(self) -> None:
        flags = wrapped_label()
        flags.setText(self.tr("False flags allowed"))
        flags.setBuddy(self._share)
        flags.setToolTip(self._share.toolTip())
        share = hbox((flags, 3), (self._share, 2))
        layout = vbox(
            section_title(self.tr("Deviations"), self.boxes[0] if self.boxes else self._share),
            hbox(*((box, 1) for box in self.boxes)),
            on=self,
            spacing=6,
        )
        if self.button is not None:
            layout.addWidget(self.button)
        layout.addLayout(share)
        layout.addWidget(self._words)

    @property
    def words(self) -> str:
        """What came of it."""
        return self._words.text()

    @property
    def share(self) -> NameCombo:
        """What is chosen as the share."""
        return self._share

    def set_right(self, right: Sequence[bool], *, is_possible: bool) -> None:
        """Set whether A, and B, is right, and whether that can be said."""
        for box, is_right in zip(self.boxes, right, strict=True):
            with QSignalBlocker(box):
                box.setChecked(is_right)
            box.setEnabled(is_possible)

    def set_share(self, share: float) -> None:
        """Show this as chosen."""
        choices = [Choice(row, percent(one), tip=self._tip) for row, one in enumerate(SHARES)]
        self._share.set_choices(choices, SHARES.index(share))

    def set_words(self, words: str) -> None:
        """What came of it."""
        self._words.setText(words)
        self._words.setVisible(bool(words))


def right_button(choose: QAction) -> QPushButton:
    """Return a button that lets the person choose the right videos."""
    return follow(QPushButton(QCoreApplication.translate("RightBox", "Right videos…")), choose)
