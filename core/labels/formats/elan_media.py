"""The media of an ELAN document: the linked videos, their paths and time origins.

ELAN writes paths as they are, `file:///data/50% done #2.mp4`, and decodes nothing: `%20` is no blank to it. Other
programs do encode them, so an address is read in both ways. `file://server/x` is a path on a server.

The time of a medium is the annotation's time plus its TIME_ORIGIN. All videos show the same scene: each gets the
labels, at its own origin. Sound is passed over, unless it says which video it was extracted from.
"""

from __future__ import annotations

import mimetypes
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit
from xml.etree.ElementTree import Element

from core.labels.formats.read_labels import FileVideo, Problem
from core.labels.formats.safe_xml import Document

DIGEST = "carl-studio:digest"
"""Property of the header: the content of the video."""
VIDEO = "carl-studio:video"
"""Property of the header: the name of the video that the digest is of."""
_CONTROL = re.compile("[\x00-\x1f\x7f]")
"""What XML has no place for, or would change."""
_DRIVE = re.compile("/[A-Za-z]:")
_ENCODED = re.compile("(?:[!-$&-~]|%[0-9A-Fa-f]{2})*%[0-9A-Fa-f]{2}(?:[!-$&-~]|%[0-9A-Fa-f]{2})*")
"""As programs write that encode: no blank, nothing but ASCII, and no other `%`."""


@dataclass(frozen=True)
class Medium:
    """A linked video."""

    video: FileVideo
    origin_milliseconds: int = 0
    """To be added to the time of an annotation."""

    @property
    def path(self) -> str:
        """As segments call it."""
        return self.video.path

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


def descriptor(video: Path, document: Path) -> dict[str, str]:
    """Return the attributes that link a video in a document that will lie at `document`."""
    address = _format_path(video.absolute())
    attributes = {
        "MEDIA_URL": f"file:{address}" if address.startswith("//") else f"file:///{address.lstrip('/')}",
        "MIME_TYPE": mimetypes.types_map.get(video.suffix.lower(), "video/mp4"),
    }
    try:
        relative = _format_path(Path(os.path.relpath(video.absolute(), document.absolute().parent)))
    except ValueError:  # on another drive there is none
        return attributes
    return {**attributes, "RELATIVE_MEDIA_URL": relative if relative.startswith("../") else f"./{relative}"}


def file_name(video: Path) -> str:
    """Return a video's file name, as in the property `VIDEO`."""
    return _format_path(Path(video.name))


def _format_path(path: Path) -> str:
    return _CONTROL.sub(lambda found: quote(found[0]), path.as_posix())


def media_of(path: Path, document: Document) -> tuple[list[Medium], list[Problem]]:
    """Return the videos that the document at `path` links, each once; without any link, one of the document's own
    name."""
    header = document.root.find("HEADER")
    linked = [] if header is None else header.findall("MEDIA_DESCRIPTOR")
    old = "" if header is None else header.get("MEDIA_FILE", "")
    if not linked:
        first, *others = _readings(old) if old else (path.stem,)
        digest = _property(document, DIGEST)
        return [Medium(FileVideo(path.name, path=first, digest=digest, others=tuple(others)))], []
    videos = [one for one in linked if not _is_sound(one)]
    videos = videos or [_source_video(one) for one in linked if one.get("EXTRACTED_FROM")]
    problems: list[Problem] = []
    if not videos:
        name = _readings(_address(linked[0]))[0].rpartition("/")[2]
        where = f"{path.name}, line {document.lines[linked[0]]}"
        message = f"no video is linked, only the sound {name!r}. Link the video in ELAN (Edit, Linked Files)."
        return [], [Problem(where, message)]
    media: dict[str, Medium] = {}
    for one in videos:
        line = document.lines.get(one, document.lines[linked[0]])
        where = f"{path.name}, line {line}"
        medium = _medium(path, where, one, _digest(document, one, len(videos)))
        if isinstance(medium, Problem):
            problems.append(medium)
        elif (known := media.setdefault(medium.path, medium)).origin_milliseconds != medium.origin_milliseconds:
            origins = f"{_seconds(known)} and {_seconds(medium)} seconds"
            message = f"{medium.name!r} is linked twice, at origins {origins}; the first is used."
            problems.append(Problem(where, message, medium.path))
    if len(media) > 1:
        problems.append(Problem(path.name, _each_gets_them(list(media.values()))))
    return list(media.values()), problems


def _medium(path: Path, where: str, one: Element, digest: str) -> Medium | Problem:
    readings = _readings(_address(one)) or (path.stem,)
    relative = one.get("RELATIVE_MEDIA_URL", "").removeprefix("file:/")
    beside = tuple(
        Path(os.path.normpath(path.absolute().parent / reading)).as_posix() for reading in _readings(relative)
    )
    origin = one.get("TIME_ORIGIN") or "0"
    try:
        milliseconds = int(origin)
    except ValueError:
        name = readings[0].rpartition("/")[2]
        message = f"the TIME_ORIGIN of {name!r} is {origin!r}, not a number of milliseconds; its labels are left out."
        return Problem(where, message, readings[0])
    return Medium(FileVideo(where, path=readings[0], digest=digest, others=readings[1:], beside=beside), milliseconds)


def _each_gets_them(media: list[Medium]) -> str:
    message = ", ".join(f"{medium.name!r} at {_seconds(medium)}" for medium in media)
    return (
        f"{len(media)} videos are linked ({message} seconds); each gets these labels, at its own time. Add those that "
        "you want labelled to the project."
    )


def _seconds(medium: Medium) -> str:
    return f"{medium.origin_milliseconds / 1000:g}"


def _address(one: Element) -> str:
    return one.get("MEDIA_URL") or one.get("RELATIVE_MEDIA_URL") or ""


def _is_sound(one: Element) -> bool:
    kind = one.get("MIME_TYPE", "")
    if "/" not in kind:  # "unknown"
        kind = mimetypes.types_map.get(Path(_readings(_address(one))[0]).suffix.lower(), "")
    return kind.casefold().startswith("audio/")


def _source_video(one: Element) -> Element:
    """Return the video that a sound is of."""
    attributes = {key: value for key, value in one.items() if key == "TIME_ORIGIN"}
    return Element(one.tag, {**attributes, "MEDIA_URL": one.get("EXTRACTED_FROM", "")})


def _digest(document: Document, one: Element, num_videos: int) -> str:
    """Return the digest of the exported video; empty if another one was linked since."""
    written = _property(document, VIDEO)
    names = {reading.rpartition("/")[2] for reading in _readings(_address(one))}
    is_ours = written in names if written else num_videos == 1
    return _property(document, DIGEST) if is_ours else ""


def _property(document: Document, name: str) -> str:
    return next((one.text or "" for one in document.root.iter("PROPERTY") if one.get("NAME") == name), "")


def _readings(address: str) -> tuple[str, ...]:
    """Return the paths that an address may mean, the likelier first; none where it is empty."""
    scheme, colon, rest = address.partition(":")
    raw = address  # a path, or C:\...
    if colon and len(scheme) > 1:
        raw = rest if scheme.casefold() == "file" else urlsplit(address).path
    raw = raw.replace("\\", "/").removeprefix("//localhost")
    try:
        decoded = unquote(raw, errors="strict")
    except UnicodeDecodeError:
        decoded = raw
    both = (decoded, raw) if _ENCODED.fullmatch(raw) else (raw, decoded)
    return tuple(dict.fromkeys(_plain(one) for one in both if one))


def _plain(path: str) -> str:
    """Return the path with at most one leading slash, and none before a drive."""
    path = f"/{path.lstrip('/')}" if path.startswith("//") else path
    return path[1:] if _DRIVE.match(path) else path
