"""Choice of the encoder, the number of embedded videos, and a button to embed the others."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from carl_gui.models.choices import Choice
from carl_gui.panels.ink_label import wrapped_label
from carl_gui.panels.layouts import vbox
from carl_gui.panels.name_combo import NameCombo
from carl_gui.panels.progress_row import ProgressRow
from carl_gui.panels.section import section_title
from carl_gui.panels.widgets import push_button


class EncoderBox(QWidget):
    """Displays what `set_*` gives it; emits the requests of the user."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._combo = NameCombo(self.tr("Encoder"))
        self.encoder_selected = self._combo.chosen
        """The name of its run."""
        self._line, self._notice = wrapped_label(), wrapped_label(ink="warning")
        self._embed = push_button("")
        self.embed_requested = self._embed.clicked
        self._going = ProgressRow(self.tr("Embedding"), self.tr("Cancel embedding"))
        self.cancel_requested = self._going.cancel_requested
        self.pause_requested = self._going.pause_requested
        """To pause embedding, or to resume it."""
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)  # it never spreads
        self._advice = wrapped_label()
        self._further = push_button(self.tr("Train further"))
        self.further_requested = self._further.clicked
        vbox(
            section_title(self.tr("Encoder"), self._combo),
            self._combo,
            self._line,
            self._notice,
            self._embed,
            self._going,
            self._advice,
            self._further,
            on=self,
            spacing=6,
        )
        self.set_state("", "", "")
        self.set_progress(None, "")
        self.set_advice("")

    @property
    def line(self) -> str:
        """How many videos are embedded, as it is said."""
        return self._line.text()

    @property
    def notice(self) -> str:
        """What a person must know of the embeddings; empty: nothing."""
        return "" if self._notice.isHidden() else self._notice.text()

    @property
    def embed_button(self) -> QPushButton:
        return self._embed

    def set_encoders(self, choices: Sequence[Choice], now: str | None) -> None:
        """Runs by name."""
        self._combo.set_choices(choices, now)

    def set_state(self, line: str, notice: str, action: str, disabled_reason: str = "") -> None:
        """How many videos are embedded; what a person must know, empty: nothing; what the button is called, empty: it
        is not needed; and why it cannot be pressed."""
        self._line.setText(line)
        self._line.setVisible(bool(line))
        self._notice.setText(notice)
        self._notice.setVisible(bool(notice))
        self._embed.setText(action)
        self._embed.setVisible(bool(action) and self._going.isHidden())
        self._embed.setEnabled(not disabled_reason)
        self._embed.setToolTip(disabled_reason)

    @property
    def advice(self) -> str:
        """Why it would help to train further; empty: it would not."""
        return "" if self._advice.isHidden() else self._advice.text()

    @property
    def further_button(self) -> QPushButton:
        return self._further

    def set_advice(self, advice: str, disabled_reason: str = "") -> None:
        """Set why it would help to train further, empty: it would not; and why the button cannot be pressed."""
        self._advice.setText(advice)
        self._advice.setVisible(bool(advice))
        self._further.setVisible(bool(advice))
        self._further.setEnabled(not disabled_reason)
        self._further.setToolTip(
            disabled_reason or self.tr("Starts a new run from these weights, on all current videos")
        )

    def set_progress(self, share: float | None, words: str) -> None:
        """How far embedding has come, 0 to 1 (None: not known), and in words; empty words: it does not go on."""
        self._going.set_progress(share, words)
        self._embed.setVisible(bool(self._embed.text()) and not words)

    def set_pause(self, text: str, *, is_enabled: bool = True) -> None:
        """What the button is called that pauses or resumes embedding; empty: there is none."""
        self._going.set_pause(text, is_enabled=is_enabled)

    def set_locked(self, reason: str) -> None:
        """Why embedding can be neither paused nor cancelled; empty: it can."""
        self._going.set_locked(reason)
