"""What can be taken out of a project, in one table: rows of the page Export, and commands of its menu."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QT_TRANSLATE_NOOP

CONTEXT = "ExportCommands"
"""Under which translators find the texts."""


@dataclass(frozen=True, slots=True)
class ExportCommand:
    """One thing that can be taken out."""

    name: str
    title: str
    """In English, as all texts here; translated where they are shown."""
    sentence: str
    text: str
    """Of the command."""
    key: str = ""
    """As `QKeySequence` writes it in PortableText; empty: none."""


COMMANDS = (
    ExportCommand(
        "phases",
        str(QT_TRANSLATE_NOOP("ExportCommands", "Phases")),
        str(
            QT_TRANSLATE_NOOP(
                "ExportCommands",
                "All labels: as a table, in the formats of other programs, or as statistics of how long "
                "phases last and how often they occur.",
            )
        ),
        str(QT_TRANSLATE_NOOP("ExportCommands", "Export phases…")),
        "Ctrl+Shift+E",
    ),
    ExportCommand(
        "library",
        str(QT_TRANSLATE_NOOP("ExportCommands", "Library")),
        str(
            QT_TRANSLATE_NOOP(
                "ExportCommands",
                "A table of all videos (CSV): name, path, action, split, length, frame rate and state.",
            )
        ),
        str(QT_TRANSLATE_NOOP("ExportCommands", "Export library…")),
    ),
    ExportCommand(
        "embeddings",
        str(QT_TRANSLATE_NOOP("ExportCommands", "Embeddings")),
        str(
            QT_TRANSLATE_NOOP(
                "ExportCommands",
                "The embedding of every frame, for other programs: a folder of NumPy arrays with an index, "
                "all arrays in one file, or a table with times and phases.",
            )
        ),
        str(QT_TRANSLATE_NOOP("ExportCommands", "Export embeddings…")),
    ),
    ExportCommand(
        "encoder",
        str(QT_TRANSLATE_NOOP("ExportCommands", "Encoder")),
        str(
            QT_TRANSLATE_NOOP(
                "ExportCommands",
                "The trained encoder in one file (.safetensors), with a card that says how it was trained "
                "(.json). It works in other projects and on other computers.",
            )
        ),
        str(QT_TRANSLATE_NOOP("ExportCommands", "Export encoder…")),
    ),
)
