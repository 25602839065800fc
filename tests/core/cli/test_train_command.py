"""`core.train` and `core.embed` as a person or the window runs them, on real small files, in real processes."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from core.base.events import EvalDone, Event, Finished, StepDone
from core.base.files import content_digest
from core.cli import embed, train
from core.learning import task
from core.learning.run_folder import Origin, RunFolder
from core.model.checkpoint import load_encoder
from core.model.encoder import build_encoder
from tests.conftest import VideoWriter, reached, write_numbered_video
from tests.core.small import SMALL, narrow_resnets
from tests.shared_material import made_once, take, take_cache
from training.job import Job
from training.run import Run

pytestmark = pytest.mark.usefixtures("narrow")

ROOT = Path(__file__).resolve().parents[3]


def as_options(settings: dict[str, object]) -> list[str]:
    return [word for name, value in settings.items() for word in (f"--{name}", str(value))]


OPTIONS = ["--device", "cpu", *as_options(SMALL)]
LIGHT = [*OPTIONS, "--backbone.name", "hog"]
"""For processes of their own that are stopped and killed: what needs no network starts in half the time."""


def moving(index: int, width: int, height: int) -> NDArray[np.uint8]:
    """(H, W, 3) a bright bar that moves over a gray ramp."""
    image = np.repeat(np.linspace(30, 120, width, dtype=np.uint8)[None, :, None], height, axis=0).repeat(3, axis=2)
    left = int((0.5 + 0.45 * np.sin(index / 7)) * (width - 12))
    image[:, left : left + 12] = (230, 200, 40)
    return image


@pytest.fixture(scope="session")
def material(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `clips`, three short ones, and `run`, a finished run on them; shared: nobody writes into it."""

    def make(folder: Path) -> None:
        for i, frames in enumerate((24, 31, 12)):
            write_numbered_video(folder, f"clips/clip{i}.mp4", frames, image=moving)
        with pytest.MonkeyPatch.context() as patch:
            narrow_resnets(patch)
            assert train.main([str(folder / "clips"), "--out", str(folder / "run"), *OPTIONS]) == 0

    return made_once(tmp_path_factory, "trained", make)


@pytest.fixture
def clips(material: Path, tmp_path: Path) -> Path:
    """A folder of three short clips, whose frames and features are known."""
    take_cache(material)
    return take(material, "clips", tmp_path / "clips")


@pytest.fixture
def run(material: Path, clips: Path, tmp_path: Path) -> RunFolder:
    """A finished run on them."""
    made = RunFolder.open(take(material, "run", tmp_path / "run"))
    made.keep_inputs([clips / path.name for path in made.videos()], (), None, _digests(made, clips))
    return made


def _digests(made: RunFolder, clips: Path) -> dict[Path, str]:
    """As the run knows them, where the videos lie now."""
    return {clips / path.name: digest for path, digest in made.digests().items()}


def tensors(run_folder: Path) -> dict[str, torch.Tensor]:
    return load_encoder(run_folder)[0].state_dict()


def assert_same_encoder(one: Path, other: Path) -> None:
    first, second = tensors(one), tensors(other)
    for name in first:
        assert torch.equal(first[name], second[name]), name


def test_a_run_leaves_what_it_says(run: RunFolder) -> None:
    assert run.config().encoder.d_model == 16
    events = list(run.events())
    steps = [event for event in events if isinstance(event, StepDone)]
    assert [event.step for event in steps] == list(range(1, 7))
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "done"
    assert "step 6 of 6: loss" in run.log_file.read_text(encoding="utf-8")
    assert list(run.checkpoints.glob("*.safetensors"))
    card = json.loads(run.card_file.read_text(encoding="utf-8"))
    assert (card["videos"], card["frames"], card["steps"], card["embedding"]) == (3, 67, 6, 8)
    assert card["loss"] == pytest.approx(steps[-1].loss)


def test_embed_writes_unit_rows_and_an_index(run: RunFolder, clips: Path, tmp_path: Path) -> None:
    out = tmp_path / "embedded"
    assert embed.main([str(clips), "--encoder", str(run.encoder_file), "--out", str(out), "--device", "cpu"]) == 0
    with (out / "index.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["video", "frames", "fps", "seconds", "digest"]
    assert [(row["video"], row["frames"], row["fps"]) for row in rows] == [
        ("clip0.mp4", "24", "30"),
        ("clip1.mp4", "31", "30"),
        ("clip2.mp4", "12", "30"),
    ]
    for row in rows:
        embeddings = np.load(out / f"{Path(row['video']).stem}.npy")
        assert embeddings.shape == (int(row["frames"]), 8)
        assert embeddings.dtype == np.float32
        np.testing.assert_allclose(np.linalg.norm(embeddings, axis=1), 1, rtol=1e-5)
        assert float(row["seconds"]) == pytest.approx(int(row["frames"]) / 30, abs=1e-3)


def test_embedding_again_gives_the_same_numbers_and_names_do_not_collide(
    run: RunFolder, clips: Path, tmp_path: Path
) -> None:
    other = tmp_path / "elsewhere" / "clip0.mp4"
    other.parent.mkdir()
    other.write_bytes((clips / "clip1.mp4").read_bytes())
    out = tmp_path / "embedded"
    words = [str(clips), str(other), "--encoder", str(run.folder), "--out", str(out), "--device", "cpu"]
    assert embed.main(words) == 0
    first = {path.name: np.load(path) for path in out.glob("*.npy")}
    assert len(first) == 4
    assert embed.main(words) == 0
    for name, array in first.items():
        np.testing.assert_array_equal(np.load(out / name), array)
    same_content = [array for name, array in first.items() if len(array) == 31]
    np.testing.assert_array_equal(same_content[0], same_content[1])


def test_a_killed_run_resumes_to_the_very_weights_of_an_uninterrupted_one(clips: Path, tmp_path: Path) -> None:
    whole, out = tmp_path / "whole", tmp_path / "killed"
    assert train.main([str(clips), "--out", str(whole), *LIGHT]) == 0
    with Job.start(["core.train", str(clips), "--out", str(out), *LIGHT]) as job:
        for event in job.follow():
            if isinstance(event, StepDone) and event.step == 4:
                job.kill()
    assert train.main(["--out", str(out), "--resume", "--device", "cpu"]) == 0
    assert_same_encoder(out, whole)


def test_a_run_killed_before_its_first_step_can_be_resumed(run: RunFolder, clips: Path, tmp_path: Path) -> None:
    out = tmp_path / "killed"
    RunFolder.create(out, run.config(), run.videos()).close()
    assert train.main(["--out", str(out), "--resume", "--device", "cpu"]) == 0
    assert_same_encoder(out, run.folder)


@pytest.mark.parametrize("how", ["stop", "end of stdin", "SIGTERM", "Ctrl-C"])
def test_a_run_stops_after_the_step_with_a_checkpoint(how: str, clips: Path, tmp_path: Path) -> None:
    if os.name == "nt" and how in ("SIGTERM", "Ctrl-C"):
        pytest.skip("Windows has no such signal for a process of another group")
    out = tmp_path / "stopped"
    words = [str(clips), "--out", str(out), *LIGHT, "--epochs", "100000", "--events", "--control"]
    process = subprocess.Popen(
        [sys.executable, "-m", "core.train", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    for line in process.stdout:
        if '"step_done"' in line:
            break
    if how == "stop":
        process.stdin.write("stop\n")
        process.stdin.flush()
    elif how == "end of stdin":
        process.stdin.close()
    else:
        process.send_signal(signal.SIGTERM if how == "SIGTERM" else signal.SIGINT)
    rest = process.stdout.read()
    assert process.wait(timeout=60) == 0
    process.stdin.close()
    process.stdout.close()
    assert json.loads(rest.splitlines()[-1]) == {"event": "finished", "reason": "stopped", "path": str(out)}
    last_step = [event.step for event in RunFolder.open(out).events() if isinstance(event, StepDone)][-1]
    assert (out / "checkpoints" / f"step-{last_step:08d}.safetensors").is_file()
    assert json.loads((out / "encoder.json").read_text(encoding="utf-8"))["steps"] == last_step


def test_a_detached_run_trains_on_without_its_parent_and_stops_when_told_in_its_folder(
    clips: Path, tmp_path: Path
) -> None:
    out = tmp_path / "detached"
    words = [str(clips), "--out", str(out), *LIGHT, "--epochs", "100000", "--events", "--control"]
    process = subprocess.Popen(
        [sys.executable, "-m", "core.train", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    for line in process.stdout:
        if b'"step_done"' in line:
            break
    process.stdin.write(b"detach\n")
    process.stdin.flush()
    for pipe in (process.stdin, process.stdout, process.stderr):
        pipe.close()
    run = Run.open(out)
    before = len(run.curves())
    assert reached(lambda: len(run.curves()) > before + 5)
    assert process.poll() is None
    run.send("stop")
    assert process.wait(timeout=60) == 0
    assert list(run.replay())[-1] == Finished("stopped", str(out))
    last_step = int(run.curves().steps[-1])
    assert (out / "checkpoints" / f"step-{last_step:08d}.safetensors").is_file()
    assert train.main(["--out", str(out), "--resume", "--device", "cpu", "--epochs", "1"]) == 0  # no stop is left
    assert not run.files.control_file.exists()


def test_pause_and_resume_by_the_parent(clips: Path, tmp_path: Path) -> None:
    out, seen = tmp_path / "paused", list[Event]()
    with Job.start(["core.train", str(clips), "--out", str(out), *LIGHT, "--epochs", "200"]) as job:
        for event in job.follow():
            seen.append(event)
            name = type(event).__name__
            if isinstance(event, StepDone) and event.step == 2:
                job.pause()
            elif name == "Paused" and event.paused:  # type: ignore[union-attr]
                job.resume()
            elif name == "Paused":
                job.stop()
    assert job.returncode == 0
    assert [event.paused for event in seen if type(event).__name__ == "Paused"] == [True, False]  # type: ignore[union-attr]


def test_two_processes_train_one_run_and_one_of_them_takes_the_figures(
    clips: Path, tmp_path: Path, write_video: VideoWriter
) -> None:
    out, held = tmp_path / "two", write_video("held.mp4", 20, image=moving)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    done = subprocess.run(
        [*torchrun, "-m", "core.train", str(clips), "--validation", str(held), "--out", str(out), *LIGHT, "--events"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    steps = [event.step for event in RunFolder.open(out).events() if isinstance(event, StepDone)]
    assert steps == [1, 2, 3, 4, 5, 6]
    assert [event.step for event in RunFolder.open(out).events() if isinstance(event, EvalDone)] == [6]
    assert done.stdout.count('"step_done"') == 6
    assert tensors(out)


def test_another_process_than_the_first_needs_nothing_that_the_first_writes(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one may be slower: the run's folder is not there yet."""
    first = tmp_path / "first"
    assert train.main([str(clips), "--out", str(first), *OPTIONS]) == 0
    for own, began_with in ([], None), (["--init", str(first)], first / "encoder.safetensors"):
        seen: list[dict[str, object]] = []
        monkeypatch.setattr(task, "train_run", lambda run, *rest, seen=seen, **named: seen.append(named) or "done")
        monkeypatch.setenv("RANK", "1")
        monkeypatch.setenv("WORLD_SIZE", "2")
        assert train.main([str(clips), "--out", str(tmp_path / "second"), *OPTIONS, *own]) == 0
        origin = seen[0]["origin"]
        assert (origin.path if isinstance(origin, Origin) else None) == (began_with and began_with.absolute())
    assert not (tmp_path / "second").exists()


def refused(capsys: pytest.CaptureFixture[str], command: list[str]) -> str:
    """The one sentence of a train command that a person must mend."""
    assert train.main(command) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert "Traceback" not in "".join(said)
    return said[-1]


def test_bad_input_gets_one_sentence(clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = ["--out", str(tmp_path / "run"), *OPTIONS]
    (tmp_path / "empty").mkdir()
    assert "empty" in refused(capsys, [str(tmp_path / "empty"), *out])
    assert "nowhere" in refused(capsys, [str(tmp_path / "nowhere"), *out])
    assert "No videos were given" in refused(capsys, out)
    assert "did you mean 'quick'?" in refused(capsys, [str(clips), "--recipe", "quikc", *out])
    assert "did you mean '--train.epochs'?" in refused(capsys, [str(clips), "--train.epoch", "3", *out])
    assert "views.num_frames must be at least 2" in refused(capsys, [str(clips), *out, "--views.num_frames", "1"])
    assert "train.epochs must be a whole number, not 'many'" in refused(capsys, [str(clips), *out, "--epochs", "many"])
    assert not (tmp_path / "run").exists()
    if not torch.cuda.is_available():
        assert "no CUDA GPU" in refused(capsys, [str(clips), *out, "--device", "cuda"])


def test_videos_that_cannot_be_learned_from(
    clips: Path, tmp_path: Path, write_video: VideoWriter, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "a.mp4").write_bytes((clips / "clip0.mp4").read_bytes()[:200])
    assert "a.mp4" in refused(capsys, [str(broken), "--out", str(tmp_path / "run1"), *OPTIONS])
    still = write_video("still/one.mp4", 1, image=moving)
    assert "two frames or more" in refused(capsys, [str(still), "--out", str(tmp_path / "run2"), *OPTIONS])


def test_one_broken_video_among_good_ones_is_named_and_left_out(
    clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (clips / "broken.mp4").write_bytes(b"no video")
    assert train.main([str(clips), "--out", str(tmp_path / "run"), *OPTIONS]) == 0
    assert "broken.mp4" in capsys.readouterr().err
    assert json.loads((tmp_path / "run" / "encoder.json").read_text(encoding="utf-8"))["videos"] == 3


def test_a_folder_with_a_run_is_not_overwritten(
    run: RunFolder, clips: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = run.card_file.read_text(encoding="utf-8")
    assert "already holds a run" in refused(capsys, [str(clips), "--out", str(run.folder), *OPTIONS])
    assert run.card_file.read_text(encoding="utf-8") == before


def test_resume_refuses_other_settings_and_videos_but_takes_more_epochs(
    run: RunFolder, clips: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    resume = ["--out", str(run.folder), "--resume", "--device", "cpu"]
    assert "views.num_frames is 10, not 20" in refused(capsys, [*resume, "--views.num_frames", "20"])
    assert "others were given" in refused(capsys, [str(clips / "clip0.mp4"), *resume])
    assert train.main([*resume, "--epochs", "4"]) == 0
    assert json.loads(run.card_file.read_text(encoding="utf-8"))["steps"] == 8


def test_the_same_command_with_resume_goes_on(
    clips: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """By relative paths, too; and it goes on with what it knows by content, once the videos were moved or renamed."""
    monkeypatch.chdir(tmp_path)
    words = ["clips", "--out", "run", *OPTIONS]
    assert train.main(words) == 0
    assert train.main([*words, "--resume", "--epochs", "4"]) == 0
    clips.rename(tmp_path / "elsewhere")
    assert "clip0.mp4 of the run run was moved or deleted. Say where" in refused(capsys, ["--out", "run", "--resume"])
    os.replace("elsewhere/clip0.mp4", "elsewhere/z.mp4")  # the run's order counts, not the folder's
    assert train.main(["elsewhere", *words[1:], "--resume", "--epochs", "5"]) == 0
    found = RunFolder.open(tmp_path / "run")
    assert [path.name for path in found.videos()] == ["z.mp4", "clip1.mp4", "clip2.mp4"]
    assert json.loads(found.card_file.read_text(encoding="utf-8"))["steps"] == 10
    assert train.main(["--out", "run", "--resume", "--epochs", "6"]) == 0, "it remembers where they lie now"
    for name in ("run", "elsewhere"):
        os.renames(name, f"both/{name}")
    assert train.main(["--out", "both/run", "--resume", "--epochs", "7"]) == 0, "run and videos were moved together"


def test_resume_refuses_a_video_that_was_replaced(
    run: RunFolder, clips: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    resume = ["--out", str(run.folder), "--resume", *OPTIONS, "--epochs", "4"]
    original = (clips / "clip0.mp4").read_bytes()
    os.replace(clips / "clip2.mp4", clips / "clip0.mp4")
    assert "clip0.mp4 has changed since the run" in refused(capsys, resume)
    assert "others were given (clip0.mp4 is missing" in refused(capsys, [str(clips), *resume])
    (clips / "clip2.mp4").write_bytes((clips / "clip0.mp4").read_bytes())
    (clips / "clip0.mp4").write_bytes(original)
    assert train.main(resume) == 0, "put back, it goes on"


def test_resume_where_there_is_no_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "is not a run" in refused(capsys, ["--out", str(tmp_path / "nothing"), "--resume"])


def test_embedding_with_what_is_no_encoder(clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = tmp_path / "encoder.safetensors"
    wrong.write_bytes(b"not tensors at all")
    assert embed.main([str(clips), "--encoder", str(wrong), "--out", str(tmp_path / "e")]) == 2
    said = capsys.readouterr().err
    assert "encoder.safetensors" in said
    assert "Traceback" not in said


def test_a_run_is_trained_further_from_its_weights_with_videos_added(
    run: RunFolder, clips: Path, tmp_path: Path, write_video: VideoWriter
) -> None:
    write_video("clips/new.mp4", 20, image=moving)
    out = tmp_path / "further"
    words = [str(clips), "--init", str(run.folder), "--out", str(out), "--device", "cpu"]
    assert train.main([*words, "--epochs", "1", "--train.learning_rate", "1e-9"]) == 0
    before, after = tensors(run.folder), tensors(out)
    learnt = [name for name in before if name.endswith("weight") and not name.startswith("backbone.frozen")]
    assert learnt
    for name in learnt:  # hardly a step was taken: what it began with is what it is
        assert torch.allclose(before[name], after[name], atol=1e-6), name
    made = RunFolder.open(out)
    assert made.config().views.num_frames == SMALL["views.num_frames"], "without a recipe the settings are the run's"
    assert [path.name for path in made.videos()] == ["clip0.mp4", "clip1.mp4", "clip2.mp4", "new.mp4"]
    card = json.loads(made.card_file.read_text(encoding="utf-8"))
    (ancestor,) = card["ancestors"]
    assert ancestor["digest"] == content_digest(run.encoder_file)
    assert (ancestor["steps"], ancestor["videos"]) == (6, 3)
    third = tmp_path / "third"
    words = ["--init", str(made.encoder_file), "--out", str(third), "--device", "cpu", "--epochs", "1"]
    assert train.main(words) == 0, "without videos it learns from those of the run"
    assert RunFolder.open(third).videos() == made.videos()
    told = json.loads((third / "encoder.json").read_text(encoding="utf-8"))["ancestors"]
    assert [one["digest"] for one in told] == [ancestor["digest"], content_digest(made.encoder_file)]


def test_a_run_that_was_trained_further_goes_on_without_its_ancestor(
    run: RunFolder, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--init", str(run.folder), "--device", "cpu"]
    assert train.main([*words, "--out", str(tmp_path / "whole"), "--epochs", "2"]) == 0
    parts = ["--out", str(tmp_path / "parts"), "--device", "cpu"]
    assert train.main([*words, *parts, "--epochs", "1"]) == 0
    other = [*parts, "--resume", "--init", str(tmp_path / "whole"), "--epochs", "2"]
    assert "was started with the weights of" in refused(capsys, other)
    run.encoder_file.unlink()
    assert train.main([*parts, "--resume", "--epochs", "2"]) == 0
    card = json.loads((tmp_path / "parts" / "encoder.json").read_text(encoding="utf-8"))
    assert (card["steps"], len(card["ancestors"])) == (4, 1)


def test_a_fixed_network_that_learned_elsewhere_is_the_same_after_a_resume(clips: Path, tmp_path: Path) -> None:
    """What is fixed stands in no checkpoint: it must not be that of `backbone.weights` again."""
    finetuned = [*OPTIONS, *as_options({"train.mode": "finetune", "backbone.trainable_blocks": "layer4"})]
    finetuned += ["--recipe", "penn_action", "--train.learning_rate", "0.05", "--epochs", "1"]
    assert train.main([str(clips), "--out", str(tmp_path / "elsewhere"), *finetuned]) == 0
    words = [str(clips), "--init", str(tmp_path / "elsewhere"), *OPTIONS, "--recipe", str(tmp_path / "small.toml")]
    (tmp_path / "small.toml").write_text("", encoding="utf-8")
    assert train.main([*words, "--out", str(tmp_path / "whole"), "--train.patience", "1", "--epochs", "2"]) == 0
    parts = ["--out", str(tmp_path / "parts")]
    assert train.main([*words, *parts, "--train.patience", "1", "--epochs", "1"]) == 0
    shutil.rmtree(tmp_path / "elsewhere")
    assert train.main([*parts, "--device", "cpu", "--resume", "--epochs", "2"]) == 0
    whole, resumed = tensors(tmp_path / "whole"), tensors(tmp_path / "parts")
    untouched = load_encoder_built(tmp_path / "whole")
    for name in (name for name in whole if name.startswith("backbone.")):
        assert torch.equal(whole[name], resumed[name]), name
    assert any(not torch.equal(whole[name], untouched[name]) for name in whole if ".layer4." in name)


def load_encoder_built(run: Path) -> dict[str, torch.Tensor]:
    """The weights that the run's settings alone would give."""
    return build_encoder(RunFolder.open(run).config()).state_dict()


def test_another_network_cannot_be_trained_further(
    run: RunFolder, clips: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = [str(clips), "--init", str(run.folder), "--out", str(tmp_path / "new"), "--device", "cpu"]
    said = refused(capsys, [*words, "--recipe", "quick"])
    assert "backbone.name is 'resnet18' there and 'hog' here" in said
    assert "without --init" in said
    assert "no encoder" in refused(capsys, [*words, "--init", str(tmp_path)])
    assert not (tmp_path / "new").exists()
    assert train.main([*words, "--encoder.dropout", "0", "--epochs", "1"]) == 0, "dropout is no part of the network"
