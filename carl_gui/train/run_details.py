"""Details of the selected run: progress, speed, metrics and actions."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QStyle, QWidget

from carl_gui.models.metric_messages import metric_tip, metric_title
from carl_gui.models.runs import UNDER_WAY, RunRow, stage_text, stage_unit, state_text
from carl_gui.numbers import bytes_of, count, duration, figure, percent, rate
from carl_gui.widgets.buttons import PrimaryButton
from carl_gui.widgets.factories import named, push_button, scaled_font
from carl_gui.widgets.facts import Facts
from carl_gui.widgets.glyphs import glyph
from carl_gui.widgets.labels import wrapped_label
from carl_gui.widgets.layouts import FlowLayout, hbox, holder, vbox
from carl_gui.widgets.name_line import NameLine
from carl_gui.widgets.progress import ProgressBar
from core.base.events import Progress, StepDone

Embedding = Literal["none", "going", "done"]
_TITLE_SIZE = 1.3
_BAR_STEPS = 1000
_BAR_HEIGHT = 8


class RunDetails(QWidget):
    """Displays what `set_run` and `set_stage` give it; emits the requests of the user."""

    pause_requested = Signal()
    continue_requested = Signal()
    stop_requested = Signal()
    resume_requested = Signal()
    embed_requested = Signal()
    pair_requested = Signal()
    further_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Progress of the chosen run"))
        self._row: RunRow | None = None
        self._step: StepDone | None = None
        self._stage: Progress | None = None
        self._embedding: Embedding = "none"
        self._title = NameLine()
        self._title.setFont(scaled_font(self._title.font(), scale=_TITLE_SIZE, bold=True))
        self._bar = named(ProgressBar(), self.tr("Progress"))
        self._facts = Facts()
        self._sign, self._reason = QLabel(), wrapped_label()
        self._reason.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._error_row = holder(hbox((self._sign, 0, Qt.AlignmentFlag.AlignTop), (self._reason, 1)))
        vbox(self._title, self._bar, self._error_row, self._facts, self._new_buttons(), on=self, spacing=8)
        self._update_palette()
        self.set_run(None, None)

    def _new_buttons(self) -> FlowLayout:
        self._pause_or_resume = push_button("", self._on_pause_or_resume)
        self._stop = QPushButton(self.tr("Stop"))
        self._stop.setToolTip(self.tr("Stops after this step and saves a checkpoint, so the run can be resumed"))
        self._stop.clicked.connect(self.stop_requested)
        self._embed = PrimaryButton(self.tr("Embed all videos"))
        self._embed.setToolTip(self.tr("Applies this encoder to every video of the project"))
        self._embed.clicked.connect(self.embed_requested)
        self._pair = QPushButton(self.tr("Open the best pair"))
        self._pair.setToolTip(self.tr("Show the two videos that this run aligns best"))
        self._pair.clicked.connect(self.pair_requested)
        self._further = QPushButton(self.tr("Train further"))
        self._further.setToolTip(self.tr("Starts a new run from these weights, on all current videos"))
        self._further.clicked.connect(self.further_requested)
        for button in (self._pause_or_resume, self._stop, self._pair, self._further):
            button.setMinimumHeight(self._embed.minimumHeight())
        buttons = FlowLayout(gap=8)
        for button in (self._pause_or_resume, self._stop, self._pair, self._embed, self._further):
            buttons.addWidget(button)
        return buttons

    def set_run(self, row: RunRow | None, step: StepDone | None) -> None:
        """Show this run, None: none; and its last step, None before the first."""
        if row is None or self._row is None or row.name != self._row.name or row.state not in UNDER_WAY:
            self._stage = None
        self._row, self._step = row, step
        if step is not None:
            self._stage = None
        self._show()

    def set_embedding(self, embedding: Embedding) -> None:
        """Show how far embedding the videos with this run is: the next action has the accent's colour."""
        if embedding != self._embedding:
            self._embedding = embedding
            self._show_buttons()

    def set_stage(self, stage: Progress | None) -> None:
        """Show what the run does before its first step, or between its epochs; None: a step, or nothing."""
        self._stage = stage
        self._show()

    def _show(self) -> None:
        row = self._row
        self._title.set_name("" if row is None else row.name, self._headline())
        self._show_bar()
        self._error_row.setVisible(bool(row and row.reason))
        self._reason.setText(row.reason if row else "")
        self._sign.setVisible(bool(row and row.state == "failed"))
        self._reason.set_ink("warning" if row is not None and row.state == "failed" else "text")
        self._facts.set_facts(self._known_facts(), self._tips())
        self._show_buttons()

    def _headline(self) -> str:
        """Return the headline, with `{0}` for the name."""
        row, step = self._row, self._step
        if row is None:
            return self.tr("No run selected")
        words = [self.tr("Training {0}") if row.state == "running" else f"{{0}} · {self._state_words(row)}"]
        if self._stage is not None:
            words = [self.tr("Preparing {0}")] if row.state == "running" else words
            words.append(stage_text(self._stage.stage, self._stage.done, self._stage.total))
        elif row.state == "running" and not row.step:
            words = [self.tr("Starting {0}…")]
        elif row.step:
            epochs = row.settings.get("train.epochs")
            if step is not None and epochs and row.state in UNDER_WAY:
                words.append(self.tr("epoch {0} of {1}").format(count(step.epoch + 1), count(float(epochs))))
            words.append(self.tr("step {0} of {1}").format(count(row.step), count(row.total_steps)))
        return " · ".join(words)

    def _state_words(self, row: RunRow) -> str:
        """Return what it is doing, or will after the piece of work at hand."""
        if row.state == "pausing":
            return self.tr("pausing after this batch…") if self._stage else self.tr("pausing after this step…")
        if row.state == "stopping":
            return self.tr("stopping after this batch…") if self._stage else self.tr("stopping after this step…")
        return state_text(row.state).lower()

    def _show_bar(self) -> None:
        row, stage = self._row, self._stage
        self._bar.setVisible(
            row is not None and row.state not in ("new", "failed") and (row.step > 0 or row.state in UNDER_WAY)
        )
        share = row.share if row else None
        if stage is not None:
            share = min(stage.done / stage.total, 1.0) if stage.total > 0 else None
        is_known = share is not None or row is None or row.state not in ("running", "pausing", "stopping")
        self._bar.setRange(0, _BAR_STEPS if is_known else 0)  # 0, 0: it only shows that something goes on
        if is_known:
            self._bar.setValue(round((share or 0.0) * _BAR_STEPS))
            self._bar.setAccessibleDescription(percent(share or 0.0))

    def _known_facts(self) -> list[tuple[str, str]]:
        row, step, stage = self._row, self._step, self._stage
        if row is None:
            return []
        if stage is not None:
            return self._facts_of_stage(stage) if row.state != "paused" else []
        facts = []
        if step is not None and row.state in UNDER_WAY:
            facts.append((self.tr("Speed"), rate(step.frames_per_second, self.tr("frames"))))
            if row.state == "running":
                facts.append((self.tr("Time left"), duration(step.eta_seconds)))
            if step.gpu_bytes > 0:
                facts.append((self.tr("GPU memory"), bytes_of(step.gpu_bytes)))
        if row.loss is not None:
            facts.append((metric_title("loss"), figure(row.loss)))
        return facts + [(metric_title(name), figure(value, 3)) for name, value in row.evaluation.items()]

    def _tips(self) -> dict[str, str]:
        names = ("loss", *(self._row.evaluation if self._row is not None else ()))
        return {metric_title(name): metric_tip(name) for name in names}

    def _facts_of_stage(self, stage: Progress) -> list[tuple[str, str]]:
        unit = stage_unit(stage.stage)
        facts = [(self.tr("Speed"), rate(stage.rate, unit))] if unit and stage.rate > 0 else []
        if stage.eta_seconds >= 1:
            facts.append((self.tr("Time left in this stage"), duration(stage.eta_seconds)))
        if stage.whole_eta_seconds > 0:
            facts.append((self.tr("Time left"), self.tr("about {0}").format(duration(stage.whole_eta_seconds))))
        return facts

    def _show_buttons(self) -> None:
        row = self._row
        state = row.state if row is not None else None
        is_steerable = row is not None and row.is_steerable
        text, name = self.tr("Pause"), "pause"
        if state == "pausing":
            text, name = self.tr("Pausing…"), "pause"
        elif state == "paused" or state not in UNDER_WAY:
            text, name = self.tr("Resume"), "play"
        if text != self._pause_or_resume.text():
            self._pause_or_resume.setText(text)
            self._pause_or_resume.setIcon(glyph(name, self.palette()))
        can_resume = row is not None and state not in UNDER_WAY and row.is_resumable
        self._pause_or_resume.setEnabled(can_resume or (is_steerable and state in ("running", "paused")))
        self._stop.setEnabled(is_steerable and state in UNDER_WAY and state != "stopping")
        self._stop.setText(self.tr("Stopping…") if state == "stopping" else self.tr("Stop"))
        self._embed.setEnabled(state == "done" and self._embedding != "going")
        self._embed.setText(self.tr("Embedding…") if self._embedding == "going" else self.tr("Embed all videos"))
        self._embed.set_primary(self._embedding == "none")
        self._pair.setVisible(self._embedding == "done")
        self._pair.setEnabled(state == "done" and self._embedding == "done")
        self._further.setEnabled(state == "done")
        self.setEnabled(row is not None)

    def _on_pause_or_resume(self) -> None:
        state = self._row.state if self._row is not None else None
        signals = {"running": self.pause_requested, "paused": self.continue_requested}
        (signals.get(state or "") or self.resume_requested).emit()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_embed"):
            self._update_palette()

    def _update_palette(self) -> None:
        side = self.fontMetrics().height()
        sign = self.style().standardIcon(QStyle.StandardPixmap.SP_MessageBoxWarning)
        self._sign.setPixmap(sign.pixmap(QSize(side, side)))
        self._pause_or_resume.setIcon(
            glyph("pause" if self._pause_or_resume.text() == self.tr("Pause") else "play", self.palette())
        )
