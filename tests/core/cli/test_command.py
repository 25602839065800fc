"""What every command does: options, exit statuses, events on stdout, sentences on stderr."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.base.control import Control
from core.base.errors import ConfigError
from core.base.events import Event, Failed, Finished, Notice, Paused, Sink, StepDone, decode
from core.cli.command import add_settings, given_settings, new_parser, run, with_given_settings
from core.settings.config import Config, settings

ROOT = Path(__file__).parents[3]
CHILD = [sys.executable, "-W", "error", "-m", "tests.core.command_child"]


def finished(arguments: argparse.Namespace, sink: Sink, control: Control) -> Finished:
    return Finished("done", "out")


def child(*arguments: str, send: str | None = "") -> subprocess.CompletedProcess[str]:
    """A command in its own process, fed `send`."""
    return subprocess.run(
        [*CHILD, *arguments],
        input=send,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
        cwd=ROOT,
    )


def events_of(lines: str) -> list[Event]:
    found = [decode(line) for line in lines.splitlines()]
    assert None not in found
    return [event for event in found if event]


def test_done_is_0_with_bars_on_stderr_alone() -> None:
    ended = child("--do", "finish")
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout == ""
    assert "decode: 100%" in ended.stderr
    assert "3/3" in ended.stderr
    assert "loss 0.333" in ended.stderr
    assert ended.stderr.rstrip().endswith("done: out")


def test_done_is_0_with_events_on_stdout_alone() -> None:
    ended = child("--do", "finish", "--events")
    assert ended.returncode == 0
    assert ended.stderr == ""
    events = events_of(ended.stdout)
    assert [event.step for event in events if isinstance(event, StepDone)] == [1, 2, 3]
    assert events[-1] == Finished("done", "out")


@pytest.mark.parametrize("events", [True, False])
def test_a_mistake_is_2_and_one_sentence(events: bool) -> None:
    ended = child("--do", "mistake", *["--events"] * events)
    assert ended.returncode == 2
    assert ended.stderr.strip() == "train.epochs = 0 is too few: give 1 or more."
    expected = [Failed("train.epochs = 0 is too few: give 1 or more.", is_bug=False)] if events else []
    assert events_of(ended.stdout) == expected


@pytest.mark.parametrize("events", [True, False])
def test_a_bug_is_1_and_keeps_its_traceback(events: bool) -> None:
    ended = child("--do", "bug", *["--events"] * events)
    assert ended.returncode == 1
    assert "Traceback" in ended.stderr
    assert "RuntimeError: a bug of ours" in ended.stderr
    assert events_of(ended.stdout) == ([Failed("RuntimeError: a bug of ours", is_bug=True)] if events else [])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--evnts"], "Unknown option --evnts: did you mean '--events'?"),
        (["--zzz"], "Unknown option --zzz. There are: "),
        (["--do"], "Argument --do: expected one argument."),
        (["--event"], "Unknown option --event: did you mean '--events'?"),
    ],
)
def test_a_wrong_option_is_2_and_one_sentence(words: list[str], says: str) -> None:
    ended = child(*words)
    assert ended.returncode == 2
    assert ended.stderr.startswith(says)
    assert ended.stderr.count("\n") == 1


def test_help_is_0() -> None:
    ended = child("--help")
    assert ended.returncode == 0
    assert "--control" in ended.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signals to send")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_in_order(number: signal.Signals, tmp_path: Path) -> None:
    saved = tmp_path / "saved"
    with subprocess.Popen(
        [*CHILD, "--events", "--saved", str(saved)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout
        assert decode(process.stdout.readline()) == Notice("ready")
        process.send_signal(number)
        rest = events_of(process.stdout.read())
        assert process.wait(30) == 0
    assert rest == [Notice("saving"), Finished("stopped", str(saved))]
    assert saved.read_text() == "saved"


def test_control_pauses_resumes_and_stops() -> None:
    with subprocess.Popen(
        [*CHILD, "--events", "--control"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
        cwd=ROOT,
    ) as process:
        assert process.stdin
        assert process.stdout
        told = [("pause", Paused(True)), ("resume", Paused(False)), ("stop", Finished("stopped", ""))]
        assert decode(process.stdout.readline()) == Notice("ready")
        for word, answer in told:
            process.stdin.write(word + "\n")
            assert decode(process.stdout.readline()) == answer
        assert process.wait(30) == 0


def test_with_control_the_end_of_stdin_stops_and_without_it_does_not(tmp_path: Path) -> None:
    assert child("--control", "--saved", str(tmp_path / "saved")).returncode == 0
    assert (tmp_path / "saved").exists()
    assert child("--do", "finish", "--events").returncode == 0


def test_a_dead_parent_does_not_keep_it_from_saving(tmp_path: Path) -> None:
    """Its stdout and stderr break too; still it ends in order."""
    saved = tmp_path / "saved"
    process = subprocess.Popen(
        [*CHILD, "--events", "--control", "--saved", str(saved)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=ROOT,
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdout.readline()
    process.stdout.close()
    process.stderr.close()
    process.stdin.close()
    assert process.wait(30) == 0
    assert saved.read_text() == "saved"


def test_a_detached_command_outlives_its_parent_and_obeys_its_file(tmp_path: Path) -> None:
    """It goes on talking, on pipes that have no other end."""
    saved, control = tmp_path / "saved", tmp_path / "control"
    words = ["--do", "chatter", "--events", "--control", "--saved", str(saved), "--watch", str(control)]
    process = subprocess.Popen(
        [*CHILD, *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT
    )
    assert process.stdin
    assert process.stdout
    assert process.stderr
    process.stdout.readline()
    process.stdin.write(b"detach\n")
    process.stdin.flush()
    readers = [threading.Thread(target=pipe.read, daemon=True) for pipe in (process.stdout, process.stderr)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(30)
    has_let_go = not any(reader.is_alive() for reader in readers)
    process.stdin.close()
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)
    assert not saved.exists()
    control.write_text("stop", encoding="utf-8")
    assert process.wait(30) == 0
    assert saved.read_text() == "saved"
    assert has_let_go
    process.stdout.close()
    process.stderr.close()


def test_every_setting_is_an_option_and_back() -> None:
    made = new_parser("x", "x")
    add_settings(made, ["views", "train"])
    wanted = [item for item in settings() if item.name.split(".")[0] in ("views", "train")]
    words = [word for item in wanted for word in (f"--{item.name}", str(item.default))]
    arguments = made.parse_args(words)
    assert list(given_settings(arguments)) == [item.name for item in wanted]
    assert with_given_settings(Config(), arguments) == Config()
    assert given_settings(made.parse_args([])) == {}
    help_text = made.format_help()
    assert all(f"--{item.name}" in help_text for item in wanted)


def test_a_setting_given_as_an_option_is_checked() -> None:
    made = new_parser("x", "x")
    add_settings(made, ["train"])
    assert with_given_settings(Config(), made.parse_args(["--train.epochs", "7"])).train.epochs == 7
    with pytest.raises(ConfigError, match=r"command line: train\.epochs must be at least 1"):
        with_given_settings(Config(), made.parse_args(["--train.epochs=0"]))
    with pytest.raises(ConfigError, match=r"Unknown option --train\.epoch: did you mean '--train\.epochs'\?"):
        made.parse_args(["--train.epoch", "3"])


def test_arguments_may_be_passed_by_a_caller(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(new_parser("x", "x"), finished, ["--events"]) == 0
    assert events_of(capsys.readouterr().out) == [Finished("done", "out")]
