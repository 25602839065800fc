"""Shared parts of every `python -m core.NAME`: options, progress on stderr or as events, exit status."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from tqdm import tqdm

from core.base.control import Control, Stopped, stopping_on_signals
from core.base.errors import CarlError, ConfigError, StorageError
from core.base.events import Event, Failed, Finished, Notice, Paused, Progress, Sink, StepDone, encode, sentence
from core.base.files import explain_errors
from core.base.followed import followed
from core.base.mended import take_damage
from core.objectives.kinds import KINDS
from core.settings import config as settings_of
from core.settings.config import Config, did_you_mean
from core.settings.renamed import rename_options, with_present_names
from core.video.inputs import INPUT_HELP

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

Body = Callable[[argparse.Namespace, Sink, Control], Finished]

_STATUS_DONE, _STATUS_BUG, _STATUS_USER = 0, 1, 2
_STDIN = 0
_NAMING_FILES = {"weights", "backbone.weights", "backbone.name", "backbone.person_table"}
"""Options that are texts, and may name a file."""
_LONGEST_NAME = 255
"""Bytes, on every usual file system."""


class _Parser(argparse.ArgumentParser):
    """An argument parser whose errors are one sentence, with the nearest known option."""

    def error(self, message: str) -> NoReturn:
        unknown = message.removeprefix("unrecognized arguments: ").split() if "unrecognized" in message else []
        if unknown:
            known = [option for action in _actions(self) for option in action.option_strings]
            word = unknown[0].split("=")[0]
            message = f"Unknown option {word}{did_you_mean(word, known)}"
        raise ConfigError(
            message[:1].upper() + message[1:].rstrip(".?") + (message[-1:] if message[-1:] in ".?" else ".")
        )


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Return the actions of the parser and of its subcommands."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for one in action.choices.values():
                yield from _actions(one)


def new_parser(name: str, description: str) -> argparse.ArgumentParser:
    """Return a parser for `python -m core.NAME` with the options that all commands have."""
    parser = _Parser(prog=f"python -m core.{name}", description=description, allow_abbrev=False)
    _add_common(parser, False)
    return parser


def add_command(to: Subparsers, name: str, description: str) -> argparse.ArgumentParser:
    """Add a command within a command, such as `new` of `core.project`: it takes the common options on its side too."""
    parser = to.add_parser(name, help=description, description=description, allow_abbrev=False)
    _add_common(parser, argparse.SUPPRESS)
    return parser


def _add_common(parser: argparse.ArgumentParser, default: object) -> None:
    parser.add_argument(
        "--events",
        action="store_true",
        default=default,
        help="write JSON lines on stdout instead of a progress bar",
    )
    parser.add_argument(
        "--control",
        action="store_true",
        default=default,
        help='read stop/pause/resume commands from stdin; EOF stops the job unless "detach" was sent first',
    )


def add_settings(to: argparse.ArgumentParser, sections: Sequence[str], objective: str = "scl") -> None:
    """Add every setting of these sections of `Config` as a dotted option, such as `--train.epochs`.

    Args:
        objective: of the objectives' sections only that of this one is shown in the help. The others' options are
            taken too, to be refused by name.
    """
    for item in settings_of.settings():
        section = item.name.split(".")[0]
        if section in sections:
            unit = f" ({item.unit})" if item.unit else ""
            choices = f" [{'|'.join(item.choices)}]" if item.choices else ""
            help_text = f"{item.help}{unit}{choices}; default {item.default}".replace("%", "%%")
            if section in KINDS and section != objective:
                help_text = argparse.SUPPRESS
            to.add_argument(f"--{item.name}", dest=item.name, metavar="VALUE", help=help_text)


def add_library(to: argparse.ArgumentParser) -> None:
    """Add `--library`, the videos that are looked through, and `--encoder`, by which."""
    inputs = f"{INPUT_HELP}; or folders written by core.embed"
    to.add_argument("--library", dest="inputs", nargs="+", type=Path, required=True, metavar="INPUT", help=inputs)
    to.add_argument("--encoder", type=Path, required=True, help="encoder.safetensors, or the folder of its run")


def add_followed(to: argparse.ArgumentParser) -> None:
    """Add `--followed-in`, for work that may outlive the window that began it."""
    to.add_argument(
        "--followed-in",
        type=Path,
        metavar="FOLDER",
        help="write what is told into events.jsonl there too, and obey the last word in the file control there "
        "(stop, pause or resume): so another window follows this work",
    )


def given_settings(args: argparse.Namespace) -> dict[str, object]:
    """Return the dotted options that were given, by name."""
    return {name: value for name, value in vars(args).items() if "." in name and value is not None}


def with_given_settings(config: Config, args: argparse.Namespace) -> Config:
    """Return `config` with the dotted options that were given. Raises ConfigError where one is wrong."""
    return settings_of.with_values(config, given_settings(args), source="command line")


def check_output(args: argparse.Namespace, option: str, suffix: str | tuple[str, ...], inputs: Iterable[Path]) -> None:
    """Refuse, before the long work, an output file that could not be written or would overwrite what is read.

    Raises:
        ConfigError: it does not end in `suffix`, or one of them, or is one of `inputs`.
        StorageError: its folder cannot be made or written.
    """
    path: Path | None = getattr(args, option)
    if path is None:
        return
    suffixes = (suffix,) if isinstance(suffix, str) else suffix
    if path.suffix.lower() not in suffixes:
        kinds, ends = " or ".join(end[1:].upper() for end in suffixes), " or ".join(suffixes)
        raise ConfigError(f"--{option} writes {kinds}, but {path} does not end in {ends}. Change its suffix.")
    if path.resolve() in {one.resolve() for one in inputs}:
        raise ConfigError(f"--{option} {path} would overwrite an input. Give it another name.")
    with explain_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() or not os.access(path.parent, os.W_OK):
        raise StorageError(
            f"{path} cannot be written: it is a folder, or its folder is read-only. Choose another name."
        )


def run(parser: argparse.ArgumentParser, body: Body, argv: Sequence[str] | None = None) -> int:
    """Parse, run `body`, report. Returns the exit status: 0 done or stopped as asked, 2 a user's mistake, 1 our bug."""
    words = list(sys.argv[1:] if argv is None else argv)
    reporter: _Bar | _Lines = _Lines() if "--events" in words else _Bar()
    control = Control()
    present = words
    try:
        with stopping_on_signals(control), control.reporting_pauses(lambda paused: reporter(Paused(paused))):
            known = [option for action in _actions(parser) for option in action.option_strings]
            present = rename_options(words, known)
            parsed = parser.parse_args(present)
            _check_paths(parsed)
            if parsed.control:
                control.listen(_STDIN)
            with (
                followed(getattr(parsed, "followed_in", None), reporter, control) as emit,
                control.reporting_pauses(lambda paused: emit(Paused(paused))),
            ):
                try:
                    finished = body(parsed, emit, control)
                finally:
                    if damage := take_damage():
                        emit(Notice(damage))
                emit(finished)
        return _STATUS_DONE
    except (Stopped, KeyboardInterrupt):
        reporter(Finished("stopped", ""))
        return _STATUS_DONE
    except CarlError as error:
        reporter(Failed(with_present_names(str(error), words, present), is_bug=False))
        return _STATUS_USER
    except Exception as error:  # noqa: BLE001 - the process begins here
        reporter.close()
        traceback.print_exc()
        reporter(Failed(f"{type(error).__name__}: {error}", is_bug=True))
        return _STATUS_BUG
    finally:
        reporter.close()


def _check_paths(parsed: argparse.Namespace) -> None:
    """Refuse paths that no system takes. Raises ConfigError."""
    for name, value in vars(parsed).items():
        for path in value if isinstance(value, list) else [value]:
            if name in _NAMING_FILES and isinstance(path, str):
                path = Path(path)
            if not isinstance(path, Path):
                continue
            if "\0" in str(path):
                raise ConfigError(f"{str(path)!r} contains a NUL character, which no path has. Remove it.")
            if longest := next((part for part in path.parts if len(os.fsencode(part)) > _LONGEST_NAME), None):
                raise ConfigError(
                    f"The name {longest[:40]}… has more than {_LONGEST_NAME} bytes, which no file has. Check its name."
                )


class _Lines:
    """Events as JSON lines on stdout; sentences for the user also on stderr."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()

    def __call__(self, event: Event) -> None:
        with self._one_at_a_time:
            try:
                print(encode(event), flush=True)
            except OSError:  # the parent died (Windows: EINVAL); the end of stdin stops the work in order
                os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(event, Failed):
            with contextlib.suppress(OSError):
                print(event.message, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Do nothing: nothing is open."""


class _Bar:
    """Events as a progress bar with rate and ETA, and sentences, on stderr."""

    def __init__(self) -> None:
        # tqdm's own lock is one between processes too, for which Python 3.14 starts a process of its own.
        tqdm.set_lock(threading.RLock())
        self._bar: tqdm[NoReturn] | None = None
        self._stage = ""

    def __call__(self, event: Event) -> None:
        match event:
            case Progress():
                self._show(event.stage, event.done, event.total, event.unit)
            case StepDone():
                note = f"loss {event.loss:.3f}, {event.frames_per_second:.0f} frames/s"
                self._show("train", event.step, event.total_steps, "step", note)
            case _:
                if isinstance(event, Failed | Finished):
                    self.close()
                if message := sentence(event):
                    tqdm.write(message, file=sys.stderr)

    def _show(self, stage: str, done: float, total: float, unit: str, note: str = "") -> None:
        done, total = (int(value) if value == int(value) else value for value in (done, total))
        if self._bar is None or stage != self._stage:
            self.close()
            self._stage = stage
            self._bar = tqdm(
                desc=stage, unit=f" {unit}", file=sys.stderr, initial=done, total=total, dynamic_ncols=True
            )
        self._bar.total = total
        self._bar.set_postfix_str(note, refresh=False)
        self._bar.update(done - self._bar.n)
        if done >= total:
            self.close()

    def close(self) -> None:
        if self._bar is not None:
            self._bar.close()
            self._bar = None
