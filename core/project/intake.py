"""Collect information about video files while they are added, and the edits that store it in a project."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from core.base.events import Event, VideoChecked, VideoDecoded, VideoRefused
from core.project.edits import Together, count_of
from core.project.places import Place
from core.project.rows import Broken, Fact, Found, Split
from core.project.video_edits import AddVideos, NewVideo


@dataclass
class Intake:
    """Receives the `VideoEvent`s while videos are added; the window stores them piece by piece, a command at once."""

    folder: Path
    """Of the project."""
    action: str = ""
    """What the videos show; empty: unknown."""
    splits: Mapping[str, str] = field(default_factory=dict)
    """By file name; others have none."""
    new: deque[VideoChecked] = field(default_factory=deque)
    """Files that can be opened, until they are written."""
    facts: dict[str, Fact] = field(default_factory=dict)
    """By digest, until they are written."""
    digests: dict[str, str] = field(default_factory=dict)
    """By path, of every file that could be opened."""
    refused: dict[str, str] = field(default_factory=dict)
    """By path, why a file cannot be used."""

    def hear(self, event: Event) -> None:
        """Keep what an event says of a file; other events pass."""
        match event:
            case VideoChecked(path, digest):
                self.digests[path] = digest
                self.new.append(event)
            case VideoDecoded():
                self.facts[event.digest] = Found(
                    event.num_frames, event.fps, event.duration_seconds, event.width, event.height
                )
            case VideoRefused(path, message):
                self.refused[path] = message
                if known := self.digests.get(path):
                    self.facts[known] = Broken(message)

    def edit(self, checked: Sequence[VideoChecked], num_videos: int) -> Together:
        """Return the edit that adds these files; `num_videos` is the number in its label, with those written before."""
        splits = dict.fromkeys(self._split(one) for one in checked)
        edits = [
            AddVideos(tuple(self._new_video(one) for one in checked if self._split(one) == split), self.action, split)
            for split in splits
        ]
        return Together(f"Add {count_of(num_videos, 'video')}", tuple(edits))

    def _new_video(self, checked: VideoChecked) -> NewVideo:
        path = Path(checked.path)
        return NewVideo(path, checked.digest, checked.num_bytes, Place.of(path, self.folder))

    def _split(self, checked: VideoChecked) -> Split:
        known: dict[str, Split] = {"train": "train", "val": "val"}
        return known.get(self.splits.get(Path(checked.path).name, "none"), "none")
