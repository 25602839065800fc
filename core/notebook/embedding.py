"""`core.embed_videos`: one embedding a frame, as arrays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

from core.base.errors import ConfigError
from core.base.files import check_folder, content_digest
from core.base.leftovers import temporary_folder
from core.base.listing import count_noun
from core.embedding.embedded_video import EmbeddedVideo, encoder_path
from core.embedding.library import follows_people, open_embedded
from core.notebook.inputs import Given, Paths, StrPath, given
from core.notebook.pictures import page, table
from core.notebook.telling import Telling, Work, working
from core.settings.config import Config, FramesConfig, did_you_mean, with_values
from core.video.names import VideoNames, distinct_names

_MOST_ROWS = 20


@dataclass(frozen=True, repr=False, eq=False)
class EmbeddedVideos(Sequence[EmbeddedVideo]):
    """Videos with an embedding of every frame: a sequence of `core.embedding.embedded_video.EmbeddedVideo`, by place
    or by name.

    `videos[0].embeddings` and `videos["pour_01.mp4"].embeddings` are (S, D) float32, rows of norm 1, memory-mapped and
    read-only; `videos[0].edges_seconds` (S + 1,) says when each frame starts and the last one ends, as a player shows
    it. The functions of `core` take it wherever they take videos.
    """

    videos: tuple[EmbeddedVideo, ...]
    encoder: Path
    """The file that embedded them."""
    notices: tuple[str, ...] = ()
    """What a person should know of it, in sentences."""

    def __len__(self) -> int:
        return len(self.videos)

    def __iter__(self) -> Iterator[EmbeddedVideo]:
        return iter(self.videos)

    @overload
    def __getitem__(self, key: int) -> EmbeddedVideo: ...
    @overload
    def __getitem__(self, key: slice) -> EmbeddedVideos: ...
    @overload
    def __getitem__(self, key: str) -> EmbeddedVideo: ...
    def __getitem__(self, key: int | slice | str) -> EmbeddedVideo | EmbeddedVideos:
        """Return a video by its place or by the end of its path. KeyError: no video, or several, are called so."""
        if isinstance(key, slice):
            return EmbeddedVideos(self.videos[key], self.encoder)
        return self._named(key) if isinstance(key, str) else self.videos[key]

    def _named(self, name: str) -> EmbeddedVideo:
        names = VideoNames([(video.path.absolute(), index) for index, video in enumerate(self.videos)])
        found = [self.videos[place] for place in names.ending_in(name)]
        if len(found) > 1:
            raise KeyError(f"{name} may be {found[0].path} or {found[1].path}. Write more of its path.")
        if not found:
            near = did_you_mean(name, [video.path.name for video in self.videos])
            raise KeyError(f"There is no video {name!r}{near}")
        return found[0]

    @property
    def num_frames(self) -> int:
        """Of all videos."""
        return sum(map(len, self.videos))

    def __repr__(self) -> str:
        width = self.videos[0].embeddings.shape[1] if self.videos else 0
        return (
            f"EmbeddedVideos({count_noun(len(self), 'video')}, {count_noun(self.num_frames, 'frame')} of {width} "
            f"numbers, by {_short(self.encoder)})"
        )

    def _repr_html_(self) -> str:
        names = distinct_names([video.path for video in self.videos])[:_MOST_ROWS]
        rows = [
            (name, f"{len(video):,}", f"{video.seconds:.2f}") for name, video in zip(names, self.videos, strict=False)
        ]
        if len(self) > _MOST_ROWS:
            rows.append((f"and {len(self) - _MOST_ROWS:,} more", "", ""))
        return page(repr(self), table(("video", "frames", "seconds"), rows), notices=self.notices)


Videos = Paths | EmbeddedVideos
"""What a call takes: paths, or videos that are embedded already."""


def embed_videos(
    videos: Paths,
    encoder: StrPath,
    *,
    out: StrPath | None = None,
    settings: Mapping[str, object] | None = None,
    person_table: StrPath | None = None,
    device: str = "auto",
    progress: Telling = True,
) -> EmbeddedVideos:
    """Embed every frame of videos with a trained encoder, as `python -m core.embed` does.

    What was embedded before is taken from the cache. Memory stays bounded: embeddings are mapped from the disk.

    Args:
        videos: files, folders, lists (CSV, XLSX or JSON), folders that `core.embed` wrote, or a project's folder; one
            or several.
        encoder: an `encoder.safetensors`, the folder of its run, or what `train_encoder` returned.
        out: folder for `STEM.npy`, `index.csv` and the frames' times; None: nothing is written but the cache.
        settings: dotted settings of the section `frames`, such as `{"frames.decode_workers": 2}`.
        person_table: a table (`video,frame,x,y`) of whom body pose follows; None: whom the project says, else the
            largest.
        device: `auto`, `cpu` or `cuda`.
        progress: True: a line on stderr; False: none; a function: it gets each event (`core.base.events`).

    Returns:
        The videos, a sequence: `[0].embeddings` is (S, D) float32, rows of norm 1. One that does not decode is left
        out, and `notices` says so.

    Raises:
        ConfigError: nothing to embed, or a wrong setting.
        VideoError: no video decodes.
        CheckpointError: the encoder cannot be read, or did not make the embeddings in a folder.
        LabelError: the table of people cannot be used.
        StorageError: the disk is full, or a folder cannot be read or written.
        KeyboardInterrupt: it was interrupted; what was embedded is kept.

    Example:
        >>> videos = carl.embed_videos("clips", "runs/first")
        >>> videos["a.mp4"].embeddings.shape
        (212, 128)
    """
    with working(progress, embed_videos) as work:
        frames = with_values(Config(), _of_frames(settings or {}), source="settings").frames
        file = encoder_path(Path(encoder))
        if out is not None:
            check_folder(Path(out))
        named = given(videos, work.sink)
        people = None if person_table is None else Path(person_table)
        opened = _open(named, file, device, work, frames=frames, people=people)
        if out is not None:
            from core.cli.embed import write

            write(Path(out), opened, file, work.sink)
        return EmbeddedVideos(tuple(opened), file, tuple(work.notices))


def as_embedded(videos: Videos, encoder: StrPath | None, device: str, work: Work) -> EmbeddedVideos:
    """Return what a call is given as embedded videos, embedding what is not embedded yet.

    Raises:
        ConfigError: no encoder is named, or another one than that of videos that are embedded already.
        CarlError: as `embed_videos`.
    """
    if isinstance(videos, EmbeddedVideos):
        if encoder is not None:
            check_encoder(Path(encoder), videos)
        return videos
    file = encoder_of(encoder)
    return EmbeddedVideos(tuple(_open(given(videos, work.sink), file, device, work)), file)


def encoder_of(encoder: StrPath | None) -> Path:
    """Return the encoder's file. ConfigError: none is named. CheckpointError: there is none."""
    if encoder is None:
        raise ConfigError("No encoder was given. Pass encoder, or videos returned by embed_videos.")
    return encoder_path(Path(encoder))


def check_encoder(encoder: Path, videos: EmbeddedVideos) -> None:
    """Refuse another encoder than that of embedded videos. ConfigError: it is one. CheckpointError: there is none."""
    file = encoder_path(encoder)
    if file != videos.encoder and content_digest(file) != content_digest(videos.encoder):
        raise ConfigError(
            f"These videos were embedded by {videos.encoder}, not by {file}. Leave encoder out, or embed them again."
        )


def check_same_encoder(videos: Iterable[EmbeddedVideo]) -> None:
    """Refuse embeddings of several encoders, which say nothing of each other. Raises ConfigError."""
    known = {video.encoder_digest: video.path for video in videos if video.encoder_digest}
    if len(known) > 1:
        one, other = list(known.values())[:2]
        raise ConfigError(f"{one.name} and {other.name} were embedded by different encoders. Embed them with one.")


def _open(
    named: Given,
    encoder: Path,
    device: str,
    work: Work,
    *,
    frames: FramesConfig | None = None,
    people: Path | None = None,
) -> Sequence[EmbeddedVideo]:
    with temporary_folder("carl-notebook") as folder:
        if people is None and named.project is not None and follows_people(encoder):
            people = named.project.write_people(folder / "people.csv")
        opened = open_embedded(
            named.paths,
            encoder,
            device=device,
            frames=frames,
            people=people,
            sink=work.sink,
            control=work.control,
        )
    work.control.obey()
    return opened


def _of_frames(settings: Mapping[str, object]) -> Mapping[str, object]:
    for name in settings:
        if not name.startswith("frames."):
            raise ConfigError(f"settings: {name!r} is not in the section frames. Leave it out: the encoder has it.")
    return settings


def _short(path: Path) -> str:
    """Return the end of a path that tells a run: its folder and the file."""
    return "/".join(path.parts[-2:])
