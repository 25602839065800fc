"""A folder that cannot be made is one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.base.errors import StorageError
from core.base.files import check_folder, make_folder
from core.learning.run_folder import RunFolder
from core.settings.config import Config


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="no file system here that takes no folders")
def test_where_no_folder_can_be_made_it_is_said() -> None:
    folder = Path("/proc/carl-run")
    for make in (make_folder, check_folder, lambda path: RunFolder.create(path, Config(), [])):
        with pytest.raises(StorageError, match=r"/proc/carl-run cannot be made there\. Choose another folder\."):
            make(folder)


def test_folders_within_folders_are_made(tmp_path: Path) -> None:
    make_folder(tmp_path / "a" / "b")
    make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()
