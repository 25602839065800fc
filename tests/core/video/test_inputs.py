"""What the user names is found, in order and once; what is not there is one sentence."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from core.config import Config
from core.errors import ConfigError
from core.run_folder import RunFolder
from core.video.inputs import find_videos

Files = Callable[..., Path]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """Makes empty files and returns their folder."""

    def make(*names: str) -> Path:
        for name in names:
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(b"")
        return tmp_path

    return make


def _names(folder: Path, *inputs: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in find_videos(inputs)]


def test_a_folder_in_natural_order_without_what_is_hidden_or_no_video(files: Files) -> None:
    folder = files("b/x.MOV", "clip10.mp4", "clip2.mp4", "Clip1.mp4", "a.txt", ".hidden.mp4", ".git/y.mp4", "b/c/z.gif")
    assert _names(folder, folder) == ["b/c/z.gif", "b/x.MOV", "Clip1.mp4", "clip2.mp4", "clip10.mp4"]


def test_a_file_that_is_named_may_have_any_extension(files: Files) -> None:
    folder = files("film.weird", "other.mp4")
    assert _names(folder, folder / "film.weird") == ["film.weird"]


def test_each_video_once_in_the_order_of_the_inputs(files: Files) -> None:
    folder = files("a.mp4", "sub/b.mp4", "sub/a.mp4")
    again = folder / "sub" / ".." / "sub" / "b.mp4"
    assert _names(folder, folder / "sub" / "b.mp4", folder, again) == ["sub/b.mp4", "a.mp4", "sub/a.mp4"]


@pytest.mark.parametrize(
    "text",
    [
        "video\na.mp4\n\nsub/b.mp4\n",
        "\ufeffvideo;person\na.mp4;Ann\nsub/b.mp4;Bob\n",
        'person,Video\nAnn,"a.mp4"\nBob, sub/b.mp4\n,\n',
        "a.mp4\r\nsub/b.mp4",
        "a.mp4\nsub\n",
    ],
)
def test_lists_in_the_shapes_that_programs_save(files: Files, text: str) -> None:
    folder = files("a.mp4", "sub/b.mp4")
    (folder / "list.csv").write_text(text, encoding="utf-8")
    assert _names(folder, folder / "list.csv") == ["a.mp4", "sub/b.mp4"]


def test_a_line_may_hold_commas(files: Files) -> None:
    folder = files("one, two.mp4")
    (folder / "list.txt").write_text("one, two.mp4\n")
    assert _names(folder, folder / "list.txt") == ["one, two.mp4"]


def test_a_json_list_as_a_run_keeps_it(files: Files) -> None:
    """Of any length and with any names; what vanished is left to whoever opens it."""
    folder = files("sub/b.mp4", "a.mp4")
    odd = os.fsdecode("läuft 'é' \"🏃\", ".encode() + b"\xff.mp4") if os.name != "nt" else "läuft 'é' 🏃.mp4"
    names = [str(folder / "sub" / "b.mp4"), "a.mp4", "sub/../a.mp4", "vanished.mp4", odd]
    names += [f"many/{number}.mp4" for number in range(3000)]
    listed = folder / "inputs.json"
    listed.write_text(json.dumps({"videos": names, "validation": ["a.mp4"], "labels": None}))
    found = find_videos([listed])
    assert found[:4] == [folder / "sub" / "b.mp4", folder / "a.mp4", folder / "vanished.mp4", folder / odd]
    assert len(found) == 3004
    RunFolder.create(folder / "run", Config(), found).close()
    assert find_videos([folder / "run" / "inputs.json"]) == found


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is not JSON"),
        (b'{"videos": ["a.mp4"', "it is not JSON"),
        (b"[" * 100_000, "it is not JSON"),
        (b'{"videos": ["\xff.mp4"]}', "it is not UTF-8 text"),
        (b'["a.mp4"]', 'it has no "videos"'),
        (b'{"films": ["a.mp4"]}', 'it has no "videos"'),
        (b'{"videos": "a.mp4"}', '"videos" names none'),
        (b'{"videos": []}', '"videos" names none'),
        (b'{"videos": ["a.mp4", 3]}', "3 is no path"),
        (b'{"videos": [""]}', "'' is no path"),
        (b'{"videos": ["a\\u0000b.mp4"]}', r"'a\x00b.mp4' is no path"),
    ],
)
def test_a_json_list_that_is_none_is_one_sentence(files: Files, content: bytes, says: str) -> None:
    listed = files("a.mp4") / "list.JSON"
    listed.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        find_videos([listed])
    assert str(caught.value).startswith(f"The list {listed} cannot be used ({says}): write ")
    assert "\n" not in str(caught.value)


def test_a_missing_list_is_said(files: Files) -> None:
    listed = files("a.mp4") / "list.json"
    with pytest.raises(ConfigError, match="There is no file or folder"):
        find_videos([listed])


def test_refusals_name_the_thing_and_the_remedy(files: Files) -> None:
    folder = files("empty/readme.md")
    listed = folder / "list.csv"

    def refusal(*inputs: Path) -> str:
        with pytest.raises(ConfigError) as caught:
            find_videos(inputs)
        return str(caught.value)

    assert "name video files" in refusal()
    assert f"no video in the folder {folder / 'empty'}" in refusal(folder / "empty")
    assert ".mp4" in refusal(folder / "empty")
    assert f"no file or folder {folder / 'none.mp4'}" in refusal(folder / "none.mp4")
    listed.write_text("video\nnone.mp4\n")
    assert f"none.mp4 (line 2 of {listed})" in refusal(listed)
    listed.write_text("video\n\n")
    assert "names no video" in refusal(listed)
    listed.write_text("")
    assert "names no video" in refusal(listed)
    listed.write_text("name,path\nAnn,a.mp4\n")
    assert "no column named video" in refusal(listed)
    listed.write_bytes(b"video\n\xff\xfe.mp4\n")
    assert "not UTF-8" in refusal(listed)


def test_a_folder_without_the_right_to_read_it(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = files("a/x.mp4", "b/y.mp4")
    scan = os.scandir

    def refuse(path: str) -> object:
        if Path(path).name == "b":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(ConfigError, match=r"b cannot be read \(Permission denied\)"):
        find_videos([folder])
