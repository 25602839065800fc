"""The fields of the form for a new run that are more than a number: recipe, image network, videos."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QStyleOptionComboBox, QWidget

from carl_gui.models.recipes import FOR_VIDEOS, for_research, leads, title_of
from carl_gui.panels.training.file_combo import FileChoice, FileCombo
from carl_gui.panels.training.setting_editors import NoWheelComboBox
from carl_gui.panels.training.setting_texts import RECIPES
from carl_gui.panels.training.training_order import VideoCounts, Videos
from core.base.declaring import Value
from core.base.listing import some
from core.outlook.estimate import Amount
from core.settings.recipes import describe_recipe, recipe_names, weights_values

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
        """Say beside these recipes what they cost, such as `about 40 s`."""
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
        """The box shows the name alone: what it costs stands below, and in the list."""
        super().initStyleOption(option)
        if (name := self.currentData()) in recipe_names():
            option.currentText = title_of(name)

    @staticmethod
    def description(name_or_file: str) -> str:
        """What a recipe is for; empty for a file's. Other recipes in it go by the names that the list shows."""
        if name_or_file not in recipe_names():
            return ""
        said = QCoreApplication.translate(RECIPES, describe_recipe(name_or_file))
        return _RECIPE_NAMED.sub(lambda found: f"(“{title_of(found[1]).partition(':')[0]}”)", said)


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
    """The dotted settings that stand for what a `NetworkCombo` shows, besides the recipe's."""
    return {**weights_values(network)} if network else {}


def network_of(values: Mapping[str, Value], recipe: Mapping[str, Value], shown: str) -> str:
    """What a `NetworkCombo` is to show for these `NETWORK_SETTINGS`: `shown`, if it still holds."""
    file = str(values["backbone.name"])
    if not file.lower().endswith(".onnx"):
        file = str(values["backbone.weights"])
    known = (shown, AS_RECIPE, IMAGENET, *([file] if Path(file).suffix else []))
    return next((one for one in known if one != CUSTOM and values == {**recipe, **network_values(one)}), CUSTOM)


class VideosCombo(NoWheelComboBox):
    """Choice of the training videos. Without Validation videos there is nothing to choose."""

    chosen = Signal()

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
        if (place := self.findData(videos)) >= 0:
            self.setCurrentIndex(place)

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
        """What else is to be known about these videos; empty where nothing is."""
        counts, said = self._counts, []
        if counts.val and self._videos == _UNLESS_VAL:
            said.append(self.tr("%n Validation video(s) kept for checking.", "", counts.val))
        elif counts.val:
            said.append(self.tr("Includes the Validation videos, so none remain for checking."))
        if counts.unusable:
            said.append(self.tr("Missing or broken, left out: {0}.").format(some(counts.unusable)))
        return " ".join(said)

    def problem(self) -> str:
        """Return why nothing can be learned from these; empty where something can."""
        if not self._counts.usable:
            return self.tr("No usable videos yet. Add some on the Videos page.")
        if not self.num_videos:
            return self.tr("All usable videos are set to Validation. Learn from all, or change their split.")
        return ""

    def _choose(self) -> None:
        self._videos = self.currentData()
        self.chosen.emit()

    def worded(self, num_videos: int) -> str:
        """`1 video`, `12 videos`."""
        return self.tr("%n video(s)", "", num_videos)
