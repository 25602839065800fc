"""The player's commands in one table: what they are called, and which keys they have at first."""

from __future__ import annotations

from carl_gui.commands.command import PLAY, PanelCommand, PanelTable
from carl_gui.translation import QT_TRANSLATE_NOOP

CONTEXT = "PlayerCommands"
"""Under which translators find the texts; their tool wants it spelt out below."""

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Times as fast as the camera saw it."""


COMMANDS = PanelTable(
    "",
    PLAY,
    "play.",
    CONTEXT,
    (
        PanelCommand("play", QT_TRANSLATE_NOOP("PlayerCommands", "Play or pause"), ("Space",)),
        PanelCommand("shuttle_back", QT_TRANSLATE_NOOP("PlayerCommands", "Play backwards, then faster"), ("J",)),
        PanelCommand("shuttle_stop", QT_TRANSLATE_NOOP("PlayerCommands", "Pause"), ("K",)),
        PanelCommand("shuttle_on", QT_TRANSLATE_NOOP("PlayerCommands", "Play forwards, then faster"), ("L",)),
        PanelCommand("frame_back", QT_TRANSLATE_NOOP("PlayerCommands", "One frame back"), ("Left",), repeats=True),
        PanelCommand("frame_on", QT_TRANSLATE_NOOP("PlayerCommands", "One frame forward"), ("Right",), repeats=True),
        PanelCommand(
            "second_back", QT_TRANSLATE_NOOP("PlayerCommands", "One second back"), ("Shift+Left",), repeats=True
        ),
        PanelCommand(
            "second_on", QT_TRANSLATE_NOOP("PlayerCommands", "One second forward"), ("Shift+Right",), repeats=True
        ),
        PanelCommand("first_frame", QT_TRANSLATE_NOOP("PlayerCommands", "First frame"), ("Home",)),
        PanelCommand("last_frame", QT_TRANSLATE_NOOP("PlayerCommands", "Last frame"), ("End",)),
        PanelCommand("mute", QT_TRANSLATE_NOOP("PlayerCommands", "Mute sound"), ("Shift+M",)),
        PanelCommand("zoom_in", QT_TRANSLATE_NOOP("PlayerCommands", "Zoom in"), ("Ctrl++", "Ctrl+=")),
        PanelCommand("zoom_out", QT_TRANSLATE_NOOP("PlayerCommands", "Zoom out"), ("Ctrl+-",)),
        PanelCommand("zoom_fit", QT_TRANSLATE_NOOP("PlayerCommands", "Fit to window"), ("Ctrl+0",)),
        PanelCommand("zoom_pixels", QT_TRANSLATE_NOOP("PlayerCommands", "Actual size"), ("Ctrl+1",)),
        PanelCommand("skeleton", QT_TRANSLATE_NOOP("PlayerCommands", "Show body pose"), ("B",)),
        PanelCommand("follow_person", QT_TRANSLATE_NOOP("PlayerCommands", "Choose person to follow"), ("Shift+B",)),
        PanelCommand("follow_largest", QT_TRANSLATE_NOOP("PlayerCommands", "Follow the largest person")),
        PanelCommand("measure_line", QT_TRANSLATE_NOOP("PlayerCommands", "Measure line"), ("Shift+I",)),
        PanelCommand("measure_angle", QT_TRANSLATE_NOOP("PlayerCommands", "Measure angle"), ("Shift+G",)),
        PanelCommand("set_length", QT_TRANSLATE_NOOP("PlayerCommands", "Set length of line…")),
        PanelCommand("remove_measure", QT_TRANSLATE_NOOP("PlayerCommands", "Remove last measurement")),
        PanelCommand("clear_measures", QT_TRANSLATE_NOOP("PlayerCommands", "Remove measurements of this frame")),
        PanelCommand("find_similar", QT_TRANSLATE_NOOP("PlayerCommands", "Find similar frames"), ("F",)),
        PanelCommand("mark_start", QT_TRANSLATE_NOOP("PlayerCommands", "Mark start of a span to find"), ("[",)),
        PanelCommand("mark_end", QT_TRANSLATE_NOOP("PlayerCommands", "Mark end of a span to find"), ("]",)),
        PanelCommand("find_span", QT_TRANSLATE_NOOP("PlayerCommands", "Find similar spans"), ("Shift+F",)),
        PanelCommand("loop", QT_TRANSLATE_NOOP("PlayerCommands", "Loop marked span"), ("Shift+L",)),
        PanelCommand("forget_span", QT_TRANSLATE_NOOP("PlayerCommands", "Clear marked span")),
    ),
    repeats=False,
)
MEASURING = ("measure_line", "measure_angle", "set_length", "remove_measure", "clear_measures")
"""Commands that need a video of a project."""
