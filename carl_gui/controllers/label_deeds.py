"""Connect the commands, keys and drags of the Label page to their actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from carl_gui.session import Session
from core.project.phase_edits import AddPhase, ColourPhase, MergePhases, OrderPhases, RemovePhases, RenamePhase

if TYPE_CHECKING:
    from carl_gui.controllers.labelling import LabelController

Deed = Callable[[], object]


def connect_actions(page: LabelController, session: Session, if_seen: Callable[[Deed], None]) -> None:
    """Join what the panel says with what is done.

    Args:
        if_seen: does a deed, unless the page is not seen.
    """
    panel, edits = page.panel, page.edits
    panel.phase_number_selected.connect(lambda number: if_seen(lambda: edits.press_number(number)))
    panel.timeline.span_drawn.connect(edits.draw)
    panel.timeline.boundary_moved.connect(edits.move_boundary)
    panel.timeline.split_requested.connect(edits.split)
    _connect_phases(page, session)
    for name, action in _actions(page).items():
        panel.commands[name].triggered.connect(lambda _=False, action=action: if_seen(action))


def _connect_phases(page: LabelController, session: Session) -> None:
    phases = page.panel.phases
    phases.label_requested.connect(page.edits.label_as)
    phases.add_requested.connect(lambda name: session.do(AddPhase(name)))
    phases.rename_requested.connect(lambda number, name: session.do(RenamePhase(number, name)))
    phases.colour_requested.connect(lambda number, colour: session.do(ColourPhase(number, colour)))
    phases.order_requested.connect(lambda ids: session.do(OrderPhases(ids)))
    phases.merge_requested.connect(lambda number, into: session.do(MergePhases(into, (number,))))
    phases.remove_requested.connect(lambda number: session.do(RemovePhases((number,))))


def _actions(page: LabelController) -> dict[str, Deed]:
    """By the names of the commands."""
    panel, edits, selection, timeline = page.panel, page.edits, page.selection, page.panel.timeline
    return {
        "mark_start": lambda: edits.mark(0),
        "mark_end": lambda: edits.mark(1),
        "label": edits.label_as_chosen,
        "unmark": edits.unmark,
        "erase": edits.erase,
        "split": edits.split,
        "merge": edits.merge,
        "next": lambda: selection.step(1),
        "previous": lambda: selection.step(-1),
        "next_video": lambda: page.go_by(1),
        "previous_video": lambda: page.go_by(-1),
        "find": panel.videos.search,
        "start_back": lambda: edits.nudge(0, -1),
        "start_on": lambda: edits.nudge(0, 1),
        "end_back": lambda: edits.nudge(1, -1),
        "end_on": lambda: edits.nudge(1, 1),
        "select_all": selection.select_all,
        "copy": selection.copy,
        "paste": selection.paste,
        "transfer": page.begin_transfer,
        "confirm": edits.confirm,
        "confirm_all": lambda: edits.confirm(is_all=True),
        "accept_segment": page.probe.accept_segment,
        "accept_video": page.probe.accept_video,
        "accept_above": page.probe.accept_above,
        "check": page.check.begin,
        "what_next": page.queue.go_next,
        "zoom_in": lambda: timeline.zoom(1),
        "zoom_out": lambda: timeline.zoom(-1),
        "show_all": timeline.show_all,
        "unit": timeline.toggle_unit,
    }
