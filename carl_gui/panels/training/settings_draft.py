"""The settings of a form: a recipe's, and the changes. No widgets."""

from __future__ import annotations

from collections.abc import Mapping

from carl_gui.panels.training.setting_texts import values_of
from core.base.declaring import Value
from core.objectives.kinds import KINDS
from core.settings.config import Config, with_values


class SettingsDraft:
    """Values by dotted name. They may contradict each other temporarily; `config` reports it."""

    def __init__(self, recipe: Config) -> None:
        self.set_recipe(recipe)

    def set_recipe(self, recipe: Config) -> None:
        """Begin with this recipe's values."""
        self.recipe = recipe
        self._recipe_values = values_of(recipe)
        self._values = dict(self._recipe_values)

    def set_config(self, config: Config) -> None:
        """Take these values; the recipe stays what they are compared with."""
        self._values = values_of(config)

    def set(self, name: str, value: Value) -> None:
        self._values[name] = value

    def __getitem__(self, name: str) -> Value:
        return self._values[name]

    def of_recipe(self, name: str) -> Value:
        return self._recipe_values[name]

    def changed(self) -> dict[str, Value]:
        """What differs from the recipe; of the objectives' settings only those of the one that is chosen."""
        return {
            name: value for name, value in self._values.items() if value != self._recipe_values[name] and self.has(name)
        }

    def has(self, name: str) -> bool:
        """Return whether a setting says anything: those of other objectives than the one that is chosen do not."""
        section = name.partition(".")[0]
        return section not in KINDS or section == self._values["objective.name"]

    def config(self, more: Mapping[str, object] | None = None) -> Config:
        """The recipe with what was changed. Raises ConfigError where the values contradict each other."""
        return with_values(self.recipe, {**self.changed(), **(more or {})})
