"""What is said of an export that is done, translated."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication

from carl_gui.models.choices import Choice
from carl_gui.models.wording import displayable
from carl_gui.panels.numbers import count
from core.project.label_files import WrittenPhases

FOLDER = "folder"
_MOST_NAMED = 3
"""Videos that were left out, by name; of the others only the number is said."""


def embedding_kinds() -> list[Choice]:
    """As what embeddings can be written: `FOLDER`, or the suffix of a file."""
    translate = QCoreApplication.translate
    return [
        Choice(FOLDER, translate("Export", "Folder of arrays (.npy)")),
        Choice(".npz", translate("Export", "One file of arrays (.npz)")),
        Choice(".parquet", translate("Export", "Table (.parquet)")),
    ]


def file_kind(suffix: str) -> str:
    """For the dialog that asks for such a file of embeddings."""
    if suffix == ".parquet":
        return QCoreApplication.translate("Export", "Tables (*.parquet)")
    return QCoreApplication.translate("Export", "NumPy arrays (*.npz)")


def export_sentence(name: str, found: object, target: Path) -> str:
    """Of the export called `name`: what its work returned, and where it was written."""
    translate, path = QCoreApplication.translate, displayable(str(target))
    if isinstance(found, WrittenPhases):
        return _phases(found, path)
    if name == "library":
        return translate("Export", "Wrote {0} videos to {1}.").format(found, path)
    if name == "encoder":
        return translate("Export", "Copied the encoder to {0}.").format(path)
    if not found:
        return translate("Export", "Cancelled: nothing was copied.")
    if isinstance(found, int) and target.suffix in (".npz", ".parquet"):
        return translate("Export", "Wrote the embeddings of {0} videos to {1}.").format(count(found), path)
    return translate("Export", "Copied {0} files to {1}.").format(found, path)


def _phases(found: WrittenPhases, path: str) -> str:
    translate = QCoreApplication.translate
    wrote = translate("Export", "Wrote {0} spans of {1} videos to {2}.")
    sentence = wrote.format(count(found.num_spans), count(found.num_videos), path)
    if not found.left_out:
        return sentence
    named = [f"{displayable(one.name)} ({one.reason})" for one in found.left_out[:_MOST_NAMED]]
    if len(found.left_out) > _MOST_NAMED:
        named.append(translate("Export", "{0} more").format(len(found.left_out) - _MOST_NAMED))
    left_out = translate("Export", "Left out: {0}.").format("; ".join(named))
    return f"{sentence} {left_out}"
