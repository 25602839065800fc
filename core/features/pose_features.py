"""Body-pose features for training and embedding: landmarks found once, vectors and augmented copies."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.base.ahead import run_ahead
from core.base.control import Control
from core.base.disk_cache import CacheEntry, DiskCache
from core.base.errors import ConfigError, LabelError
from core.base.events import Notice, Sink, ignore
from core.base.files import cache_folder, replacing
from core.base.progress import Counter, Meter, Tally
from core.features.backbone_features import FeatureFile
from core.model.encoder import Encoder
from core.model.one_thread import one_thread_each
from core.pose.file_progress import sentences, several_people
from core.pose.following import Follower
from core.pose.kept import LandmarkCache, read_landmarks, write_landmarks
from core.pose.landmarks import Landmarks
from core.pose.networks import PoseNetworks
from core.pose.people import People, Point
from core.pose.vectors import Body
from core.settings.config import Config
from core.video.frame_store import StoredVideo

_FORMAT = 2
"""Part of every key: to be raised when the same landmarks come to make other vectors, or the same video others."""

_TOGETHER = 8
"""Videos that go through the networks at once on a GPU."""


class PoseFeatures:
    """Body-pose vectors by video content, like `FeatureCache` for images.

    Args:
        encoder: its backbone holds the networks.
        people: whom to follow.
        folder: where vectors and landmarks lie; None: the user's cache folders.
        max_bytes: of the vectors, and of the landmarks; the least recently used go first.
    """

    precision_key = ""

    def __init__(
        self,
        encoder: Encoder,
        config: Config,
        *,
        max_bytes: int,
        people: People,
        folder: Path | None = None,
    ) -> None:
        networks = encoder.backbone.frozen
        assert isinstance(networks, PoseNetworks)
        device = next(networks.buffers()).device
        self._follower = Follower(networks, _TOGETHER if device.type == "cuda" else 1)
        self._config, self._people = config, people
        self.together = self._follower.batch
        self.at_once = torch.get_num_threads() if self.together == 1 else 2
        self._crowded: list[str] = []
        self._identity = encoder.backbone.identity
        self._landmarks = LandmarkCache(self._identity, max_bytes=max_bytes, folder=folder and folder / "poses")
        self._cache = DiskCache(folder or cache_folder("features"), max_bytes)

    def variant(self, video: StoredVideo) -> str:
        """Return what names the person who is followed, for the keys of what is computed; empty where nobody chose."""
        point = self._point(video)
        return f"-{point.key}" if point else ""

    def notices(self, video: StoredVideo) -> list[str]:
        """Return in which frames of a video no person was found."""
        (landmarks,) = self._find_landmarks([video], Control(), Meter(ignore, "pose", len(video), "frame"))
        return self._notices(video, landmarks)

    def closing_notices(self) -> list[str]:
        """Return which videos show several people."""
        crowded, self._crowded = self._crowded, []
        return [several_people(crowded)] if crowded else []

    def _notices(self, video: StoredVideo, landmarks: Landmarks) -> list[str]:
        point = self._point(video)
        if point is None and landmarks.people > 1:
            self._crowded.append(video.path.name)
        return list(sentences(video, landmarks, point))

    def prepare(self, videos: Sequence[StoredVideo], control: Control, sink: Sink = ignore) -> None:
        """Find the landmarks of all videos, several at once, and tell in which frames nobody was found.

        Raises:
            Stopped: `control` asked for it; finished groups of videos stay in the cache.
        """
        self._prepare(videos, control, sink)

    def _prepare(self, videos: Sequence[StoredVideo], control: Control, sink: Sink) -> list[Landmarks]:
        """Return the landmarks of each distinct video."""
        meter = Meter(sink, "pose", sum(map(len, videos)), "frame")
        distinct = list({video.digest: video for video in videos}.values())
        meter.skip(sum(map(len, videos)) - sum(map(len, distinct)))
        groups = [distinct[start : start + self.together] for start in range(0, len(distinct), self.together)]
        found = [landmarks for group in self._find_ahead(groups, control, meter) for landmarks in group]
        for video, landmarks in zip(distinct, found, strict=True):
            for sentence in self._notices(video, landmarks):
                sink(Notice(sentence))
        for sentence in self.closing_notices():
            sink(Notice(sentence))
        return found

    def _find_ahead(
        self, groups: Sequence[Sequence[StoredVideo]], control: Control, meter: Meter
    ) -> Iterator[list[Landmarks]]:
        """Yield the landmarks of each group of videos; on a CPU a thread walks through each of several videos."""
        tally, workers = Tally(), Control()
        with one_thread_each(self.at_once, "pose") as threads:
            yield from run_ahead(
                lambda group: self._find_landmarks(group, workers, tally),
                groups,
                threads,
                at_once=self.at_once,
                control=control,
                workers=workers,
                poll=lambda: tally.empty_into(meter),
            )

    def clean(self, video: StoredVideo, control: Control, meter: Counter) -> FeatureFile:
        """Return vectors of the person as they are."""
        return self._file(video, "clean", None, control, meter)

    def copies(self, videos: Sequence[StoredVideo], control: Control, sink: Sink = ignore) -> list[list[FeatureFile]]:
        """Return for each video its vectors and those of `train.augmented_copies` other bodies with the same motion.

        The draw depends on the seed, the video's content and the copy's number alone.

        Raises:
            ConfigError: nobody is found in any video.
            Stopped: `control` asked for it; what was computed stays in the cache.
        """
        if not any(one.is_seen.any() for one in self._prepare(videos, control, sink)):
            raise ConfigError(
                f"No person was found in any of the {len(videos)} videos, so body pose has nothing to learn from. "
                "Use the recipe frozen, or backbone.name = auto, which looks first."
            )
        return list(self._with_copies(videos, control, sink))

    def each_with_copies(
        self, videos: Sequence[StoredVideo], control: Control, sink: Sink = ignore
    ) -> Iterator[list[FeatureFile]]:
        """Yield what `copies` returns, also where nobody is found; nothing of it is held. Stopped: as there."""
        self._prepare(videos, control, sink)
        yield from self._with_copies(videos, control, sink)

    def _with_copies(self, videos: Sequence[StoredVideo], control: Control, sink: Sink) -> Iterator[list[FeatureFile]]:
        train = self._config.train
        meter = Meter(sink, "features", sum(map(len, videos)) * (train.augmented_copies + 1), "frame")
        for video in videos:
            files = [self.clean(video, control, meter)]
            for copy in range(train.augmented_copies):
                generator = np.random.default_rng([train.seed, 5, copy, int(video.digest[:16], 16)])
                files.append(self._file(video, f"{train.seed}/{copy}", generator, control, meter))
            yield files

    def _find_landmarks(self, videos: Sequence[StoredVideo], control: Control, meter: Counter) -> list[Landmarks]:
        """Return the landmarks of a few videos: those that are not there yet are found together."""
        order = sorted(videos, key=lambda video: video.digest)  # locks are taken in one order by all processes
        with contextlib.ExitStack() as held:
            entries = {video.digest: held.enter_context(self._entry(video)) for video in order}
            for video in order:
                held.enter_context(entries[video.digest].making(control))
            missing = [video for video in videos if not entries[video.digest].is_sound()]
            meter.skip(sum(len(video) for video in videos if video not in missing))

            def step(frames: int) -> None:
                control.obey()
                meter.add(frames)

            points = [self._point(video) for video in missing]
            for video, landmarks in zip(missing, self._follower.follow(missing, points, step), strict=True):
                write_landmarks(entries[video.digest], landmarks)
            return [read_landmarks(entries[video.digest]) for video in videos]

    def _entry(self, video: StoredVideo) -> CacheEntry:
        return self._landmarks.entry(video, self._point(video))

    def _point(self, video: StoredVideo) -> Point | None:
        """Return the position of the person to follow. LabelError: past the video's end."""
        point = self._people.of(video.path, video.digest)
        if point and point.frame >= len(video):
            raise LabelError(
                f"The person to follow in {video.path.name} is named at frame {point.frame}, but the video has "
                f"{len(video)} frames, from 0. Correct the table of people."
            )
        return point

    def _file(
        self, video: StoredVideo, name: str, generator: np.random.Generator | None, control: Control, meter: Counter
    ) -> FeatureFile:
        entry = self._cache.entry(self._key(video, name))
        with entry.making(control):
            if entry.is_sound():
                meter.skip(len(video))
            else:
                control.obey()
                is_found = self._is_found(video)
                finding = Meter(ignore, "pose", len(video), "frame") if is_found else meter
                self._write(entry, self._rows(video, generator, control, finding))
                if is_found:
                    meter.add(len(video))
        return FeatureFile(entry)

    def _key(self, video: StoredVideo, name: str) -> str:
        size = f"{video.width}x{video.height}"
        parts = [_FORMAT, self._identity, self._config.backbone.pose_view, size, self.variant(video), name]
        if name != "clean":
            parts.append(self._config.augment.flip_prob)
        if video.meta.grey_key:
            parts.append(video.meta.grey_key)
        return f"{video.digest}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:24]}"

    def _is_found(self, video: StoredVideo) -> bool:
        with self._entry(video) as entry:
            return entry.is_complete

    def _rows(
        self, video: StoredVideo, generator: np.random.Generator | None, control: Control, finding: Counter
    ) -> NDArray[np.float16]:
        """Return (S, F); frames are counted in which a person is found now."""
        (landmarks,) = self._find_landmarks([video], control, finding)
        body = Body.of(landmarks, video.meta.fps)
        if generator is not None:
            body = body.copy(generator, mirror=self._config.augment.flip_prob)
        return body.vectors(self._config.backbone.pose_view).astype(np.float16)

    def _write(self, entry: CacheEntry, rows: NDArray[np.float16]) -> None:
        self._cache.make_room(rows.nbytes)
        with replacing(entry.path / "features.npy") as partial:
            np.save(partial, rows)
        entry.publish()
