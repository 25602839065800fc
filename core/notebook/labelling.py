"""`core.label_videos`: from some labelled spans to the phase of every frame."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

from core.align.confidence import LEAST_CONFIDENCE
from core.base.errors import ConfigError, LabelError
from core.base.events import Notice
from core.base.leftovers import temporary_folder
from core.base.listing import count_noun
from core.cli.confidence_option import check_least_confidence
from core.embedding.library import content_finder, paths_of
from core.label.labelling import LabelledVideo
from core.label.suggestions import Suggestion
from core.labels.segments import METHODS, Segment, check_videos
from core.notebook.embedding import EmbeddedVideos, Videos, as_embedded, encoder_of
from core.notebook.inputs import Given, StrPath, given
from core.notebook.pictures import page, picture
from core.notebook.telling import Telling, Work, working
from core.settings.config import did_you_mean
from core.video.names import distinct_names


@dataclass(frozen=True, repr=False, eq=False)
class LabelledVideos(Sequence[LabelledVideo]):
    """Videos with the phase of every frame: a sequence of `core.label.labelling.LabelledVideo`.

    `[0].spans` covers each frame once, `[0].probabilities` is (S, C), one column for each of `phases`.
    """

    videos: tuple[LabelledVideo, ...]
    suggestions: tuple[Suggestion, ...]
    """What to label next: spans in doubt first, then videos that many others are like."""
    notices: tuple[str, ...] = ()
    """What a person should know of it, in sentences."""

    @property
    def phases(self) -> tuple[str, ...]:
        """All of them, in the order in which the labels show them."""
        return self.videos[0].phases

    def __len__(self) -> int:
        return len(self.videos)

    def __iter__(self) -> Iterator[LabelledVideo]:
        return iter(self.videos)

    @overload
    def __getitem__(self, place: int) -> LabelledVideo: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[LabelledVideo]: ...
    def __getitem__(self, place: int | slice) -> LabelledVideo | Sequence[LabelledVideo]:
        return self.videos[place]

    def write(self, path: StrPath, *, format: str = "segments", address_prefix: str = "") -> tuple[str, ...]:
        """Write the phases in a format of this or another program, as `core.label --format` does.

        Args:
            path: a file, or a new folder, as the format is.
            format: such as `segments` (CSV), `boris-project`, `elan`, `label-studio` or `ms-tcn`.
            address_prefix: of `label-studio`: what stands before the names of the videos.

        Returns:
            What a person must know to use what was written, in sentences.

        Raises:
            ConfigError: there is no such format, or `path` does not end as its files do.
            LabelError: the format cannot hold these labels.
            StorageError: the disk refuses, or the folder is there already.
        """
        from core.label.predicting import as_labels
        from core.labels.formats.table import FORMATS

        if format not in FORMATS:
            raise ConfigError(f"Unknown format {format!r}{did_you_mean(format, list(FORMATS))}")
        wanted, file = FORMATS[format], Path(path)
        if wanted.suffixes and file.suffix.lower() not in wanted.suffixes:
            raise ConfigError(
                f"{format} needs a name that ends in {' or '.join(wanted.suffixes)}, not {file}. Rename it."
            )
        labels = as_labels(self.videos, address_prefix)
        wanted.write(file, labels)
        return wanted.all_notes(file, labels)

    def write_timeline(self, path: StrPath) -> None:
        """Draw the phases of each video as coloured bars, a PNG; of more than 61 videos the first.

        Raises:
            StorageError: the disk is full or the folder cannot be written.
        """
        from core.report.performances import Performance
        from core.report.timeline import write_timeline

        names = distinct_names([one.video.path for one in self.videos])
        shown = [Performance(name, one.video, one.spans) for name, one in zip(names, self.videos, strict=True)]
        write_timeline(Path(path), shown, self.phases, has_reference=False)

    def __repr__(self) -> str:
        return f"LabelledVideos({count_noun(len(self), 'video')}, phases {', '.join(self.phases)})"

    def _repr_html_(self) -> str:
        words = "The phases of each video as coloured bars."
        return page(repr(self), picture(self.write_timeline, words, width=900), notices=self.notices)


def label_videos(
    videos: Videos,
    encoder: StrPath | None = None,
    *,
    labels: StrPath | None = None,
    method: str = "both",
    order: bool = True,
    min_confidence: float = LEAST_CONFIDENCE,
    repetitions: bool = False,
    device: str = "auto",
    progress: Telling = True,
) -> LabelledVideos:
    """Tell the phase of every frame from some labelled spans, as `python -m core.label` does.

    Args:
        videos: those with labels and those without: as of `embed_videos`, or what it returned.
        encoder: an `encoder.safetensors`, the folder of its run, or what `train_encoder` returned; None: `videos` are
            embedded already.
        labels: a table (CSV or XLSX) of `video,phase,start_frame,end_frame_exclusive`, or with `start_seconds` and
            `end_seconds`; of two phases or more. None: those of the project in `videos`.
        method: `probe`: frame by frame; `transfer`: along alignments with the labelled videos; `both`.
        order: keep to the order of phases that the labels show.
        min_confidence: how sure a match must be for `transfer`, 0 to below 1.
        repetitions: videos without labels may show several times what the labelled ones show once.
        device: `auto`, `cpu` or `cuda`.
        progress: as of `embed_videos`.

    Returns:
        The videos with their phases, and what is best labelled next.

    Raises:
        ConfigError: a number out of its range, an unknown method, no encoder, no labels.
        LabelError: the table cannot be used; the sentence names file and line.
        VideoError: no video decodes.
        CheckpointError: the encoder cannot be read, or did not make the embeddings in a folder.
        StorageError: the disk is full, or embeddings are damaged.
        KeyboardInterrupt: it was interrupted.

    Example:
        >>> labelled = carl.label_videos(videos, labels="labels.csv")
        >>> labelled[0].spans[0]
        Span(phase='reach', start_frame=0, end_frame_exclusive=31, confidence=1.0, source='label')
    """
    from core.label.predicting import predict_phases, suggest
    from core.label.tables import describe_suggestions

    with working(progress, label_videos) as work:
        check_least_confidence(min_confidence)
        if method not in METHODS:
            raise ConfigError(f"Unknown method {method!r}{did_you_mean(method, list(METHODS))}")
        named = None if isinstance(videos, EmbeddedVideos) else given(videos, work.sink)
        segments = _labels(labels, named, work)
        if named is not None:
            file = encoder_of(encoder)
            check_videos(segments, paths_of(named.paths, file), content_finder(named.paths, file))
        library = as_embedded(videos, encoder, device, work)
        labelled = predict_phases(
            segments,
            library.videos,
            library.encoder,
            method=method,
            order=order,
            least_confidence=min_confidence,
            repetitions=repetitions,
            device=device,
            sink=work.sink,
            control=work.control,
        )
        unsure, whole_videos = suggest(labelled, work.control)
        work.sink(Notice(describe_suggestions(unsure, whole_videos, labelled)))
        return LabelledVideos(tuple(labelled), (*unsure, *whole_videos), tuple(work.notices))


def _labels(labels: StrPath | None, named: Given | None, work: Work) -> list[Segment]:
    from core.label.tables import read_labels

    if labels is not None:
        return read_labels(Path(labels), work.sink)
    if named is None or named.project is None:
        raise ConfigError("No labels were given. Pass a table as labels, or a project as videos.")
    with temporary_folder("carl-notebook") as folder:
        table = named.project.write_labels(folder / "labels.csv")
        if table is None:
            raise LabelError(f"{named.project.folder} has labels of fewer than two phases. Label another one.")
        return read_labels(table, work.sink)
