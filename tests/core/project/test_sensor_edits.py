"""The file of sensor curves beside a video: kept, shifted, undone, and named where it is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.base.errors import LabelError
from core.project.sensor_edits import SensorFile, SetSensorFile, ShiftSensorCurves
from core.project.store import Project
from core.project.video_edits import RemoveVideos
from tests.core.project.projects import filled


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "imu.csv"
    path.write_text("seconds,force\n0,1\n1,3\n")
    return path


def test_a_file_is_kept_shifted_and_undone(tmp_path: Path, table: Path) -> None:
    with filled(tmp_path / "p") as project:
        file = SensorFile.of(table, project.folder)
        assert project.do(SetSensorFile(1, file)).videos == {1}
        assert project.do(ShiftSensorCurves(1, -0.25)).videos == {1}
        curves = project.sensor_file(1).read(project.folder)
        assert curves.value_at("force", 0.25) == 2
        project.undo()
        assert project.sensor_file(1) == file
        project.undo()
        assert project.sensor_file(1) is None
        project.redo()
        project.do(SetSensorFile(1, None))
        project.undo()
    with Project.open(tmp_path / "p") as project:
        assert project.sensor_file(1) == file
        project.do(RemoveVideos((1,)))
        assert project.sensor_file(1) is None
        project.undo()
        assert project.sensor_file(1) == file


def test_what_cannot_be_shifted_says_so(tmp_path: Path, table: Path) -> None:
    with filled(tmp_path / "p") as project:
        with pytest.raises(LabelError, match=r"This video has no sensor curves. Add some first."):
            project.do(ShiftSensorCurves(1, 1.0))
        project.do(SetSensorFile(1, SensorFile.of(table, project.folder)))
        for offset in (float("nan"), float("inf"), 1e9):
            with pytest.raises(LabelError, match="is too large"):
                project.do(ShiftSensorCurves(1, offset))


def test_a_missing_or_changed_file_is_named_and_one_that_moved_along_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "p"
    with filled(folder):
        pass
    table = folder / "imu.csv"
    table.write_text("seconds,force\n0,1\n1,3\n")
    file = SensorFile.of(table, folder)
    folder.rename(tmp_path / "q")
    assert file.read(tmp_path / "q").value_at("force", 1) == 3
    table = tmp_path / "q" / "imu.csv"
    table.write_text("seconds,force\n0,1\n1,4\n")
    with pytest.raises(LabelError, match=r"The sensor file .*imu.csv has changed since it was added. Add it again."):
        file.read(tmp_path / "q")
    table.unlink()
    with pytest.raises(LabelError, match=r"The sensor file .*imu.csv is missing. Put it back, or add it again."):
        file.read(tmp_path / "q")
    with pytest.raises(LabelError, match="cannot be read"):
        SensorFile.of(table, folder)
