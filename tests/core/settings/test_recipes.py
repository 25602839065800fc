"""Recipes by name and by file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from core.base.errors import ConfigError
from core.objectives.kinds import KINDS
from core.settings.config import Config, save, with_values
from core.settings.recipes import describe_recipe, find_recipe, fitting_recipe, recipe_names, weights_values


def test_the_recipes_that_come_along_are_whole() -> None:
    assert set(recipe_names()) >= {"quick", "frozen", "pose", "auto", "pouring", "penn_action", "finegym"}
    for name in recipe_names():
        assert find_recipe(name) != Config()


def test_the_papers_recipes_are_the_papers() -> None:
    for name, frames in (("pouring", 240), ("penn_action", 80), ("finegym", 240)):
        recipe = find_recipe(name)
        assert (recipe.views.num_frames, recipe.encoder.positional_encoding, recipe.train.mode) == (
            frames,
            "sincos",
            "finetune",
        )
        assert (recipe.views.alpha, recipe.views.beta, recipe.section("scl").variance) == (1.5, 0.2, 10.0)
        assert recipe.train.batch_size == 4


@pytest.mark.parametrize("name", [name for name in KINDS if name != "scl"])
def test_every_objective_has_a_recipe_over_the_whole_network_and_goes_over_cached_features(name: str) -> None:
    recipe = find_recipe(name)
    assert (recipe.objective.name, recipe.train.mode) == (name, "finetune")
    assert recipe.backbone.trainable_blocks != "none"
    assert recipe.encoder.positional_encoding == "sincos"
    for cached in ("frozen", "pose", "quick"):
        assert with_values(find_recipe(cached), {"objective.name": name}).train.mode == "frozen"


def test_an_objective_without_a_file_has_a_recipe_of_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(KINDS, "newest", replace(KINDS["tcn"], name="newest", title="The newest", source="ours"))
    assert "newest" in recipe_names()
    assert "scl" not in recipe_names()
    assert describe_recipe("newest") == "The newest (ours)."


def test_what_kinetics_taught_fits_the_recipes_that_go_on_with_it() -> None:
    pretrained = find_recipe("kinetics400")
    for name in ("penn_action", "finegym", "tcc", "contrastive"):
        assert find_recipe(name).backbone == pretrained.backbone
        assert replace(find_recipe(name).encoder, max_frames=6000) == replace(pretrained.encoder, max_frames=6000)


def test_a_file_is_a_recipe_too(tmp_path: Path) -> None:
    config = with_values(Config(), {"train.epochs": 3})
    save(config, tmp_path / "mine.toml")
    assert find_recipe(str(tmp_path / "mine.toml")) == config


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("frozn", "Unknown recipe 'frozn': did you mean 'frozen'?"),
        ("zzz", "Unknown recipe 'zzz'. There are: auto, contrastive, d3tw, finegym, frozen, "),
        ("zzz.toml", "zzz.toml cannot be read"),
        ("../quick", "cannot be read"),
    ],
)
def test_what_is_no_recipe_is_named(name: str, says: str) -> None:
    with pytest.raises(ConfigError) as raised:
        find_recipe(name)
    assert says in str(raised.value)


def test_every_recipe_says_what_it_is_for() -> None:
    for name in recipe_names():
        said = describe_recipe(name)
        assert said
        assert said.endswith(".")
        assert not said.startswith("#")


def test_weights_stand_for_settings() -> None:
    assert weights_values("imagenet") == {"backbone.weights": "imagenet"}
    assert weights_values("b.pth") == {"backbone.weights": "b.pth"}
    config = with_values(find_recipe("penn_action"), weights_values("My.ONNX"))
    assert (config.backbone.name, config.backbone.weights, config.backbone.trainable_blocks) == (
        "My.ONNX",
        "none",
        "none",
    )


@pytest.mark.parametrize(
    ("values", "recipe"),
    [
        ({}, "auto"),
        ({"train.epochs": "3", "backbone.person_table": "a.csv"}, "auto"),
        ({"backbone.name": "auto", "backbone.weights": "none"}, "auto"),
        ({"backbone.name": "pose"}, "pose"),
        ({"backbone.name": "resnet18"}, "frozen"),
        (weights_values("my.onnx"), "frozen"),
        (weights_values("imagenet"), "frozen"),
    ],
)
def test_a_network_that_is_named_leaves_nothing_to_choose(values: dict[str, object], recipe: str) -> None:
    assert fitting_recipe(values) == recipe
