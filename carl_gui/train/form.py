"""The form for a new run."""

from __future__ import annotations

import contextlib
import functools
import re
import unicodedata
from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QToolButton, QWidget

from carl_gui.job_control.order import TrainingOrder, VideoCounts
from carl_gui.models.recipes import leads
from carl_gui.outlook import Outlook, cost_in_short, cost_sentence, recipe_reason
from carl_gui.train.fields import AS_RECIPE, NETWORK_SETTINGS, TrainingGrid, network_of, network_values
from carl_gui.train.settings_form import RESET_WIDTH, MutedLabel, SettingsForm
from carl_gui.whereabouts import Kept, part, text
from carl_gui.widgets.buttons import CheckBox, PrimaryButton
from carl_gui.widgets.factories import scaled_font
from carl_gui.widgets.layouts import holder, vbox
from core.base.declaring import Value
from core.base.errors import ConfigError
from core.settings.config import Config, settings, with_values
from core.settings.recipes import CHOOSING, PICTURES, find_recipe, recipe_names
from core.settings.renamed import rename_settings
from core.settings.schedule import steps_per_epoch

_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
_RESERVED = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE)
"""Devices of Windows, whatever stands behind the dot."""
_MOST_BYTES = 200
"""Of 255 that file systems allow: files beside the folder get longer names."""
_ENDS = 20
"""Letters of a long name that are shown of its start and of its end."""


def problem_with(name: str, taken: Iterable[str]) -> str:
    """Return why a run cannot have this name, in one sentence; empty if it can, or where it is empty."""
    short = name if len(name) <= 2 * _ENDS else f"{name[:_ENDS]}…{name[-_ENDS:]}"
    if name.casefold() in {unicodedata.normalize("NFC", other).casefold() for other in taken}:
        return _translate("A run named “{0}” already exists. Choose another name.").format(short)
    found = _FORBIDDEN.search(name)
    if found:
        shown = found[0] if found[0].isprintable() else repr(found[0])
        return _translate("A run name cannot contain “{0}”. Leave it out.").format(shown)
    if name.endswith("."):  # Windows drops it, and then does not find the folder
        return _translate("A run name cannot end in a dot. Leave it out.")
    if _RESERVED.fullmatch(name):
        return _translate("“{0}” is reserved by Windows. Choose another name.").format(name)
    if len(name.encode("utf-8", "surrogatepass")) > _MOST_BYTES:
        return _translate("This name is too long for a folder. Shorten it.")
    return ""


def normalise_name(name: str) -> str:
    """Return the name without spaces around it, composed as people type it."""
    return unicodedata.normalize("NFC", name.strip())


def _translate(text: str) -> str:
    return QCoreApplication.translate("RunNames", text)


_LEFT, _RIGHT, _SPACING = 16, 6, 6
"""Margins and spacing of the columns; the reset buttons stand in the rest of the right margin."""


class TrainingForm(QWidget):
    """Shows what `set_*` gives it; says what the person wants to train."""

    start_requested = Signal(TrainingOrder)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("New run"))
        self._taken: set[str] = set()
        self._message = ""
        self._lifts_fold = self._has_counts = False
        self._outlook = Outlook()
        self._is_recipe_own = False
        """Whether the person chose recipe or settings: then nothing is chosen for them any more."""
        self._fields = TrainingGrid()
        self._settings = SettingsForm(shows_error=False)
        self._scroll = self._new_scroll()
        vbox((self._scroll, 1), self._new_foot(), on=self, spacing=0)
        self.setFocusProxy(self._fields.name)
        self._connect()
        self.set_recipe(CHOOSING)

    def set_proposed_name(self, name: str) -> None:
        """Show this name where the person has typed none; what they typed stays until it was started."""
        field = self._fields.name
        if not field.isModified() or not field.text():
            field.setText(name)
            self._show_state()

    def set_taken_names(self, names: set[str]) -> None:
        """Refuse these names: runs have them."""
        if names != self._taken:
            self._taken = set(names)
            self._show_state()

    def set_recipe(self, name_or_file: str) -> None:
        """Start from this recipe's values; the name stays. Raises ConfigError where it cannot be read."""
        recipe = find_recipe(name_or_file)
        self._fields.recipe.set_recipe(name_or_file)
        self._fields.network.set_network(AS_RECIPE)
        self._settings.set_recipe(recipe)
        self._show_state()

    def set_outlook(self, outlook: Outlook) -> None:
        """Show the known times and the suggested recipe, which is chosen unless the person chose one."""
        self._outlook = outlook
        if not self._is_recipe_own and self._fields.recipe.data != outlook.recipe:
            self.set_recipe(outlook.recipe)
        self._show_state()

    def set_config(self, config: Config) -> None:
        """Show a run's settings; the recipe stays what they are compared with."""
        self._is_recipe_own = True
        self._settings.set_config(config)
        self._show_state()

    def set_videos(self, counts: VideoCounts) -> None:
        """Set how many videos there are to learn from."""
        self._has_counts = True
        self._fields.videos.set_counts(counts)
        self._show_state()

    def clear_videos(self) -> None:
        """Prepare for another project: its videos are not counted yet, and its recipe is not chosen."""
        self._has_counts = self._is_recipe_own = False

    @property
    def has_counts(self) -> bool:
        """Whether the number of videos is known."""
        return self._has_counts

    def set_next(self, is_next: bool) -> None:
        """Set whether a new run is what comes next: then its button has the accent's colour."""
        self._start.set_primary(is_next)

    def set_device(self, line: str) -> None:
        """Show what `auto` means on this computer, and why."""
        self._fields.device_line.show_message(line)

    def set_message(self, sentence: str) -> None:
        """Show why the run could not be started, until the next change."""
        self._message = sentence
        self._show_state()

    def order(self) -> TrainingOrder | None:
        """Return what would be started now; None where nothing can."""
        if self._missing() or self._mistake():
            return None
        fields = self._fields
        return TrainingOrder(
            name=normalise_name(fields.name.text()),
            recipe=fields.recipe.data,
            values=self._settings.values(),
            config=self._settings.config(),
            videos=fields.videos.videos,
            device=fields.device.currentData(),
            leads_on=self._leads_on.isChecked(),
        )

    def draft(self) -> Kept:
        """Return all that a person may have set up and not started yet."""
        fields = self._fields
        return {
            "name": fields.name.text() if fields.name.isModified() else "",
            "is_recipe_own": self._is_recipe_own,
            "recipe": fields.recipe.data,
            "values": self._settings.values(),
            "network": fields.network.data,
            "videos": fields.videos.videos,
            "device": fields.device.currentData(),
            "is_unfolded": self._fold.isChecked(),
            "leads_on": self._leads_on.isChecked(),
        }

    def set_draft(self, kept: Kept) -> None:
        """Restore what `draft` returned; what cannot be used any more is as the recipe has it."""
        fields = self._fields
        if name := text(kept, "name"):
            fields.name.setText(name)
            fields.name.setModified(True)
        if kept.get("is_recipe_own") is True:  # else the one that suits is chosen for them again
            self._set_recipe_draft(kept)
        fields.videos.choose(text(kept, "videos"))
        fields.device.setCurrentIndex(max(fields.device.findData(text(kept, "device")), 0))
        self._fold.setChecked(kept.get("is_unfolded") is True)
        self._leads_on.setChecked(kept.get("leads_on") is not False)
        self._show_state()

    def _set_recipe_draft(self, kept: Kept) -> None:
        fields = self._fields
        try:
            self.set_recipe(text(kept, "recipe", CHOOSING))
        except ConfigError:  # its file is gone, or it had another name
            self.set_recipe(CHOOSING)
        setting_names = {item.name for item in settings()}
        with contextlib.suppress(ConfigError):  # of another version
            values = {
                name: value for name, value in rename_settings(part(kept, "values")).items() if name in setting_names
            }
            self.set_config(with_values(self._settings.recipe, values))
        fields.network.set_network(text(kept, "network", AS_RECIPE))

    def _new_scroll(self) -> QScrollArea:
        title = QLabel(self.tr("New run"))
        title.setFont(scaled_font(title.font(), scale=1.4, bold=True))
        self._fold = QToolButton(autoRaise=True, arrowType=Qt.ArrowType.RightArrow)
        self._fold.setCheckable(True)
        self._fold.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._fold.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._settings.hide()
        content = QWidget()
        column = vbox(
            title, self._fields, self._fold, self._settings, on=content, margins=(_LEFT, 12, _RIGHT, 12), spacing=10
        )
        column.setAlignment(self._fold, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(1)
        scroll = QScrollArea(widgetResizable=True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        return scroll

    def _new_foot(self) -> QWidget:
        self._estimate, self._line = MutedLabel(), MutedLabel()
        self._leads_on = CheckBox(self.tr("Then embed all videos and open the &best pair"))
        self._leads_on.setChecked(True)
        self._start = PrimaryButton(self.tr("&Start training"))
        foot = holder(
            vbox(
                self._estimate,
                self._line,
                self._leads_on,
                self._start,
                margins=(_LEFT, 8, _RIGHT + RESET_WIDTH, 12),
                spacing=_SPACING,
            )
        )
        return foot

    def _connect(self) -> None:
        fields = self._fields
        fields.name.textEdited.connect(self._changed)
        fields.name.returnPressed.connect(self._start_run)
        fields.recipe.selected.connect(self._on_recipe)
        fields.videos.selected.connect(self._changed)
        fields.network.selected.connect(self._on_network)
        fields.device.activated.connect(self._changed)
        fields.setting_edited.connect(self._on_setting)
        self._fold.toggled.connect(self._unfold)
        self._settings.edited.connect(self._changed)
        self._start.clicked.connect(self._start_run)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._lift_fold)

    def _start_run(self) -> None:
        order = self.order()
        if order is not None:
            self.set_message("")
            self._fields.name.setModified(False)  # the next name that is proposed takes its place
            self.start_requested.emit(order)

    def _changed(self, *_: object) -> None:
        self.set_message("")

    def _on_setting(self, name: str) -> None:
        self._is_recipe_own = True
        self._settings.set_values({name: self._fields.rows[name].value()})
        self._changed()

    def _on_recipe(self, name_or_file: str) -> None:
        try:
            self.set_recipe(name_or_file)
        except ConfigError as error:
            self._fields.recipe.set_recipe(self._fields.recipe.data)
            self.set_message(str(error))
        else:
            self._is_recipe_own = True
            self._changed()

    def _on_network(self, network: str) -> None:
        self._is_recipe_own = True
        if network != AS_RECIPE and self._fields.recipe.data == CHOOSING:  # nothing is left to choose
            changed = self._settings.values()
            self.set_recipe(PICTURES)
            self._settings.set_values(changed)
        self._fields.network.set_network(network)
        self._settings.set_values({**self._recipe_network(), **network_values(network)})
        self._changed()

    def _recipe_network(self) -> dict[str, Value]:
        return {name: self._settings.recipe_value(name) for name in NETWORK_SETTINGS}

    def _unfold(self, is_open: bool) -> None:
        self._fold.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self._lifts_fold = is_open
        self._settings.setVisible(is_open)

    def _lift_fold(self) -> None:
        """Scroll to what was just unfolded."""
        if self._lifts_fold:
            self._lifts_fold = False
            self._scroll.verticalScrollBar().setValue(self._fold.y() - _SPACING)

    def _missing(self) -> str:
        """Return what is still to be given, in one sentence; empty where nothing is."""
        if not self._has_counts:
            return self.tr("Counting the videos…")
        if problem := self._fields.videos.problem():
            return problem
        return "" if normalise_name(self._fields.name.text()) else self.tr("Give the run a name.")

    def _mistake(self) -> str:
        """Return what was given and cannot be used, in one sentence; empty where all can."""
        name = normalise_name(self._fields.name.text())
        if problem := problem_with(name, self._taken) or self._settings.problem:
            return problem
        backbone = self._settings.config().backbone
        if backbone.name == "hog" and backbone.weights != "none":  # else the run would end before it began
            return self.tr(
                "This recipe uses no trained network (hog). Set the image network to “As in the recipe”, or "
                "choose an .onnx file."
            )
        if backbone.name == "pose" and backbone.weights != "none":
            return self.tr(
                "Body pose brings its own networks. Set the image network to “As in the recipe”, or choose "
                "another recipe."
            )
        return ""

    def _show_state(self) -> None:
        """Show everything that follows from values, name and videos."""
        fields = self._fields
        fields.show_settings(self._settings)
        now = {name: self._settings.value(name) for name in NETWORK_SETTINGS}
        network = network_of(now, self._recipe_network(), fields.network.data)
        if network != fields.network.data:
            fields.network.set_network(network)
        fields.recipe_line.show_message(self._recipe_words())
        fields.recipe.set_costs(self._costs())
        fields.videos_line.show_message(fields.videos.remark())
        num_changed = len(self._settings.values())
        changed = self.tr("&All settings (%n changed)", "", num_changed)
        self._fold.setText(changed if num_changed else self.tr("&All settings"))
        self._estimate.show_message(self._estimate_text())
        missing, mistake = self._missing(), self._mistake()
        message = mistake or missing or self._message or self._find_disabled_reason()
        self._line.show_message(message, is_warning=bool(mistake or not missing))
        self._start.setEnabled(not (mistake or missing))
        self._start.setAccessibleDescription(message)

    def _estimate_text(self) -> str:
        """Return `12 videos, 30 epochs = 300 steps`, or `at most` so many; empty where there is nothing to count."""
        videos = self._fields.videos
        if not videos.num_videos or not self._settings.is_valid:
            return ""
        config = self._settings.config()
        num_steps = config.train.epochs * steps_per_epoch(config.train, videos.num_videos)
        text = self.tr("{0}, {1} = %n step(s)", "", num_steps)
        if config.train.patience:
            text = self.tr("{0}, at most {1} = %n step(s)", "", num_steps)
        epochs = self.tr("%n epoch(s)", "", config.train.epochs)
        steps = text.format(videos.count_text(videos.num_videos), epochs)
        cost = self._outlook.estimate(self._fields.recipe.data, config, videos.amount)
        if cost is not None:
            return f"{cost_sentence(cost)}\n{steps}"
        measuring = self.tr("Measuring how long it takes…")
        return f"{measuring}\n{steps}" if self._outlook.is_asking else steps

    def _recipe_words(self) -> str:
        """Return what the recipe is for, why it was chosen, and where it or another one leads."""
        name = self._fields.recipe.data
        words = self._fields.recipe.description(name), recipe_reason(self._outlook, name), leads(name)
        return " ".join(one for one in words if one)

    def _costs(self) -> dict[str, str]:
        """Return by recipe what it costs on these videos, as far as that is known."""
        if not self._outlook.measured:
            return {}
        amount = self._fields.videos.amount
        estimates = {name: self._outlook.estimate(name, _settings_of(name), amount) for name in recipe_names()}
        return {name: cost_in_short(cost) for name, cost in estimates.items() if cost is not None}

    def _find_disabled_reason(self) -> str:
        if not self._settings.is_valid:
            return ""
        return self._outlook.problem(self._fields.recipe.data, self._settings.config())


@functools.cache
def _settings_of(recipe: str) -> Config:
    return find_recipe(recipe)
