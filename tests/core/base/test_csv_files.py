"""Tables as spreadsheets write them, and what is said of those that are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.base.csv_files import read_rows, write_rows
from core.base.errors import LabelError


@pytest.mark.parametrize(
    "content",
    [
        b"video,number\na.mp4,0.5\n",
        b"\xef\xbb\xbfvideo,number\r\na.mp4,0.5\r\n",
        b"Number;VIDEO\r\n0,5;a.mp4\r\n",
        b"video\tnumber\tnote\na.mp4\t0.5\n",
        b'\n"video" , number\n\n "a.mp4" ,0.5,,,\n',
    ],
    ids=["plain", "BOM and CRLF", "semicolons and decimal comma", "tabs and a short line", "blanks and empty cells"],
)
def test_what_spreadsheets_write_is_read_alike(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "table.csv"
    file.write_bytes(content)
    (row,) = read_rows(file, ("video", "number"))
    assert row["video"].strip(' "') == "a.mp4"
    assert row.number("number") == 0.5
    assert row["missing"] == ""


def test_a_row_knows_its_line_even_below_blank_and_quoted_ones(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text('a,b\n\n1,"two\nlines"\n3,x\n', encoding="utf-8")
    rows = read_rows(file, ("a",))
    assert [row["b"] for row in rows] == ["two\nlines", "x"]
    assert rows[1].where == "table.csv, line 5"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "is empty. Its first line must name the columns video, frame"),
        ("name,frames\n", r"table.csv, line 1: there is no column 'video'. The columns are name, frames"),
        ("video,frames\n", r"no column 'frame' \(is 'frames' meant\?\)"),
        ("video,frame,frame\n", "the column 'frame' appears twice"),
        ("video,frame\na.mp4,1,2\n", "table.csv, line 2: 3 cells, but the header has 2"),
        ("video,frame\na.mp4,one\n", "table.csv, line 2: frame must be a number, not 'one'"),
        ("video,frame\na.mp4,1.5\n", "table.csv, line 2: frame must be a whole number from 0, not '1.5'"),
        ("video,frame\na.mp4,-1\n", "table.csv, line 2: frame must be a whole number from 0, not '-1'"),
        ("video,frame\na.mp4,nan\n", "table.csv, line 2: frame must be a number, not 'nan'\\.$"),
        ("video,frame\na.mp4,inf\n", "table.csv, line 2: frame must be a number, not 'inf'"),
    ],
)
def test_a_wrong_table_is_one_sentence_with_its_line(tmp_path: Path, content: str, sentence: str) -> None:
    file = tmp_path / "table.csv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(LabelError, match=sentence):
        [row.frame("frame") for row in read_rows(file, ("video", "frame"))]


def test_other_files_are_refused(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"\x80v")
    with pytest.raises(LabelError, match="it is not UTF-8 text"):
        read_rows(tmp_path / "x.csv", ("video",))
    for name in ("none.csv", "none.xlsx"):
        with pytest.raises(LabelError, match=rf"There is no file .*{name}\. Check its name\.$"):
            read_rows(tmp_path / name, ("video",))


def test_what_is_written_is_read(tmp_path: Path) -> None:
    rows = [["ein, Komma", 'a "quote"', "zwei\nZeilen"], ["ä", "", "1"]]
    write_rows(tmp_path / "t.csv", ("a", "b", "c"), rows)
    assert [[row["a"], row["b"], row["c"]] for row in read_rows(tmp_path / "t.csv", ("a",))] == rows


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_encodings_of_spreadsheets(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes("Video\tphase\r\nfilm ä.mp4\t手\r\n".encode(encoding))
    (row,) = read_rows(tmp_path / "t.csv", ("video", "phase"))
    assert (row["video"], row["phase"]) == ("film ä.mp4", "手")


@pytest.mark.parametrize(("first", "line"), [("sep=;\r\n", 3), ("SEP=|\n", 3), ('"sep=\t"\n', 3)])
def test_a_first_line_tells_the_separator_and_counts_as_a_line(tmp_path: Path, first: str, line: int) -> None:
    separator = first.strip('"\r\n')[-1]
    header, cells = ("video", "phase, kind; more"), ("a.mp4", "x, y; z")
    text = first + "".join(separator.join(f'"{cell}"' for cell in row) + "\n" for row in (header, cells))
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-16", newline="")
    (row,) = read_rows(path, ["video"])
    assert (row["video"], row["phase, kind; more"]) == cells
    assert row.where == f"labels.csv, line {line}"
