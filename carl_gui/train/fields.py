"""Fields of the form: recipe, encoder, files, grids."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QStyle, QStyleOptionComboBox, QWidget

from carl_gui.job_control.order import VideoCounts, Videos
from carl_gui.models.recipes import FOR_VIDEOS, for_research, leads, title_of
from carl_gui.train.settings_form import EDITOR, LABEL, RESET, MutedLabel, SettingRow, SettingsForm, new_grid
from carl_gui.translation import QT_TRANSLATE_NOOP
from carl_gui.widgets.editors import NoWheelComboBox, ask_for_file
from carl_gui.widgets.factories import scaled_font
from carl_gui.widgets.help_button import HelpButton
from carl_gui.widgets.setting_texts import RECIPES, setting_of
from core.base.declaring import Value
from core.base.listing import some
from core.outlook.estimate import Amount
from core.settings.config import settings
from core.settings.recipes import describe_recipe, recipe_names, weights_values

_LETTERS, _LEAST_LETTERS = 90, 18
"""Of an entry, at most in the list and at least in the field."""
_BAR = QStyle.PixelMetric.PM_ScrollBarExtent
_ASK = "?"
"""Data of the entry that asks for a file; no file can have this name on Windows, and none is offered under it."""


@dataclass(frozen=True)
class FileChoice:
    """An entry of the combo box."""

    data: str
    text: str
    tip: str = ""
    is_title: bool = False
    """Of a group: it stands above those that follow, and cannot be chosen."""


class FileCombo(NoWheelComboBox):
    """Fixed choices and "A file…". The user's choice is emitted as `chosen`; a cancelled dialog changes nothing."""

    selected = Signal(str)
    """The data of the choice, or a file's path."""

    def __init__(self, ask: str, title: str, kinds: str, parent: QWidget | None = None) -> None:
        """`ask` is the last entry's text; `title` and `kinds` are the dialog's."""
        super().__init__(parent)
        self._ask, self._title, self._kinds = ask, title, kinds
        self._now = ""
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(_LEAST_LETTERS)
        self.activated.connect(self._on_activated)

    @property
    def data(self) -> str:
        """What is shown as chosen."""
        return self._now

    def set_choices(self, choices: Sequence[FileChoice], now: str) -> None:
        """Show these; `now` is the data of one of them."""
        self._now = now
        with QSignalBlocker(self):
            self.clear()
            width = self.fontMetrics().averageCharWidth() * _LETTERS
            for choice in (*choices, FileChoice(_ASK, self._ask)):
                self.addItem(self.fontMetrics().elidedText(choice.text, Qt.TextElideMode.ElideMiddle, width))
                self.setItemData(self.count() - 1, choice.data)
                self.setItemData(self.count() - 1, choice.tip or choice.text, Qt.ItemDataRole.ToolTipRole)
                if choice.is_title:
                    self._make_title(self.count() - 1)
            self.view().setMinimumWidth(self.view().sizeHintForColumn(0) + self.style().pixelMetric(_BAR))
            self._show_now()

    def _make_title(self, index: int) -> None:
        model = self.model()
        assert isinstance(model, QStandardItemModel)
        item = model.item(index)
        item.setFont(scaled_font(self.font(), bold=True))
        item.setFlags(Qt.ItemFlag.NoItemFlags)

    def _show_now(self) -> None:
        self.setCurrentIndex(self.findData(self._now))
        self.setToolTip(str(self.currentData(Qt.ItemDataRole.ToolTipRole)))

    def _on_activated(self, index: int) -> None:
        data = self.itemData(index)
        if data == _ASK:
            ask_for_file(self, self._title, self._kinds, self.selected.emit, self._show_now)
        elif data != self._now:
            self.selected.emit(data)


NETWORK_SETTINGS = ("backbone.name", "backbone.weights", "backbone.trainable_blocks")
AS_RECIPE, IMAGENET, CUSTOM = "", "imagenet", "*"
"""What a network can be besides a file; CUSTOM is anything that was put together under "All settings"."""

_RECIPE_NAMED = re.compile(r"\(recipe (\w+)\)")
"""In a recipe's description, as the commands know it."""

_UNLESS_VAL: Videos = "unless_val"
_ALL: Videos = "all"


class RecipeCombo(FileCombo):
    """The included recipes, and any TOML file."""

    def __init__(self, parent: QWidget | None = None) -> None:
        kinds = self.tr("Recipes ({0})").format("*.toml")
        super().__init__(self.tr("From a file…"), self.tr("Choose a recipe"), kinds, parent)

        self._costs: Mapping[str, str] = {}

    def set_recipe(self, name_or_file: str) -> None:
        """Show this one as chosen."""
        choices = [FileChoice("", self.tr("For your videos"), is_title=True)]
        choices += [self._choice(name) for name in FOR_VIDEOS]
        choices.append(FileChoice("", self.tr("For research: as in the papers"), is_title=True))
        choices += [self._choice(name) for name in for_research()]
        if name_or_file not in recipe_names():
            choices.append(FileChoice(name_or_file, Path(name_or_file).name, name_or_file))
        self.set_choices(choices, name_or_file)

    def set_costs(self, costs: Mapping[str, str]) -> None:
        """Show beside these recipes what they cost, such as `about 40 s`."""
        if costs != self._costs:
            self._costs = dict(costs)
            self.set_recipe(self.data)

    def _choice(self, name: str) -> FileChoice:
        tip = " ".join(one for one in (self.description(name), leads(name)) if one)
        title = title_of(name)
        return FileChoice(
            name, self.tr("{0} · {1}").format(title, self._costs[name]) if name in self._costs else title, tip
        )

    def initStyleOption(self, option: QStyleOptionComboBox) -> None:  # noqa: N802
        """Show the name alone in the box: its cost is below, and in the list."""
        super().initStyleOption(option)
        if (name := self.currentData()) in recipe_names():
            option.currentText = title_of(name)

    @staticmethod
    def description(name_or_file: str) -> str:
        """Return what a recipe is for; empty for a file's. Other recipes in it go by the names of the list."""
        if name_or_file not in recipe_names():
            return ""
        remarks = QCoreApplication.translate(RECIPES, describe_recipe(name_or_file))
        return _RECIPE_NAMED.sub(lambda found: f"(“{title_of(found[1]).partition(':')[0]}”)", remarks)


class NetworkCombo(FileCombo):
    """Choice of the image network; its data is AS_RECIPE, IMAGENET, a file's path or CUSTOM."""

    def __init__(self, parent: QWidget | None = None) -> None:
        kinds = self.tr("Networks ({0})").format("*.onnx *.pth *.safetensors")
        super().__init__(self.tr("A file…"), self.tr("Choose a network"), kinds, parent)
        self.set_network(AS_RECIPE)

    def set_network(self, network: str) -> None:
        """Show this one as chosen."""
        choices = [
            FileChoice(AS_RECIPE, self.tr("As in the recipe")),
            FileChoice(IMAGENET, self.tr("ImageNet weights (downloaded once)")),
        ]
        if network == CUSTOM:
            choices.append(FileChoice(CUSTOM, self.tr("As set under “All settings”")))
        elif network not in (AS_RECIPE, IMAGENET):
            choices.append(FileChoice(network, Path(network).name, network))
        self.set_choices(choices, network)


def network_values(network: str) -> dict[str, Value]:
    """Return the dotted settings for what a `NetworkCombo` shows, besides the recipe's."""
    return {**weights_values(network)} if network else {}


def network_of(values: Mapping[str, Value], recipe: Mapping[str, Value], shown: str) -> str:
    """Return what a `NetworkCombo` is to show for these `NETWORK_SETTINGS`: `shown`, if it still holds."""
    file = str(values["backbone.name"])
    if not file.lower().endswith(".onnx"):
        file = str(values["backbone.weights"])
    choices = (shown, AS_RECIPE, IMAGENET, *([file] if Path(file).suffix else []))
    return next((one for one in choices if one != CUSTOM and values == {**recipe, **network_values(one)}), CUSTOM)


class VideosCombo(NoWheelComboBox):
    """Choice of the training videos. Without Validation videos there is nothing to choose."""

    selected = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts = VideoCounts()
        self._videos = _UNLESS_VAL
        self.set_counts(self._counts)
        self.activated.connect(self._choose)

    @property
    def counts(self) -> VideoCounts:
        return self._counts

    @property
    def videos(self) -> Videos:
        """What is chosen; at first what is set to Validation is kept for checking."""
        return self._videos

    def choose(self, videos: str) -> None:
        """Choose these, if they are known."""
        if (index := self.findData(videos)) >= 0:
            self.setCurrentIndex(index)

    @property
    def num_videos(self) -> int:
        """How many that are."""
        return self._counts.usable - (self._counts.val if self._videos == _UNLESS_VAL else 0)

    @property
    def amount(self) -> Amount:
        """What is learned from, and what is embedded besides."""
        counts = self._counts
        rest = counts.val_frames if self._videos == _UNLESS_VAL else 0
        return Amount(self.num_videos, counts.frames - rest, rest)

    def set_counts(self, counts: VideoCounts) -> None:
        """Set how many videos there are; what was chosen stays."""
        self._counts = counts
        self.clear()
        if counts.val:
            others = counts.usable - counts.val
            self.addItem(self.tr("All except Validation videos (%n)", "", others), _UNLESS_VAL)
        self.addItem(self.tr("All usable videos (%n)", "", counts.usable), _ALL)
        self.setCurrentIndex(max(self.findData(self._videos), 0))

    def remark(self) -> str:
        """Return what else there is to know about these videos; empty where nothing is."""
        counts, remarks = self._counts, []
        if counts.val and self._videos == _UNLESS_VAL:
            remarks.append(self.tr("%n Validation video(s) kept for checking.", "", counts.val))
        elif counts.val:
            remarks.append(self.tr("Includes the Validation videos, so none remain for checking."))
        if counts.unusable:
            remarks.append(self.tr("Missing or broken, left out: {0}.").format(some(counts.unusable)))
        return " ".join(remarks)

    def problem(self) -> str:
        """Return why nothing can be learned from these; empty where something can."""
        if not self._counts.usable:
            return self.tr("No usable videos yet. Add some on the Videos page.")
        if not self.num_videos:
            return self.tr("All usable videos are set to Validation. Learn from all, or change their split.")
        return ""

    def _choose(self) -> None:
        self._videos = self.currentData()
        self.selected.emit()

    def count_text(self, num_videos: int) -> str:
        """Return `1 video`, `12 videos`."""
        return self.tr("%n video(s)", "", num_videos)


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
        at = self._add(self.tr("Re&cipe"), self.recipe, self.recipe_line)
        self._grid.addWidget(HelpButton("recipes", self.tr("which recipe to choose")), at, RESET)
        self._add(self.tr("&Learns from"), self.videos, self.videos_line)
        self._add(self.tr("Image net&work"), self.network)
        self._add(self.tr("Dev&ice"), self.device, self.device_line)
        setting_names = {item.name for item in settings()}
        for name, label in _ESSENTIAL:
            if name in setting_names:
                self._add_setting(name, QCoreApplication.translate(_CONTEXT, label))

    def _add(self, text: str, field: QWidget, line: MutedLabel | None = None) -> int:
        """Add a row, and return which it is."""
        label = QLabel(text)
        label.setBuddy(field)
        label.setContentsMargins(0, 0, 6, 0)
        field.setAccessibleName(text.replace("&", ""))
        at = self._grid.rowCount()
        self._grid.addWidget(label, at, LABEL)
        self._grid.addWidget(field, at, EDITOR)
        if line is not None:
            line.show_message("")
            line.setContentsMargins(2, 0, 0, 4)
            self._grid.addWidget(line, at + 1, EDITOR)
        return at

    def _add_setting(self, name: str, label: str) -> None:
        row = SettingRow(setting_of(name), self, label=label)
        row.edited.connect(self.setting_edited)
        row.editor.setMinimumWidth(60)
        self.rows[name] = row
        row.add_to_grid(self._grid, self._grid.rowCount())

    def show_settings(self, settings: SettingsForm) -> None:
        """Show the values of the rows, and which of them differ from the recipe's or are wrong."""
        for name, row in self.rows.items():
            row.show_state(settings.value(name), settings.recipe_value(name), is_wrong=settings.is_wrong(name))
            row.show_reset(True)
