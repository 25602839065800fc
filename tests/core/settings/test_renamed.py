"""Former names of settings and options: what was made with them opens, goes on and is asked for as before."""

from __future__ import annotations

import json
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
import torch

from core.base.errors import ConfigError
from core.base.tensor_files import load_tensors, save_tensors
from core.cli import export, train
from core.cli import label as label
from core.cli import report as report
from core.cli import search as search
from core.comparison.grids import combinations
from core.comparison.plan import plan_runs
from core.comparison.variants import variants
from core.features import pose_features
from core.features.backbone_features import FeatureCache
from core.features.pose_features import PoseFeatures
from core.learning.run_folder import RunFolder
from core.model.checkpoint import config_of, load_encoder, read_card
from core.model.onnx_extractor import OnnxExtractor
from core.settings.config import Config, from_toml, settings, to_toml, value_of, with_values
from core.settings.recipes import find_recipe
from core.settings.renamed import OPTIONS, SETTINGS, VALUES, former_name, rename_options, rename_settings
from core.video.frame_store import StoredVideo
from tests.conftest import VideoWriter
from training.run import list_runs

DATA = Path(__file__).parents[2] / "data" / "cases" / "former_settings"
"""A run of commit eb20b2a: its texts."""
PRESENT = {item.name: item for item in settings()}


def other_value(name: str) -> object:
    """A value that is not the default."""
    item = PRESENT[name]
    if item.choices:
        return next(choice for choice in item.choices if choice != item.default)
    if item.type is bool:
        return not item.default
    if item.type is str:
        return "other"
    return item.type(item.low * 2 if item.default == item.low else max(item.low, cast(float, item.default) / 2))


def test_a_former_name_is_no_present_one() -> None:
    assert set(SETTINGS.values()) <= set(PRESENT)
    assert not set(SETTINGS) & set(PRESENT)
    assert len(set(SETTINGS.values())) == len(SETTINGS)
    assert all(set(now.values()) <= set(PRESENT[name].choices) for name, now in VALUES.items())
    assert not set(OPTIONS) & set(OPTIONS.values())


@pytest.mark.parametrize("former", SETTINGS)
def test_a_value_under_its_former_name_is_the_same_value(former: str) -> None:
    value = other_value(SETTINGS[former])
    assert rename_settings({former: value}) == {SETTINGS[former]: value}
    assert former_name(SETTINGS[former]) == former
    section, leaf = former.split(".")
    assert rename_settings({f"{section}.{leaf}x": value}) == {f"{section}.{leaf}x": value}, (
        "unknown names stay to be refused"
    )


def test_both_names_with_different_values_are_refused() -> None:
    words = r"^my.toml: train.swap is the former name of train.mean_swap_prob, and both are given: train.swap = 0.3, "
    for values in ({"swap": 0.3, "mean_swap_prob": 0.4}, {"mean_swap_prob": 0.4, "swap": 0.3}):
        text = "[train]\n" + "".join(f"{name} = {value}\n" for name, value in values.items())
        with pytest.raises(ConfigError, match=words + r"train.mean_swap_prob = 0.4. Leave train.swap out.$"):
            from_toml(text, source="my.toml")
    with pytest.raises(ConfigError, match=r"^my.toml: train.mean_swap_prob \(here train.swap\) must be at least 0"):
        from_toml("[train]\nswap = 1.5\n", source="my.toml")
    config = from_toml('[views]\nlayout = "share"\ncrop_mode = "fraction"\n', source="my.toml")
    assert config.views.crop_mode == "fraction", "the same value by both names"


@pytest.mark.parametrize(
    "given",
    [
        "--apart 1 --min-gap 2",
        "--min-gap=2 --apart=1",
        "--in a b --library a",
        "--train.swap 0.3 --train.mean_swap_prob 0.4",
    ],
)
def test_an_option_by_both_names_with_different_values_is_refused(given: str) -> None:
    known = ["--min-gap", "--library", "--train.mean_swap_prob", "-k"]
    with pytest.raises(ConfigError, match=r"is the former name of .*, and both are given\. Leave --"):
        rename_options(given.split(), known)


def test_options_are_renamed_where_the_command_has_the_present_one() -> None:
    known = ["--min-gap", "--library", "-k"]
    for given, words in {
        "q.mp4 --in a --in-x b -k 3 --apart=2": "q.mp4 --library a --in-x b -k 3 --min-gap=2",
        "--apart 1 -k 2 --min-gap 1": "--min-gap 1 -k 2 --min-gap 1",
        "--apart 1 -- --in": "--min-gap 1 -- --in",
        "--top 3 --share 0.1": "--top 3 --share 0.1",
    }.items():
        assert rename_options(given.split(), known) == words.split()
    assert rename_options(["--in"], ["--in", "--library"]) == ["--in"], "a command's own option is not a former name"


@pytest.mark.parametrize(
    ("main", "words"),
    [
        (search.main, "q.mp4 --frame 1 --in gone --encoder gone.safetensors --out hits.csv --apart -1"),
        (report.main, "gone --encoder e.safetensors --reference gone.mp4 --out made --apart -1"),
        (label.main, "--labels gone.csv --in gone --encoder e.safetensors --out x.csv --least-confidence 2"),
    ],
)
def test_commands_take_former_options(
    main: Callable[[list[str]], int], words: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(words.split()) == 2
    said = capsys.readouterr().err
    assert "Unknown option" not in said
    assert "--min-gap must be" in said or "--min-confidence must be from 0" in said
    assert (
        "(--apart is called --min-gap now.)" in said or "(--least-confidence is called --min-confidence now.)" in said
    )


def test_the_help_names_present_options_alone(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        train.main(["--help"])
    said = capsys.readouterr().out
    assert "--train.mean_swap_prob" in said
    assert not [former for former in SETTINGS if f"--{former} " in said]


def values_by_former_name(config: Config) -> dict[str, dict[str, object]]:
    """As `config.toml` of then had them."""
    made: dict[str, dict[str, object]] = {}
    for name in PRESENT:
        former_section, former_leaf = former_name(name).split(".")
        value = value_of(config, name)
        before = {now: former for former, now in VALUES.get(name, {}).items()}.get(value, value)
        made.setdefault(former_section, {})[former_leaf] = before
    return made


def test_a_run_of_then_has_the_same_hyperparameters() -> None:
    run = RunFolder.open(DATA)
    config = run.config()
    there = tomllib.loads((DATA / "config.toml").read_text())
    here = values_by_former_name(config)
    assert sum(map(len, there.values())) > 50
    for section, leaves in there.items():
        for leaf, value in leaves.items():
            assert here[section][leaf] == value, f"{section}.{leaf}"
    assert from_toml(to_toml(config), source="again") == config
    card = json.loads((DATA / "encoder.json").read_text())
    assert config_of(card, DATA / "encoder.json") == config
    assert find_recipe(str(DATA / "config.toml")) == config, "as a recipe too"
    assert len(list(run.events())) == len((DATA / "events.jsonl").read_text().splitlines())
    (listed,) = [one for one in list_runs(DATA.parent) if one.name == DATA.name]
    assert listed.config() == config


def test_each_value_is_that_of_the_same_setting() -> None:
    """A recipe that commit eb20b2a wrote, with values that differ; which is which is written out once more here."""
    config = find_recipe(str(DATA / "distinct.toml"))
    frames, views, augment, encoder, train_of = (
        config.frames,
        config.views,
        config.augment,
        config.encoder,
        config.train,
    )
    assert (frames.cache_size_gb, frames.decode_workers) == (7.5, 3)
    assert (views.num_frames, views.tempo_std, views.crop_mode) == (33, 0.7, "fraction")
    assert (views.min_crop_fraction, views.max_crop_fraction) == (0.3, 0.9)
    assert (augment.min_scale, augment.max_aspect_ratio) == (0.55, 1.6)
    assert (augment.flip_prob, augment.jitter_prob, augment.blur_prob, augment.grayscale_prob) == (
        0.11,
        0.12,
        0.13,
        0.14,
    )
    assert (augment.min_blur_sigma, augment.max_blur_sigma) == (0.21, 1.9)
    assert (config.backbone.trainable_blocks, config.backbone.chunk_size) == ("none", 17)
    assert (encoder.d_model, encoder.mlp_dim, encoder.ffn_dim) == (48, 50, 52)
    assert (encoder.embedding_dim, encoder.projection_dim, encoder.delta_lag) == (54, 56, 6)
    assert (encoder.positional_encoding, encoder.rescale_positions, encoder.standardise_features) == (
        "sincos",
        False,
        True,
    )
    assert (config.section("scl").variance, config.section("scl").temperature) == (3.5, 0.35)
    assert (train_of.augmented_copies, train_of.batch_size, train_of.repeats_per_epoch) == (4, 6, 8)
    assert (train_of.mean_swap_prob, train_of.min_steps_per_epoch, train_of.max_grad_norm) == (0.45, 9, 2.5)
    assert (train_of.cpu_threads, train_of.keep_checkpoints, train_of.eval_interval_epochs) == (2, 5, 7)


@pytest.fixture
def run_of_then(tmp_path: Path, write_video: VideoWriter) -> Path:
    """That run with two videos that there are, stopped before its first checkpoint."""
    folder = tmp_path / "then"
    shutil.copytree(DATA, folder)
    (folder / "encoder.json").unlink()
    (folder / "events.jsonl").write_text('{"event": "finished", "reason": "stopped", "path": ""}\n')
    videos = [str(write_video(f"clip{i}.mp4", frames)) for i, frames in enumerate((24, 31))]
    (folder / "inputs.json").write_text(json.dumps({"videos": videos, "validation": [], "labels": None}))
    return folder


def test_a_run_of_then_goes_on_as_one_of_now(run_of_then: Path, tmp_path: Path) -> None:
    before = RunFolder.open(run_of_then).config()
    short = ["--device", "cpu", "--train.threads", "1", "--train.keep", "1", "--epochs", "1"]
    assert train.main(["--out", str(run_of_then), "--resume", *short]) == 0
    after = RunFolder.open(run_of_then).config()
    assert after == with_values(before, {"train.cpu_threads": 1, "train.keep_checkpoints": 1, "train.epochs": 1})
    assert "mean_swap_prob" in (run_of_then / "config.toml").read_text()
    videos = [str(path) for path in RunFolder.open(run_of_then).videos()]
    recipe = ["--recipe", str(DATA / "config.toml")]
    assert train.main([*videos, *recipe, "--out", str(tmp_path / "now"), *short]) == 0
    then, now = (load_tensors(folder / "encoder.safetensors")[0] for folder in (run_of_then, tmp_path / "now"))
    assert then.keys() == now.keys()
    assert all(torch.equal(then[name], now[name]) for name in then), "the same draws, the same steps"


def test_an_encoder_of_then_opens_and_is_exported(run_of_then: Path, tmp_path: Path) -> None:
    pytest.importorskip("onnx")
    assert train.main(["--out", str(run_of_then), "--resume", "--device", "cpu", "--epochs", "1"]) == 0
    tensors, _ = load_tensors(run_of_then / "encoder.safetensors")
    card = json.loads((DATA / "encoder.json").read_text())
    file = tmp_path / "encoder.safetensors"
    save_tensors(file, tensors, card)  # the weights with the header that was written then
    encoder, config = load_encoder(file)
    assert config == RunFolder.open(DATA).config()
    assert (encoder.config.embedding_dim, encoder.train_frames) == (8, 16)
    assert "swap" in read_card(file)["config"]["train"]
    assert export.main([str(file), "--out", str(tmp_path / "encoder.onnx")]) == 0


def test_a_run_of_then_is_not_resumed_with_another_value_under_a_former_name(
    run_of_then: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert train.main(["--out", str(run_of_then), "--resume", "--train.swap", "0.9"]) == 2
    assert "train.mean_swap_prob is 0.3, not 0.9" in capsys.readouterr().err


def test_a_setting_that_nobody_knows_is_still_refused(run_of_then: Path) -> None:
    file = run_of_then / "config.toml"
    file.write_text(file.read_text().replace("[train]\n", "[train]\nof_tomorrow = 1\n"))
    with pytest.raises(ConfigError, match=r"Unknown setting 'train.of_tomorrow'"):
        RunFolder.open(run_of_then).config()


AUGMENT = {
    "augment.scale_low": 0.5,
    "augment.ratio_high": 2.0,
    "augment.flip": 0.25,
    "augment.jitter": 0.125,
    "augment.blur": 0.75,
    "augment.blur_low": 0.5,
    "augment.blur_high": 1.5,
    "augment.grayscale": 0.0,
    "augment.image_size": 96,
    "frames.short_side": 128,
    "backbone.pose": "same-side",
}


@pytest.mark.parametrize(
    ("kind", "values", "digests"),
    [
        (FeatureCache, {}, ("1e1d74ee36609af4cfc608b0", "2f0134532a88225646039a7b")),
        (FeatureCache, AUGMENT, ("c1074fc1fdf43e3d884c2143", "2338187df4a5ed21e8c62289")),
        (PoseFeatures, {}, ("a9ed329a862b8ef5af33049b", "3a5c121992a9a7812890e5de")),
        (PoseFeatures, AUGMENT, ("5799528b29ecef19cbe87918", "9527125b3089b57b5e8d5141")),
    ],
)
def test_features_are_found_under_the_keys_of_then(
    kind: type[FeatureCache | PoseFeatures],
    values: dict[str, object],
    digests: tuple[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Those of pictures, by an ONNX extractor, were recorded with commit eb20b2a, those of body pose with 32cd09d.

    The numbers of body pose changed since, and with them the format in the key; the names of the settings did not.
    """
    monkeypatch.setattr(pose_features, "_FORMAT", 1)
    cache: Any = object.__new__(kind)
    cache._encoder = SimpleNamespace(backbone=SimpleNamespace(frozen=object.__new__(OnnxExtractor)))
    cache._device, cache._batched = torch.device("cpu"), None
    cache._config, cache._precision = with_values(Config(), values), torch.float32
    cache._identity, cache.variant = "0123456789abcdef" * 2, lambda video: ""
    video = SimpleNamespace(digest="f" * 32, width=128, height=96, meta=SimpleNamespace(grey_key=""))
    for name, digest in zip(("clean", "1/0"), digests, strict=True):
        assert kind._key(cache, cast(StoredVideo, video), name) == f"{'f' * 32}-{digest}"


GRID = '[views]\nlayout = ["paper", "share"]\n[[row]]\ntrain.swap = 0.0\n[[row]]\ntrain.mean_swap_prob = 0.5\n'


def test_a_comparison_goes_on_in_the_folders_of_then(tmp_path: Path) -> None:
    made = variants(find_recipe("frozen"), {"train.cpu_threads": 1}, [], combinations(GRID, "grid.toml"))
    names = [(one.config.views.crop_mode, one.config.train.mean_swap_prob) for one in made]
    assert names == [("paper", 0.0), ("fraction", 0.0), ("paper", 0.5), ("fraction", 0.5)]
    assert made[1].name == "views.crop_mode fraction, train.mean_swap_prob 0"
    assert made[1].former_name == "views.layout share, train.swap 0"
    former = tmp_path / "runs" / "views.layout-share-train.swap-0-seed1"
    shutil.copytree(DATA, former)
    fold: Any = SimpleNamespace(name="", about="", learned=[])
    folders = [run.folder for run in plan_runs(made, [fold], 1, tmp_path)]
    assert folders[1] == former
    assert folders[0].name == "views.crop_mode-paper-train.mean_swap_prob-0-seed1"
