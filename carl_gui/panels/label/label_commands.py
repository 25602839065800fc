"""The commands of the page Label in one table: what they are called, and which keys they have at first."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP

CONTEXT = "LabelCommands"
"""Under which translators find the texts."""

NUMBERED = 9
"""Phases that have a number key."""


@dataclass(frozen=True, slots=True)
class LabelCommand:
    """Something that can be done on the page."""

    name: str
    text: str
    """In English; translated where an action is made of it, with the number of a phase in the place of `{0}`."""
    keys: tuple[str, ...] = ()
    """As `QKeySequence` writes them in PortableText; the first is the one that is shown."""
    is_edit: bool = True
    """Whether it changes the project."""
    repeats: bool = False
    """Whether it is done again while its key is held down."""


COMMANDS = (
    LabelCommand("mark_start", str(QT_TRANSLATE_NOOP("LabelCommands", "Mark start")), ("I",), is_edit=False),
    LabelCommand("mark_end", str(QT_TRANSLATE_NOOP("LabelCommands", "Mark end")), ("O",), is_edit=False),
    LabelCommand(
        "label",
        str(QT_TRANSLATE_NOOP("LabelCommands", "Label with the chosen phase")),
        ("Return", "Enter"),
        repeats=False,
    ),
    LabelCommand("unmark", str(QT_TRANSLATE_NOOP("LabelCommands", "Clear selection")), ("Esc",), is_edit=False),
    LabelCommand("erase", str(QT_TRANSLATE_NOOP("LabelCommands", "Erase label")), ("Backspace",)),
    LabelCommand("split", str(QT_TRANSLATE_NOOP("LabelCommands", "Split label here")), ("S",)),
    LabelCommand("merge", str(QT_TRANSLATE_NOOP("LabelCommands", "Merge labels")), ("M",)),
    LabelCommand(
        "next",
        str(QT_TRANSLATE_NOOP("LabelCommands", "Next label")),
        (".",),
        is_edit=False,
        repeats=True,
    ),
    LabelCommand(
        "previous",
        str(QT_TRANSLATE_NOOP("LabelCommands", "Previous label")),
        (",",),
        is_edit=False,
        repeats=True,
    ),
    LabelCommand(
        "next_video",
        str(QT_TRANSLATE_NOOP("LabelCommands", "Next video")),
        ("PgDown",),
        is_edit=False,
        repeats=True,
    ),
    LabelCommand(
        "previous_video",
        str(QT_TRANSLATE_NOOP("LabelCommands", "Previous video")),
        ("PgUp",),
        is_edit=False,
        repeats=True,
    ),
    LabelCommand("find", str(QT_TRANSLATE_NOOP("LabelCommands", "Search videos to label")), ("Ctrl+F",), is_edit=False),
    LabelCommand(
        "start_back",
        str(QT_TRANSLATE_NOOP("LabelCommands", "Move start one frame earlier")),
        ("Ctrl+Left",),
        repeats=True,
    ),
    LabelCommand(
        "start_on", str(QT_TRANSLATE_NOOP("LabelCommands", "Move start one frame later")), ("Ctrl+Right",), repeats=True
    ),
    LabelCommand(
        "end_back",
        str(QT_TRANSLATE_NOOP("LabelCommands", "Move end one frame earlier")),
        ("Ctrl+Shift+Left",),
        repeats=True,
    ),
    LabelCommand(
        "end_on",
        str(QT_TRANSLATE_NOOP("LabelCommands", "Move end one frame later")),
        ("Ctrl+Shift+Right",),
        repeats=True,
    ),
    LabelCommand(
        "select_all", str(QT_TRANSLATE_NOOP("LabelCommands", "Select all labels")), ("Ctrl+A",), is_edit=False
    ),
    LabelCommand("copy", str(QT_TRANSLATE_NOOP("LabelCommands", "Copy labels")), ("Ctrl+C",), is_edit=False),
    LabelCommand("paste", str(QT_TRANSLATE_NOOP("LabelCommands", "Paste labels here")), ("Ctrl+V",)),
    LabelCommand("transfer", str(QT_TRANSLATE_NOOP("LabelCommands", "Transfer labels to other videos…")), ("Ctrl+T",)),
    LabelCommand(
        "zoom_in",
        str(QT_TRANSLATE_NOOP("LabelCommands", "Zoom timeline in")),
        ("+", "="),
        is_edit=False,
        repeats=True,
    ),
    LabelCommand(
        "zoom_out",
        str(QT_TRANSLATE_NOOP("LabelCommands", "Zoom timeline out")),
        ("-",),
        is_edit=False,
        repeats=True,
    ),
    LabelCommand("show_all", str(QT_TRANSLATE_NOOP("LabelCommands", "Fit timeline")), ("0",), is_edit=False),
    LabelCommand(
        "unit",
        str(QT_TRANSLATE_NOOP("LabelCommands", "Switch ruler between frames and seconds")),
        ("T",),
        is_edit=False,
    ),
    LabelCommand("accept_segment", str(QT_TRANSLATE_NOOP("LabelCommands", "Accept predicted segment here")), ("A",)),
    LabelCommand(
        "accept_video", str(QT_TRANSLATE_NOOP("LabelCommands", "Accept predictions for this video")), ("Shift+A",)
    ),
    LabelCommand(
        "accept_above",
        str(QT_TRANSLATE_NOOP("LabelCommands", "Accept all predictions above the threshold…")),
    ),
    LabelCommand("confirm", str(QT_TRANSLATE_NOOP("LabelCommands", "Confirm the label")), ("C",)),
    LabelCommand(
        "confirm_all", str(QT_TRANSLATE_NOOP("LabelCommands", "Confirm all labels of this video")), ("Shift+C",)
    ),
    LabelCommand(
        "what_next", str(QT_TRANSLATE_NOOP("LabelCommands", "Go to next frames to label")), ("N",), is_edit=False
    ),
    LabelCommand("check", str(QT_TRANSLATE_NOOP("LabelCommands", "Prediction accuracy…")), is_edit=False),
    LabelCommand("add_phase", str(QT_TRANSLATE_NOOP("LabelCommands", "Add phase…")), ("Ctrl+Shift+A",)),
)
PHASE = LabelCommand("phase_{0}", str(QT_TRANSLATE_NOOP("LabelCommands", "Label as phase {0}")), ("{0}",))
ALSO_ERASES = "Del"
"""Where Backspace is meant, people press this too; in the library it is the key that removes videos."""
BUTTONS = {
    "mark_start": str(QT_TRANSLATE_NOOP("LabelCommands", "Start")),
    "mark_end": str(QT_TRANSLATE_NOOP("LabelCommands", "End")),
    "label": str(QT_TRANSLATE_NOOP("LabelCommands", "Label")),
    "split": str(QT_TRANSLATE_NOOP("LabelCommands", "Split")),
    "merge": str(QT_TRANSLATE_NOOP("LabelCommands", "Merge")),
    "erase": str(QT_TRANSLATE_NOOP("LabelCommands", "Erase")),
    "confirm": str(QT_TRANSLATE_NOOP("LabelCommands", "Confirm")),
    "transfer": str(QT_TRANSLATE_NOOP("LabelCommands", "Transfer…")),
}
"""Commands with a button under the timeline, and what stands on it."""
