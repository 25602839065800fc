"""Lists of videos: text, CSV, JSON and XLSX."""

from __future__ import annotations

import json
from pathlib import Path

from tests.fuzz.folders import files_of
from tests.fuzz.raw_bytes import bytes_of
from tests.fuzz.target import Target
from tests.fuzz.texts import text_of
from tests.fuzz.trees import json_of

_NAMES = ("pour 1.mp4", "pour_2.mp4", "below/pour_3.mov", "below/é.mkv")
_LISTS = ("plain.txt", "table.csv", "excel.csv", "tabs.csv", "sheet.xlsx", "run.json")


def _make(folder: Path) -> None:
    from core.base.csv_files import write_rows

    for name in _NAMES:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    rows = [(name, "pour", number) for number, name in enumerate(_NAMES)]
    header = ("video", "action", "performer")
    (folder / "plain.txt").write_text("\n".join(_NAMES), encoding="utf-8")
    write_rows(folder / "table.csv", header, rows)
    write_rows(folder / "tabs.csv", header, rows, "\t")
    write_rows(folder / "sheet.xlsx", header, rows)
    foreign = "\r\n".join(f"C:\\videos\\{name.rpartition('/')[2]};pour;1,5" for name in _NAMES)
    (folder / "excel.csv").write_text(f"sep=;\r\nvideo;action;performer\r\n{foreign}\r\n", encoding="utf-8")
    (folder / "run.json").write_text(json.dumps({"videos": [*_NAMES, "gone.mp4"]}), encoding="utf-8")


def _read(folder: Path) -> None:
    from core.base.errors import CarlError
    from core.video.inputs import actions_of, column_of, columns_beside, find_videos, is_several

    refused = None
    for name in _LISTS:
        listed = folder / name
        for read in (find_videos, actions_of, columns_beside, lambda lists: column_of(lists, "performer")):
            try:
                read([listed])
            except CarlError as error:
                refused = error
        is_several(listed)
    if refused:
        raise refused


TARGETS = (
    Target(
        "lists",
        _make,
        (
            text_of("*.txt"), text_of("*.csv"), json_of("*.json"), text_of("*.json"), bytes_of("*.csv"),

            bytes_of("*.json"), bytes_of("*.xlsx"), files_of("*"),
        ),
        _read,
    ),
)  # fmt: skip
