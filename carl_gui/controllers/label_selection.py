"""Navigate, copy and paste the labels of a video."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject

from carl_gui.controllers.label_edits import LabelEdits
from carl_gui.controllers.playback import PlaybackController
from carl_gui.models.copied_spans import CopiedSpan, copied, pasted
from carl_gui.panels.label.timeline import PhaseTimeline
from core.project import tracks
from core.project.edits import count_of


class LabelSelection(QObject):
    """Copied labels are kept when another video is shown."""

    def __init__(self, edits: LabelEdits, timeline: PhaseTimeline, playback: PlaybackController) -> None:
        super().__init__(edits)
        self._edits, self._timeline, self._playback = edits, timeline, playback
        self._copies: Sequence[CopiedSpan] = ()

    def forget(self) -> None:
        """Nothing is copied any more."""
        self._copies = ()

    def step(self, by: int) -> None:
        """Select the next label (1) or the one before (-1), and show where it begins; where there is none, say so."""
        chosen, place, spans = self._timeline.selected, self._playback.place, self._edits.spans
        if by > 0:
            least = chosen[-1].start_frame + 1 if chosen else place
            found = next((span for span in spans if span.start_frame >= least), None)
        else:
            most = chosen[0].start_frame - 1 if chosen else place
            found = next((span for span in reversed(spans) if span.start_frame <= most), None)
        if found is None:
            said = self.tr("No label comes after this.") if by > 0 else self.tr("No label comes before this.")
            self._edits.said.emit(said if spans else self.tr("This video has no labels yet."))
            return
        self._timeline.select({found.start_frame})
        self._playback.go(found.start_frame)

    def select_all(self) -> None:
        """Every label of the video."""
        self._timeline.select({span.start_frame for span in self._edits.spans})

    def copy(self) -> None:
        """Keep the labels that are selected, or the one that is shown, for `paste`: in this video or another."""
        spans, edges = self._timeline.selected_or_at(self._playback.place), self._edits.edges
        if edges is None or not spans:
            self._edits.said.emit(self.tr("Select the labels to copy."))
            return
        self._copies = copied(spans, {phase.name: phase.id for phase in self._edits.phases}, edges)
        said = self.tr("Copied %n label(s). Paste at the frame where they should start.", "", len(self._copies))
        self._edits.said.emit(said)

    def paste(self) -> None:
        """Lay the copied labels over what is there, from the frame that is shown on, as far apart in time as they
        were."""
        edges = self._edits.edges
        if self._edits.video_id is None or edges is None or not self._copies:
            self._edits.said.emit(self.tr("Nothing copied yet. Select labels and copy them."))
            return
        names = {phase.id: phase.name for phase in self._edits.phases}
        spans, track = pasted(self._copies, self._playback.place, names, edges), list(self._edits.spans)
        for span in spans:
            track = tracks.paint(track, span)
        if spans:
            self._edits.replace(f"Paste {count_of(len(spans), 'label')}", track, {span.start_frame for span in spans})
        if len(spans) < len(self._copies):
            left = len(self._copies) - len(spans)
            self._edits.said.emit(self.tr("%n label(s) left out: past the end or of a deleted phase.", "", left))
