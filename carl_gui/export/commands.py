"""What can be exported from a project: rows of the page Export, and commands of its menu."""

from __future__ import annotations

from carl_gui.commands.command import EXPORT, PanelCommand, PanelTable
from carl_gui.translation import QT_TRANSLATE_NOOP

CONTEXT = "ExportCommands"
"""Under which translators find the texts."""

COMMANDS = PanelTable(
    "export",
    EXPORT,
    "export.",
    CONTEXT,
    (
        PanelCommand("phases", QT_TRANSLATE_NOOP("ExportCommands", "Export phases…"), ("Ctrl+Shift+E",)),
        PanelCommand("library", QT_TRANSLATE_NOOP("ExportCommands", "Export library…")),
        PanelCommand("embeddings", QT_TRANSLATE_NOOP("ExportCommands", "Export embeddings…")),
        PanelCommand("encoder", QT_TRANSLATE_NOOP("ExportCommands", "Export encoder…")),
    ),
    leads=("phases", "library", "embeddings", "encoder"),
)
TEXTS = {
    "phases": (
        QT_TRANSLATE_NOOP("ExportCommands", "Phases"),
        str(
            QT_TRANSLATE_NOOP(
                "ExportCommands",
                "All labels: as a table, in the formats of other programs, or as statistics of how long "
                "phases last and how often they occur.",
            )
        ),
    ),
    "library": (
        QT_TRANSLATE_NOOP("ExportCommands", "Library"),
        str(
            QT_TRANSLATE_NOOP(
                "ExportCommands",
                "A table of all videos (CSV): name, path, action, split, length, frame rate and state.",
            )
        ),
    ),
    "embeddings": (
        QT_TRANSLATE_NOOP("ExportCommands", "Embeddings"),
        str(
            QT_TRANSLATE_NOOP(
                "ExportCommands",
                "The embedding of every frame, for other programs: a folder of NumPy arrays with an index, "
                "all arrays in one file, or a table with times and phases.",
            )
        ),
    ),
    "encoder": (
        QT_TRANSLATE_NOOP("ExportCommands", "Encoder"),
        str(
            QT_TRANSLATE_NOOP(
                "ExportCommands",
                "The trained encoder in one file (.safetensors), with a card that says how it was trained "
                "(.json). It works in other projects and on other computers.",
            )
        ),
    ),
}
"""By name, what it is called and what is written, in English; translated where they are shown."""
