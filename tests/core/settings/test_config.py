"""Settings: in and out of TOML unchanged, and every wrong one named with its remedy."""

from __future__ import annotations

import contextlib
import math
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.declaring import Value
from core.base.errors import ConfigError
from core.settings.config import (
    Config,
    Setting,
    did_you_mean,
    from_toml,
    load,
    save,
    settings,
    to_toml,
    value_of,
    with_values,
)

SETTINGS = {item.name: item for item in settings()}


def values_of(item: Setting) -> st.SearchStrategy[Value]:
    """Everything that a setting may be."""
    if item.choices:
        return st.sampled_from(item.choices)
    if item.type is bool:
        return st.booleans()
    if item.type is str:
        return st.text(st.characters(codec="utf-8", exclude_characters="\r"))
    if item.type is int:
        return st.integers(int(item.low), int(item.high) if math.isfinite(item.high) else 2**40)
    return st.floats(item.low, item.high if math.isfinite(item.high) else 1e300)


@st.composite
def configs(draw: st.DrawFn) -> Config:
    config = Config()
    for name in draw(st.lists(st.sampled_from(sorted(SETTINGS)), unique=True)):
        with contextlib.suppress(ConfigError):  # settings that forbid each other: the first one stays
            config = with_values(config, {name: draw(values_of(SETTINGS[name]))})
    return config


@given(configs())
def test_a_config_comes_back_from_toml(config: Config) -> None:
    assert from_toml(to_toml(config), source="x") == config


@given(configs())
def test_a_config_comes_back_from_the_words_of_a_command_line(config: Config) -> None:
    words = {name: str(value_of(config, name)) for name in SETTINGS}
    assert with_values(Config(), words) == config


def test_a_file_comes_back(tmp_path: Path) -> None:
    config = with_values(Config(), {"backbone.name": "größe/跑步.onnx", "train.learning_rate": 3e-4})
    save(config, tmp_path / "new" / "config.toml")
    assert load(tmp_path / "new" / "config.toml") == config


def test_what_a_recipe_does_not_name_keeps_its_value() -> None:
    base = with_values(Config(), {"train.epochs": 5, "train.seed": 9})
    assert from_toml("[train]\nepochs = 7\n", source="x", base=base) == with_values(base, {"train.epochs": 7})


@pytest.mark.parametrize("item", SETTINGS.values(), ids=SETTINGS.keys())
def test_each_setting_says_what_it_is_and_keeps_its_range(item: Setting) -> None:
    assert len(item.help) > 3
    assert with_values(Config(), {item.name: item.default}) == Config()
    for beyond in {item.low - 1, item.high + 1} if item.type in (int, float) else set():
        if math.isfinite(beyond):
            with pytest.raises(ConfigError, match=f"{item.name} must be at least"):
                with_values(Config(), {item.name: beyond})
    if item.choices:
        with pytest.raises(ConfigError, match=f"{item.name} must be one of {item.choices[0]}"):
            with_values(Config(), {item.name: "dance"})
    for wrong in ([1], None, {}):
        with pytest.raises(ConfigError, match=f"{item.name} must be"):
            with_values(Config(), {item.name: wrong})


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("train.epoch", 5, "Unknown setting 'train.epoch': did you mean 'train.epochs'?"),
        ("epochs", 5, "did you mean 'train.epochs'?"),
        ("objective.name", "supervisd", "not 'supervisd': did you mean 'supervised'?"),
        ("zzz.zzz", 5, "Unknown setting 'zzz.zzz'. There are: frames.short_side, "),
        ("train.epochs", 0, "train.epochs must be at least 1 epochs, not 0."),
        ("train.epochs", "many", "train.epochs must be a whole number, not 'many'."),
        ("train.epochs", 1.5, "train.epochs must be a whole number, not 1.5."),
        ("train.epochs", True, "train.epochs must be a whole number, not True."),
        ("train.learning_rate", float("nan"), "train.learning_rate must be at least 1e-09 and at most 10, not nan."),
        ("train.learning_rate", "inf", "must be at least"),
        ("encoder.rescale_positions", "perhaps", "encoder.rescale_positions must be true or false, not 'perhaps'."),
        ("encoder.d_model", 250, "encoder.d_model = 250 does not divide into 8 heads"),
        (
            "augment.min_blur_sigma",
            5.0,
            "augment.min_blur_sigma = 5.0 > augment.max_blur_sigma = 2.0. Swap the two values.",
        ),
        ("backbone.name", 5, "backbone.name must be text, not 5."),
    ],
)
def test_what_is_wrong_is_named(name: str, value: object, says: str) -> None:
    with pytest.raises(ConfigError) as raised:
        with_values(Config(), {name: value}, source="recipe x")
    assert says in str(raised.value)


def test_settings_that_forbid_each_other() -> None:
    with pytest.raises(ConfigError, match=r"Use train\.mode = 'finetune'"):
        with_values(
            Config(), {"train.mode": "frozen", "backbone.trainable_blocks": "none", "encoder.temporal": "conv3d"}
        )
    with pytest.raises(ConfigError, match=r"backbone\.trainable_blocks = 'layer4'\. Set it to 'none', or train\.mode"):
        with_values(Config(), {"train.mode": "frozen"})
    with pytest.raises(ConfigError, match=r"encoder\.delta_lag = 4 needs cached features"):
        with_values(Config(), {"encoder.delta_lag": 4})
    with pytest.raises(
        ConfigError, match=r"min_crop_fraction = 0\.9 > views\.max_crop_fraction = 0\.5\. Swap the two values"
    ):
        with_values(Config(), {"views.min_crop_fraction": 0.9, "views.max_crop_fraction": 0.5})


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[train\n", "x.toml is not valid TOML"),
        ("epochs = 5\n", "x.toml: 'epochs' is outside a section"),
        ("[train]\nepoch = 5\n", "x.toml: Unknown setting 'train.epoch': did you mean 'train.epochs'?"),
        ("[train.deep]\nepochs = 5\n", "Unknown setting 'train.deep'"),
        ("[trian]\nepochs = 5\n", "did you mean 'train.epochs'?"),
        (f"[train]\nepochs = {'9' * 5000}\n", "x.toml is not valid TOML"),
        ("a = " + "[" * 5000, "x.toml nests its values too deeply"),
        (f"[frames]\ncache_size_gb = 1{'0' * 400}\n", "x.toml: frames.cache_size_gb must be a number"),
        ("[frames]\ncache_size_gb = inf\n", "x.toml: frames.cache_size_gb must be at least"),
    ],
)
def test_a_wrong_file_is_named(text: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load(tmp_path / "x.toml")
    assert says in str(raised.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    for name in ("missing.toml", "binary.toml"):
        with pytest.raises(ConfigError, match=f"{name} cannot be read"):
            load(tmp_path / name)


def test_did_you_mean_lists_what_there_is_where_nothing_is_near() -> None:
    assert did_you_mean("frozn", ["quick", "frozen"]) == ": did you mean 'frozen'?"
    assert did_you_mean("zzz", ["quick", "frozen"]) == ". There are: quick, frozen."


@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "1e400", "1e300", "9" * 400])
def test_no_number_is_beyond_all_bounds(value: str) -> None:
    for item in settings():
        if item.type in (int, float):
            with pytest.raises(ConfigError, match=rf"^{re.escape(item.name)} must be "):
                with_values(Config(), {item.name: value})
