"""What the user names is found, in order and once; what is not there is one sentence."""

from __future__ import annotations

import json
import os
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pytest

from core.base.errors import ConfigError
from core.base.events import Notice
from core.learning.run_folder import RunFolder
from core.settings.config import Config
from core.video.inputs import find_videos

Files = Callable[..., Path]

CASES = Path(__file__).parents[2] / "data" / "cases"


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
        (b'{"videos": "a.mp4"}', '"videos" lists no paths'),
        (b'{"videos": []}', '"videos" lists no paths'),
        (b'{"videos": ["a.mp4", 3]}', "3 is not a path"),
        (b'{"videos": [""]}', "'' is not a path"),
        (b'{"videos": ["a\\u0000b.mp4"]}', r"'a\x00b.mp4' is not a path"),
    ],
)
def test_a_json_list_that_is_none_is_one_sentence(files: Files, content: bytes, says: str) -> None:
    listed = files("a.mp4") / "list.JSON"
    listed.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        find_videos([listed])
    assert str(caught.value).startswith(f"The list {listed} cannot be used ({says}). Write ")
    assert "\n" not in str(caught.value)


def test_a_path_of_a_megabyte_in_a_json_list_is_left_to_whoever_opens_it(files: Files) -> None:
    folder = files("a.mp4")
    (folder / "list.json").write_text(json.dumps({"videos": ["a.mp4", "b/" * 500_000, "./a.mp4"]}), encoding="utf-8")
    found = find_videos([folder / "list.json"])
    assert (found[0], len(found)) == (folder / "a.mp4", 2)


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

    assert "Name video files" in refusal()
    assert f"no video in the folder {folder / 'empty'}" in refusal(folder / "empty")
    assert ".mp4" in refusal(folder / "empty")
    assert f"no file or folder {folder / 'none.mp4'}" in refusal(folder / "none.mp4")
    listed.write_text("video\nnone.mp4\n")
    assert f"none.mp4 (line 2 of {listed})" in refusal(listed)
    listed.write_text("video\n\n")
    assert "names no videos" in refusal(listed)
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

    with monkeypatch.context() as patch:
        patch.setattr(os, "scandir", refuse)
        with pytest.raises(ConfigError, match=r"b cannot be read \(Permission denied\)"):
            find_videos([folder])


def _told(*inputs: Path) -> tuple[list[Path], list[str]]:
    said: list[str] = []
    return find_videos(inputs, lambda event: said.append(event.message) if isinstance(event, Notice) else None), said


@pytest.mark.parametrize("name", ["list_back.csv", "list_sep.csv", "list_utf16.txt"])
def test_lists_as_windows_writes_them(files: Files, name: str) -> None:
    folder = files("mix/good.mp4", "mix/sub/good.mp4")
    listed = shutil.copy(CASES / "windows_lists" / name, folder / name)
    expected = ["mix/good.mp4"] if name == "list_sep.csv" else ["mix/good.mp4", "mix/sub/good.mp4"]
    assert _names(folder, Path(listed)) == expected


@pytest.mark.parametrize("name", ["csv_winabs.csv", "csv_oldplace.csv", "csv_sep.csv"])
def test_whole_paths_of_another_computer_are_found_by_name(files: Files, name: str) -> None:
    folder = files("sub/clip1.mp4", "sub/Rückhand, schräg.mp4", "sub/other.mp4")
    place = folder if name != "csv_sep.csv" else folder / "sub"
    listed = Path(shutil.copy(CASES / "windows_lists" / name, place / name))
    found, said = _told(listed)
    assert [path.name for path in found] == ["clip1.mp4", "Rückhand, schräg.mp4"]
    assert all(name in sentence and "line " in sentence for sentence in said), "each guess is told, with its line"
    assert len(said) == (0 if name == "csv_sep.csv" else 2)


def test_a_whole_path_means_the_file_that_shares_most_of_it(files: Files) -> None:
    folder = files("a/clip.mp4", "b/clip.mp4")
    (folder / "list.txt").write_text("C:\\lib\\b\\clip.mp4\n")
    assert _names(folder, folder / "list.txt") == ["b/clip.mp4"]


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (
            "C:\\lib\\clip.mp4\n",
            r"C:\lib\clip.mp4 (line 1 of {list}) may be {folder}/a/clip.mp4 or {folder}/b/clip.mp4. ",
        ),
        (
            "C:\\lib\\none.mp4\n",
            r"There is no file or folder {folder}/C:\lib\none.mp4 (line 1 of {list}). Check its name. For a path "
            "from another computer, put the video into {folder}, under the same name.",
        ),
        ("C:\\x\\lone.mp4\n/y/lone.mp4\n", r"There is no file or folder {folder}/C:\x\lone.mp4 (line 1 of {list}). "),
        ("c/lone.mp4\nC:\\x\\lone.mp4\n", r"There is no file or folder {folder}/C:\x\lone.mp4 (line 2 of {list}). "),
        ("sub\\lone.mp4\n", r"There is no file or folder {folder}/sub\lone.mp4 (line 1 of {list}). "),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="such a path is one of this computer")
def test_a_path_that_cannot_be_placed_is_named_with_file_line_and_value(files: Files, lines: str, says: str) -> None:
    folder = files("a/clip.mp4", "b/clip.mp4", "c/lone.mp4")
    listed = folder / "list.txt"
    listed.write_text(lines)
    with pytest.raises(ConfigError) as caught:
        find_videos([listed])
    assert str(caught.value).startswith(says.format(folder=folder, list=listed))


@pytest.mark.parametrize("given", ["NFC", "NFD"])
@pytest.mark.parametrize("on_disk", ["NFC", "NFD"])
def test_composed_and_decomposed_names_are_one(
    files: Files, given: Literal["NFC", "NFD"], on_disk: Literal["NFC", "NFD"]
) -> None:
    written = unicodedata.normalize(on_disk, "Übung/Rückhand.mp4")
    folder = files(written)
    name = unicodedata.normalize(given, "Übung/Rückhand.mp4")
    for listed, text in (("list.csv", f"video\n{name}\n"), ("list.json", json.dumps({"videos": [name]}))):
        (folder / listed).write_text(text, encoding="utf-8")
        assert _names(folder, folder / listed) == [written]
    assert _names(folder, folder / name) == [written]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("first", ["sep=;\n", "SEP=;\r\n", '"sep=;"\n', ""])
def test_every_encoding_and_a_first_line_with_the_separator(files: Files, encoding: str, first: str) -> None:
    folder = files("ü, 1.mp4")
    (folder / "list.csv").write_bytes(f"{first}video;note\nü, 1.mp4;a,b,c,d\n".encode(encoding))
    assert _names(folder, folder / "list.csv") == ["ü, 1.mp4"]
    (folder / "list.csv").write_bytes(f"{first}video;note\nnone.mp4;a\n".encode(encoding))
    with pytest.raises(ConfigError, match=rf"\(line {3 if first else 2} of "):
        find_videos([folder / "list.csv"])


def test_a_json_list_in_utf16_with_backslashes(files: Files) -> None:
    folder = files("sub/a.mp4")
    (folder / "list.json").write_bytes(json.dumps({"videos": ["sub\\a.mp4"]}).encode("utf-16"))
    assert _names(folder, folder / "list.json") == ["sub/a.mp4"]


def test_what_is_passed_over_in_a_folder_is_one_sentence(files: Files) -> None:
    folder = files("a.mp4", "x.log", "notes.txt", "sub/cover.jpg", *(f"log/{number}.csv" for number in range(2000)))
    found, (said,) = _told(folder)
    assert found == [folder / "a.mp4"]
    assert "2003 files, not videos by the suffix (log/0.csv, log/1.csv, log/2.csv and 2000 more)" in said
    assert _told(folder / "a.mp4")[1] == []


def test_what_may_be_a_video_is_named_among_thousands_of_others(files: Files) -> None:
    raw = ("b.rm", "c.OGM", "sub/d.h264", "sub/e.hevc", "f.rmvb", "g.y4m")
    folder = files("a.mp4", *raw, *(f"log/{number}.csv" for number in range(2000)))
    found, (said,) = _told(folder)
    assert found == [folder / "a.mp4"]
    assert said.startswith(
        f"Skipped in {folder}: 6 files may be videos (b.rm, c.OGM, f.rmvb, g.y4m, sub/d.h264, sub/e.hevc): to read "
        "them, name them; 2000 files, not videos by the suffix (log/0.csv"
    )
    (folder / "a.mp4").unlink()
    with pytest.raises(ConfigError, match=r"There is no video in .*\. 6 files may be videos \(b\.rm, .*name them\.$"):
        find_videos([folder])


@pytest.mark.parametrize(
    "name", ["x" * 300 + ".mp4", "é" * 200, "a\0b.mp4", "é\0", "d/" * 3000 + "a", "é/" * 3000, "~nobody-here/a"]
)
def test_a_name_that_no_file_can_have_is_a_sentence(files: Files, name: str) -> None:
    folder = files("a.mp4")
    (folder / "list.csv").write_text(f"video\n{name}\n", encoding="utf-8")
    for given in (folder / "list.csv", folder / name, Path(name)):
        with pytest.raises(ConfigError, match=r"^There is no file or folder "):
            find_videos([given])


def test_a_cell_larger_than_csv_can_have_is_a_sentence(files: Files) -> None:
    folder = files("a.mp4")
    (folder / "list.csv").write_text("video,action\na.mp4," + "x" * 200_000, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"list\.csv cannot be read \(line 2: field larger .*Save it again as CSV\."):
        find_videos([folder / "list.csv"])


def test_a_projects_own_files_are_not_named(files: Files) -> None:
    folder = files("a.mp4", "project/project.sqlite", "project/backups/b.sqlite", "project/runs/r/config.toml")
    assert _told(folder) == ([folder / "a.mp4"], [])


def test_the_separator_that_is_told_holds(files: Files) -> None:
    folder = files("a.mp4")
    (folder / "list.csv").write_text("sep=|\nvideo|first, second; third\na.mp4|1,2;3\n")
    assert _names(folder, folder / "list.csv") == ["a.mp4"]
