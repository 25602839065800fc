"""The player's commands in one table: what they are called, and which keys they have at first."""

from __future__ import annotations

from dataclasses import dataclass

CONTEXT = "PlayerCommands"
"""Under which translators find the texts."""

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
    PlayerCommand("play", "Play or pause", ("Space",)),
    PlayerCommand("shuttle_back", "Play backwards, then faster", ("J",)),
    PlayerCommand("shuttle_stop", "Pause", ("K",)),
    PlayerCommand("shuttle_on", "Play forwards, then faster", ("L",)),
    PlayerCommand("frame_back", "One frame back", ("Left",)),
    PlayerCommand("frame_on", "One frame on", ("Right",)),
    PlayerCommand("second_back", "One second back", ("Shift+Left",)),
    PlayerCommand("second_on", "One second on", ("Shift+Right",)),
    PlayerCommand("first_frame", "First frame", ("Home",)),
    PlayerCommand("last_frame", "Last frame", ("End",)),
    PlayerCommand("zoom_in", "Zoom in", ("Ctrl++", "Ctrl+=")),
    PlayerCommand("zoom_out", "Zoom out", ("Ctrl+-",)),
    PlayerCommand("zoom_fit", "Fit the picture", ("Ctrl+0",)),
    PlayerCommand("zoom_pixels", "Every pixel as it is (100 %)", ("Ctrl+1",)),
)
