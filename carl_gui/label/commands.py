"""The commands of the page Label in one table: what they are called, and which keys they have at first."""

from __future__ import annotations

from carl_gui.commands.command import LABEL, PanelCommand, PanelTable
from carl_gui.translation import QT_TRANSLATE_NOOP

CONTEXT = "LabelCommands"
"""Under which translators find the texts."""

NUMBERED = 9
"""Phases that have a number key."""
_PHASE = QT_TRANSLATE_NOOP("LabelCommands", "Label as phase {0}")


COMMANDS = PanelTable(
    "label",
    LABEL,
    "label.",
    CONTEXT,
    (
        PanelCommand("mark_start", QT_TRANSLATE_NOOP("LabelCommands", "Mark start"), ("I",)),
        PanelCommand("mark_end", QT_TRANSLATE_NOOP("LabelCommands", "Mark end"), ("O",)),
        PanelCommand(
            "label",
            QT_TRANSLATE_NOOP("LabelCommands", "Label with the chosen phase"),
            ("Return", "Enter"),
            is_edit=True,
        ),
        PanelCommand("unmark", QT_TRANSLATE_NOOP("LabelCommands", "Clear selection"), ("Esc",)),
        PanelCommand("erase", QT_TRANSLATE_NOOP("LabelCommands", "Erase label"), ("Backspace",), is_edit=True),
        PanelCommand("split", QT_TRANSLATE_NOOP("LabelCommands", "Split label here"), ("S",), is_edit=True),
        PanelCommand("merge", QT_TRANSLATE_NOOP("LabelCommands", "Merge labels"), ("M",), is_edit=True),
        PanelCommand("note", QT_TRANSLATE_NOOP("LabelCommands", "Note…"), ("Shift+N",), is_edit=True),
        PanelCommand("next", QT_TRANSLATE_NOOP("LabelCommands", "Next label"), (".",), repeats=True),
        PanelCommand("previous", QT_TRANSLATE_NOOP("LabelCommands", "Previous label"), (",",), repeats=True),
        PanelCommand("next_video", QT_TRANSLATE_NOOP("LabelCommands", "Next video"), ("PgDown",), repeats=True),
        PanelCommand("previous_video", QT_TRANSLATE_NOOP("LabelCommands", "Previous video"), ("PgUp",), repeats=True),
        PanelCommand("find", QT_TRANSLATE_NOOP("LabelCommands", "Search videos to label"), ("Ctrl+F",)),
        PanelCommand(
            "start_back",
            QT_TRANSLATE_NOOP("LabelCommands", "Move start one frame earlier"),
            ("Ctrl+Left",),
            repeats=True,
            is_edit=True,
        ),
        PanelCommand(
            "start_on",
            QT_TRANSLATE_NOOP("LabelCommands", "Move start one frame later"),
            ("Ctrl+Right",),
            repeats=True,
            is_edit=True,
        ),
        PanelCommand(
            "end_back",
            QT_TRANSLATE_NOOP("LabelCommands", "Move end one frame earlier"),
            ("Ctrl+Shift+Left",),
            repeats=True,
            is_edit=True,
        ),
        PanelCommand(
            "end_on",
            QT_TRANSLATE_NOOP("LabelCommands", "Move end one frame later"),
            ("Ctrl+Shift+Right",),
            repeats=True,
            is_edit=True,
        ),
        PanelCommand("select_all", QT_TRANSLATE_NOOP("LabelCommands", "Select all labels"), ("Ctrl+A",)),
        PanelCommand("copy", QT_TRANSLATE_NOOP("LabelCommands", "Copy labels"), ("Ctrl+C",)),
        PanelCommand("paste", QT_TRANSLATE_NOOP("LabelCommands", "Paste labels here"), ("Ctrl+V",), is_edit=True),
        PanelCommand(
            "transfer",
            QT_TRANSLATE_NOOP("LabelCommands", "Transfer labels to other videos…"),
            ("Ctrl+T",),
            is_edit=True,
        ),
        PanelCommand("zoom_in", QT_TRANSLATE_NOOP("LabelCommands", "Zoom timeline in"), ("+", "="), repeats=True),
        PanelCommand("zoom_out", QT_TRANSLATE_NOOP("LabelCommands", "Zoom timeline out"), ("-",), repeats=True),
        PanelCommand("show_all", QT_TRANSLATE_NOOP("LabelCommands", "Fit timeline"), ("0",)),
        PanelCommand("unit", QT_TRANSLATE_NOOP("LabelCommands", "Switch ruler between frames and seconds"), ("T",)),
        PanelCommand(
            "accept_segment",
            QT_TRANSLATE_NOOP("LabelCommands", "Accept predicted segment here"),
            ("A",),
            is_edit=True,
        ),
        PanelCommand(
            "accept_video",
            QT_TRANSLATE_NOOP("LabelCommands", "Accept predictions for this video"),
            ("Shift+A",),
            is_edit=True,
        ),
        PanelCommand(
            "accept_above",
            QT_TRANSLATE_NOOP("LabelCommands", "Accept all predictions above the threshold…"),
            is_edit=True,
        ),
        PanelCommand("confirm", QT_TRANSLATE_NOOP("LabelCommands", "Confirm the label"), ("C",), is_edit=True),
        PanelCommand(
            "confirm_all",
            QT_TRANSLATE_NOOP("LabelCommands", "Confirm all labels of this video"),
            ("Shift+C",),
            is_edit=True,
        ),
        PanelCommand("sensors_add", QT_TRANSLATE_NOOP("LabelCommands", "Add sensor curves…"), is_edit=True),
        PanelCommand("sensors_shift", QT_TRANSLATE_NOOP("LabelCommands", "Shift sensor curves…"), is_edit=True),
        PanelCommand("sensors_remove", QT_TRANSLATE_NOOP("LabelCommands", "Remove sensor curves"), is_edit=True),
        PanelCommand("what_next", QT_TRANSLATE_NOOP("LabelCommands", "Go to next frames to label"), ("N",)),
        PanelCommand("check", QT_TRANSLATE_NOOP("LabelCommands", "Prediction accuracy…")),
        PanelCommand("compare_annotator", QT_TRANSLATE_NOOP("LabelCommands", "Compare with another annotator…")),
        PanelCommand("add_phase", QT_TRANSLATE_NOOP("LabelCommands", "Add phase…"), ("Ctrl+Shift+A",), is_edit=True),
        *(
            PanelCommand(f"phase_{number}", _PHASE, (str(number),), is_edit=True, number=number)
            for number in range(1, NUMBERED + 1)
        ),
    ),
    repeats=False,
)
ALSO_ERASES = "Del"
"""Where Backspace is meant, people press this too; in the library it is the key that removes videos."""
BUTTONS = {
    "mark_start": QT_TRANSLATE_NOOP("LabelCommands", "Start"),
    "mark_end": QT_TRANSLATE_NOOP("LabelCommands", "End"),
    "label": QT_TRANSLATE_NOOP("LabelCommands", "Label"),
    "split": QT_TRANSLATE_NOOP("LabelCommands", "Split"),
    "merge": QT_TRANSLATE_NOOP("LabelCommands", "Merge"),
    "erase": QT_TRANSLATE_NOOP("LabelCommands", "Erase"),
    "note": QT_TRANSLATE_NOOP("LabelCommands", "Note…"),
    "confirm": QT_TRANSLATE_NOOP("LabelCommands", "Confirm"),
    "transfer": QT_TRANSLATE_NOOP("LabelCommands", "Transfer…"),
}
"""Commands with a button under the timeline, and what stands on it."""
