"""XLSX wherever CSV is: the same rows, numbers as numbers, no formula, and nothing that a hostile file can do."""

from __future__ import annotations

import datetime
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base import xlsx_files
from core.base.csv_files import columns_of, read_rows, unread_sheets, write_rows
from core.base.errors import ConfigError, LabelError
from core.video.inputs import find_videos

_NAMES = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), min_size=1, max_size=20)

_ROWS = st.tuples(_NAMES, st.integers(-(10**12), 10**12), st.floats(-1e12, 1e12))


@given(
    st.lists(_ROWS, max_size=4),
    st.sampled_from(
        ("=1+1", "#N/A", "007", "1.0", "1.50", "TRUE", "1e5", "+3", "12345678901234567890", "-", "0.0000", "0.5000")
    ),
)
@settings(max_examples=20, deadline=None)
def test_what_is_written_comes_back_as_from_csv(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[str, int, float]], name: str
) -> None:
    folder = tmp_path_factory.mktemp("tables")
    rows = [(name, 1, 0.5), *drawn]
    found = []
    for suffix in (".csv", ".xlsx"):
        write_rows(folder / f"a{suffix}", ("phase", "frame", "seconds"), rows)
        found.append(read_rows(folder / f"a{suffix}", ("phase",)))
    assert [[row["phase"], row.frame("frame") if row.number("frame") >= 0 else -1] for row in found[0]] == [
        [row["phase"], row.frame("frame") if row.number("frame") >= 0 else -1] for row in found[1]
    ]
    assert [row.number("seconds") for row in found[1]] == pytest.approx([row[2] for row in rows], rel=1e-15, abs=0)
    assert found[1][0].where == "a.xlsx, row 2"


def test_numbers_are_numbers_there_and_texts_never_formulas(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    write_rows(path, ("phase", "start"), [("=SUM(A1)", "0.500000"), ("#REF!", 3), ("up", ""), ("down", "0.0000")])
    sheet = openpyxl.load_workbook(path).active
    assert (sheet["B5"].value, sheet["B5"].data_type, sheet["B5"].number_format) == (0, "n", "0.0000")
    assert [[(cell.value, cell.data_type) for cell in row] for row in sheet["A2:B4"]] == [
        [("=SUM(A1)", "s"), (0.5, "n")],
        [("#REF!", "s"), (3, "n")],
        [("up", "s"), (None, "n")],
    ]


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        write_rows(tmp_path / f"{name}.xlsx", ("x",), [("1",)])
    data = (tmp_path / "a.xlsx").read_bytes()
    assert data == (tmp_path / "b.xlsx").read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        assert {entry.date_time[0] for entry in parts.infolist()} == {1980}
        assert b"2000-01-01" in parts.read("docProps/core.xml")


def test_cells_are_read_as_csv_would_have_them(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([])
    sheet.append([" Video ", "value"])
    for value in (
        1.0,
        0.1,
        True,
        datetime.datetime(2024, 5, 1),
        datetime.datetime(2024, 5, 1, 10, 0, 0, 500000),
        "0,5",
    ):
        sheet.append(["a.mp4", value])
    sheet.append([None, None, " "])
    book.save(tmp_path / "a.xlsm")
    assert columns_of(tmp_path / "a.xlsm") == {"video", "value"}
    rows = read_rows(tmp_path / "a.xlsm", ("video", "value"))
    texts = ["1", "0.1", "TRUE", "2024-05-01", "2024-05-01 10:00:00.500000", "0,5"]
    assert [row["value"] for row in rows] == texts
    assert rows[-1].number("value") == 0.5
    assert [row.where for row in rows[:2]] == ["a.xlsm, row 3", "a.xlsm, row 4"]


def test_the_first_sheet_with_content_is_read_and_others_are_named(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for title, cell in (("labels", "video"), ("empty", None), ("notes", "by me")):
        book.create_sheet(title)["B2"] = cell
    book.save(tmp_path / "a.xlsx")
    assert columns_of(tmp_path / "a.xlsx") == {"", "video"}
    assert unread_sheets(tmp_path / "a.xlsx") == (
        "only the sheet 'labels' is read, not 'notes'. Save each sheet as its own file."
    )


def _with_sheet(path: Path, xml: str) -> Path:
    """A workbook whose one sheet is this."""
    made = io.BytesIO()
    openpyxl.Workbook().save(made)
    with zipfile.ZipFile(made) as given, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        for entry in given.infolist():
            parts.writestr(entry.filename, xml if "sheet1.xml" in entry.filename else given.read(entry))
    return path


_SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/>'
    "<sheetData>{0}</sheetData></worksheet>"
)


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ('<row r="999999999"><c r="A999999999"><v>1</v></c></row>', "more than 1,000 cells in a sheet"),
        ('<row r="1"><c r="XFD1"><v>1</v></c></row>', "more than 1,000 cells in a sheet"),
        ('<row r="1"><c r="ZZZZZZZ1"><v>1</v></c></row>', "is damaged or not an XLSX file"),
        ('<row r="1"><c r="A1" t="s"><v>99</v></c></row>', "is damaged or not an XLSX file"),
        ('<row r="1">', "is damaged or not an XLSX file"),
        (
            f'<row r="1"><c t="inlineStr"><is><t>{"A" * 300_000}</t></is></c></row>',
            "is larger than 0 MiB when unpacked",
        ),
        (
            '<row r="1"><c r="A1"><f>B1</f></c></row>',
            "a.xlsx, row 1: the formula =B1 has no stored value. Open and save",
        ),
    ],
)
def test_what_a_hostile_sheet_cannot_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: str, sentence: str
) -> None:
    monkeypatch.setattr(xlsx_files, "MOST_CELLS", 1000)
    monkeypatch.setattr(xlsx_files, "MOST_BYTES", 100_000)
    path = _with_sheet(tmp_path / "a.xlsx", _SHEET.format(rows))
    with pytest.raises(LabelError, match=sentence):
        read_rows(path, ())


def test_a_formula_has_the_value_that_was_computed(tmp_path: Path) -> None:
    cells = '<row r="1"><c r="A1" t="str"><f>"vid"&amp;"eo"</f><v>video</v></c></row>'
    assert columns_of(_with_sheet(tmp_path / "a.xlsx", _SHEET.format(cells))) == {"video"}


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is damaged or not an XLSX file"),
        (b"video,phase\n", "is damaged or not an XLSX file"),
        (b"PK\x03\x04 and nothing more", "is damaged or not an XLSX file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "is password-protected, or an old XLS file"),
    ],
)
def test_what_is_no_table_is_one_sentence(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(LabelError, match=sentence):
        read_rows(path, ())
    with pytest.raises(ConfigError, match=sentence):
        find_videos([path])


def test_entities_are_refused_before_anything_is_parsed(tmp_path: Path) -> None:
    path = _with_sheet(tmp_path / "a.xlsx", '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    with pytest.raises(LabelError, match="declares XML entities"):
        read_rows(path, ())


@pytest.mark.parametrize("text", ["a\x07b", "a" * 40_000])
def test_what_it_has_no_place_for_is_refused_by_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(LabelError, match=r"a\.xlsx cannot hold 'a"):
        write_rows(tmp_path / "a.xlsx", ("phase",), [(text,)])
    assert list(tmp_path.iterdir()) == []


def test_more_rows_than_a_sheet_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_files, "MOST_ROWS", 3)
    write_rows(tmp_path / "a.xlsx", ("x",), [(1,), (2,)])
    with pytest.raises(LabelError, match="would exceed 3 rows, the limit of XLSX"):
        write_rows(tmp_path / "a.xlsx", ("x",), [(1,), (2,), (3,)])


def test_a_list_of_videos(tmp_path: Path) -> None:
    for name in ("a.mp4", "b.mp4"):
        (tmp_path / name).touch()
    for header in ([("video", "note")], []):
        write_rows(tmp_path / "list.xlsx", header[0] if header else ("b.mp4",), [("a.mp4",)])
        found = [path.name for path in find_videos([tmp_path / "list.xlsx"])]
        assert found == (["a.mp4"] if header else ["b.mp4", "a.mp4"])
    write_rows(tmp_path / "list.xlsx", ("video",), [("c.mp4",)])
    with pytest.raises(ConfigError, match=r"c\.mp4 \(row 2 of .*list\.xlsx\)"):
        find_videos([tmp_path / "list.xlsx"])
