"""The layout of MS-TCN."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.base.errors import ConfigError, LabelError
from core.datasets import read_dataset
from tests.core.datasets.folders import Heard, edges, touch


@pytest.fixture
def gtea(tmp_path: Path) -> Path:
    root = tmp_path / "gtea"
    touch(root, *(f"videos/S{number}_Tea.mp4" for number in (1, 2, 3)))
    (root / "groundTruth").mkdir()
    (root / "splits").mkdir()
    write(root, "mapping.txt", "0 take", "1 pour", "2 background")
    for number in (1, 2, 3):
        write(root, f"groundTruth/S{number}_Tea.txt", *["take"] * number, "pour", "background")
    for split, test in (("1", 3), ("2", 1)):
        write(root, f"splits/test.split{split}.bundle", f"S{test}_Tea.txt")
        write(root, f"splits/train.split{split}.bundle", *(f"S{one}_Tea.txt" for one in (1, 2, 3) if one != test))
    return root


def write(root: Path, name: str, *lines: str, end: str = "\r\n") -> None:
    (root / name).write_text(end.join([*lines, ""]), encoding="utf-8", newline="")


def test_the_first_split_and_another(gtea: Path) -> None:
    made = read_dataset(gtea)
    assert (made.layout, made.name, made.actions[0].classes) == (
        "ms_tcn",
        "gtea, split 1",
        ("take", "pour", "background"),
    )
    assert [(video.path.name, video.split) for video in made.videos] == [
        ("S1_Tea.mp4", "train"),
        ("S2_Tea.mp4", "train"),
        ("S3_Tea.mp4", "val"),
    ]
    assert made.videos[1].labels_for(edges(4)).tolist() == [0, 0, 1, 2]
    assert [video.path.name for video in read_dataset(gtea, split="2").of("val")] == ["S1_Tea.mp4"]
    assert read_dataset(gtea, drop=["background"]).videos[1].labels_for(edges(4)).tolist() == [0, 0, 1, -1]


def test_labels_of_another_rate(gtea: Path) -> None:
    with pytest.raises(LabelError, match=r"groundTruth/S2_Tea\.txt has 4 labels, but S2_Tea\.mp4 has 8 frames"):
        read_dataset(gtea).videos[1].labels_for(edges(8, 30))
    labels = read_dataset(gtea, labels_fps=15).videos[1].labels_for(edges(8, 30), Heard())
    assert labels.tolist() == [0, 0, 0, 0, 1, 1, 2, 2]


def test_classes_keep_the_order_of_their_numbers(gtea: Path) -> None:
    write(gtea, "mapping.txt", "10 background", "2 pour", "1 take", "", "")
    assert read_dataset(gtea).actions[0].classes == ("take", "pour", "background")


def test_no_such_split(gtea: Path) -> None:
    with pytest.raises(ConfigError, match=r"gtea has no split '5'\. There are: 1, 2"):
        read_dataset(gtea, split="5")


def test_a_missing_video(gtea: Path) -> None:
    (gtea / "videos" / "S2_Tea.mp4").unlink()
    with pytest.raises(LabelError, match=r"^train\.split1\.bundle, line 2: there is no video 'S2_Tea' in .*1 of 3"):
        read_dataset(gtea)
    assert read_dataset(gtea, skip_missing=True).missing == ("S2_Tea",)


@pytest.mark.parametrize(
    ("name", "lines", "says"),
    [
        (
            "groundTruth/S1_Tea.txt",
            ["take", "pur"],
            r"S1_Tea\.txt, line 2: the class 'pur' is not in mapping\.txt: did",
        ),
        ("groundTruth/S1_Tea.txt", [], r"S1_Tea\.txt is empty"),
        ("mapping.txt", ["0 take", "pour 1"], r"mapping\.txt, line 2: must be a number and a name"),
        ("mapping.txt", ["0 take", "0 pour"], r"mapping\.txt, line 2: '0 pour' appears twice"),
        ("mapping.txt", ["0 take", "1 take"], r"mapping\.txt, line 2: '1 take' appears twice"),
        ("mapping.txt", ["0"], r"mapping\.txt, line 1: must be"),
        ("mapping.txt", [], r"mapping\.txt is empty"),
        (
            "splits/train.split1.bundle",
            ["S1_Tea.txt", "S9_Tea.txt"],
            r"train\.split1\.bundle, line 2: there is no .*S9",
        ),
        ("splits/train.split1.bundle", [], r"has no videos to train on"),
    ],
)
def test_wrong_lines(gtea: Path, name: str, lines: list[str], says: str) -> None:
    write(gtea, name, *lines)
    with pytest.raises(LabelError, match=says):
        read_dataset(gtea)


def test_missing_and_unreadable_files(gtea: Path) -> None:
    (gtea / "splits" / "test.split1.bundle").unlink()
    with pytest.raises(LabelError, match=r"test\.split1\.bundle cannot be read"):
        read_dataset(gtea)
    (gtea / "mapping.txt").write_bytes(b"0 t\xe4ke\n")
    with pytest.raises(LabelError, match=r"mapping\.txt cannot be read \(it is not UTF-8 text\)"):
        read_dataset(gtea)
    (gtea / "mapping.txt").write_text("0 take\n1 pour\n2 background\n")
    for file in (gtea / "splits").iterdir():
        file.unlink()
    with pytest.raises(LabelError, match=r"has no splits/train\.split1\.bundle"):
        read_dataset(gtea)


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "d/" * 3000])
def test_a_name_that_no_file_can_have_is_a_sentence(gtea: Path, name: str) -> None:
    write(gtea, "splits/train.split1.bundle", f"{name}.txt")
    with pytest.raises(LabelError, match=r"^train\.split1\.bundle, line 1: there is no "):
        read_dataset(gtea)
