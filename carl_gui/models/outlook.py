"""Estimated cost of a training, in numbers and words, from measurements on this device. No widgets."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication

from carl_gui.models.recipes import QUICK
from carl_gui.numbers import bytes_of, duration
from core.base.events import RecipeMeasured
from core.outlook.estimate import Amount, Estimate, estimate
from core.settings.config import Config
from core.settings.recipes import CHOOSING, PICTURES, POSE, turn_into

_LEAST_DISK = 1e6
_ROUND_TO = ((20, 1), (60, 5), (600, 30), (5400, 300))
"""Below so many seconds, times are told to so many: they are guessed."""


@dataclass(frozen=True)
class Outlook:
    """Estimates of recipes for these videos and this device."""

    is_asking: bool = False
    """Whether more is being found out."""
    is_sample: bool = False
    """Whether the videos are the drawn sample."""
    measured: Mapping[str, RecipeMeasured] = field(default_factory=dict)
    """By recipe."""
    suggested: str = ""
    """The recipe that suits; empty while nobody knows."""
    reason: str = ""
    """Why, as a sentence."""
    has_weights: bool = True
    """Whether the image network lies on this computer; where it does not, it has to be downloaded."""

    @property
    def recipe(self) -> str:
        """Return the recipe to begin with: one whose download, if it needs one, can be had."""
        if self.is_sample or self.suggested == QUICK:
            return QUICK
        if self.suggested or self.has_weights or not self.is_asking:
            return CHOOSING
        return QUICK

    def estimate(self, recipe: str, config: Config, amount: Amount) -> Estimate | None:
        """Return what training so costs; None while nobody knows, or of an image network that was not measured."""
        config = self._settled(recipe, config)
        found = self._measured_for(recipe, config)
        if found is None or not amount.num_frames:
            return None
        cost = estimate(config, found, amount)
        return cost if config.backbone.weights == "imagenet" else dataclasses.replace(cost, download_bytes=0.0)

    def problem(self, recipe: str, config: Config) -> str:
        """Return why what has to be downloaded for it cannot be had now, as a sentence; empty where all can."""
        config = self._settled(recipe, config)
        found = self._measured_for(recipe, config)
        if found is None or not found.problem or config.backbone.weights != "imagenet":
            return ""
        sentence = QCoreApplication.translate(
            "Outlook",
            "The image network ({0}) cannot be downloaded now: {1}. Choose “First look” or “Body pose”, or a file of "
            "your own as image network.",
        )
        return sentence.format(bytes_of(found.download_bytes), found.problem)

    def _settled(self, recipe: str, config: Config) -> Config:
        """Return what the recipe that chooses for itself comes to."""
        if recipe != CHOOSING or config.backbone.name != CHOOSING or self.suggested not in (POSE, PICTURES):
            return config
        return turn_into(config, self.suggested, without=("backbone.name", "backbone.weights"))

    def _measured_for(self, recipe: str, config: Config) -> RecipeMeasured | None:
        backbone = config.backbone.name
        own = self.measured.get(recipe)
        if own is not None and own.backbone == backbone:
            return own
        return next((one for one in self.measured.values() if one.backbone == backbone), None)


def about(seconds: float) -> str:
    """`40 s`, `12 min`: no more digits than are known."""
    step = next((step for below, step in _ROUND_TO if seconds < below), 1800)
    return duration(max(round(seconds / step), 1) * step)


def cost_words(cost: Estimate) -> str:
    """`About 40 s: features 15 s, learning 20 s, the rest 5 s. No download. 60 MB of disk.`"""
    words = QCoreApplication.translate(
        "Outlook", "About {0} on this computer: looking at frames {1}, learning {2}, the rest {3}."
    )
    said = [
        words.format(*map(about, (cost.seconds, cost.features_seconds, cost.learning_seconds, cost.rest_seconds))),
        download_words(cost.download_bytes),
    ]
    if cost.disk_bytes >= _LEAST_DISK:
        said.append(QCoreApplication.translate("Outlook", "{0} of disk.").format(bytes_of(cost.disk_bytes)))
    return " ".join(said)


def short_words(cost: Estimate) -> str:
    """`about 40 s`, `about 12 min, 103 MB to download`."""
    if cost.download_bytes:
        words = QCoreApplication.translate("Outlook", "about {0}, {1} to download")
        return words.format(about(cost.seconds), bytes_of(cost.download_bytes))
    return QCoreApplication.translate("Outlook", "about {0}").format(about(cost.seconds))


def download_words(download_bytes: float) -> str:
    """`No download.`, `Downloads 103 MB, once.`"""
    if not download_bytes:
        return QCoreApplication.translate("Outlook", "No download.")
    return QCoreApplication.translate("Outlook", "Downloads {0}, once.").format(bytes_of(download_bytes))


def chosen_words(outlook: Outlook, recipe: str) -> str:
    """Return which recipe was chosen for these videos and why; empty where there is nothing to say."""
    if outlook.is_sample and recipe == QUICK:
        return QCoreApplication.translate("Outlook", "Chosen because these are the sample clips.")
    if recipe == outlook.recipe and outlook.reason:
        return outlook.reason
    if recipe == CHOOSING and outlook.suggested in (POSE, PICTURES):
        return outlook.reason
    if outlook.is_asking and recipe in (QUICK, CHOOSING):
        return QCoreApplication.translate("Outlook", "Looking at a few frames to see which recipe suits…")
    return ""
