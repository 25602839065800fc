"""Formats with a class for every frame: our table, DeepEthogram's, MS-TCN's; what does not fit is named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from core.base.errors import LabelError
from core.base.types import Span
from core.datasets.frame_labels import FrameLabels
from core.datasets.layouts import read_dataset
from core.labels.formats import ms_tcn
from core.labels.formats.frame_counts import is_close
from core.labels.formats.read_labels import ReadLabels
from core.labels.formats.table import FORMATS, read_labels
from core.labels.tracks import Labels, Track
from core.project.label_plan import ImportPlan, plan_import
from core.project.label_videos import KnownVideo
from core.project.rows import Found
from tests.core.datasets.folders import Heard, edges, touch
from tests.core.project.projects import filled, with_times

CASES = Path(__file__).parents[3] / "data" / "cases"


def said(found: ReadLabels) -> list[tuple[str, str, float, float]]:
    return [(s.video, s.phase, s.start, s.end) for s in found.segments]


def told(found: ReadLabels | ImportPlan) -> list[tuple[str, str]]:
    return [(problem.where, problem.sentence) for problem in found.problems]


def text(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_a_table_of_frames_as_somebody_changed_it(tmp_path: Path) -> None:
    path = text(
        tmp_path / "frames.csv",
        "video,frame,phase,seconds,source,confidence",
        "a.mp4,0,,0.0,,",
        "a.mp4,1,up,0.04,label,",
        "a.mp4,2,up,0.08,,1",
        "a.mp4,4,up,0.16,,",
        "a.mp4,3,up,not known,probe,0.5",
        "b.mp4,7,down,,,",
        "a.mp4,2,down,,,",
        "a.mp4,2.5,down,,,",
        ",5,down,,,",
        "b.mp4,8,down,,,1.5",
    )
    found = read_labels([path])
    assert [(s.video, s.phase, s.start, s.end, s.source, s.confidence, s.where) for s in found.segments] == [
        ("a.mp4", "up", 1, 3, "label", 1.0, "frames.csv, line 3"),
        ("a.mp4", "up", 3, 4, "probe", 0.5, "frames.csv, line 6"),
        ("a.mp4", "up", 4, 5, "label", 1.0, "frames.csv, line 5"),
        ("b.mp4", "down", 7, 8, "label", 1.0, "frames.csv, line 7"),
    ]
    assert found.videos["a.mp4"].clock == ((0, 0.0), (1, 0.04), (2, 0.08), (4, 0.16))
    assert told(found) == [
        ("frames.csv, line 8", "frame 2 of a.mp4 already has a line (line 4), which is used. Remove one of them."),
        ("frames.csv, line 9", "frame must be a whole number from 0, not '2.5'."),
        ("frames.csv, line 10", "the video is empty. Name it or remove the line."),
        ("frames.csv, line 11", "confidence must be from 0 to 1, not 1.5."),
        (
            "frames.csv, line 6",
            "seconds must be a number, not 'not known'; the frame numbers are used instead.",
        ),
    ]


def test_a_table_of_deepethogram(tmp_path: Path) -> None:
    """Frames that nobody looked at are -1 there."""
    path = text(
        tmp_path / "mouse.1_labels.csv",
        ",background,Face groom,scratch",
        *("0,1,0,0", "1,0,1,0", "2,0,1,0", "3,0,1,1", "4,0,1,1", "5,1,0,1", "6,-1,-1,-1", "7,0,0,1"),
    )
    found = read_labels([path])
    assert said(found) == [("mouse.1", "Face groom", 1, 3), ("mouse.1", "scratch", 7, 8)]
    assert found.videos["mouse.1"].num_frames == 8
    why = "at once, but only one is possible;"
    assert told(found) == [
        (
            "mouse.1_labels.csv, line 5",
            f"frames 3 to 4 have 'Face groom' and 'scratch' {why} they get no label. Leave a 1 in one of these "
            "columns.",
        ),
        (
            "mouse.1_labels.csv, line 7",
            f"frame 5 has 'scratch' and 'background' {why} it gets no label. Leave a 1 in one of these columns.",
        ),
    ]


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        (("0,1,0", "1,0,0.73"), "line 3: walk must be 0, 1 or -1, not '0.73'. Export labels, not probabilities."),
        (("0,1,0", "0,0,1"), "frame 0 has two lines. Remove one of them."),
        (("0,1,0", "x,0,1"), "line 3: the first column must be the number of the frame from 0, not 'x'."),
    ],
)
def test_tables_of_deepethogram_that_are_wrong(lines: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    (problem,) = read_labels([text(tmp_path / "a_labels.csv", ",background,walk", *lines)]).problems
    assert sentence in f"{problem.where}, {problem.sentence}"


def test_deepethogram_gets_background_first_and_a_1_in_every_row(tmp_path: Path) -> None:
    track = Track(Path("/d/a.b.mp4"), np.arange(5) / 25, (Span("sit", 1, 2), Span("Walk", 2, 3)))
    FORMATS["deepethogram"].write(tmp_path / "out", Labels(("Walk", "sit"), (track,)))
    table = (tmp_path / "out" / "a.b_labels.csv").read_text(encoding="utf-8")
    assert table == ",background,Walk,sit\n0,1,0,0\n1,0,0,1\n2,0,1,0\n3,1,0,0\n"
    for phases in (("background",), ("Walk", "walk")):
        with pytest.raises(LabelError, match="DeepEthogram's table cannot hold the phase"):
            FORMATS["deepethogram"].write(tmp_path / "no", Labels(phases, ()))


def _made(subset: str, name: str, features: int = 0) -> Track:
    given = np.arange(features * 3, dtype=np.float32).reshape(features, 3) if features else None
    return Track(Path(name), np.arange(5) / 25, (Span("a b", 1, 3),), "d" * 32, "", subset, given)


def test_ms_tcn_is_whole(tmp_path: Path) -> None:
    """Its published reader takes `vid.split('.')[0]` for the features and cuts both to the shorter one."""
    tracks = (_made("train", "/x/1/c.mp4", 4), _made("val", "/x/2/c.mp4", 4), _made("", "/x/a.b.mp4", 4))
    ms_tcn.write(tmp_path / "out", Labels(("a b", "c"), tracks))
    root = tmp_path / "out"
    assert (root / "mapping.txt").read_text(encoding="utf-8") == "0 a_b\n1 c\n2 background\n"
    assert (root / "splits" / "train.split1.bundle").read_text(encoding="utf-8") == "1/c.txt\na.b.txt\n"
    assert (root / "splits" / "test.split1.bundle").read_text(encoding="utf-8") == "2/c.txt\n"
    assert (root / "groundTruth" / "a.b.txt").read_text(encoding="utf-8") == "background\na_b\na_b\nbackground\n"
    features = np.load(root / "features" / "a.npy")
    assert features.dtype == np.float32
    np.testing.assert_array_equal(features, np.arange(12).reshape(4, 3).T)
    assert np.load(root / "features" / "1" / "c.npy").shape == (3, 4)
    touch(tmp_path, "1/c.mp4", "2/c.mp4", "a.b.mp4")
    made = read_dataset(root, layout="ms_tcn", videos=tmp_path)
    assert made.actions[0].classes == ("a_b", "c")
    assert [(video.path.relative_to(tmp_path).as_posix(), video.split) for video in made.videos] == [
        ("1/c.mp4", "train"),
        ("a.b.mp4", "train"),
        ("2/c.mp4", "val"),
    ]
    assert made.videos[0].labels_for(edges(4)).tolist() == [-1, 0, 0, -1]


def test_ms_tcn_refuses_features_that_its_reader_would_mix_up(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match=r"features of a\.2\.mp4 and of a\.1\.mp4 in one file, features/a\.npy"):
        ms_tcn.write(tmp_path / "out", Labels(("a b",), (_made("", "/x/a.1.mp4", 4), _made("", "/x/a.2.mp4", 4))))
    with pytest.raises(LabelError, match=r"a\.mp4 has 4 frames, but features for 3"):
        ms_tcn.write(tmp_path / "out", Labels(("a b",), (_made("", "/x/a.mp4", 3),)))
    assert list(tmp_path.iterdir()) == []


def test_a_phase_called_background_is_no_frame_without_a_label(tmp_path: Path) -> None:
    track = Track(Path("/x/a.mp4"), np.arange(5) / 25, (Span("background", 1, 3),))
    ms_tcn.write(tmp_path / "out", Labels(("background",), (track,)))
    assert said(read_labels([tmp_path / "out"])) == [("a", "background", 1, 3)]
    assert (tmp_path / "out" / "mapping.txt").read_text(encoding="utf-8") == "0 background\n1 (unlabelled)\n"


def test_ms_tcn_names_what_it_changes_and_gives_it_back(tmp_path: Path) -> None:
    track = Track(Path("/x/a.mp4"), np.arange(5) / 25, (Span("jump up", 0, 1), Span("walk", 2, 3)))
    changed = [Labels(("jump up", "walk"), (track,)), Labels(("jump up", "walk", "background"), (track,))]
    renamed, unlabelled = "'jump up' is 'jump_up'", "Frames without a label are '(unlabelled)'"
    for made, wanted in zip(changed, ((renamed,), (renamed, unlabelled)), strict=True):
        sentences = list(ms_tcn.notes(tmp_path, made))
        assert [one for one in (renamed, unlabelled) if any(one in said for said in sentences)] == list(wanted)
    out = tmp_path / "out"
    ms_tcn.write(out, changed[1])
    text_file = out / "groundTruth" / "a.txt"
    assert text_file.read_text(encoding="utf-8").split() == ["jump_up", "(unlabelled)", "walk", "(unlabelled)"]
    for path in (out, out / "groundTruth", text_file):
        assert said(read_labels([path])) == [("a", "jump up", 0, 1), ("a", "walk", 2, 3)]
    (out / "carl-studio.json").unlink()
    assert said(read_labels([text_file])) == [("a", "jump_up", 0, 1), ("a", "walk", 2, 3)]
    (out / "carl-studio.json").write_text('{"unlabelled": "background", "videos": {}, "phases": 3}', encoding="utf-8")
    assert "is damaged" in told(read_labels([text_file]))[0][1]
    plain = Labels(("walk",), (Track(Path("/x/a.mp4"), np.arange(5) / 25, (Span("walk", 0, 4),)),))
    assert not any("is 'walk'" in one or "(unlabelled)" in one for one in ms_tcn.notes(tmp_path, plain))


def test_one_frame_of_background_gets_no_label(tmp_path: Path) -> None:
    ((_, sentence),) = told(read_labels([text(tmp_path / "a.txt", "walk", "background")]))
    assert sentence.startswith("1 frame is 'background' and gets no label")


def test_both_names_for_frames_without_a_label_are_read(tmp_path: Path) -> None:
    path = text(tmp_path / "a.b.txt", "(unlabelled)", "walk", "background", "background", "SIL")
    found = read_labels([path])
    assert said(found) == [("a.b", "walk", 1, 2), ("a.b", "SIL", 4, 5)]
    assert told(found) == [
        (
            "a.b.txt, line 3",
            "2 frames are 'background' and get no label. Write another name there if it is a phase to be imported.",
        )
    ]


def test_importing_and_evaluating_take_the_same_number_of_labels(tmp_path: Path) -> None:
    for num_labels, num_frames in ((1992, 2000), (130, 129), (100, 103), (1010, 1000), (100, 94), (1020, 1000), (1, 2)):
        path = text(tmp_path / "clip1.txt", *["walk"] * num_labels)
        plan = _plan(tmp_path / f"p{num_labels} {num_frames}", path, num_frames)
        assert bool(plan.videos) == is_close(num_labels, num_frames)
        evaluated = FrameLabels(np.zeros(num_labels, np.int64), "x")
        if plan.videos:
            laid = evaluated.on("clip1.mp4", edges(num_frames), Heard())
            assert [span.end_frame_exclusive for span in plan.videos[0].spans] == [int((laid >= 0).sum())]
        else:
            with pytest.raises(LabelError):
                evaluated.on("clip1.mp4", edges(num_frames), Heard())


def _plan(folder: Path, path: Path, num_frames: int) -> ImportPlan:
    with filled(folder, 1) as project:
        project.keep_facts({1: Found(num_frames, 25.0, num_frames / 25, 64, 48)})
        known = [KnownVideo(row, project.folder) for row in with_times(project.videos())]
        return plan_import(read_labels([path]), known, project.phases())


def test_some_labels_less_than_frames_are_imported_and_said(tmp_path: Path) -> None:
    """The case `mstcn_few_labels_less`."""
    folder = CASES / "mstcn_few_labels_less" / "mst"
    path = text(tmp_path / "clip1.txt", *(folder / "groundTruth" / "onekey.txt").read_text("utf-8").splitlines())
    plan = _plan(tmp_path / "p", path, 2000)
    assert [video.spans for video in plan.videos] == [(Span("walk", 0, 1992),)]
    sentence = "the file has 1992 labels, but clip1.mp4 has 2000 frames: its last frames have no label."
    assert told(plan) == [("clip1.txt", sentence)]


def test_one_label_more_than_frames_is_imported_and_said(tmp_path: Path) -> None:
    """The case `mstcn_one_label_more`."""
    given = CASES / "interop" / "mstcn_one_label_more" / "groundTruth" / "pour_01.txt"
    lines = given.read_text(encoding="utf-8").splitlines()
    plan = _plan(tmp_path / "p", text(tmp_path / "clip1.txt", *lines), 129)
    labels = [""] * 129
    for span in plan.videos[0].spans:
        labels[span.start_frame : span.end_frame_exclusive] = [span.phase] * len(span)
    assert labels == ["" if line == "(unlabelled)" else line for line in lines[:129]]
    assert told(plan)[0] == (
        "clip1.txt",
        "the file has 130 labels, but clip1.mp4 has 129 frames: the last labels were cut.",
    )
