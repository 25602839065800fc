"""The player's commands in one table: what they are called, and which keys they have at first."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP

CONTEXT = "PlayerCommands"
"""Under which translators find the texts; their tool wants it spelt out below."""

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
"""Times as fast as the camera saw it."""


@dataclass(frozen=True, slots=True)
class PlayerCommand:
    """Something that the player can be told by a key."""

    name: str
    text: str
    """In English; translated where an action is made of it."""
    keys: tuple[str, ...]
    """As `QKeySequence` writes them in PortableText; the first is the one that is shown."""


COMMANDS = (
    PlayerCommand("play", str(QT_TRANSLATE_NOOP("PlayerCommands", "Play or pause")), ("Space",)),
    PlayerCommand("shuttle_back", str(QT_TRANSLATE_NOOP("PlayerCommands", "Play backwards, then faster")), ("J",)),
    PlayerCommand("shuttle_stop", str(QT_TRANSLATE_NOOP("PlayerCommands", "Pause")), ("K",)),
    PlayerCommand("shuttle_on", str(QT_TRANSLATE_NOOP("PlayerCommands", "Play forwards, then faster")), ("L",)),
    PlayerCommand("frame_back", str(QT_TRANSLATE_NOOP("PlayerCommands", "One frame back")), ("Left",)),
    PlayerCommand("frame_on", str(QT_TRANSLATE_NOOP("PlayerCommands", "One frame forward")), ("Right",)),
    PlayerCommand("second_back", str(QT_TRANSLATE_NOOP("PlayerCommands", "One second back")), ("Shift+Left",)),
    PlayerCommand("second_on", str(QT_TRANSLATE_NOOP("PlayerCommands", "One second forward")), ("Shift+Right",)),
    PlayerCommand("first_frame", str(QT_TRANSLATE_NOOP("PlayerCommands", "First frame")), ("Home",)),
    PlayerCommand("last_frame", str(QT_TRANSLATE_NOOP("PlayerCommands", "Last frame")), ("End",)),
    PlayerCommand("zoom_in", str(QT_TRANSLATE_NOOP("PlayerCommands", "Zoom in")), ("Ctrl++", "Ctrl+=")),
    PlayerCommand("zoom_out", str(QT_TRANSLATE_NOOP("PlayerCommands", "Zoom out")), ("Ctrl+-",)),
    PlayerCommand("zoom_fit", str(QT_TRANSLATE_NOOP("PlayerCommands", "Fit to window")), ("Ctrl+0",)),
    PlayerCommand("zoom_pixels", str(QT_TRANSLATE_NOOP("PlayerCommands", "Actual size")), ("Ctrl+1",)),
    PlayerCommand("skeleton", str(QT_TRANSLATE_NOOP("PlayerCommands", "Show body pose")), ("B",)),
    PlayerCommand("follow_person", str(QT_TRANSLATE_NOOP("PlayerCommands", "Choose person to follow")), ("Shift+B",)),
    PlayerCommand("follow_largest", str(QT_TRANSLATE_NOOP("PlayerCommands", "Follow the largest person")), ()),
    PlayerCommand("find_similar", str(QT_TRANSLATE_NOOP("PlayerCommands", "Find similar frames")), ("F",)),
    PlayerCommand("mark_start", str(QT_TRANSLATE_NOOP("PlayerCommands", "Mark start of a span to find")), ("[",)),
    PlayerCommand("mark_end", str(QT_TRANSLATE_NOOP("PlayerCommands", "Mark end of a span to find")), ("]",)),
    PlayerCommand("find_span", str(QT_TRANSLATE_NOOP("PlayerCommands", "Find similar spans")), ("Shift+F",)),
    PlayerCommand("loop", str(QT_TRANSLATE_NOOP("PlayerCommands", "Loop marked span")), ("Shift+L",)),
    PlayerCommand("forget_span", str(QT_TRANSLATE_NOOP("PlayerCommands", "Clear marked span")), ()),
)
