"""What is said of an export that is done, translated."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication

from carl_gui.models.wording import displayable
from carl_gui.panels.numbers import count
from core.project.exports import WrittenPhases

_MOST_NAMED = 3
"""Videos that were left out, by name; of the others only the number is said."""


def export_sentence(name: str, found: object, target: Path) -> str:
    """Of the export called `name`: what its work returned, and where it was written."""
    tr, path = QCoreApplication.translate, displayable(str(target))
    if isinstance(found, WrittenPhases):
        return _phases(found, path)
    if name == "library":
        return tr("Export", "Wrote {0} videos to {1}.").format(found, path)
    if name == "encoder":
        return tr("Export", "Copied the encoder to {0}.").format(path)
    if not found:
        return tr("Export", "Cancelled: nothing was copied.")
    return tr("Export", "Copied {0} files to {1}.").format(found, path)


def _phases(found: WrittenPhases, path: str) -> str:
    tr = QCoreApplication.translate
    wrote = tr("Export", "Wrote {0} spans of {1} videos to {2}.")
    sentence = wrote.format(count(found.num_spans), count(found.num_videos), path)
    if not found.left_out:
        return sentence
    named = [f"{displayable(one.name)} ({one.reason})" for one in found.left_out[:_MOST_NAMED]]
    if len(found.left_out) > _MOST_NAMED:
        named.append(tr("Export", "{0} more").format(len(found.left_out) - _MOST_NAMED))
    return f"{sentence} {tr('Export', 'Left out: {0}.').format('; '.join(named))}"
