"""A training run on disk: its settings, events and weights. One process at a time writes to it."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import Self

from filelock import FileLock, Timeout

from core.base.errors import ConfigError, StorageError
from core.base.events import Event, Failed, StepDone, decode, encode
from core.base.files import content_digest, explain_errors, make_folder, write_text
from core.base.followed import ending_of, is_locked
from core.settings import config as settings_of
from core.settings.config import Config
from core.video.content import current_digest

_NOT_CONTENT = {
    ".lock",
    "inputs.json",
    "actions.json",
    "checkpoints",
    "control",
    ".DS_Store",
    "Thumbs.db",
    "desktop.ini",
}
"""What may lie in a folder that becomes a run: an unfinished `create`, and what file managers leave behind."""

_LOCK_PATIENCE_SECONDS = 2.0
"""A reader's `is_running` holds the lock for a moment; the trainer waits that long."""


@dataclass(frozen=True)
class Origin:
    """The encoder whose weights a run starts from."""

    path: Path
    digest: str
    """`core.base.files.content_digest` of that file when the run was made."""
    ancestors: tuple[Mapping[str, object], ...] = ()
    """What is known of it and of those it came from itself, the oldest first; empty until the run has begun."""

    @classmethod
    def of(cls, encoder_file: Path) -> Self:
        """Return the origin for the file as it is now. Raises StorageError if it cannot be read."""
        with explain_errors(encoder_file):
            return cls(encoder_file.absolute(), content_digest(encoder_file))


class RunFolder:
    """Paths and contents of one run. `create` and `resume` hold the run's lock until `close`; `open` only reads.

    As a context manager it closes, and writes down an exception that ends the work as the last event.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.config_file = folder / "config.toml"
        self.inputs_file = folder / "inputs.json"
        self.actions_file = folder / "actions.json"
        self.events_file = folder / "events.jsonl"
        self.log_file = folder / "log.txt"
        self.control_file = folder / "control"
        """What `Control.watch` obeys while the run goes; of no meaning afterwards."""
        self.checkpoints = folder / "checkpoints"
        self.encoder_file = folder / "encoder.safetensors"
        self.card_file = folder / "encoder.json"
        self._lock = FileLock(folder / ".lock", thread_local=False)
        self._events: FileIO | None = None
        self._made: list[Path] = []
        """Folders that `create` made, the innermost first."""

    @classmethod
    def create(
        cls,
        folder: Path,
        config: Config,
        videos: Sequence[Path],
        validation: Sequence[Path] = (),
        labels: Path | None = None,
        init: Path | None = None,
    ) -> Self:
        """Begin a run in a new or empty folder, or in one whose run failed before it learned anything.

        Args:
            videos: what it learns from.
            validation: videos never learned from, which the figures are of while it learns.
            labels: a segment CSV of any of the videos, for those figures.
            init: an encoder file whose weights it begins with.

        Raises:
            ConfigError: a video is to be learned from and to validate on.
            StorageError: the folder holds a run or other files, or cannot be written; another process has it; `init`
                cannot be read.
        """
        check_apart(videos, validation)
        origin = Origin.of(init) if init else None
        run = cls(folder)
        with explain_errors(folder):
            run._made = [one for one in (folder, *folder.parents) if not one.exists()]
            make_folder(folder)
        run._take_lock()
        try:
            run._refuse_content()
            with explain_errors(run.checkpoints):
                run.checkpoints.mkdir(exist_ok=True)
            run._write_inputs(videos, validation, labels, origin=origin)
            settings_of.save(config, run.config_file)  # last: a folder with this file is a run
            run._open_events()
        except BaseException:
            run.close()
            raise
        return run

    @classmethod
    def open(cls, folder: Path) -> Self:
        """Open a run to read. Raises StorageError where there is none."""
        run = cls(folder)
        if not cls.is_run(folder):
            raise StorageError(f"{folder} is not a run (it has no config.toml). Check the folder's name.")
        return run

    @classmethod
    def resume(cls, folder: Path) -> Self:
        """Resume a run: take its lock and cut off an event that a kill left half written.

        Raises:
            StorageError: there is no run, it cannot be written, or another process has it.
        """
        run = cls.open(folder)
        run._take_lock()
        try:
            run._mend_events()
            run._open_events()
        except BaseException:
            run.close()
            raise
        return run

    @staticmethod
    def is_run(folder: Path) -> bool:
        """Return whether `folder` holds a run."""
        return (folder / "config.toml").is_file()

    def config(self) -> Config:
        """Return the run's settings. Raises ConfigError where the file was damaged."""
        return settings_of.load(self.config_file)

    def videos(self) -> list[Path]:
        """Return the videos that the run learns from. Raises StorageError where the list was damaged."""
        return self._inputs()[0]

    def validation(self) -> list[Path]:
        """Return the videos that it never learns from, which its figures are of. Raises StorageError as `videos`."""
        return self._inputs()[1]

    def labels(self) -> Path | None:
        """Return the segment CSV for those figures. Raises StorageError as `videos`."""
        return self._inputs()[2]

    def origin(self) -> Origin | None:
        """Return the encoder whose weights it began with; None: random ones. Raises StorageError as `videos`."""
        try:
            known = json.loads(self.inputs_file.read_text(encoding="utf-8")).get("origin")  # older runs have none
            return Origin(Path(known["path"]), str(known["digest"]), tuple(known["ancestors"])) if known else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise _unreadable(self.inputs_file, error) from error

    def created(self) -> datetime | None:
        """Return when the run was begun, wherever its folder was copied to since; with a time zone.

        Of runs that did not write it down it is the time of their list of inputs; None where there is none.
        """
        try:
            return datetime.fromisoformat(self._begun()).astimezone()
        except (ValueError, OverflowError):
            pass
        try:
            return datetime.fromtimestamp(self.inputs_file.stat().st_mtime).astimezone()
        except OSError:
            return None

    def _begun(self) -> str:
        """Return when it was begun, as it was written down; empty: it was not."""
        try:
            return str(json.loads(self.inputs_file.read_text(encoding="utf-8")).get("created") or "")
        except (OSError, ValueError, AttributeError):  # not there yet, or damaged
            return ""

    def actions(self) -> list[str]:
        """Return the action of each of `videos`, "" where none was named; empty where the run keeps none."""
        try:
            return [str(one) for one in json.loads(self.actions_file.read_text(encoding="utf-8"))]
        except FileNotFoundError:
            return []
        except (OSError, ValueError, TypeError) as error:
            raise _unreadable(self.actions_file, error) from error

    def keep_actions(self, actions: Sequence[str]) -> None:
        """Remember the action of each of `videos`. Raises StorageError: the folder cannot be written."""
        write_text(self.actions_file, json.dumps(list(actions)))

    def keep_ancestors(self, ancestors: Sequence[Mapping[str, object]]) -> None:
        """Remember what is known of its origin, so that it need not be read again. Raises StorageError."""
        if origin := self.origin():
            videos, validation, labels = self._inputs()
            self._write_inputs(
                videos,
                validation,
                labels,
                self.digests(),
                origin=dataclasses.replace(origin, ancestors=tuple(ancestors)),
            )

    def digests(self) -> dict[Path, str]:
        """Return `core.base.files.content_digest` of its videos, as far as they were read. Raises StorageError as
        `videos`."""
        return {path: digest for path, (digest, _) in self._known().items() if digest}

    def found_again(self) -> tuple[list[Path], list[Path], Path | None]:
        """Return `videos`, `validation` and `labels` where they lie now: where they did, or as they did from the run's
        folder.

        What is found nowhere stays as it was. Raises StorageError as `videos`.
        """
        known = self._known()
        videos, validation, labels = self._inputs()
        found = [[self._beside(path, *known.get(path, ("", ""))) for path in paths] for paths in (videos, validation)]
        return found[0], found[1], self._beside(labels, *known.get(labels, ("", ""))) if labels else None

    def keep_inputs(
        self,
        videos: Sequence[Path],
        validation: Sequence[Path],
        labels: Path | None,
        digests: Mapping[Path, str] | None = None,
    ) -> None:
        """Remember where these lie now, and what they are. Raises StorageError: the folder cannot be written.

        Args:
            digests: of any of them; what is known already stays, since it is what was learned from.
        """
        known = {path.absolute(): digest for path, digest in (digests or {}).items()} | self.digests()
        self._write_inputs(videos, validation, labels, known, origin=self.origin())

    def append(self, event: Event) -> None:
        """Write one event; it is with the operating system when this returns. Raises StorageError: the disk is full."""
        if self._events is None:
            raise ValueError("the run was opened for reading")
        with explain_errors(self.events_file):
            line = (encode(event) + "\n").encode("ascii")
            while line:
                line = line[self._events.write(line) :]

    def events(self) -> Iterator[Event]:
        """Yield every whole event in order of writing; those of steps that a resumed run did again come twice."""
        if not self.events_file.is_file():
            return
        with self.events_file.open(encoding="utf-8", errors="replace", newline="\n") as lines:
            for line in lines:
                event = decode(line)
                if event is not None:
                    yield event

    def is_running(self) -> bool:
        """Return whether a process trains in this folder now: the operating system frees the lock of one that died."""
        if self._lock.is_locked:
            return True
        return is_locked(Path(self._lock.lock_file))

    def close(self) -> None:
        """Close the events and free the lock. May be called again."""
        if self._events is not None:
            self._events.close()
            self._events = None
        self._lock.release()

    def discard_unbegun(self) -> None:
        """Remove the folder and close, if `create` made it and nothing was learned; else do nothing.

        Whoever mistyped an option finds no run that never was. Files of others stay, and so does their folder.
        """
        own = (self.config_file, self.inputs_file, self.events_file, self.log_file, self.control_file)
        lock = Path(self._lock.lock_file)
        if not self._made or not self._holds_only({*own, lock, self.checkpoints}) or self._has_learned():
            return
        if self._events is not None:
            self._events.close()
            self._events = None
        with contextlib.suppress(OSError):  # what cannot be removed gives way to the next run all the same
            for file in own:
                file.unlink(missing_ok=True)
            self.checkpoints.rmdir()
        if os.name == "posix":  # while it is held: nobody else's can be meant
            lock.unlink(missing_ok=True)
        self.close()
        with contextlib.suppress(OSError):
            lock.unlink(missing_ok=True)
            for folder in self._made:
                folder.rmdir()

    def _holds_only(self, own: set[Path]) -> bool:
        try:
            return set(self.folder.iterdir()) <= own
        except OSError:  # gone, or not to be read: not to be touched either
            return False

    def _has_learned(self) -> bool:
        learned = self.encoder_file.exists() or any(self.checkpoints.glob("*"))
        return learned or any(isinstance(event, StepDone) for event in self.events())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with contextlib.suppress(StorageError):  # the error at hand says more
            if self._events is not None and error is not None:
                self.append(ending_of(error, str(self.folder)))
        self.close()

    def _inputs(self) -> tuple[list[Path], list[Path], Path | None]:
        try:
            inputs = json.loads(self.inputs_file.read_text(encoding="utf-8"))
            labels = inputs.get("labels")  # runs before these keys have neither
            videos, validation = (
                [Path(name) for name in names] for names in (inputs["videos"], inputs.get("validation") or [])
            )
            return videos, validation, Path(labels) if labels else None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise _unreadable(self.inputs_file, error) from error

    def _known(self) -> dict[Path, tuple[str, str]]:
        """Return digest of each input, and its path from the run's folder; empty where it is not known."""
        try:
            known = json.loads(self.inputs_file.read_text(encoding="utf-8")).get("known") or {}  # older runs have none
            return {Path(path): (str(one["digest"]), str(one["relative"])) for path, one in known.items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise _unreadable(self.inputs_file, error) from error

    def _beside(self, path: Path, digest: str, relative: str) -> Path:
        beside = Path(os.path.normpath(self.folder.absolute() / relative)) if relative else path
        with contextlib.suppress(OSError):
            now = current_digest(beside, self.config().frames.image_rate) if digest and not path.exists() else digest
            if not path.exists() and beside.exists() and digest == now:
                return beside
        return path

    def _from_here(self, path: Path) -> str:
        with contextlib.suppress(ValueError):  # on another drive
            return Path(os.path.relpath(path.absolute(), self.folder.absolute())).as_posix()
        return ""

    def _write_inputs(
        self,
        videos: Sequence[Path],
        validation: Sequence[Path],
        labels: Path | None,
        digests: Mapping[Path, str] | None = None,
        *,
        origin: Origin | None = None,
    ) -> None:
        known, begun = digests or {}, self._begun() or datetime.now(UTC).isoformat(timespec="seconds")
        listed = [path.absolute() for path in (*videos, *validation, *([labels] if labels else []))]
        inputs = {
            "videos": [str(path.absolute()) for path in videos],
            "validation": [str(path.absolute()) for path in validation],
            "labels": str(labels.absolute()) if labels else None,
            "known": {str(path): {"digest": known.get(path, ""), "relative": self._from_here(path)} for path in listed},
            "origin": {"path": str(origin.path), "digest": origin.digest, "ancestors": list(origin.ancestors)}
            if origin
            else None,
            "created": begun,
        }
        write_text(self.inputs_file, json.dumps(inputs, indent=1))

    def _take_lock(self) -> None:
        try:
            with explain_errors(self.folder):
                self._lock.acquire(timeout=_LOCK_PATIENCE_SECONDS)
        except Timeout as error:
            raise StorageError(
                f"Another process is training in {self.folder}. Wait until it ends, or choose another folder."
            ) from error

    def _refuse_content(self) -> None:
        if self._failed_at_once():  # a wrong option, say: mended, the same command works
            for file in (self.config_file, self.events_file, self.log_file):
                file.unlink(missing_ok=True)
        if self.is_run(self.folder):
            raise StorageError(
                f"{self.folder} already holds a run. Resume it (--resume) or choose another folder (--out)."
            )
        names = sorted(entry.name for entry in self.folder.iterdir())
        others = [name for name in names if name not in _NOT_CONTENT and not name.endswith(".part.toml")]
        if others:
            raise StorageError(f"{self.folder} is not empty (it holds {others[0]}). Choose a new folder (--out).")

    def _failed_at_once(self) -> bool:
        """Return whether the run that lies here ended with a failure and has neither a checkpoint nor an encoder."""
        last = None
        for last in self.events():  # noqa: B007 - the last one is wanted
            pass
        return isinstance(last, Failed) and not self.encoder_file.exists() and not any(self.checkpoints.glob("*"))

    def _mend_events(self) -> None:
        if not self.events_file.is_file():
            return
        with explain_errors(self.events_file), self.events_file.open("rb+") as file:
            content = file.read()
            file.truncate(content.rfind(b"\n") + 1)

    def _open_events(self) -> None:
        with explain_errors(self.events_file):
            self.control_file.unlink(missing_ok=True)  # a word to the process before
            self._events = self.events_file.open("ab", buffering=0)  # nothing is left to be written by `close`


def _unreadable(file: Path, error: Exception) -> StorageError:
    return StorageError(f"The list of videos {file} cannot be read ({error}). Start a new run.")


def check_apart(videos: Sequence[Path], validation: Sequence[Path]) -> None:
    """Raise ConfigError where a video is learned from and validated on: its figures would say nothing."""
    learned = {path.resolve() for path in videos} if validation else set()
    if both := next((path for path in validation if path.resolve() in learned), None):
        raise ConfigError(f"{both} is in both the training and the validation set. Remove it from one of them.")
