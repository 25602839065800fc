"""Curves of sensors: read as they are written, every problem named with its line, drawn without losing a peak."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.base.csv_files import write_rows
from core.base.errors import LabelError
from core.curves.curves import Curves
from core.curves.reading import read_curves

_PLAIN = "seconds,Force (N),gyro\n0,1.5,10\n0.01,,20\n0.02,NaN,-5\n0.5,2,30\n"


@pytest.mark.parametrize(
    "data",
    [
        _PLAIN.encode(),
        _PLAIN.replace("\n", "\r\n").encode("utf-8-sig"),
        _PLAIN.encode("utf-16"),
        _PLAIN.replace(",", "\t").encode(),
        _PLAIN.replace(",", ";").replace(".", ",").encode(),
        ("sep=;\n" + _PLAIN.replace(",", ";").replace("seconds", "Time (s)")).encode(),
        b"\n" + _PLAIN.replace("seconds", "T").encode() + b"\n\n",
    ],
    ids=["comma", "excel", "utf-16", "tab", "decimal comma", "sep", "blank lines"],
)
def test_a_table_is_read_as_spreadsheets_write_it(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "imu.csv"
    path.write_bytes(data)
    curves = read_curves(path)
    assert np.array_equal(curves.seconds, [0, 0.01, 0.02, 0.5])
    assert list(curves.channels) == ["Force (N)", "gyro"]
    assert np.array_equal(curves.channels["Force (N)"], [1.5, np.nan, np.nan, 2], equal_nan=True)
    assert np.array_equal(curves.channels["gyro"], [10, 20, -5, 30])


def test_a_sheet_and_arrays_are_read_too(tmp_path: Path) -> None:
    sheet = tmp_path / "imu.xlsx"
    write_rows(sheet, ["time", "force"], [[0, 1.5], [0.5, 2]])
    assert np.array_equal(read_curves(sheet).channels["force"], [1.5, 2])
    arrays = tmp_path / "imu.npz"
    np.savez(arrays, t=np.arange(3) / 10, force=np.array([1, 2, 3]), acc=np.array([[1, 2], [3, np.inf], [5, 6]]))
    curves = read_curves(arrays)
    assert list(curves.channels) == ["force", "acc[0]", "acc[1]"]
    assert np.array_equal(curves.channels["acc[1]"], [2, np.nan, 6], equal_nan=True)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("seconds,a\n0,1\n2,1\n1,1\n", "imu.csv, line 4: the time 1 s comes after 2 s. Sort the file by time."),
        ("seconds,a\n0,1\n2,1\n2,3\n", "imu.csv, line 4: the time 2 s appears twice. Keep one of the two."),
        ("seconds,a\n0,1\n,1\n", "imu.csv, line 3: the time is missing. Add it, or remove the line."),
        ("seconds,a\n0,1\nnan,1\n", "imu.csv, line 3: the time is missing. Add it, or remove the line."),
        ("seconds,a\n0,1\ninf,1\n", "imu.csv, line 3: seconds must be a number, not 'inf'."),
        ("seconds,a\n0,1\n1,high\n", "imu.csv, line 3: a must be a number, not 'high'."),
        ('seconds,a\n0,1\n1,"2,5"\n', "imu.csv, line 3: a must be a number, not '2,5'; write 2.5."),
        (
            "seconds,a\n0,1\n0,5,1,5\n",
            "imu.csv, line 3: 4 cells, but the header has 2. Where numbers have decimal commas, separate the columns "
            "by semicolons.",
        ),
        (
            "frame,a\n0,1\n",
            "imu.csv: no column of times among 'frame', 'a'. Name the one with seconds 'seconds'.",
        ),
        ("seconds,a,a\n0,1,1\n", "imu.csv, line 1: the column 'a' appears twice. Rename one."),
        ("seconds\n0\n1\n", "imu.csv has no column besides the times. Add one for each channel."),
        ("seconds,a\n0,\n1,na\n", "imu.csv has no value in any channel. Export the measurements again."),
        ("seconds,a\n", "imu.csv has no line below its header. Export the measurements again."),
        ("", "imu.csv has no line below its header. Export the measurements again."),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "imu.csv"
    path.write_text(text)
    with pytest.raises(LabelError) as refused:
        read_curves(path)
    assert str(refused.value) == sentence


def test_other_encodings_and_missing_files_are_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "imu.csv"
    path.write_bytes("seconds,°/s\n0,1\n".encode("latin-1"))
    with pytest.raises(LabelError, match="it is not UTF-8 text"):
        read_curves(path)
    for name in ("none.csv", "none.npz", "none.xlsx"):
        with pytest.raises(LabelError, match="There is no file"):
            read_curves(tmp_path / name)


@pytest.mark.parametrize(
    ("arrays", "sentence"),
    [
        ({"x": [1.0], "y": [2.0]}, "no column of times among 'x', 'y'"),
        ({"t": [0, 2, 1], "a": [1, 2, 3]}, r"t\[2\]: the time 1 s comes after 2 s"),
        ({"t": [0, np.nan], "a": [1, 2]}, r"t\[1\]: the time is nan"),
        ({"t": [0, 1], "a": [1, 2, 3]}, r"'a' has the shape \(3,\), but there are 2 times"),
        ({"t": [[0, 1]], "a": [1, 2]}, "'t' must be one row of times"),
        ({"t": [0, 1], "a": ["x", "y"]}, "'a' holds no real numbers"),
        ({"t": [0, 1], "a": [1j, 2j]}, "'a' holds no real numbers"),
        ({"t": [], "a": []}, "must be one row of times"),
        ({"t": [0, 1], "a": np.array([{}, {}])}, "is not an NPZ file of numbers"),
    ],
)
def test_a_wrong_array_is_named(tmp_path: Path, arrays: dict[str, list[object]], sentence: str) -> None:
    path = tmp_path / "imu.npz"
    np.savez(path, **arrays)
    with pytest.raises(LabelError, match=sentence):
        read_curves(path)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04broken", b"\x93NUMPY"])
def test_a_damaged_archive_is_one_sentence(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "imu.npz"
    path.write_bytes(data)
    with pytest.raises(LabelError, match="is not an NPZ file of numbers"):
        read_curves(path)


def test_what_is_drawn_has_every_peak_and_no_gap_is_bridged() -> None:
    rng = np.random.default_rng(3)
    seconds = np.cumsum(rng.uniform(0.001, 0.02, 400))
    values = rng.normal(size=400)
    values[100:140] = np.nan
    curves = Curves(seconds, {"a": values})
    for columns in (1, 9, 300, 5000):
        edges = np.linspace(-1, seconds[-1] + 1, columns + 1)
        drawn = curves.extremes("a", edges)
        assert np.nanmin(drawn[:, 0]) == np.nanmin(values)
        assert np.nanmax(drawn[:, 1]) == np.nanmax(values)
        outside = (edges[1:] < seconds[0]) | (edges[:-1] > seconds[-1])
        inside_gap = (edges[:-1] > seconds[99] + 1e-9) & (edges[1:] < seconds[140] - 1e-9)
        assert np.isnan(drawn[outside | inside_gap]).all()
    assert curves.value_at("a", float(seconds[3])) == values[3]
    assert np.isnan(curves.value_at("a", float(seconds[120])))
    assert curves.shifted(2.5).value_at("a", float(seconds[3]) + 2.5) == pytest.approx(values[3])
