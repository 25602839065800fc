"""The commands of the view of a pair in one table: what they are called, and which keys they have at first."""

from __future__ import annotations

from carl_gui.commands.command import EXPLORE
from carl_gui.commands.panel_table import PanelCommand, PanelTable
from carl_gui.translation import QT_TRANSLATE_NOOP

CONTEXT = "PairCommands"
"""Under which translators find the texts."""

COMMANDS = PanelTable(
    "explore",
    EXPLORE,
    "explore.",
    CONTEXT,
    (
        PanelCommand("swap", str(QT_TRANSLATE_NOOP("PairCommands", "Swap A and B")), ("X",)),
        PanelCommand("itself", str(QT_TRANSLATE_NOOP("PairCommands", "Compare A with itself"))),
        PanelCommand("move_path", str(QT_TRANSLATE_NOOP("PairCommands", "Move both along the path"))),
        PanelCommand("move_a", str(QT_TRANSLATE_NOOP("PairCommands", "Let A lead B"))),
        PanelCommand("move_b", str(QT_TRANSLATE_NOOP("PairCommands", "Let B lead A"))),
        PanelCommand("move_offset", str(QT_TRANSLATE_NOOP("PairCommands", "Lock offset"))),
        PanelCommand("move_free", str(QT_TRANSLATE_NOOP("PairCommands", "Move each alone"))),
        PanelCommand("next_mode", str(QT_TRANSLATE_NOOP("PairCommands", "Next linking mode")), ("D",)),
        PanelCommand("next_pace", str(QT_TRANSLATE_NOOP("PairCommands", "Next tempo along the path")), ("Shift+D",)),
        PanelCommand("previous_peak", str(QT_TRANSLATE_NOOP("PairCommands", "Previous difference")), ("Shift+N",)),
        PanelCommand("next_peak", str(QT_TRANSLATE_NOOP("PairCommands", "Next difference")), ("N",)),
        PanelCommand(
            "previous_repetition", str(QT_TRANSLATE_NOOP("PairCommands", "Previous repetition")), ("Shift+R",)
        ),
        PanelCommand("next_repetition", str(QT_TRANSLATE_NOOP("PairCommands", "Next repetition")), ("R",)),
        PanelCommand("pin", str(QT_TRANSLATE_NOOP("PairCommands", "Pin these two frames")), ("P",)),
        PanelCommand("unpin", str(QT_TRANSLATE_NOOP("PairCommands", "Remove pin")), ("Shift+P",)),
        PanelCommand("unpin_all", str(QT_TRANSLATE_NOOP("PairCommands", "Remove all pins of this pair"))),
        PanelCommand("look_side", str(QT_TRANSLATE_NOOP("PairCommands", "Side by side"))),
        PanelCommand("look_blend", str(QT_TRANSLATE_NOOP("PairCommands", "Overlay"))),
        PanelCommand("look_onion", str(QT_TRANSLATE_NOOP("PairCommands", "Onion skin"))),
        PanelCommand("look_difference", str(QT_TRANSLATE_NOOP("PairCommands", "Difference"))),
        PanelCommand("next_look", str(QT_TRANSLATE_NOOP("PairCommands", "Next picture mode")), ("V",)),
        PanelCommand("choose_right", str(QT_TRANSLATE_NOOP("PairCommands", "Choose right videos…"))),
        PanelCommand("mirror", str(QT_TRANSLATE_NOOP("PairCommands", "Mirror B")), ("Shift+V",)),
    ),
)
