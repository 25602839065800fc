"""Screenshots of every view, for the manual: the sample is drawn, trained on and embedded on the fly."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QEvent, QObject, QSettings, QSize, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from carl_gui.guide.next_step import NextStepBar
from carl_gui.main_window import MainWindow
from carl_gui.models.scene import VideoRange
from carl_gui.steps import STEPS
from carl_gui.tasks import finish_tasks
from carl_gui.theme import Theme
from core.base.types import Span
from core.labels.segments import phase_names, read_segments
from core.project.phase_edits import AddPhase
from core.project.span_edits import ReplaceSpans
from core.settings.config import with_values
from core.settings.recipes import find_recipe

if TYPE_CHECKING:
    from carl_gui.explore.many.controller import ManyView
    from carl_gui.explore.map.controller import MapView
    from carl_gui.explore.page import ExploreController
    from carl_gui.explore.pair.controller import PairView
    from carl_gui.explore.right_videos import RightVideos
    from carl_gui.label.controller import LabelController

_THEMES: tuple[Theme, ...] = ("light", "dark")
_POLL_MS = 50
_REST_SECONDS = 0.6
"""For pictures of videos and frames to arrive."""
_PATIENCE_SECONDS = 300.0
_EPOCHS = 30
_SHARE_LEARNED = 0.4
"""Of a run, when it is seen at work."""
_LABELLED = 4
_SIZE = QSize(1280, 800)
_WRONG, _TORN = (0, 1, 2, 3, 0, 5, 6, 7), (3, 7, 1, 5, 0, 6, 2, 4)
"""Which eighths of a clip are put one after the other: where one piece is wrong, and where all are."""

Until = Callable[[], bool]


def take_pictures(app: QApplication, folder: Path) -> int:
    """Write `start-LOOK.png` and `STEP-LOOK.png` for every step; returns the exit status.

    Nothing that the person set, and none of their projects, is touched.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as own:
        window = MainWindow(QSettings(f"{own}/settings.ini", QSettings.Format.IniFormat))
        window.resize(_SIZE)
        window.show()
        _Photographer(window, folder, Path(own, "Sample")).start()
        status = app.exec()
        window.close()
        finish_tasks()
        window.deleteLater()
        QApplication.sendPostedEvents(window, QEvent.Type.DeferredDelete.value)
    return status


def _write_in_other_order(clip: Path, to: Path, pieces: Sequence[int]) -> None:
    """Write a clip out of these pieces of another one, which has as many."""
    from core.video.reader import VideoReader  # it is not needed to start
    from core.video.writer import writing_video

    with VideoReader(clip) as video:
        frames = [frame.image for frame in video.frames()]
        fps = len(frames) / float(video.edges_seconds[-1] - video.edges_seconds[0])
    edges = [round(len(frames) * piece / len(pieces)) for piece in range(len(pieces) + 1)]
    height, width = frames[0].shape[:2]
    with writing_video(to, width=width, height=height, fps=fps) as append:
        for piece in pieces:
            for image in frames[edges[piece] : edges[piece + 1]]:
                append(image)


class _Photographer(QObject):
    """Goes through the views, waiting for each to be ready without blocking the window."""

    def __init__(self, window: MainWindow, folder: Path, project: Path) -> None:
        super().__init__(window)
        self._window, self._folder, self._project = window, folder, project
        self._saved: list[bool] = []
        self._walk = self._walk_through()
        self._until: Until = lambda: True
        self._is_walking = False
        """A step may run events itself, the timer's among them."""
        self._waiting_since = time.monotonic()
        self._timer = QTimer(self, interval=_POLL_MS)
        self._timer.timeout.connect(self._poll)

    def start(self) -> None:
        self._timer.start()

    def _poll(self) -> None:
        if time.monotonic() - self._waiting_since > _PATIENCE_SECONDS:
            print("The pictures were not ready in time.", flush=True)
            self._finish(1)
        elif not self._is_walking and self._until():
            self._waiting_since, self._is_walking = time.monotonic(), True
            try:
                self._until = next(self._walk)
            except StopIteration:
                self._finish(0 if self._saved and all(self._saved) else 1)
            finally:
                self._is_walking = False

    def _finish(self, status: int) -> None:
        self._timer.stop()
        QApplication.exit(status)

    def _walk_through(self) -> Iterator[Until]:
        """Do what a person would; yield what to wait for."""
        window = self._window
        window.ask_device()
        yield lambda: bool(window.device_line())
        yield from self._pictures("start")
        window.projects.make_sample(self._project)
        yield lambda: window.session.project is not None
        yield lambda: bool(window.library.videos) and not window.jobs.jobs and not window.library.imports.is_running
        window.show_page("videos")
        bar = cast("NextStepBar", window.findChild(NextStepBar))
        yield lambda: bool(bar.button.text())
        yield from self._pictures("videos-new")
        config = with_values(find_recipe("quick"), {"train.epochs": _EPOCHS})
        window.training.form.set_recipe("quick")
        window.training.form.set_config(config)
        yield lambda: window.training.form.order() is not None
        if (order := window.training.form.order()) is not None:
            window.training.start(order)
        window.show_page("train")
        yield lambda: any((row.share or 0) > _SHARE_LEARNED for row in window.training.rows)
        yield from self._pictures("train-running")
        yield lambda: window.training.run_state == "done" and not window.jobs.jobs
        window.training.embed()
        yield lambda: not window.jobs.jobs
        yield lambda: window.page_id == "explore" and not window.jobs.jobs  # the best pair opened by itself
        self._label()
        for step in STEPS:
            window.show_page(step.id)
            if step.id == "explore":
                yield from self._show_views(cast("ExploreController", window.page("explore")))
            else:
                if step.id == "label":
                    yield from self._show_predicted(cast("LabelController", window.page("label")))
                yield self._after_rest()
                yield from self._pictures(step.id)
                self._saved.append(window.page_id == step.id)
        yield from self._show_worse(cast("ExploreController", window.page("explore")))

    def _show_predicted(self, label: LabelController) -> Iterator[Until]:
        """Wait for the phases of the clips that have no labels, and show the first of these."""
        probe = label.probe
        probe.changed.connect(self._poll)
        yield lambda: probe.prediction is not None and not probe.is_pending
        rows = sorted(self._window.session.videos.values(), key=lambda video: video.name)
        label.choose(next((video.id for video in rows if not video.num_frames_labelled), None) or label.chosen)
        yield lambda: label.panel.player.view.image is not None

    def _show_views(self, explore: ExploreController) -> Iterator[Until]:
        """Show each view: a pair in the middle of what it shows, and what is found from there."""
        pair = cast("PairView", explore.views["pair"])
        yield lambda: pair.pair is not None
        middle = len(pair.pair.a) // 2 if pair.pair is not None else 0
        pair.players.a.seek(middle)
        for name in explore.views:
            if name == "search":
                explore.find_similar(VideoRange(pair.chosen[0] or 0, middle, middle + 1))
            explore.choose_view(name)
            if name == "many":
                yield from self._to_middle(cast("ManyView", explore.views[name]))
            elif name == "map":
                yield lambda: cast("MapView", explore.views["map"]).panel.canvas.is_sharp
            yield self._after_rest()
            yield from self._pictures("explore" if name == "pair" else f"explore-{name}")
            if name == "pair":
                yield from self._parts({"judgement": explore.panel.judgement, "band": pair.panel.heatmap})

    def _to_middle(self, many: ManyView) -> Iterator[Until]:
        """Wait until all is aligned, and go to the middle of the reference."""
        yield lambda: bool(many.alignments.matches) and not many.alignments.missing
        reference = self._window.session.videos[many.reference or 0]
        many.playing.metronome.seek((reference.num_frames or 0) // 2)

    def _show_worse(self, explore: ExploreController) -> Iterator[Until]:
        """Add a clip in which a piece is wrong, and one in which all is, and show what is said of them."""
        window, session = self._window, self._window.session
        clips = sorted(video.name for video in session.videos.values())
        folder = self._project / "videos"
        wrong, torn = folder / "wrong.mp4", folder / "torn.mp4"
        _write_in_other_order(folder / clips[1], wrong, _WRONG)
        _write_in_other_order(folder / clips[2], torn, _TORN)
        window.library.imports.start([wrong, torn])
        yield lambda: len(session.videos) > len(clips) + 1 and not window.library.imports.is_running
        yield lambda: not window.jobs.jobs
        ids = {video.name: video.id for video in session.videos.values()}
        window.show_page("explore")
        explore.choose_view("pair")
        pair = cast("PairView", explore.views["pair"])
        yield lambda: explore.context.scene is not None and {*ids.values()} <= explore.context.scene.videos.keys()
        pair.choose(ids[clips[0]], ids[torn.name])
        yield lambda: pair.chosen == (ids[clips[0]], ids[torn.name]) and pair.pair is not None
        yield from self._parts({"no-band": pair.panel.heatmap})
        right = explore.context.right
        right.set_performers({ids[name]: "" for name in clips if name not in (clips[1], clips[2])})
        explore.choose_view("many")
        many = cast("ManyView", explore.views["many"])
        many.check(sorted(many.checked), False)
        many.check([ids[name] for name in (wrong.name, *clips[1:6])], True)
        many.choose_reference(judged := ids[wrong.name])
        yield from self._to_middle(many)
        yield lambda: right.judged(judged) is not None or bool(right.disabled_reason(judged))
        many.playing.metronome.seek(self._worst_place(many, right, judged))
        yield self._after_rest()
        yield from self._pictures("deviations")

    def _worst_place(self, many: ManyView, right: RightVideos, judged: int) -> int:
        """Return the frame of the reference that deviates most, one for which others have a match if there is any."""
        beside = [video for video in many.visible if video != judged]

        def worth(frame: int) -> tuple[bool, bool, float]:
            score = right.score(judged, frame)
            return score > 0, any(many.has_partner(video, frame) for video in beside), score

        return max(range(self._window.session.videos[judged].num_frames or 1), key=worth)

    def _label(self) -> None:
        """Give some of the clips the phases with which they were drawn."""
        session = self._window.session
        drawn: dict[str, list[Span]] = {}
        for segment in read_segments(self._project / "videos" / "phases.csv"):
            span = Span(segment.phase, int(segment.start), int(segment.end))
            drawn.setdefault(segment.video, []).append(span)
        for phase in phase_names(drawn.values()):
            session.do(AddPhase(phase))
        for video in sorted(session.videos.values(), key=lambda video: video.name)[:_LABELLED]:
            session.do(ReplaceSpans(video.id, tuple(drawn[video.name])))

    def _pictures(self, name: str) -> Iterator[Until]:
        for theme in _THEMES:
            self._window.apply_theme(theme)
            yield self._after_rest()
            self._saved.append(self._window.grab().save(str(self._folder / f"{name}-{theme}.png")))

    def _parts(self, widgets: Mapping[str, QWidget]) -> Iterator[Until]:
        """Save parts of the window, in its light theme."""
        self._window.apply_theme("light")
        yield self._after_rest()
        for name, widget in widgets.items():
            self._saved.append(widget.grab().save(str(self._folder / f"{name}.png")))

    def _after_rest(self) -> Until:
        rested = time.monotonic() + _REST_SECONDS
        return lambda: time.monotonic() > rested
