"""Figures of videos that are never learned from: what they are; taking them changes nothing that is learned."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.base.control import Control
from core.base.events import EvalDone, Event, Notice, ignore
from core.cli import train
from core.embedding.compute import Embedder
from core.labels.segments import UNLABELLED
from core.learning.run_folder import RunFolder
from core.learning.run_training import frame_store
from core.learning.trainer import ClipLoss
from core.learning.validation import Validation, _embed, cross_validated
from core.learning.validation_set import BOUNDS, ValidationClip, ValidationData, build_validation_data
from core.metrics.classification import phase_classification
from core.metrics.order import kendalls_tau
from core.model.checkpoint import read_card
from core.model.encoder import build_encoder
from core.settings.config import Config
from core.video.frame_store import StoredVideo
from tests.conftest import VideoWriter
from tests.core.cli.test_train_command import OPTIONS, as_options, assert_same_encoder, moving, refused
from tests.core.small import small_config
from training.job import Job
from training.run import Run

pytestmark = pytest.mark.usefixtures("narrow")

FINETUNE = {
    "train.mode": "finetune",
    "backbone.trainable_blocks": "layer4",
    "encoder.standardise_features": "false",
    "train.mean_swap_prob": "0",
}
LEARNED = (24, 31, 12)
HELD = (28, 20)


@pytest.fixture
def clips(write_video: VideoWriter) -> Path:
    """A folder with `learned` (3 clips) and `held` (2 others)."""
    for i, frames in enumerate(LEARNED):
        write_video(f"clips/learned/clip{i}.mp4", frames, image=moving)
    for i, frames in enumerate(HELD):
        path = write_video(f"clips/held/other{i}.mp4", frames, image=moving)
    return path.parents[1]


def labels_csv(folder: Path, *names: str, more: str = "") -> Path:
    """The first 5 frames of each clip are `reach`, the next 5 `pour`; the rest has no label."""
    lines = [
        f"{name}.mp4,{phase},{start},{start + 5}" for name in names for phase, start in (("reach", 0), ("pour", 5))
    ]
    path = folder / "labels.csv"
    path.write_text("\n".join(["video,phase,start_frame,end_frame_exclusive", *lines, more]), encoding="utf-8")
    return path


def words(clips: Path, out: Path, *more: str, validation: bool = True) -> list[str]:
    held = ["--validation", str(clips / "held")] if validation else []
    return [str(clips / "learned"), *held, "--out", str(out), *OPTIONS, "--train.eval_interval_epochs", "2", *more]


def trained(clips: Path, out: Path, *more: str, validation: bool = True) -> Run:
    assert train.main(words(clips, out, *more, validation=validation)) == 0
    return Run.open(out)


def evaluations(run: Run) -> list[EvalDone]:
    return [event for event in run.replay() if isinstance(event, EvalDone)]


def notices(run: Run) -> str:
    return "\n".join(event.message for event in run.replay() if isinstance(event, Notice))


def test_figures_come_every_so_many_epochs_and_after_the_last(clips: Path, tmp_path: Path) -> None:
    labels = labels_csv(tmp_path, "clip0", "clip1", "other0", "other1")
    run = trained(clips, tmp_path / "run", "--labels", str(labels))
    told = evaluations(run)
    assert [(one.run, one.representation, one.step) for one in told] == [("run", "trained", 4), ("run", "trained", 6)]
    for one in told:
        assert list(one.values) == ["loss", "tau", "accuracy"]
        assert one.values["loss"] > 0
        assert -1 <= one.values["tau"] <= 1
        assert 0 <= one.values["accuracy"] <= 1
    assert told[0].values != told[1].values
    assert run.curves().evaluations == told
    assert f"metrics after step 6: loss {told[1].values['loss']:.4f}, tau " in run.files.log_file.read_text("utf-8")
    assert "loss and tau of 2 validation videos; accuracy on 2 labelled validation videos by" in notices(run)


@pytest.mark.parametrize("changed", [{}, FINETUNE], ids=["frozen", "finetune"])
def test_what_is_learned_is_the_same_with_and_without_figures(
    clips: Path, tmp_path: Path, changed: dict[str, str]
) -> None:
    more = as_options(changed | {"train.eval_interval_epochs": 1})
    labels = labels_csv(tmp_path, "clip0", "clip1", "other0")
    with_figures = trained(clips, tmp_path / "with", "--labels", str(labels), *more)
    without = trained(clips, tmp_path / "without", *more, validation=False)
    assert [one.step for one in evaluations(with_figures)] == [2, 4, 6]
    assert evaluations(without) == []
    assert_same_encoder(with_figures.files.folder, without.files.folder)
    np.testing.assert_array_equal(with_figures.curves().loss, without.curves().loss)


def test_the_last_figures_are_those_of_the_encoder_that_was_written(clips: Path, tmp_path: Path) -> None:
    labels = labels_csv(tmp_path, "clip0", "clip1", "other0", "other1")
    run = trained(clips, tmp_path / "run", "--labels", str(labels))
    paths = [clips / "learned/clip0.mp4", clips / "learned/clip1.mp4", clips / "held/other0.mp4"]
    embedder = Embedder(run.files.folder, device="cpu")
    rows = [np.asarray(one.embeddings) for one in embedder.embedded([*paths, clips / "held/other1.mp4"])]
    own = [np.repeat([0, 1, UNLABELLED], [5, 5, len(video) - 10]) for video in rows]
    values = evaluations(run)[-1].values
    assert values["tau"] == pytest.approx(kendalls_tau(rows[2:]), abs=1e-6)
    assert values["accuracy"] == pytest.approx(phase_classification(rows[:2], own[:2], rows[2:], own[2:]))


def test_a_killed_run_that_is_resumed_tells_what_an_uninterrupted_one_tells(clips: Path, tmp_path: Path) -> None:
    light = ["--backbone.name", "hog"]  # a process that needs no network starts in half the time
    whole = trained(clips, tmp_path / "whole", *light)
    out = tmp_path / "killed"
    with Job.start(["core.train", *words(clips, out, *light)]) as job:
        for event in job.follow():
            if isinstance(event, EvalDone):
                job.kill()
    killed = Run.open(out)
    assert train.main(["--out", str(out), "--resume", "--device", "cpu"]) == 0
    assert [one.step for one in killed.curves().evaluations] == [4, 6]
    for one, other in zip(killed.curves().evaluations, whole.curves().evaluations, strict=True):
        assert one.values == other.values
    assert_same_encoder(out, whole.files.folder)


@pytest.mark.parametrize(
    ("labelled", "name"),
    [
        (("clip0", "other0"), "accuracy"),
        (("clip0", "clip1"), "accuracy, cross-validated"),
        (("other0", "other1"), "accuracy, cross-validated"),
        (("clip0",), None),
    ],
)
def test_which_accuracy_the_labels_allow(
    clips: Path, tmp_path: Path, labelled: tuple[str, ...], name: str | None
) -> None:
    run = trained(clips, tmp_path / "run", "--labels", str(labels_csv(tmp_path, *labelled)), "--epochs", "1")
    values = evaluations(run)[-1].values
    assert list(values) == ["loss", "tau"] + ([name] if name else [])
    assert ("fewer than two of the videos" in notices(run)) is (name is None)


def test_labels_alone_are_enough_and_nothing_is_told_without_either(clips: Path, tmp_path: Path) -> None:
    labels = ["--labels", str(labels_csv(tmp_path, "clip0", "clip1", "clip2"))]
    with_labels = trained(clips, tmp_path / "a", *labels, "--epochs", "1", validation=False)
    assert list(evaluations(with_labels)[-1].values) == ["accuracy, cross-validated"]
    never = trained(clips, tmp_path / "b", *labels, "--epochs", "1", "--train.eval_interval_epochs", "0")
    assert evaluations(never) == []


def test_validation_videos_that_cannot_be_used_are_named_and_left_out(clips: Path, tmp_path: Path) -> None:
    held = clips / "held"
    (held / "broken.mp4").write_bytes(b"no video")
    (held / "copy.mp4").write_bytes((clips / "learned/clip0.mp4").read_bytes())
    run = trained(clips, tmp_path / "some", "--epochs", "1")
    assert "broken.mp4" in notices(run)
    assert f"copy.mp4 is a copy of {clips / 'learned/clip0.mp4'}; it is left out of validation" in notices(run)
    assert "tau of 2 validation videos" in notices(run)
    for i in range(len(HELD)):
        (held / f"other{i}.mp4").unlink()
    run = trained(clips, tmp_path / "none", "--epochs", "1")
    assert "None of the validation videos can be used" in notices(run)
    assert evaluations(run) == []
    assert run.status().state == "done"


def test_lines_of_videos_that_the_run_does_not_have_or_cannot_read_are_passed_over(clips: Path, tmp_path: Path) -> None:
    (clips / "learned/broken.mp4").write_bytes(b"no video")
    labels = labels_csv(tmp_path, "clip0", "other0", "broken", more="elsewhere.mp4,pour,0,9")
    run = trained(clips, tmp_path / "run", "--labels", str(labels), "--epochs", "1")
    assert "labels.csv: 1 of 7 segments are of videos that are not in this run" in notices(run)
    assert "accuracy" in evaluations(run)[-1].values


def test_bad_validation_and_labels_get_one_sentence(
    clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "run"

    def said(*more: str, validation: bool = True) -> str:
        return refused(capsys, words(clips, out, *more, validation=validation))

    both = ["--validation", str(clips)]
    assert "in both the training and the validation set" in said(*both, validation=False)
    assert "nowhere" in said("--validation", str(tmp_path / "nowhere"), validation=False)
    assert "There is no file" in said("--labels", str(tmp_path / "none.csv"))
    assert "there is no video 'elsewhere.mp4'" in said("--labels", str(labels_csv(tmp_path, "elsewhere")))
    assert not out.exists()
    late = labels_csv(tmp_path, "clip0", more="clip2.mp4,pour,3,13")
    assert "line 4: 'pour' ends at 13, but clip2.mp4 has 12 frames" in said("--labels", str(late))
    assert not (out / "encoder.safetensors").exists()


def test_resume_takes_other_validation_videos_and_labels(
    clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    labels = labels_csv(tmp_path, "clip0", "other0")
    run = trained(clips, tmp_path / "run", "--labels", str(labels), "--epochs", "1")
    moved = labels.rename(tmp_path / "moved.csv")
    resume = ["--out", str(run.files.folder), "--resume", "--device", "cpu", "--epochs", "2"]
    assert "labels.csv. Check its name" in refused(capsys, resume)
    overlapping = ["--validation", str(clips / "learned/clip0.mp4")]
    assert "in both the training" in refused(capsys, [*resume, *overlapping, "--labels", str(moved)])
    one = clips / "held/other0.mp4"
    assert train.main([*resume, "--labels", str(moved), "--validation", str(one)]) == 0
    assert list(evaluations(run)[-1].values) == ["loss", "accuracy"]  # one video has no pair for tau
    assert (run.files.validation(), run.files.labels()) == ([one], moved)


# -- without a run ---------------------------------------------------------------------------------------------------


def stored(clips: Path, config: Config) -> tuple[list[StoredVideo], ValidationData]:
    store = frame_store(config)
    learned = store.add(sorted((clips / "learned").iterdir()))
    material = build_validation_data(
        store, learned, sorted((clips / "held").iterdir()), None, config, ignore, Control()
    )
    return learned, material


def validation(clips: Path, config: Config, told: list[Event]) -> tuple[Validation, ClipLoss]:
    encoder = build_encoder(config)
    material = stored(clips, config)[1]
    made = Validation("run", material, encoder, config, torch.device("cpu"), told.append, Control())
    return made, ClipLoss(encoder, config)


@pytest.mark.parametrize(
    "changed",
    [{}, {"encoder__delta_lag": 2}, {"train__mode": "finetune", "backbone__trainable_blocks": "layer4"}],
    ids=["frozen", "differences", "finetune"],
)
def test_figures_are_the_same_each_time_and_leave_the_model_and_the_draws_as_they_were(
    clips: Path, changed: dict[str, object]
) -> None:
    made, model = validation(clips, small_config(**changed), [])
    model.train()
    model.encoder.projection.eval()  # whatever mode a module is in, it gets it back
    before = {name: value.clone() for name, value in model.state_dict().items()}
    modes = [module.training for module in model.modules()]
    drawn = torch.get_rng_state()
    first = made.figures(model)
    np.testing.assert_equal(made.figures(model), first)
    assert math.isfinite(first["loss"])
    assert math.isfinite(first["tau"])
    assert torch.equal(torch.get_rng_state(), drawn)
    assert [module.training for module in model.modules()] == modes
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]), name
    assert all(parameter.grad is None for parameter in model.parameters())


def test_figures_that_are_not_defined_are_left_out(clips: Path) -> None:
    told: list[Event] = []
    made, model = validation(clips, small_config(), told)
    with torch.no_grad():
        next(parameter for parameter in model.parameters() if parameter.requires_grad).fill_(math.nan)
    made.after_epoch(model, 5, 10, False)
    assert told == [event for event in told if not isinstance(event, EvalDone)]


def test_of_long_videos_every_kth_frame_is_looked_at(clips: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BOUNDS, "frozen", BOUNDS["frozen"]._replace(frames=14, views=1))
    _, material = stored(clips, small_config())
    assert [one.clip.tolist() for one in material.validation] == [list(range(0, 28, 2)), list(range(0, 20, 2))]
    assert [len(one.views) for one in material.validation] == [2, 0]
    for one in material.validation:
        assert np.isin(one.clip, one.frames).all()
        assert all(np.isin(view.indices[view.valid], one.frames).all() for view in one.views)


@pytest.mark.parametrize("rescale", [True, False])
def test_a_frame_is_embedded_at_its_place_in_the_whole_video(clips: Path, rescale: bool) -> None:
    config = small_config(encoder__rescale_positions=rescale, encoder__positional_encoding="sincos")
    encoder, whole = build_encoder(config).eval(), stored(clips, config)[1].validation[0]
    rows = torch.randn(1, encoder.feature_width, generator=torch.Generator().manual_seed(0))

    def at(frame: int) -> NDArray[np.float32]:
        with torch.no_grad():
            return _embed(encoder, rows, dataclasses.replace(whole, clip=np.array([frame])))

    np.testing.assert_allclose(at(7), encoder.embed_piece(rows, 7, len(whole.video)).numpy(), atol=1e-6)
    assert not np.allclose(at(7), at(20), atol=1e-3)


def test_many_videos_are_chosen_evenly(clips: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BOUNDS, "frozen", BOUNDS["frozen"]._replace(videos=1))
    _, material = stored(clips, small_config())
    assert [one.video.path.name for one in material.validation] == ["other0.mp4"]


def watched(labels: NDArray[np.int64]) -> ValidationClip:
    return ValidationClip(None, np.arange(len(labels)), labels, ())  # type: ignore[arg-type]  # the video is not read


def test_cross_validation_never_asks_about_a_video_that_the_probe_saw() -> None:
    """One video lies where no other does: seen, it could be learned by heart; unseen, it gets one phase throughout."""
    labels = np.repeat([0, 1], 10)
    videos = [watched(labels) for _ in range(7)]
    corners = np.eye(4, dtype=np.float32)
    embedded = {one: corners[labels] for one in videos} | {videos[6]: corners[2 + labels]}
    assert cross_validated(videos, embedded) == pytest.approx(6.5 / 7)
    assert cross_validated(videos[:6], embedded) == 1.0
    assert math.isnan(cross_validated(videos[:1], embedded))


def test_a_run_from_before_validation_still_reads(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path / "run", small_config(), [tmp_path / "a.mp4"], [tmp_path / "b.mp4"]) as run:
        assert (run.videos(), run.validation(), run.labels()) == ([tmp_path / "a.mp4"], [tmp_path / "b.mp4"], None)
        run.inputs_file.write_text(json.dumps({"videos": [str(tmp_path / "a.mp4")]}), encoding="utf-8")
        assert (run.videos(), run.validation(), run.labels()) == ([tmp_path / "a.mp4"], [], None)


@pytest.mark.parametrize(
    ("share", "learned", "told"),
    [
        ("1", [0, 2], "Not trained on, for lack of labels: clip1.mp4."),
        ("0.5", [0], "Training on the first 1 of 2 labelled videos (label_fraction)."),
    ],
)
def test_supervised_learning_takes_labelled_videos_only(
    share: str, learned: list[int], told: str, clips: Path, tmp_path: Path
) -> None:
    labels = labels_csv(tmp_path, "clip0", "clip2", "other0")
    options = ("--objective.name", "supervised", "--supervised.label_fraction", share, "--labels", str(labels))
    run = trained(clips, tmp_path / "run", *options, "--epochs", "1")
    card = read_card(RunFolder.open(tmp_path / "run").encoder_file)
    assert (card["videos"], card["frames"]) == (len(learned), sum(LEARNED[place] for place in learned))
    assert told in notices(run)
