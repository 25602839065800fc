"""Choice of the map, its description, and the progress of making another."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from carl_gui.models.choices import Choice
from carl_gui.panels.ink_label import wrapped_label
from carl_gui.panels.layouts import vbox
from carl_gui.panels.name_combo import NameCombo
from carl_gui.panels.progress_row import ProgressRow
from carl_gui.panels.section import section_title
from carl_gui.panels.widgets import push_button


class MethodBox(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._combo = NameCombo(self.tr("Kind of map"))
        self.method_selected = self._combo.chosen
        """`pca` or `umap`."""
        self._facts, self._notice = wrapped_label(ink="muted"), wrapped_label(ink="warning")
        self._make = push_button("")
        self.make_requested = self._make.clicked
        self._going = ProgressRow(self.tr("Making the map"), self.tr("Cancel making the map"))
        self.cancel_requested = self._going.cancel_requested
        self.pause_requested = self._going.pause_requested
        """To pause making the map, or to resume it."""
        vbox(
            section_title(self.tr("Map"), self._combo),
            self._combo,
            self._facts,
            self._notice,
            self._make,
            self._going,
            on=self,
            spacing=6,
        )
        self.set_state("", "", "")
        self.set_progress(None, "")

    @property
    def facts(self) -> str:
        """What is said of the map that is shown."""
        return self._facts.text()

    @property
    def notice(self) -> str:
        """What a person must know of it; empty: nothing."""
        return "" if self._notice.isHidden() else self._notice.text()

    @property
    def progress(self) -> str:
        """How far the making is, in words; empty: nothing is made."""
        return self._going.words

    def set_methods(self, choices: Sequence[Choice], now: str) -> None:
        """Kinds of map by their key."""
        self._combo.set_choices(choices, now)

    def set_state(self, facts: str, notice: str, action: str, disabled_reason: str = "") -> None:
        """What is known of the map; what a person must know; what the button is called, and why it cannot be pressed.

        Empty: there is no such thing.
        """
        self._facts.setText(facts)
        self._facts.setVisible(bool(facts))
        self._notice.setText(notice)
        self._notice.setVisible(bool(notice))
        self._make.setText(action)
        self._make.setVisible(bool(action) and self._going.isHidden())
        self._make.setEnabled(not disabled_reason)
        self._make.setToolTip(disabled_reason)

    def set_progress(self, share: float | None, words: str) -> None:
        """How far the making is, 0 to 1 (None: not known), and in words; empty words: nothing is made."""
        self._going.set_progress(share, words)
        self._make.setVisible(bool(self._make.text()) and not words)

    def set_pause(self, text: str, *, is_enabled: bool = True) -> None:
        """What the button is called that pauses or resumes making the map; empty: there is none."""
        self._going.set_pause(text, is_enabled=is_enabled)

    def set_locked(self, reason: str) -> None:
        """Why making the map can be neither paused nor cancelled; empty: it can."""
        self._going.set_locked(reason)
