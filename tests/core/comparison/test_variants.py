"""Grids, the variants that follow from them, folds, and what stands beside: without training anything."""

from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import ConfigError
from core.comparison.beside import Beside
from core.comparison.folds import Fold, folds_of
from core.comparison.grids import combinations, find_grid, grid_names
from core.comparison.plan import plan_runs
from core.comparison.summary import rows_of
from core.comparison.variants import parse_objectives, variants
from core.datasets import Action, Dataset
from core.datasets.dataset import LabelledVideo
from core.datasets.segment_labels import ExactSegments
from core.objectives.kinds import KINDS
from core.settings.config import Config, with_values
from core.settings.recipes import find_recipe

FROZEN = find_recipe("frozen")


def test_a_grid_is_every_combination_of_its_lists() -> None:
    text = '[encoder]\nlayers = [1, 2]\nd_model = 64\n[views]\nsampling = ["even", "random"]\n'
    made = combinations(text, "test")
    assert [(one["encoder.layers"], one["views.sampling"]) for one in made] == list(
        itertools.product([1, 2], ["even", "random"])
    )
    assert all(one["encoder.d_model"] == 64 for one in made)
    names = [variant.name for variant in variants(FROZEN, {}, ["scl", "tcc"], made)]
    assert names[:2] == ["scl, encoder.layers 1, views.sampling even", "scl, encoder.layers 1, views.sampling random"]
    assert len(set(names)) == 8


def test_rows_are_themselves_and_nothing_else() -> None:
    text = "[encoder]\nlayers = [1, 2]\n[[row]]\nscl.variance = 1.0\n[[row]]\nviews.num_frames = 20\n"
    made = combinations(text, "test")
    assert made == [
        {"encoder.layers": 1, "scl.variance": 1.0},
        {"encoder.layers": 2, "scl.variance": 1.0},
        {"encoder.layers": 1, "views.num_frames": 20},
        {"encoder.layers": 2, "views.num_frames": 20},
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("layers = [1]", "'layers' is outside a section"),
        ("[encoder\n", "is not valid TOML"),
        ("[encoder]\nlayers = []\n", "the list of encoder.layers is empty"),
        ("row = 3\n", r"a row must begin with \[\[row\]\]"),
        ("", "names no setting"),
    ],
)
def test_a_grid_that_cannot_be_used_is_one_sentence(text: str, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        combinations(text, "grid.toml")


@pytest.mark.parametrize("name", grid_names())
def test_the_grids_of_the_tables_are_settings_that_hold_together(name: str) -> None:
    made = variants(find_recipe("penn_action"), {}, [], find_grid(name))
    assert 3 <= len(made) <= 8
    assert len({variant.name for variant in made}) == len(made)
    if name not in ("table5", "table7"):  # which are about what cached features do not have
        assert len(variants(FROZEN, {}, [], find_grid(name))) == len(made)


def test_the_papers_tables_have_grids() -> None:
    assert grid_names() == ["table5", "table6", "table7", "table9", "table10", "table11"]


def test_every_objective_can_be_compared_in_every_way_of_cached_features() -> None:
    for recipe in ("frozen", "pose", "quick"):
        made = variants(find_recipe(recipe), {}, parse_objectives("all"), [])
        assert [variant.name for variant in made] == list(KINDS)
        assert [variant.config.objective.name for variant in made] == list(KINDS)


def test_a_setting_goes_to_its_objective_alone() -> None:
    made = variants(FROZEN, {"scl.variance": 4.0, "train.epochs": 2}, ["scl", "tcc"], [])
    assert [(one.config.section("scl").variance, one.config.train.epochs) for one in made] == [(4.0, 2), (10.0, 2)]
    with pytest.raises(ConfigError, match=r"--scl.variance is a setting of the objective scl, but tcc are compared"):
        variants(FROZEN, {"scl.variance": 4.0}, ["tcc"], [])
    with pytest.raises(ConfigError, match=r"did you mean 'scl.variance'"):
        variants(FROZEN, {"scl.varianz": 4.0}, ["scl"], [])
    with pytest.raises(ConfigError, match=r"tcc: scl.variance is a setting of the objective scl"):
        variants(FROZEN, {}, ["scl", "tcc"], [{"scl.variance": 4.0}])


def test_what_would_be_the_same_twice_or_has_no_meaning_is_refused() -> None:
    with pytest.raises(ConfigError, match="would be trained twice"):
        variants(FROZEN, {}, [], [{"encoder.layers": 3}, {"views.num_frames": 48}])
    with pytest.raises(ConfigError, match=r"must not set train\.seed"):
        variants(FROZEN, {}, [], [{"train.seed": 3}])
    with pytest.raises(ConfigError, match="chooses for each run"):
        variants(find_recipe("auto"), {}, ["scl"], [])
    with pytest.raises(ConfigError, match="Leave --objectives out"):
        variants(FROZEN, {}, ["scl"], [{"objective.name": "tcc"}])


def dataset(paths: list[Path]) -> Dataset:
    labels = ExactSegments((), ("a", "b"))
    videos = tuple(LabelledVideo(path, labels, "train") for path in paths)
    return Dataset("test", "segments", (Action("", ("a", "b")),), videos)


def listed(folder: Path, people: dict[str, int]) -> tuple[Path, list[Path]]:
    rows, paths = ["video,person"], []
    for person, count in people.items():
        for take in range(count):
            path = folder / f"{person}-{take}.mp4"
            path.touch()
            paths.append(path)
            rows.append(f"{path.name},{person}")
    (folder / "list.csv").write_text("\n".join(rows), encoding="utf-8")
    return folder / "list.csv", paths


@pytest.mark.parametrize("seed", range(5))
def test_folds_hold_out_everything_once_and_no_person_is_in_two(tmp_path: Path, seed: int) -> None:
    generator = np.random.default_rng(seed)
    people = {f"p{number}": int(generator.integers(1, 12)) for number in range(int(generator.integers(2, 12)))}
    file, paths = listed(tmp_path, people)
    folds = folds_of([file], paths, dataset(paths), "Person", 4)
    assert len(folds) == min(4, len(people))
    held = Counter(path for fold in folds for path in fold.held)
    assert held == Counter(paths)
    for fold in folds:
        assert set(fold.held) | set(fold.learned) == set(paths)
        assert not {_person(path) for path in fold.held} & {_person(path) for path in fold.learned}
    sizes = [len(fold.held) for fold in folds]
    assert max(sizes) - min(sizes) <= max(people.values()), "the folds are about as large"


def _person(path: Path) -> str:
    return path.stem.rpartition("-")[0]


def test_a_fold_without_labels_is_refused(tmp_path: Path) -> None:
    file, paths = listed(tmp_path, {"ann": 2, "bob": 2})
    with pytest.raises(
        ConfigError, match="With person ann left out, no labelled video is left to train the classifier on"
    ):
        folds_of([file], paths, dataset(paths[:2]), "person", 4)


def test_what_is_the_same_is_taken_once() -> None:
    fold = Fold("", "", (), ())

    def wanted(base: Config, objectives: list[str], grid: list[dict[str, object]]) -> list[list[str]]:
        made = variants(base, {}, objectives, grid)
        beside = Beside(made, 1)
        runs = plan_runs(made, [fold], 2, Path("out"))
        return [[beside.row(name, run.variant) for name in beside.wanted(run)[2:]] for run in runs]

    untrained = ["untrained", "untrained, positions only"]
    assert wanted(FROZEN, ["scl", "tcc"], []) == [[*untrained, "raw features", "diagonal"], [], untrained, []]
    drawn = with_values(FROZEN, {"backbone.name": "resnet18", "backbone.weights": "none"})
    assert wanted(drawn, ["scl", "tcc"], [])[2] == [*untrained, "raw features"], "it is another for another seed"
    layers = wanted(FROZEN, [], [{"encoder.layers": 1}, {"encoder.layers": 2}])
    assert layers[1] == ["untrained (encoder.layers 2)", "untrained, positions only (encoder.layers 2)"]
    learning = wanted(find_recipe("penn_action"), ["scl", "tcc"], [])
    assert "raw features (tcc)" in learning[1], "the backbone is what each made of it"


def test_a_seed_counts_with_all_its_folds_or_not_at_all() -> None:
    made = variants(FROZEN, {}, ["scl", "tcc"], [])
    runs = plan_runs(made, [Fold("ann", "", (), ()), Fold("bob", "", (), ())], 2, Path("out"))
    easy = {"ann": 0.9, "bob": 0.1}
    figures = {
        run: {"trained": {"accuracy": easy[run.fold.name] + 0.01 * run.seed, "tau": np.nan}}
        for run in runs
        if run.name != "tcc-bob-seed2"
    }
    scl, tcc = rows_of(figures, Beside(made, 1), 2)
    assert scl.figures["accuracy"].values == pytest.approx((0.51, 0.52))
    assert scl.figures["accuracy"].mean == pytest.approx(0.515)
    assert scl.figures["accuracy"].spread == pytest.approx(0.01 / 2**0.5)
    assert tcc.figures["accuracy"].values == pytest.approx((0.51,))
    assert np.isnan(tcc.figures["accuracy"].spread)
    assert np.isnan(scl.figures["tau"].mean)


def test_runs_are_told_apart_by_their_folders() -> None:
    made = variants(FROZEN, {}, ["scl"], [{"scl.variance": 4.0}, {"scl.variance": 0.5}])
    runs = plan_runs(made, [Fold("ann", "", (), ()), Fold("bob", "", (), ())], 2, Path("out"))
    assert len({run.folder for run in runs}) == 8
    assert runs[0].name == "scl.variance-4-ann-seed1"
    assert [run.seed for run in runs] == [1] * 4 + [2] * 4
    with pytest.raises(ConfigError, match="would share the folder"):
        plan_runs(made, [Fold("a/b", "", (), ()), Fold("a b", "", (), ())], 1, Path("out"))
