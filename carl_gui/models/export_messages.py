"""Sentences about exports, translated."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication

from carl_gui.models.choices import Choice
from carl_gui.models.messages import displayable
from carl_gui.numbers import labels, videos
from core.base.csv_files import suffixes_beside
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


def export_title(name: str, *, is_folder: bool) -> str:
    """Of the dialog that asks where this export goes."""
    translate = QCoreApplication.translate
    titles = {
        "phases": translate("Export", "Export phases"),
        "library": translate("Export", "Export library"),
        "embeddings": translate("Export", "Export embeddings"),
        "encoder": translate("Export", "Export encoder"),
    }
    folder = {
        "phases": translate("Export", "Export phases to folder"),
        "embeddings": translate("Export", "Export embeddings to folder"),
    }
    return folder[name] if is_folder else titles[name]


def proposed_name(name: str, project: str, run: str) -> str:
    """What an export of this project, or of this run, is called at first; without suffix."""
    translate = QCoreApplication.translate
    if name == "phases":
        return translate("Export", "{0} phases").format(project)
    if name == "library":
        return translate("Export", "{0} library").format(project)
    return translate("Export", "{0} embeddings").format(run) if name == "embeddings" else run


def file_kind(suffix: str) -> str:
    """For the dialog that asks for such a file; of a table, in one format or another."""
    translate = QCoreApplication.translate
    tables, sheets = translate("Export", "Tables"), translate("Export", "Excel tables")
    kinds = {
        ".boris": translate("Export", "BORIS projects"),
        ".json": translate("Export", "JSON"),
        ".npz": translate("Export", "NumPy arrays"),
        ".safetensors": translate("Export", "Encoders"),
    }
    if len(suffixes := suffixes_beside(suffix)) > 1:
        return f"{tables} (*{suffixes[0]});;{sheets} (*{suffixes[1]})"
    return f"{kinds.get(suffix, tables)} (*{suffix})"


def export_sentence(name: str, found: object, target: Path) -> str:
    """Of the export called `name`: what its work returned, and where it was written."""
    translate, path = QCoreApplication.translate, displayable(str(target))
    if isinstance(found, WrittenPhases):
        return _phases(found, path)
    number = found if isinstance(found, int) else 0
    if name == "library":
        return translate("Export", "Wrote %n video(s) to {0}.", "", number).format(path)
    if name == "encoder":
        return translate("Export", "Copied the encoder to {0}.").format(path)
    if not found:
        return translate("Export", "Cancelled; nothing was copied.")
    if isinstance(found, int) and target.suffix in (".npz", ".parquet"):
        return translate("Export", "Wrote the embeddings of %n video(s) to {0}.", "", number).format(path)
    return translate("Export", "Copied %n file(s) to {0}.", "", number).format(path)


def _phases(found: WrittenPhases, path: str) -> str:
    translate = QCoreApplication.translate
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
