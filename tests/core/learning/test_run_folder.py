"""A run's folder: begun once, written by one process at a time, readable after any death."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from core.base.control import Stopped
from core.base.errors import CarlError, StorageError, TrainingError
from core.base.events import Event, Failed, Finished, Notice, StepDone
from core.learning import run_folder
from core.learning.run_folder import RunFolder
from core.settings.config import Config, with_values

ROOT = Path(__file__).parents[3]
CONFIG = with_values(Config(), {"train.epochs": 3})
_STEP = StepDone(0, 1, 9, 0.5, 1e-3, 1.0, 10.0, 8.0, 0)

HOLDER = """
import os, sys
from pathlib import Path
from core.settings.config import Config
from core.base.events import Notice
from core.learning.run_folder import RunFolder
run = RunFolder.create(Path(sys.argv[1]), Config(), [])
run.append(Notice("alive"))
print("held", flush=True)
sys.stdin.read()
os._exit(9)
"""


@pytest.fixture(autouse=True)
def _hardly_any_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_folder, "_LOCK_PATIENCE_SECONDS", 0.1)


def test_what_a_run_was_told_is_read_back(tmp_path: Path) -> None:
    videos = [tmp_path / "ein Clip.mp4", tmp_path / "跑步\udcff.mp4"]
    with RunFolder.create(tmp_path / "deep" / "run", CONFIG, videos) as run:
        run.append(Notice("one"))
        run.append(Notice("跑步\udcff"))
    found = RunFolder.open(tmp_path / "deep" / "run")
    assert found.config() == CONFIG
    assert found.videos() == videos
    assert list(found.events()) == [Notice("one"), Notice("跑步\udcff")]
    assert found.checkpoints.is_dir()


def test_videos_are_found_again_from_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    RunFolder.create(Path("run"), CONFIG, [Path("clip.mp4")]).close()
    assert RunFolder.open(tmp_path / "run").videos() == [tmp_path / "clip.mp4"]


def test_an_event_is_on_disk_when_append_returns(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path / "run", CONFIG, []) as run:
        run.append(Notice("now"))
        assert list(RunFolder.open(tmp_path / "run").events()) == [Notice("now")]


def test_a_folder_that_holds_a_run_or_other_files_is_refused(tmp_path: Path) -> None:
    RunFolder.create(tmp_path / "run", CONFIG, []).close()
    with pytest.raises(StorageError, match=r"run already holds a run. Resume it \(--resume\)"):
        RunFolder.create(tmp_path / "run", CONFIG, [])
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.doc").write_text("")
    with pytest.raises(StorageError, match=r"is not empty \(it holds thesis.doc\)"):
        RunFolder.create(tmp_path / "other", CONFIG, [])
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="something else has that name"):
        RunFolder.create(tmp_path / "file", CONFIG, [])
    assert sorted(path.name for path in (tmp_path / "other").iterdir() if path.name != ".lock") == ["thesis.doc"]


def test_a_run_that_failed_before_it_learned_anything_gives_way(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path, CONFIG, []) as run:
        run.append(Failed("these weights do not fit", is_bug=False))
    with RunFolder.create(tmp_path, Config(), []) as run:
        assert list(run.events()) == []
        assert run.config() == Config()
        (run.checkpoints / "step-00000001.safetensors").touch()
        run.append(Failed("the disk is full", is_bug=False))
    with pytest.raises(StorageError, match="already holds a run"):
        RunFolder.create(tmp_path, Config(), [])


@pytest.mark.parametrize("kept", ["", "checkpoints/step-00000001.safetensors", "encoder.safetensors", "thesis.doc"])
def test_only_a_new_folder_in_which_nothing_was_learned_is_discarded(tmp_path: Path, kept: str) -> None:
    with RunFolder.create(tmp_path / "run", CONFIG, []) as run:
        if kept:
            (tmp_path / "run" / kept).touch()
        run.discard_unbegun()
    assert RunFolder.is_run(tmp_path / "run") == (tmp_path / "run").exists() == bool(kept)


def test_a_run_whose_first_step_is_told_is_not_discarded(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path / "run", CONFIG, []) as run:
        run.append(_STEP)
        run.discard_unbegun()
    assert list(RunFolder.open(tmp_path / "run").events()) == [_STEP]


def test_a_refusal_frees_the_lock(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("")
    with pytest.raises(StorageError, match="not empty"):
        RunFolder.create(tmp_path, CONFIG, [])
    (tmp_path / "thesis.doc").unlink()
    RunFolder.create(tmp_path, CONFIG, []).close()


def test_a_beginning_that_was_cut_short_is_begun_again(tmp_path: Path) -> None:
    run = RunFolder.create(tmp_path / "run", CONFIG, [])
    run.close()
    run.config_file.unlink()
    run.events_file.unlink()
    assert not RunFolder.is_run(tmp_path / "run")
    RunFolder.create(tmp_path / "run", CONFIG, []).close()


def test_a_word_to_the_process_before_is_not_obeyed(tmp_path: Path) -> None:
    (tmp_path / "control").write_text("stop", encoding="utf-8")
    for begin in (lambda: RunFolder.create(tmp_path, CONFIG, []), lambda: RunFolder.resume(tmp_path)):
        with begin() as run:
            assert not run.control_file.exists()
            run.control_file.write_text("stop", encoding="utf-8")
    assert RunFolder.open(tmp_path).control_file.exists()  # who only reads leaves it


def test_what_is_no_run_is_neither_opened_nor_resumed(tmp_path: Path) -> None:
    for act in (RunFolder.open, RunFolder.resume):
        for folder in (tmp_path, tmp_path / "missing"):
            with pytest.raises(StorageError, match="is not a run"):
                act(folder)
    assert list(tmp_path.iterdir()) == []


def test_one_process_at_a_time(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path / "run", CONFIG, []) as run:
        assert run.is_running()
        assert RunFolder.open(tmp_path / "run").is_running()
        with pytest.raises(StorageError, match="Another process is training in"):
            RunFolder.resume(tmp_path / "run")
    assert not RunFolder.open(tmp_path / "run").is_running()
    RunFolder.resume(tmp_path / "run").close()


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == "held\n"
        assert RunFolder.open(folder).is_running()
        with pytest.raises(StorageError, match="Another process"):
            RunFolder.resume(folder)
        process.kill()
        process.wait()
    assert not RunFolder.open(folder).is_running()
    with RunFolder.resume(folder) as run:
        assert list(run.events()) == [Notice("alive")]


@pytest.mark.parametrize("torn", ['{"event": "not', "", '{"event": "notice", "message": "whole but for its end"}'])
def test_a_torn_last_line_is_cut_off_on_resume(tmp_path: Path, torn: str) -> None:
    RunFolder.create(tmp_path / "run", CONFIG, []).close()
    events = tmp_path / "run" / "events.jsonl"
    events.write_text('{"event": "notice", "message": "one"}\n' + torn, newline="\n")
    with RunFolder.resume(tmp_path / "run") as run:
        run.append(Notice("two"))
        assert list(run.events()) == [Notice("one"), Notice("two")]


def test_rubbish_among_the_events_is_passed_over(tmp_path: Path) -> None:
    RunFolder.create(tmp_path / "run", CONFIG, []).close()
    events = tmp_path / "run" / "events.jsonl"
    events.write_bytes(b'\xff\xfe\n[]\n{"event": "notice", "message": "one"}\n\x00\x00')
    assert list(RunFolder.open(tmp_path / "run").events()) == [Notice("one")]
    events.unlink()
    assert list(RunFolder.open(tmp_path / "run").events()) == []


@pytest.mark.parametrize(
    ("error", "last"),
    [
        (TrainingError("The loss is not finite."), Failed("The loss is not finite.", is_bug=False)),
        (RuntimeError("oh"), Failed("RuntimeError: oh", is_bug=True)),
        (Stopped(), None),
        (KeyboardInterrupt(), None),
    ],
)
def test_how_the_work_broke_off_is_written_down(tmp_path: Path, error: BaseException, last: Event | None) -> None:
    folder = tmp_path / "run"
    with pytest.raises(type(error)), RunFolder.create(folder, CONFIG, []):
        raise error
    assert list(RunFolder.open(folder).events()) == [last or Finished("stopped", str(folder))]
    assert not RunFolder.open(folder).is_running()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_one_sentence_and_still_frees_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "run"
    RunFolder.create(folder, CONFIG, []).close()
    (folder / "events.jsonl").unlink()
    (folder / "events.jsonl").symlink_to("/dev/full")
    monkeypatch.setattr(RunFolder, "_mend_events", lambda self: None)  # there is no end to what it would read
    with pytest.raises(StorageError, match="The disk is full"), RunFolder.resume(folder) as run:
        run.append(Notice("no room"))
    assert not RunFolder.open(folder).is_running()


def test_who_only_reads_cannot_write(tmp_path: Path) -> None:
    RunFolder.create(tmp_path / "run", CONFIG, []).close()
    with pytest.raises(ValueError, match="opened for reading"):
        RunFolder.open(tmp_path / "run").append(Notice("x"))


def test_damaged_files_are_named(tmp_path: Path) -> None:
    RunFolder.create(tmp_path / "run", CONFIG, []).close()
    run = RunFolder.open(tmp_path / "run")
    run.inputs_file.write_text("{")
    run.config_file.write_text("[train\n")
    for read in (run.videos, run.config):
        with pytest.raises(CarlError, match=r"inputs\.json|config\.toml"):
            read()


def test_a_copied_run_keeps_the_time_when_it_was_begun(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path / "run", Config(), []) as run:
        begun = run.created()
    assert begun is not None
    os.utime(run.inputs_file, (1e9, 1e9))
    copied = RunFolder.open(shutil.copytree(tmp_path / "run", tmp_path / "elsewhere" / "run"))
    assert copied.created() == begun
    with RunFolder.resume(copied.folder) as again:
        again.keep_ancestors([])
    assert copied.created() == begun


def test_a_run_of_before_has_the_time_of_its_inputs(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path / "run", Config(), []) as run:
        run.inputs_file.write_text("{}", encoding="utf-8")
    os.utime(run.inputs_file, (1e9, 1e9))
    begun = run.created()
    assert begun is not None
    assert begun.timestamp() == 1e9
    run.inputs_file.unlink()
    assert run.created() is None
