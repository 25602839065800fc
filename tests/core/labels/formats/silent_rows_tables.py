"""What tables and texts of frames and spans can hold that has no place here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import openpyxl

from core.base.csv_files import write_rows
from tests.core.labels.formats.silent_rows import Row

# ---- our table of spans

_CSV = "video,phase,start_frame,end_frame_exclusive,start_seconds,end_seconds,confidence,source\nv.mp4,up,0,20,,,,\n"


def _csv(thing: str, line: str, *needles: str, num_spans: int = 1) -> Row:
    return Row("segments", thing, "labels.csv", f"{_CSV}{line}\n", ("labels.csv, line 3: ", *needles), num_spans)


_OF_TABLES = (
    _csv("an unknown video", "x.mp4,up,30,40,,,,", "no video 'x.mp4'", "add it", "1 label is left out"),
    _csv("no video", ",up,30,40,,,,", "the video is empty"),
    _csv("no phase", "v.mp4,,30,40,,,,", "the phase is empty"),
    _csv("an end beyond the end", "v.mp4,down,80,120,,,,", "'down'", "120", "100 frames", "cut", num_spans=2),
    _csv("a start beyond the end", "v.mp4,down,130,150,,,,", "'down'", "130", "100 frames", "left out"),
    _csv("seconds beyond the end", "v.mp4,down,,,3,5,,", "'down'", "5", "4.000 s", "cut", num_spans=2),
    _csv("a start in seconds beyond the end", "v.mp4,down,,,7,9,,", "'down'", "7", "4.000 s", "left out"),
    _csv("an end before the start", "v.mp4,down,40,30,,,,", "'down'", "40", "30"),
    _csv("a negative start", "v.mp4,down,,,-1,2,,", "'down'", "-1", "neither may be negative"),
    _csv("no number", "v.mp4,down,forty,50,,,,", "start_frame", "'forty'"),
    _csv("half a frame", "v.mp4,down,30.5,50,,,,", "start_frame", "'30.5'"),
    _csv("an end that is missing", "v.mp4,down,30,,,,,", "end_frame_exclusive", "''"),
    _csv("no frame between the times", "v.mp4,down,,,1.201,1.202,,", "no frame", "1.201", "1.202", "left out"),
    _csv("a confidence beyond 1", "v.mp4,down,30,50,,,7,", "confidence", "7"),
    _csv("an overlap", "v.mp4,down,10,30,,,,", "'down' overlaps 'up'", "10 frames", "begins after", num_spans=2),
    _csv("an overlap of the whole", "v.mp4,down,5,10,,,,", "'down' overlaps 'up'", "5 frames", "left out"),
    _csv("a prediction under a label", "v.mp4,down,10,30,,,,probe", "10 predicted frames", "is used", num_spans=2),
    Row(
        "segments",
        "another rate",
        "labels.csv",
        _CSV + "v.mp4,down,50,60,5.0,6.0,,\n",
        ("labels.csv, line 2: ", "frame 50", "5.000 s", "2.000 s", "Check that"),
        2,
    ),
    _csv(
        "seconds that are no number",
        "v.mp4,down,30,40,1 s,,,",
        "start_seconds",
        "'1 s'",
        "frame numbers are used",
        num_spans=2,
    ),
    Row("segments", "no labels", "labels.csv", _CSV.splitlines()[0], ("labels.csv: ", "no labels"), 0),
    Row("segments", "no bounds", "labels.csv", "video,phase\nv.mp4,up\n", ("labels.csv", "start_frame"), 0),
    Row("segments", "a cell too many", "labels.csv", _CSV + "v.mp4,up,1,2,,,,,,9\n", ("line 3", "10 cells"), 0),
    Row("segments", "a binary file", "labels.csv", "\0\0\0", ("labels.csv: ",), 0),
)

# ---- MS-TCN


def _mstcn(thing: str, file: str, content: str, *needles: str, num_spans: int = 0) -> Row:
    return Row("ms-tcn", thing, file, content, needles, num_spans)


_OF_MS_TCN = (
    _mstcn("an unknown video", "x.txt", "up\n" * 100, "x.txt: ", "no video 'x'", "1 label is left out"),
    _mstcn("a line without a class", "v.txt", "up\n\ndown\n" + "up\n" * 97, "v.txt", "line 2", "the class is empty"),
    _mstcn("an empty file", "v.txt", "\n", "v.txt: ", "is empty"),
    _mstcn("far too few lines", "v.txt", "up\n" * 60, "v.txt: ", "60 labels", "100 frames"),
    _mstcn("far too many lines", "v.txt", "up\n" * 160, "v.txt: ", "160 labels", "100 frames"),
    _mstcn("a folder without labels", "mapping.txt", "0 up\n", "mapping.txt: ", "groundTruth/NAME.txt"),
)

# ---- the same table as XLSX


def _sheet(*rows: tuple[object, ...]) -> Callable[[Path], None]:
    header, *first = (tuple(line.split(",")) for line in _CSV.splitlines())
    return lambda path: write_rows(path, header, [*first, *rows])


def _xlsx(thing: str, row: tuple[object, ...], *needles: str, num_spans: int = 1) -> Row:
    return Row("segments", f"{thing} (XLSX)", "labels.xlsx", _sheet(row), ("labels.xlsx, row 3: ", *needles), num_spans)


def _two_sheets(path: Path) -> None:
    book = openpyxl.Workbook()
    for title in ("mine", "hers"):
        sheet = book.create_sheet(title)
        for line in _CSV.splitlines():
            sheet.append([int(cell) if cell.isdigit() else cell or None for cell in line.split(",")])
    book.save(path)


def _formula(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["video", "phase", "start_frame", "end_frame_exclusive"])
    sheet.append(["v.mp4", "up", 0, "=C2+20"])
    book.save(path)


_OF_SHEETS = (
    _xlsx("an unknown video", ("x.mp4", "up", 30, 40), "no video 'x.mp4'", "1 label is left out"),
    _xlsx("an end beyond the end", ("v.mp4", "down", 80, 120), "'down'", "120", "100 frames", "cut", num_spans=2),
    _xlsx("no phase", ("v.mp4", "", 30, 40), "the phase is empty"),
    _xlsx("no number", ("v.mp4", "down", "forty", 50), "start_frame", "'forty'"),
    _xlsx("half a frame", ("v.mp4", "down", 30.5, 50), "start_frame", "'30.5'"),
    _xlsx("a negative frame", ("v.mp4", "down", -3, 50), "start_frame", "'-3'"),
    _xlsx("an overlap", ("v.mp4", "down", 10, 30), "'down' overlaps 'up'", "10 frames", num_spans=2),
    Row("segments", "two sheets", "labels.xlsx", _two_sheets, ("labels.xlsx: ", "'mine'", "'hers'", "not")),
    Row("segments", "a formula", "labels.xlsx", _formula, ("labels.xlsx: ", "row 2", "=C2+20", "no stored value"), 0),
    Row("segments", "no XLSX", "labels.xlsx", "video,phase", ("labels.xlsx", "damaged"), 0),
)

# ---- our table of frames

_FRAMES = "video,frame,seconds,phase,confidence,source\n" + "".join(f"v.mp4,{n},,up,,\n" for n in range(20))


def _frames(thing: str, lines: str, *needles: str, num_spans: int = 1) -> Row:
    return Row("frames", thing, "frames.csv", f"{_FRAMES}{lines}\n", ("frames.csv, line 22: ", *needles), num_spans)


_OF_FRAMES = (
    _frames("an unknown video", "x.mp4,30,,up,,", "no video 'x.mp4'", "add it", "1 label is left out"),
    _frames("no video", ",30,,up,,", "the video is empty"),
    _frames("an end beyond the end", "v.mp4,99,,down,,\nv.mp4,100,,down,,", "'down' ends at 101", "cut", num_spans=2),
    _frames("a start beyond the end", "v.mp4,130,,down,,", "'down'", "130", "100 frames", "left out"),
    _frames("no number", "v.mp4,thirty,,down,,", "frame", "'thirty'"),
    _frames("a negative frame", "v.mp4,-1,,down,,", "frame", "'-1'"),
    _frames("half a frame", "v.mp4,30.5,,down,,", "frame", "'30.5'"),
    _frames("no frame", "v.mp4,,,down,,", "frame", "''"),
    _frames("two phases in one frame", "v.mp4,3,,down,,", "frame 3", "line 5", "which is used"),
    _frames("a confidence that is not a number", "v.mp4,30,,down,much,", "confidence", "'much'"),
    _frames("a confidence beyond 1", "v.mp4,30,,down,1.5,", "confidence", "1.5"),
    _frames(
        "seconds that are no number", "v.mp4,30,1 s,down,,", "seconds", "'1 s'", "frame numbers are used", num_spans=2
    ),
    Row(
        "frames",
        "another rate",
        "frames.csv",
        f"{_FRAMES}v.mp4,50,5.0,down,,\n",
        ("frames.csv, line 2: ", "frame 50", "5.000 s", "2.000 s"),
        2,
    ),
    Row(
        "frames",
        "two videos of one name",
        "frames.csv",
        "video,frame,phase,digest\nv.mp4,0,up,\nv.mp4,1,up," + "9" * 32 + "\n",
        ("frames.csv, line 3: ", "99999999", "another file"),
        2,
    ),
    Row("frames", "a cell too many", "frames.csv", f"{_FRAMES}v.mp4,30,,up,,,,9\n", ("line 22", "8 cells"), 0),
    Row("frames", "no frame at all", "frames.csv", "video,frame,phase\n", ("frames.csv: ", "no labels"), 0),
)

# ---- DeepEthogram

_HEAD = ",background,up,down\n"


def _hot(*changed: tuple[int, str], num_frames: int = 100) -> str:
    """A table of `num_frames` frames, `up` in the first 20, some lines changed."""
    lines = [f"{frame},{int(frame >= 20)},{int(frame < 20)},0" for frame in range(num_frames)]
    for frame, line in changed:
        lines[frame] = line
    return _HEAD + "".join(f"{line}\n" for line in lines if line)


def _two_tables(path: Path) -> None:
    for one in (path, path.with_name("w_scores.csv")):
        one.write_text(_hot(), encoding="utf-8")


def _deg(thing: str, content: str, *needles: str, file: str = "v_labels.csv", num_spans: int = 1) -> Row:
    return Row("deepethogram", thing, file, content, (file, *needles), num_spans)


_OF_DEEPETHOGRAM = (
    _deg("an unknown video", _hot(), "no video 'x'", "1 label is left out", file="x_labels.csv", num_spans=0),
    _deg("two behaviours in one frame", _hot((30, "30,0,1,1")), "line 32", "frame 30", "'up' and 'down'", "no label"),
    _deg("background beside a behaviour", _hot((30, "30,1,1,0")), "line 32", "'up' and 'background'", "no label"),
    _deg("a probability", _hot((30, "30,0,0.7,0")), "line 32", "up", "'0.7'", num_spans=0),
    _deg("no number", _hot((30, "30,0,yes,0")), "line 32", "up", "'yes'", num_spans=0),
    _deg("a frame that is not a number", _hot((30, "x,1,0,0")), "line 32", "number of the frame", "'x'", num_spans=0),
    _deg("a negative frame", _hot((30, "-1,1,0,0")), "line 32", "number of the frame", "'-1'", num_spans=0),
    _deg("a frame with two lines", _hot((30, "29,1,0,0")), "frame 29 has two lines", num_spans=0),
    _deg("frames without a line", _hot((30, ""), (31, "")), "frames 30 to 31 have no line", "no label"),
    _deg("frames that count from 1", _hot((0, "")), "frame 0 has no line", "from 0"),
    _deg("far too few lines", _hot(num_frames=60), "60 labels", "100 frames", num_spans=0),
    _deg("some lines too many", _hot(num_frames=103), "103 labels", "100 frames", "cut"),
    _deg("no line at all", _HEAD, "no labels", num_spans=0),
    Row(
        "deepethogram",
        "a table that is no table, in a folder",
        "set/v_labels.csv",
        "a,b\n",
        ("v_labels.csv", "no column ''"),
        0,
        "set",
    ),
    Row(
        "deepethogram",
        "another table in the folder",
        "set/v_labels.csv",
        _two_tables,
        ("w_scores.csv: ", "_labels.csv", "left out"),
        1,
        "set",
    ),
)

ROWS = (*_OF_TABLES, *_OF_SHEETS, *_OF_FRAMES, *_OF_DEEPETHOGRAM, *_OF_MS_TCN)
GOOD = (
    Row("segments", "CSV", "labels.csv", _CSV, ()),
    Row("segments", "tabs", "labels.tsv", _CSV.replace(",", "\t"), ()),
    Row("segments", "XLSX", "labels.xlsx", _sheet(), ()),
    Row("segments", "XLSX with room for macros", "labels.xlsm", _sheet(), ()),
    Row("frames", "a table", "frames.csv", _FRAMES, ()),
    Row("deepethogram", "a table", "v_labels.csv", _hot(), ()),
    Row("deepethogram", "a folder", "set/v_labels.csv", _hot(), (), 1, "set"),
    _mstcn("nothing wrong", "v.txt", "up\n" * 20 + "(unlabelled)\n" * 80, num_spans=1),
)
