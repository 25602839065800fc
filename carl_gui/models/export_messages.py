"""Sentences about exports, translated."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication

from carl_gui.models.choices import Choice
from carl_gui.models.messages import displayable
from carl_gui.numbers import labels, videos
from core.labels.formats.table import FORMATS
from core.project.label_files import WrittenPhases

FOLDER = "folder"
_MOST_NAMED = 3
"""Videos that were left out, by name; of the others only the number is said."""


def phase_kinds() -> list[Choice]:
    """As what phases can be written, by the names of `FORMATS`."""
    translate = QCoreApplication.translate
    words = {
        "segments": translate("Export", "Table of labels (.csv, .xlsx)"),
        "frames": translate("Export", "Table of frames (.csv, .xlsx)"),
        "ms-tcn": translate("Export", "MS-TCN (folder of .txt)"),
        "deepethogram": translate("Export", "DeepEthogram (folder of .csv)"),
        "boris-project": translate("Export", "BORIS project (.boris)"),
        "boris-tabular": translate("Export", "BORIS tabular events, for SimBA (folder of .csv)"),
        "boris": translate("Export", "BORIS aggregated events, for statistics (.tsv)"),
        "elan": translate("Export", "ELAN (folder of .eaf)"),
        "label-studio": translate("Export", "Label Studio tasks (.json)"),
        "activitynet": translate("Export", "ActivityNet (.json)"),
        "via": translate("Export", "VGG Image Annotator 3 (.json)"),
        "statistics": translate("Export", "Statistics (tables and pictures)"),
    }
    return [Choice(name, words.get(name, one.title)) for name, one in FORMATS.items()]


def embedding_kinds() -> list[Choice]:
    """As what embeddings can be written: `FOLDER`, or the suffix of a file."""
    translate = QCoreApplication.translate
    return [
        Choice(FOLDER, translate("Export", "Folder of arrays (.npy)")),
        Choice(".npz", translate("Export", "One file of arrays (.npz)")),
        Choice(".parquet", translate("Export", "Table (.parquet)")),
    ]


def phases_sentence(found: WrittenPhases, target: Path) -> str:
    """Return what was written, where to, and what was left out."""
    translate, path = QCoreApplication.translate, displayable(str(target))
    wrote = translate("Export", "Wrote {0} of {1} to {2}.")
    sentence = " ".join(
        [wrote.format(labels(found.num_spans), videos(found.num_videos), path), *map(displayable, found.notes)]
    )
    if not found.left_out:
        return sentence
    named = [f"{displayable(one.name)} ({one.reason})" for one in found.left_out[:_MOST_NAMED]]
    if len(found.left_out) > _MOST_NAMED:
        more = len(found.left_out) - _MOST_NAMED
        named.append(translate("Export", "%n more", "", more))
    left_out = translate("Export", "Left out: {0}.").format("; ".join(named))
    return f"{sentence} {left_out}"
