"""Videos that have nothing in common with a data set, seen by the same extractor."""

from __future__ import annotations

from pairs.material import Choice, Features, Material

FOLDERS = {"golf": "golf_swing", "balance": "multiview_balance_sync", "push_up": "push_up"}
"""Data sets with people in them, and their folders."""
MOST = 10
"""Videos of one data set."""


def features(choice: Choice, name: str) -> list[Features]:
    """Of some videos of all other data sets than `name`."""
    made: list[Features] = []
    for other, folder in FOLDERS.items():
        if other != name:
            files = sorted((choice.data / "videos" / folder).glob("*.mp4"))[:MOST]
            made += Material(files, choice).features
    return made
