"""A process with a real window that edits or trains without end and says what its screen has shown: to be killed.

python -m tests.carl_gui.window_child edit|label|train PROJECT [EPOCHS]
"""

from __future__ import annotations

import hashlib
import random
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QPushButton

from carl_gui.app import application, show
from carl_gui.job_control.order import TrainingOrder
from carl_gui.main_window import MainWindow
from carl_gui.settings import open_settings
from core.base.events import Event, Failed, Finished, StepDone
from core.base.types import Span
from core.project.edits import Together
from core.project.span_edits import ReplaceSpans
from core.project.video_edits import SetAction, SetNotes
from tests.carl_gui.projects import tiny_config
from tests.core.project.editing_child import spans_after
from training.queue import QueuedJob

RUN = "run-1"
VIEWS_PER_VIDEO = 10


def _say(word: object) -> None:
    print(word, flush=True)


def _edit(window: MainWindow) -> None:
    """Edits begin with the number after what the notes say; every seventh is undone and redone."""
    session, model = window.session, window.library.panel.model
    number = int(session.require().notes() or 0)
    timer = QTimer(window)

    def edit() -> None:
        nonlocal number
        number += 1
        action = f"take {number}"
        parts = SetNotes(str(number)), ReplaceSpans(1, spans_after(number)), SetAction((1,), action)
        if session.do(Together("Edit", parts)) and model.video(1).action == action:
            _say(number)
        if number % 7 == 0:
            session.undo()
            session.redo()

    timer.timeout.connect(edit)
    timer.start()


def digest(spans: Sequence[Span]) -> str:
    """By which two tracks are compared."""
    return hashlib.sha256(repr(list(spans)).encode()).hexdigest()[:16]


def _label(window: MainWindow) -> None:
    """Random deeds of the step Label in the first video; after each that is a step, what its timeline shows."""
    window.show_page("label")
    page = window.page("label")
    project, edits, timeline = window.session.require(), page.edits, page.panel.timeline
    frames, generator = timeline.state.axis.num_frames, random.Random()
    timer = QTimer(window)

    def some_frames() -> tuple[int, int]:
        one, other = sorted(generator.sample(range(frames + 1), 2))
        return one, other

    def step() -> int:
        newest = project.next_undo()
        return 0 if newest is None else newest.id

    def edit() -> None:
        before = step()
        page.panel.phases.choose(generator.choice(page.panel.phases.model.rows).id)
        timeline.select({span.start_frame for span in page.spans if generator.random() < 0.3})
        actions = (
            lambda: edits.draw(*some_frames()),
            lambda: edits.split(generator.randrange(frames)),
            lambda: edits.label_as_chosen(),
            edits.merge,
            edits.erase,
        )
        generator.choice(actions)()
        if step() != before:
            _say(digest(timeline.state.manual.spans))

    _say(digest(timeline.state.manual.spans))
    timer.timeout.connect(edit)
    timer.start()


def _train(window: MainWindow) -> None:
    """Goes on with what the window offers; where it offers nothing, begins a run."""

    def tell(job: QueuedJob, event: Event) -> None:
        if isinstance(event, StepDone):
            _say(f"step {event.step}")

    def end(job: QueuedJob, ending: Finished | Failed) -> None:
        _say(f"ended {ending}")
        QApplication.quit()

    window.jobs.event_received.connect(tell)
    window.jobs.finished.connect(end)
    if sentence := window.banner.sentence:
        (resume,) = [one for one in window.banner.findChildren(QPushButton) if one.isVisibleTo(window.banner)]
        resume.click()
        _say(f"offered {sentence}")
    elif (window.session.require().runs / RUN).exists():
        _say("nothing is offered")
        QApplication.exit(1)
    else:
        config = tiny_config(epochs=int(sys.argv[3]), repeats_per_epoch=VIEWS_PER_VIDEO)
        window.show_page("train")
        window.training.start(TrainingOrder(RUN, "quick", {}, config, "all", "cpu"))
        window.jobs.changed.connect(lambda: _say("begun"), Qt.ConnectionType.SingleShotConnection)


def main() -> int:
    """Run it; returns the exit status."""
    window = MainWindow(open_settings())
    handler = {"edit": _edit, "label": _label, "train": _train}[sys.argv[1]]
    window.session.opened.connect(lambda: QTimer.singleShot(0, window, lambda: handler(window)))
    window.ask_device = lambda: None  # type: ignore[method-assign]  # a child that nobody waits for here
    return show(application(), window, Path(sys.argv[2]))


if __name__ == "__main__":
    application()
    sys.exit(main())
