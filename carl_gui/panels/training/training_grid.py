"""The main fields of the form for a new run, each with a label and an explanation."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QLabel, QLineEdit, QWidget

from carl_gui.panels.training.setting_editors import NoWheelComboBox
from carl_gui.panels.training.setting_row import EDITOR, LABEL, MutedLabel, SettingRow, new_grid
from carl_gui.panels.training.setting_texts import setting_of
from carl_gui.panels.training.settings_form import SettingsForm
from carl_gui.panels.training.training_fields import NetworkCombo, RecipeCombo, VideosCombo
from carl_gui.translation import QT_TRANSLATE_NOOP
from core.settings.config import settings

_CONTEXT = "TrainingForm"
_ESSENTIAL = (
    ("train.epochs", QT_TRANSLATE_NOOP("TrainingForm", "Ep&ochs")),
    ("views.num_frames", QT_TRANSLATE_NOOP("TrainingForm", "Fra&mes of a view")),
    ("train.batch_size", QT_TRANSLATE_NOOP("TrainingForm", "Videos per s&tep")),
    ("train.learning_rate", QT_TRANSLATE_NOOP("TrainingForm", "Learnin&g rate")),
    ("train.eval_interval_epochs", QT_TRANSLATE_NOOP("TrainingForm", "Eval&uate every")),
    ("train.seed", QT_TRANSLATE_NOOP("TrainingForm", "See&d")),
)
"""The settings that matter, and what they are called here."""
_DEVICES = (
    ("auto", QT_TRANSLATE_NOOP("TrainingForm", "Automatic")),
    ("cpu", QT_TRANSLATE_NOOP("TrainingForm", "Processor (CPU)")),
    ("cuda", QT_TRANSLATE_NOOP("TrainingForm", "Graphics card (CUDA)")),
)


class TrainingGrid(QWidget):
    """Lays out the fields; the form reads and handles them."""

    setting_edited = Signal(str)
    """A person gave the setting of this name another value: `rows` has it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = QLineEdit(self)
        self.recipe, self.recipe_line = RecipeCombo(self), MutedLabel()
        self.videos, self.videos_line = VideosCombo(self), MutedLabel()
        self.network = NetworkCombo(self)
        self.device, self.device_line = NoWheelComboBox(self), MutedLabel()
        for data, text in _DEVICES:
            self.device.addItem(QCoreApplication.translate(_CONTEXT, text), data)
        self.rows: dict[str, SettingRow] = {}
        self._grid = new_grid(stretched=EDITOR)
        self._grid.setVerticalSpacing(7)
        self.setLayout(self._grid)
        self._add(self.tr("&Name"), self.name)
        self._add(self.tr("Re&cipe"), self.recipe, self.recipe_line)
        self._add(self.tr("&Learns from"), self.videos, self.videos_line)
        self._add(self.tr("Image net&work"), self.network)
        self._add(self.tr("Dev&ice"), self.device, self.device_line)
        known = {item.name for item in settings()}
        for name, label in _ESSENTIAL:
            if name in known:
                self._add_setting(name, QCoreApplication.translate(_CONTEXT, label))

    def _add(self, text: str, field: QWidget, line: MutedLabel | None = None) -> None:
        label = QLabel(text)
        label.setBuddy(field)
        label.setContentsMargins(0, 0, 6, 0)
        field.setAccessibleName(text.replace("&", ""))
        at = self._grid.rowCount()
        self._grid.addWidget(label, at, LABEL)
        self._grid.addWidget(field, at, EDITOR)
        if line is not None:
            line.say("")
            line.setContentsMargins(2, 0, 0, 4)
            self._grid.addWidget(line, at + 1, EDITOR)

    def _add_setting(self, name: str, label: str) -> None:
        row = SettingRow(setting_of(name), self, label=label)
        row.edited.connect(self.setting_edited)
        row.editor.setMinimumWidth(60)
        self.rows[name] = row
        row.place(self._grid, self._grid.rowCount())

    def show_settings(self, settings: SettingsForm) -> None:
        """Values of the rows, and which of them differ from the recipe's or are part of what is wrong."""
        for name, row in self.rows.items():
            row.show_state(settings.value(name), settings.recipe_value(name), is_wrong=settings.is_wrong(name))
            row.show_reset(True)
