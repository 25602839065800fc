"""Videos on disk or at a URL (`s3://bucket/videos`): found by the command, read by the worker that decodes."""

from __future__ import annotations

import contextlib
import datetime
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from core.base.errors import ConfigError, StorageError, VideoError
from core.base.events import Sink, ignore
from core.base.files import cache_folder, make_folder
from core.base.leftovers import temporary_folder
from core.video.content import video_digest, video_state
from core.video.inputs import VIDEO_EXTENSIONS, find_videos
from core.video.natural import natural
from core.video.urls import local_path, url_of

INSTALL = 'pip install "carl-gui[cluster]"'


@dataclass(frozen=True)
class Source:
    """A video before it is read."""

    name: str
    """Absolute path, or URL."""
    num_bytes: int
    """0 where it cannot be read: whoever decodes it says why."""
    modified_ns: int

    @property
    def path(self) -> Path:
        """As embeddings name it. A URL becomes a path that `url_of` turns back."""
        return Path(self.name)

    @property
    def state(self) -> tuple[int, int]:
        """Changes with the file."""
        return self.num_bytes, self.modified_ns

    @contextlib.contextmanager
    def read(self, image_rate: float) -> Iterator[tuple[Path, str]]:
        """Yield where it is on this computer, and its digest; what was fetched for that is removed after.

        Raises:
            VideoError: it cannot be read.
            StorageError: the disk is full.
        """
        if not url_of(self.path):
            try:
                yield self.path, video_digest(self.path, image_rate)
            except OSError as error:
                raise VideoError(
                    f"{self.name} cannot be read on a node of the cluster ({error.strerror}). Put it into a folder "
                    "that all nodes share."
                ) from error
            return
        make_folder(cache_folder("fetched"))
        with temporary_folder("fetched", cache_folder("fetched")) as folder:
            file = folder / PurePosixPath(self.name).name
            fetch(self.name, file)
            yield file, video_digest(file)


def find_sources(inputs: Sequence[Path], sink: Sink = ignore) -> list[Source]:
    """Return the videos that the inputs mean, in order, each once.

    Args:
        inputs: as of `core.video.inputs.find_videos`; or URLs of videos, and of folders that are searched through.

    Raises:
        ConfigError: an input is missing, cannot be read, or holds no video; or a library is missing.
    """
    found: dict[str, Source] = {}
    for one in inputs or [Path()]:
        url = url_of(one)
        for source in _at_url(url) if url else _on_disk([local_path(one)] if inputs else [], sink):
            found.setdefault(source.name, source)
    return list(found.values())


def _on_disk(inputs: Sequence[Path], sink: Sink) -> Iterator[Source]:
    for path in find_videos(inputs, sink):
        state = (0, 0)
        with contextlib.suppress(OSError):
            state = video_state(path)
        yield Source(str(path.absolute()), *state)


def _at_url(url: str) -> list[Source]:
    system, root = open_system(url)
    with explain(url, ConfigError):
        files = {root: system.info(root)} if system.isfile(root) else system.find(root, detail=True)
    named = [
        Source(system.unstrip_protocol(path), int(info.get("size") or 0), _modified_ns(info))
        for path, info in files.items()
        if path == root or _is_video(path.removeprefix(root))
    ]
    if not files:
        raise ConfigError(f"There is no file or folder {url}. Check its name.")
    if not named:
        kinds = ", ".join(sorted(VIDEO_EXTENSIONS))
        raise ConfigError(f"There is no video in the folder {url}. Looked for {kinds}.")
    return sorted(named, key=lambda source: natural(Path(source.name)))


def _is_video(below: str) -> bool:
    path = PurePosixPath(below)
    return path.suffix.lower() in VIDEO_EXTENSIONS and not any(part.startswith(".") for part in path.parts)


def _modified_ns(info: Mapping[str, Any]) -> int:
    """Return when a file was written by what its store says, in whichever of the usual ways; 0: it does not say."""
    when = next((info[key] for key in ("LastModified", "mtime", "updated", "last_modified") if info.get(key)), 0)
    if isinstance(when, str):
        with contextlib.suppress(ValueError):
            when = datetime.datetime.fromisoformat(when)
    if isinstance(when, datetime.datetime):
        when = when.timestamp()
    return int(when * 1e9) if isinstance(when, int | float) else 0


def fetch(url: str, file: Path) -> None:
    """Copy what is at a URL to a file. VideoError: it cannot be read. StorageError: the disk is full."""
    system, path = open_system(url)
    with explain(url, VideoError):
        system.get_file(path, str(file))


def open_system(url: str) -> tuple[Any, str]:
    """Return fsspec's file system of a URL, and the path in it. ConfigError: a library for that is missing."""
    try:
        import fsspec
    except ImportError as error:
        raise ConfigError(f"{url} needs fsspec, which is not installed. Install it: {INSTALL}") from error
    try:
        system, path = fsspec.core.url_to_fs(url)
    except ImportError as error:
        scheme = url.partition(":")[0]
        raise ConfigError(
            f"{url} needs the library of {scheme}:// for fsspec, which is not installed ({error}). Install it; that "
            f"of s3:// comes with {INSTALL}"
        ) from error
    except ValueError as error:
        raise ConfigError(f"{url} cannot be opened ({error}). Check how it starts, such as s3://") from error
    return system, str(path)


@contextlib.contextmanager
def explain(url: str, kind: type[ConfigError | VideoError | StorageError]) -> Iterator[None]:
    """Turn what a store refuses, or its network, into one sentence."""
    try:
        yield
    except FileNotFoundError as error:
        raise kind(f"There is no file or folder {url}. Check its name.") from error
    except _store_errors() as error:
        reason = str(error).partition("\n")[0].rstrip(".")
        raise kind(
            f"{url} cannot be used ({reason}). Check its name, the network, and the credentials in the environment."
        ) from error


def _store_errors() -> tuple[type[Exception], ...]:
    """Return what stores raise: errors of the system, and those of the libraries that are loaded."""
    known = [("botocore.exceptions", "BotoCoreError"), ("aiohttp", "ClientError")]
    loaded = [getattr(sys.modules[module], name) for module, name in known if module in sys.modules]
    return (OSError, *loaded)
