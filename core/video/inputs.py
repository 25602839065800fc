"""Find the videos given by the user: files, folders, CSV and JSON lists."""

from __future__ import annotations

import csv
import json
import math
import os
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from core.base.csv_files import SHEETS, Row, columns_of, read_lines, read_rows, split_separator
from core.base.errors import ConfigError, LabelError
from core.base.events import Notice, Sink, ignore
from core.base.listing import some
from core.base.text_files import decode_text
from core.video.episode import SUFFIX, Episode, is_episode, kept_episode
from core.video.image_folder import IMAGE_EXTENSIONS, is_image, is_image_folder
from core.video.names import VideoNames, on_disk
from core.video.natural import natural

# fmt: off
VIDEO_EXTENSIONS = frozenset({
    ".3gp", ".asf", ".avi", ".flv", ".gif", ".m2ts", ".m2v", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".mts",
    ".mxf", ".ogv", ".ts", ".vob", ".webm", ".wmv", SUFFIX,
})
# fmt: on
"""What is taken from a folder; a file that is named itself may have any."""

# fmt: off
_PERHAPS_VIDEOS = frozenset({
    ".264", ".265", ".3g2", ".amv", ".av1", ".avc", ".dav", ".divx", ".dv", ".dvr-ms", ".evo", ".f4v", ".h261",
    ".h263", ".h264", ".h265", ".hevc", ".insv", ".ivf", ".lrv", ".m1v", ".m2p", ".m2t", ".mj2", ".mjpeg", ".mjpg",
    ".mod", ".mp2v", ".mpe", ".mpv",
    ".nut", ".obu", ".ogm", ".ogx", ".qt", ".rm", ".rmvb", ".tod", ".trp", ".vc1", ".vro",
    ".vvc", ".wtv", ".xvid", ".y4m", ".yuv",
})
# fmt: on
"""Raw streams and rare files, which are not taken from a folder: each is named, however much else lies there."""

INPUT_HELP = "video files, folders of videos or of images, or a list (CSV, XLSX or JSON)"
"""What a command says of its inputs."""

_COLUMN, _ACTION = "video", "action"
_START, _END, _PHASE = "start_seconds", "end_seconds", "phase"
_NOT_NAMED = frozenset({"desktop.ini", "thumbs.db"})
"""What file managers leave behind; nobody misses it."""
_OWN_FILE = "project.sqlite"
"""Of a project of this program: what else lies in its folder is no surprise."""
_FEWEST_IMAGES = 2
"""Of a folder of images: one alone is no video."""


def find_videos(inputs: Sequence[Path], sink: Sink = ignore) -> list[Path]:
    """Return the videos that the inputs mean, in order, each once; folders in natural order (`clip2` before `clip10`).

    Args:
        inputs: video files of any extension; folders, searched through all their subfolders for `VIDEO_EXTENSIONS`,
            hidden ones left out, or, where there are none, for folders of images, each of which is a video; `.csv` (or
            `.txt`, `.xlsx`) lists, with a column `video` or with one path a line, relative to the list's folder; with
            `start_seconds`, `end_seconds` or both, each row is an episode (`core.video.episode`), unless there is a
            column `phase`: those are labels;
            `.json` lists `{"videos": ["path", ...]}`, as a run's `inputs.json`: written by programs, so a path may be
            of any length and characters, and what is missing by now is left to whoever opens it. Lists may be UTF-16,
            have backslashes, and whole paths of another computer: those mean the one file below the list's folder that
            has their name.
        sink: told what lies in the folders and is passed over, and which file is taken for one of another computer.

    Raises:
        ConfigError: something named is missing or cannot be read, or holds no video.
    """
    if not inputs:
        raise ConfigError("No videos were given. Name video files, folders that contain some, or a list (CSV or JSON).")
    found: dict[str, Path] = {}
    for listed in inputs:
        for video in _resolve(_from_home(listed), sink):
            # `realpath` of a path of a megabyte takes minutes; what is not there needs none.
            whole = os.path.realpath(video) if os.path.exists(video) else os.path.abspath(video)
            found.setdefault(os.path.normcase(whole), video)
    return list(found.values())


def is_several(path: Path) -> bool:
    """Return whether an input is a folder of videos or a list, and not one video; asks the disk."""
    return (os.path.isdir(path) and not is_image_folder(path)) or path.suffix.lower() in (
        ".csv",
        ".json",
        ".txt",
        *SHEETS,
    )


def actions_of(inputs: Sequence[Path]) -> dict[Path, str]:
    """Return the action of each video of those lists among the inputs that have a column `action`, unless it is empty.

    Raises:
        ConfigError, LabelError: as `find_videos`; a list cannot be read.
    """
    return column_of(inputs, _ACTION)


def column_of(inputs: Sequence[Path], column: str) -> dict[Path, str]:
    """Return what those lists among the inputs that have such a column say of each video, unless that is empty.

    Raises:
        ConfigError, LabelError: as `find_videos`; a list cannot be read.
    """
    values = dict[Path, str]()
    for listed in _lists(inputs):
        columns = columns_of(listed)
        if {_COLUMN, column.casefold()} <= columns:
            if _has_spans(columns):
                found = [(row[column.casefold()], episode) for row, episode in _episodes(listed, ignore)]
                values |= {episode: cell for cell, episode in found if cell}
                continue
            for row in read_rows(listed, (_COLUMN, column.casefold())):
                cell = row[column.casefold()]
                for video in _place(listed, [(row.where, row[_COLUMN])], ignore) if cell else ():
                    values[video] = cell
    return values


def columns_beside(inputs: Sequence[Path]) -> list[str]:
    """Return the columns, beside that of the videos, of all lists among the inputs. LabelError: one cannot be read."""
    with_videos = (columns_of(listed) for listed in _lists(inputs))
    return sorted({column for columns in with_videos if _COLUMN in columns for column in columns} - {_COLUMN, ""})


def _lists(inputs: Sequence[Path]) -> Iterator[Path]:
    """Return the inputs that are lists with lines."""
    for listed in map(on_disk, map(_from_home, inputs)):
        if listed.suffix.lower() in {".csv", ".txt", *SHEETS} and os.path.isfile(listed):
            yield listed


def _resolve(path: Path, sink: Sink) -> list[Path]:
    path = on_disk(path)
    match path.suffix.lower():
        case ".csv" | ".txt" if os.path.isfile(path):
            return _read_list(path, sink)
        case suffix if suffix in SHEETS and os.path.isfile(path):
            return _read_sheet_list(path, sink)
        case ".json" if os.path.isfile(path):
            return _read_json_list(path)
        case _:
            return _at(path, "", sink)


def _from_home(path: Path) -> Path:
    """Return the path with `~` as the home folder; as it is where there is no such user."""
    try:
        return path.expanduser()
    except RuntimeError:
        return path


def _at(path: Path, where: str, sink: Sink) -> list[Path]:
    if not os.path.isdir(path):  # False too where no file can have such a name
        if not os.path.exists(path):
            raise ConfigError(f"There is no file or folder {path}{where}. Check its name.")
        return [path]
    inside = _Inside()
    inside.scan(path)
    videos = sorted(inside.taken, key=natural)
    if not videos:
        kinds = ", ".join(sorted(VIDEO_EXTENSIONS))
        images = ", ".join(sorted(IMAGE_EXTENSIONS))
        perhaps = f" {_name_perhaps(path, inside)}." if inside.perhaps else ""
        raise ConfigError(
            f"There is no video in the folder {path}{where}. Looked for {kinds}, and for folders of two or more "
            f"images ({images}).{perhaps}"
        )
    if passed := _describe_passed_over(path, inside):
        sink(Notice(f"Skipped in {path}: {passed}."))
    return videos


def _describe_passed_over(path: Path, inside: _Inside) -> str:
    """Return what was not taken and how it could be, as the rest of a sentence; empty: nothing."""
    separator = [_name_perhaps(path, inside)] if inside.perhaps else []
    if files := sorted(inside.passed_over, key=natural):
        names = some([file.relative_to(path).as_posix() for file in files])
        count = "1 file, not a video" if len(files) == 1 else f"{len(files)} files, not videos"
        separator.append(f"{count} by the suffix ({names}); to read one anyway, name the file itself")
    if folders := sorted(inside.folders_passed_over, key=natural):
        names = some([str(folder) for folder in folders])
        count = "1 folder of images" if len(folders) == 1 else f"{len(folders)} folders of images"
        remedy = "to read it as a video, name it" if len(folders) == 1 else "to read one as a video, name it"
        separator.append(f"{count}, {names}: {remedy}")
    return "; ".join(separator)


def _name_perhaps(path: Path, inside: _Inside) -> str:
    names = ", ".join(file.relative_to(path).as_posix() for file in sorted(inside.perhaps, key=natural))
    if len(inside.perhaps) == 1:
        return f"1 file may be a video ({names}): to read it, name it"
    return f"{len(inside.perhaps)} files may be videos ({names}): to read them, name them"


@dataclass
class _Inside:
    """The contents of a folder and its subfolders."""

    videos: list[Path] = field(default_factory=list)
    image_folders: dict[Path, list[Path]] = field(default_factory=dict)
    """With the images directly in them."""
    perhaps: list[Path] = field(default_factory=list)
    others: list[Path] = field(default_factory=list)

    def scan(self, folder: Path) -> None:
        """Look through a folder. ConfigError: a folder cannot be read."""
        own: set[Path] = set()
        for here, files in _walk(folder):
            images: list[Path] = []
            if _OWN_FILE in files or here.parent in own:
                own.add(here)
            for name in files:
                suffix = Path(name).suffix.lower()
                if suffix in VIDEO_EXTENSIONS:
                    self.videos.append(here / name)
                elif suffix in _PERHAPS_VIDEOS:
                    self.perhaps.append(here / name)
                elif is_image(name):
                    images.append(here / name)
                elif here not in own and name.casefold() not in _NOT_NAMED:
                    self.others.append(here / name)
            if len(images) >= _FEWEST_IMAGES:
                self.image_folders[here] = images
            else:
                self.others += images

    @property
    def taken(self) -> list[Path]:
        """Images beside videos are pictures of them, covers and the like; alone they are videos."""
        return self.videos or list(self.image_folders)

    @property
    def folders_passed_over(self) -> list[Path]:
        """Folders of images that would be videos if they were named: no video lies in them or below."""
        with_videos = {folder for video in self.videos for folder in video.parents}
        return [folder for folder in self.image_folders if folder not in with_videos] if self.videos else []

    @property
    def passed_over(self) -> list[Path]:
        """Files, without those in `folders_passed_over`."""
        if not self.videos:
            return self.others
        separator = set(self.folders_passed_over)
        return self.others + [
            image for folder, images in self.image_folders.items() if folder not in separator for image in images
        ]


def _walk(folder: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yield every folder with the files in it, what is hidden left out."""

    def refuse(error: OSError) -> None:
        raise ConfigError(
            f"The folder {error.filename} cannot be read ({error.strerror}). Change its permissions or name another."
        ) from error

    for here, folders, files in os.walk(folder, onerror=refuse):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield Path(here), [name for name in files if not name.startswith(".")]


def _read_list(path: Path, sink: Sink) -> list[Path]:
    try:
        text = decode_text(path.read_bytes())
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"The list {path} cannot be read ({reason}). Save it as CSV in UTF-8.") from error
    separator, text = split_separator(text)
    if _has_spans(_header_of(text, separator)):
        return _read_episodes(path, sink)
    named = _names(path, text.splitlines(), separator)
    if not named:
        raise ConfigError(f"The list {path} names no videos. Write one path per line, or a column named {_COLUMN}.")
    return _place(path, [(f"line {line}", name) for line, name in named], sink)


def _read_sheet_list(path: Path, sink: Sink) -> list[Path]:
    try:
        lines = list(read_lines(path))
    except LabelError as error:
        raise ConfigError(f"The list {error}") from error
    head = [cell.casefold() for cell in lines[0].cells] if lines else []
    if len(head) > 1 and _COLUMN not in head:
        raise ConfigError(f"The list {path} has no column named {_COLUMN}: its first row is {', '.join(head)}.")
    if _has_spans(head):
        return _read_episodes(path, sink)
    column = head.index(_COLUMN) if _COLUMN in head else 0
    named = [
        (line.where.removeprefix(f"{path.name}, "), line.cells[column])
        for line in lines[_COLUMN in head :]
        if column < len(line.cells) and line.cells[column]
    ]
    if not named:
        raise ConfigError(f"The list {path} names no videos. Write one path per row, or a column named {_COLUMN}.")
    return _place(path, named, sink)


def _has_spans(columns: Collection[str]) -> bool:
    """Return whether the rows of a list with these columns are episodes."""
    return _COLUMN in columns and _PHASE not in columns and not {_START, _END}.isdisjoint(columns)


def _header_of(text: str, delimiter: str) -> list[str]:
    header = next((line for line in text.splitlines() if line.strip()), "")
    separator = delimiter or max(",;\t", key=header.count)
    return [name.strip().casefold() for name in next(csv.reader([header], delimiter=separator), [])]


def _read_episodes(listed: Path, sink: Sink) -> list[Path]:
    try:
        episodes = _episodes(listed, sink)
    except LabelError as error:
        raise ConfigError(f"The list {error}") from error
    if not episodes:
        raise ConfigError(f"The list {listed} names no videos. Write a path and its span into each row.")
    return [episode for _, episode in episodes]


def _episodes(listed: Path, sink: Sink) -> list[tuple[Row, Path]]:
    """Return the rows of a list with spans, each with the path of its episode; of a whole file, that of the file."""
    rows = [row for row in read_rows(listed, (_COLUMN,)) if row[_COLUMN]]
    spans: defaultdict[Path, list[tuple[float, float, str]]] = defaultdict(list)
    found = []
    for row in rows:
        where = row.where.removeprefix(f"{listed.name}, ")
        (file, *others) = _place(listed, [(where, row[_COLUMN])], sink)
        if row[_START] or row[_END]:
            if others or file.is_dir() or is_episode(file):
                raise ConfigError(
                    f"{row.where}: {row[_COLUMN]} is not one video file, so it has no span. Name the file."
                )
            episode = _episode(row, file)
            spans[file].append((episode.start_seconds, episode.end_seconds, where))
            found.append((row, kept_episode(episode)))
        else:
            found += [(row, video) for video in (file, *others)]
    _report_overlaps(listed, spans, sink)
    return found


def _episode(row: Row, file: Path) -> Episode:
    start = row.number(_START) if row[_START] else 0.0
    end = row.number(_END) if row[_END] else math.inf
    try:
        return Episode(file, start, end)
    except ValueError as error:
        raise ConfigError(f"{row.where}: {error}. Write both in seconds of {file.name}, the earlier first.") from None


def _report_overlaps(listed: Path, spans: Mapping[Path, Sequence[tuple[float, float, str]]], sink: Sink) -> None:
    """Report episodes that share frames: one may be wrong, and what is learned on one is no check on the other."""
    both = []
    for file, of_file in spans.items():
        first_named = {(start, end): where for start, end, where in reversed(of_file)}
        ordered = sorted((start, end, where) for (start, end), where in first_named.items())
        for (_, end, one), (next_start, _, other) in pairwise(ordered):
            if next_start < end:
                both.append(f"{one} and {other} ({file.name})")
    if both:
        sink(Notice(f"Episodes overlap in {listed}: {some(both)}. Their common frames are in each of them."))


def _place(listed: Path, named: Sequence[tuple[str, str]], sink: Sink) -> list[Path]:
    """Return the videos that the lines of a list name; each with where it stands, such as `line 3`."""
    files = {name: _beside(listed, name) for _, name in named}
    elsewhere = _find_by_name(listed, files)
    videos = []
    for where, name in named:
        file = files[name]
        if file is None:
            file = files[name] = _only(listed, where, name, elsewhere[name])
            sink(Notice(f"{listed.name}, {where}: {name} does not exist; {file}, which has the same name, is used."))
        videos += _at(file, f" ({where} of {listed})", sink)
    return videos


def _beside(listed: Path, name: str) -> Path | None:
    """Return the file or folder that a list means, with slashes or backslashes and however letters are composed."""
    candidates = [listed.parent / _from_home(Path(written)) for written in (name, name.replace("\\", "/"))]
    return next((file for one in candidates if os.path.exists(file := _find_composed(one, name))), None)


def _find_composed(path: Path, name: str) -> Path:
    """Return the path as it is on disk; quickly for names that can be written in one way only, of which there may be
    many."""
    return path if name.isascii() else on_disk(path)


def _find_by_name(listed: Path, files: Mapping[str, Path | None]) -> dict[str, list[Path]]:
    """Return for each name without a file the files below the list's folder that it may refer to.

    Two names never mean one file: it is that of the name that shares more of its path, or of neither.
    """
    missing = [name for name, file in files.items() if file is None]
    if not missing:
        return {}
    below = VideoNames(
        (file.absolute(), file) for here, names in _walk(listed.parent) for file in map(here.joinpath, names)
    )
    shared = {name: below.sharing_most(name) for name in missing}
    claims: defaultdict[Path, list[tuple[str, float]]] = defaultdict(list)
    for name, file in files.items():
        count, found = (math.inf, [file]) if file else shared[name]
        for one in found:
            claims[one].append((name, count))

    def has_rival(name: str) -> bool:
        count, found = shared[name]
        return any(other != name and right >= count for one in found for other, right in claims[one])

    return {name: [] if has_rival(name) else shared[name][1] for name in missing}


def _only(listed: Path, where: str, name: str, found: Sequence[Path]) -> Path:
    if not found:
        raise ConfigError(
            f"There is no file or folder {listed.parent / name} ({where} of {listed}). Check its name. For a path "
            f"from another computer, put the video into {listed.parent}, under the same name."
        )
    if len(found) > 1:
        one, other = sorted(found, key=natural)[:2]
        raise ConfigError(f"{name} ({where} of {listed}) may be {one} or {other}. Write the path that is meant.")
    return found[0]


def _read_json_list(path: Path) -> list[Path]:
    try:
        names = json.loads(decode_text(path.read_bytes()))["videos"]
    except OSError as error:
        raise _no_json_list(path, error.strerror or "it cannot be read") from error
    except UnicodeDecodeError as error:
        raise _no_json_list(path, "it is not UTF-8 text") from error
    except (ValueError, RecursionError) as error:
        raise _no_json_list(path, "it is not JSON") from error
    except (KeyError, TypeError) as error:
        raise _no_json_list(path, 'it has no "videos"') from error
    if not isinstance(names, list) or not names:
        raise _no_json_list(path, '"videos" lists no paths')
    for name in names:
        if not _can_be_a_path(name):
            raise _no_json_list(path, f"{name!r:.80} is not a path")
    return [_beside_or_missing(path, name) for name in names]


def _beside_or_missing(listed: Path, name: str) -> Path:
    written = [listed.parent / one for one in (name, name.replace("\\", "/"))]
    return next((file for one in written if os.path.exists(file := _find_composed(one, name))), written[0])


def _no_json_list(path: Path, reason: str) -> ConfigError:
    return ConfigError(f'The list {path} cannot be used ({reason}). Write {{"videos": ["path", ...]}} in UTF-8.')


def _can_be_a_path(name: object) -> bool:
    try:
        return isinstance(name, str) and bool(name) and b"\0" not in os.fsencode(name)
    except UnicodeEncodeError:
        return False


def _names(path: Path, lines: Sequence[str], delimiter: str) -> list[tuple[int, str]]:
    """Return line numbers from 1, and the paths that stand there; `told` is the separator where the list names it."""
    numbered = [(line_number, line.strip()) for line_number, line in enumerate(lines, start=1) if line.strip()]
    if not numbered:
        return []
    header = numbered[0][1]
    separator = delimiter or max(",;\t", key=header.count)
    columns = [name.strip().casefold() for name in _cells(path, *numbered[0], separator)]
    if _COLUMN not in columns:
        if len(columns) > 1 and _beside(path, header.strip('"')) is None:
            raise ConfigError(f"The list {path} has no column named {_COLUMN}: its first line is {header!r}.")
        return [(line_number, line.strip('"')) for line_number, line in numbered]
    column = columns.index(_COLUMN)
    rows = [(line_number, _cells(path, line_number, line, separator)) for line_number, line in numbered[1:]]
    return [
        (line_number, row[column].strip()) for line_number, row in rows if len(row) > column and row[column].strip()
    ]


def _cells(path: Path, line_number: int, line: str, separator: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=separator))
    except csv.Error as error:
        raise ConfigError(
            f"The list {path} cannot be read (line {line_number}: {error}). Save it again as CSV."
        ) from error
