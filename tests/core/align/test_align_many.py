"""Many videos beside one reference: the alignments, the table, the grid, and the command that makes them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from core.align import align_partial, warp_frames
from core.align.alignable import alignability
from core.align.bounds import MOST_CELLS, band_for
from core.align.many import match, match_many
from core.align.many_tables import Follower, follower, read_followers, write_followers
from core.align.messages import not_alignable_in_words
from core.base.control import Control, Stopped
from core.base.errors import LabelError
from core.base.events import Event, Progress
from core.base.files import content_digest
from core.base.tiling import columns_for
from core.cli import align as command
from core.embedding.embedded_video import EmbeddedVideo
from core.pictures import VideoSource
from core.pictures.phase_grid import MOST, write_phase_grid
from tests.conftest import VideoWriter, number_of, numbered_image
from tests.core.cli.test_align_command import embed_numbers
from tests.core.pictures.test_pictures import frames_of, numbered


def rows(moments: NDArray[np.float64]) -> NDArray[np.float32]:
    """(S, 2) rows of norm 1: what is seen at each moment, from 0 to 1."""
    return np.stack([np.cos(moments * 1.5), np.sin(moments * 1.5)], axis=1).astype(np.float32)


def test_each_match_is_that_of_the_pair_and_comes_in_order() -> None:
    reference = rows(np.linspace(0, 1, 40))
    others = [rows(np.linspace(0, 1, length) ** power) for length, power in ((15, 1.0), (90, 2.0), (1, 1.0), (40, 0.5))]
    found = list(match_many(reference, others, threads=3))
    for other, one in zip(others, found, strict=True):
        alone = align_partial(reference, other)
        np.testing.assert_array_equal(one.frames, warp_frames(alone))
        cosine = (reference @ other.T)[alone.a_frames, alone.b_frames]
        assert one.mean_cosine == pytest.approx(cosine.mean(), abs=1e-6)
        believed = alignability(reference, other, alone)
        assert one.alignable_score == believed.score
        np.testing.assert_array_equal(one.alignability, believed.of_a)
        assert one.band is None
        assert one.frames.shape == (40,)


def test_the_one_that_does_something_else_is_the_least_alike() -> None:
    reference = rows(np.linspace(0, 1, 30))
    others = [rows(np.linspace(0, 1, 25)), rows(np.linspace(1, 0, 30)), rows(np.linspace(0, 1, 60))]
    cosines = [one.mean_cosine for one in match_many(reference, others)]
    assert int(np.argmin(cosines)) == 1


def test_long_videos_are_searched_near_the_line_between_the_corners() -> None:
    assert band_for(20_000, 20_000) is None
    assert band_for(40_000, 20_000) == MOST_CELLS / 2 / 40_000 / 20_000
    assert band_for(30, 40, most_cells=600) == pytest.approx(0.25)
    reference = rows(np.linspace(0, 1, 60))
    banded = match(reference, rows(np.linspace(0, 1, 60) ** 3), band=0.05)
    assert banded.band == 0.05
    assert banded.has_partner.any()
    assert int(np.abs(banded.frames - np.arange(60))[banded.has_partner].max()) <= 4


def test_alignments_are_counted_and_stop_as_asked() -> None:
    reference, told = rows(np.linspace(0, 1, 20)), list[Event]()
    others, control = [reference] * 6, Control()
    for place, _ in enumerate(match_many(reference, others, sink=told.append)):
        assert place < 6
    assert isinstance(last := told[-1], Progress)
    assert (last.stage, last.done, last.total) == ("align", 6, 6)
    coming = match_many(reference, others, control=control)
    next(coming)
    control.stop()
    with pytest.raises(Stopped):
        next(coming)


@pytest.mark.parametrize(
    ("count", "width", "height", "aspect", "columns"),
    [(16, 1600, 900, 16 / 9, 4), (13, 1600, 900, 16 / 9, 4), (3, 1600, 500, 1.0, 3), (3, 400, 900, 1.0, 1)],
)
def test_pictures_are_laid_out_as_large_as_they_can_be(
    count: int, width: float, height: float, aspect: float, columns: int
) -> None:
    assert columns_for(count, width, height, aspect) == columns


def test_tall_ones_stand_in_more_columns_than_wide_ones() -> None:
    assert columns_for(10, 1600, 900, 9 / 16) > columns_for(10, 1600, 900, 16 / 9)
    assert columns_for(1, 10, 10, 1.0) == columns_for(0, 10, 10, 1.0) == 1


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    steps = [np.arange(3), np.array([0, 0, 4])]
    edges = np.arange(6) / 10
    videos = [EmbeddedVideo(Path("x"), "0", edges[: n + 1], rows(np.linspace(0, 1, n))) for n in (3, 5)]
    names = ["a, \udcff.mp4", "läuft;\n.mp4"]
    followers = [Follower(name, frames) for name, frames in zip(names, steps, strict=True)]
    write_followers(tmp_path / "t.csv", followers, videos)
    found = read_followers(tmp_path / "t.csv")
    assert [one.name for one in found] == ["a, �.mp4", "läuft;\n.mp4"]
    assert [one.frames.tolist() for one in found] == [[0, 1, 2], [0, 0, 4]]
    assert "1,0,4,0.200000,0.400000,1.000000" in (tmp_path / "t.csv").read_text("utf-8").replace(
        'läuft;\n.mp4",2', "1,0"
    )


def test_the_table_keeps_how_far_each_match_is_to_be_believed(tmp_path: Path) -> None:
    reference, others = rows(np.linspace(0, 1, 30)), [rows(np.linspace(0, 1, 25)), rows(np.linspace(1, 0, 30))]
    matches = list(match_many(reference, others, least_confidence=0.0))
    names = ["alike", "backwards"]
    videos = [
        EmbeddedVideo(Path("x"), "0", np.arange(len(one) + 1) / 10, one.astype(np.float32))
        for one in (reference, *others)
    ]
    itself = Follower("itself", np.arange(30))
    followers = [itself, *(follower(name, one) for name, one in zip(names, matches, strict=True))]
    write_followers(tmp_path / "t.csv", followers, videos)
    found = read_followers(tmp_path / "t.csv")
    assert found[0].alignability is None
    for one, wrote in zip(found[1:], matches, strict=True):
        assert one.alignability is not None
        np.testing.assert_allclose(one.alignability, wrote.alignability, atol=5e-5)
    said = not_alignable_in_words({name: one.alignable_score for name, one in zip(names, matches, strict=True)})
    assert "reference: backwards (score 0.00 of 1). They may not" in said
    assert not not_alignable_in_words({"alike": matches[0].alignable_score})


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ("", "is not a table of matches"),
        ("0,a,1,0\n", "line 2: videos must be numbered from 0"),
        ("0,a,0,0\n2,b,0,0\n", "line 3: videos must be numbered from 0"),
        ("0,a,0,0\n0,a,1,1\n1,b,0,0\n", "is not a table of matches"),
        ("0,a,0,-1\n", "frame must be a whole number from 0, not '-1'"),
    ],
)
def test_what_is_no_such_table_is_one_sentence(tmp_path: Path, lines: str, says: str) -> None:
    (tmp_path / "t.csv").write_text("number,video,reference_frame,frame\n" + lines, encoding="utf-8")
    with pytest.raises(LabelError, match=says):
        read_followers(tmp_path / "t.csv")


def cells(image: NDArray[np.uint8], columns: int, count: int, aspect: float = 4 / 3) -> list[int]:
    """The numbers that the cells show."""
    gap = 20
    pitch = (image.shape[1] - gap) // columns
    width = pitch - gap
    height = round(width / aspect)
    rows_of_cells = -(-count // columns)
    down = (image.shape[0] - gap) // rows_of_cells
    corners = [(gap + place // columns * down, gap + place % columns * pitch) for place in range(count)]
    return [number_of(image[top : top + height, left : left + width]) for top, left in corners]


def test_each_cell_shows_its_frame_at_every_frame_of_the_reference(tmp_path: Path) -> None:
    lengths = (6, 9, 3, 6, 20)
    frames = [np.linspace(0, length - 1, 6).round().astype(int) for length in lengths]
    sides = [VideoSource(f"video {n}", numbered(n, width=64 * k, height=48 * k)) for k, n in enumerate(lengths, 1)]
    write_phase_grid(tmp_path / "grid.mp4", sides, frames)
    shown = frames_of(tmp_path / "grid.mp4")
    assert [cells(image, 3, 5) for image in shown] == [list(column) for column in zip(*frames, strict=True)]
    with av.open(str(tmp_path / "grid.mp4")) as container:
        assert container.streams.video[0].average_rate == 25


@pytest.mark.parametrize("count", [1, 2, 7, MOST])
def test_any_shapes_and_names_fit_in_a_full_hd_picture(tmp_path: Path, count: int) -> None:
    shapes = [(640, 360), (90, 160), (900, 40), (33, 700)]
    sides = [
        VideoSource("long \udcff\n" * 30, numbered(1, width=shapes[n % 4][0], height=shapes[n % 4][1]))
        for n in range(count)
    ]
    write_phase_grid(tmp_path / "grid.mp4", sides, [np.zeros(1, int)] * count)
    (image,) = frames_of(tmp_path / "grid.mp4")
    assert image.shape[0] <= 1080
    assert image.shape[1] <= 1920


def test_a_grid_counts_frames_and_a_stop_leaves_nothing(tmp_path: Path) -> None:
    control, told = Control(), list[Event]()

    def stop(event: Event) -> None:
        told.append(event)
        control.stop()

    sides = [VideoSource("a", numbered(4)), VideoSource("b", numbered(4))]
    with pytest.raises(Stopped):
        write_phase_grid(tmp_path / "x.mp4", sides, [np.arange(4)] * 2, sink=stop, control=control)
    assert list(tmp_path.iterdir()) == []
    write_phase_grid(tmp_path / "x.mp4", sides, [np.arange(4)] * 2, sink=told.append)
    assert isinstance(last := told[-1], Progress)
    assert (last.stage, last.done, last.total) == ("write video", 4, 4)


@pytest.fixture
def align(tmp_path: Path, write_video: VideoWriter, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs the command on a.mp4, numbers 0 to 14, and two slower ones that show each of them twice or three times."""
    monkeypatch.setattr(command, "open_embedded", embed_numbers)
    write_video("a.mp4", 15)
    for name, times in (("b.mp4", 2), ("c.mp4", 3)):
        write_video(name, 15 * times, image=lambda i, *size, times=times: numbered_image(i // times, *size))
    (tmp_path / "encoder.safetensors").write_bytes(b"weights")
    monkeypatch.chdir(tmp_path)
    return lambda *words: command.main(["a.mp4", "b.mp4", "c.mp4", *words])


def test_the_command_plays_several_videos_by_the_first(align: Callable[..., int], tmp_path: Path) -> None:
    assert align("--encoder", "encoder.safetensors", "--grid", "g.mp4", "--table", "t.csv") == 0
    followers = read_followers(tmp_path / "t.csv")
    assert [one.name for one in followers] == ["a.mp4", "b.mp4", "c.mp4"]
    for one, times in zip(followers, (1, 2, 3), strict=True):
        assert (one.frames // times).tolist() == list(range(15))
    assert [cells(image, 3, 3) for image in frames_of(tmp_path / "g.mp4")] == [[i] * 3 for i in range(15)]


def test_the_command_plays_along_a_table_without_an_encoder(align: Callable[..., int], tmp_path: Path) -> None:
    assert align("--encoder", "encoder.safetensors", "--table", "t.csv") == 0
    table = (tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()
    kept = [line for line in table if not line.startswith("2,")]
    (tmp_path / "two.csv").write_text("\n".join(kept).replace(",b.mp4,", ",Bea,") + "\n", encoding="utf-8")
    assert command.main(["a.mp4", "b.mp4", "--path", "two.csv", "--grid", "g.mp4"]) == 0
    assert [cells(image, 2, 2) for image in frames_of(tmp_path / "g.mp4")] == [[i, i] for i in range(15)]


def test_the_grid_marks_frames_that_depart(align: Callable[..., int], tmp_path: Path) -> None:
    """Frames 8 to 11 of b.mp4, which are seen at frames 4 and 5 of the reference."""
    assert align("--encoder", "encoder.safetensors", "--table", "t.csv", "--grid", "plain.mp4") == 0
    columns = "video,kind,start_frame,end_frame_exclusive,score,right_video,right_frame,digest"
    row = f"another name.mp4,deviates,8,12,2.5,a.mp4,4,{content_digest(tmp_path / 'b.mp4')}"
    (tmp_path / "d.csv").write_text(f"{columns}\n{row}\n", encoding="utf-8")
    assert align("--path", "t.csv", "--grid", "g.mp4", "--deviations", "d.csv") == 0
    plain, marked = frames_of(tmp_path / "plain.mp4"), frames_of(tmp_path / "g.mp4")
    off = np.array([np.abs(one.astype(int) - two).max() for one, two in zip(plain, marked, strict=True)])
    assert (np.flatnonzero(off > 100) == [4, 5]).all()
    assert [cells(image, 3, 3) for image in marked] == [[i] * 3 for i in range(15)]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--encoder", "encoder.safetensors", "--out", "p.csv"], "--out takes exactly two videos"),
        (["--grid", "g.mp4"], "--encoder is required"),
        (["--path", "two.csv", "--grid", "g.avi"], "--grid writes MP4"),
        (["--encoder", "encoder.safetensors", "--table", "c.mp4"], "--table writes CSV"),
        (["--path", "two.csv", "--grid", "g.mp4"], "is about 2 videos, not 3"),
        (["--path", "long.csv", "--grid", "g.mp4"], "does not fit c.mp4, which has 45 frames"),
        (["--path", "short.csv", "--grid", "g.mp4"], "does not fit a.mp4, which has 15 frames"),
        (["--path", "none.csv", "--grid", "g.mp4"], "There is no file none.csv. Check its name."),
        ([*["a.mp4"] * 14, "--path", "two.csv", "--grid", "g.mp4"], "--grid shows at most 16 videos, not 17"),
    ],
)
def test_what_the_command_refuses_in_one_sentence(
    align: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    def table(name: str, count: int, frames: int, last: int) -> None:
        lines = [f"{n},x,{f},{last if n == 2 else 0}" for n in range(count) for f in range(frames)]
        text = "number,video,reference_frame,frame\n" + "\n".join(lines) + "\n"
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")

    table("two", 2, 15, 0)
    table("long", 3, 15, 45)
    table("short", 3, 14, 0)
    assert align(*words, "--events") == 2
    event = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert says in event["message"]
    assert not event["is_bug"]
    assert not (tmp_path / "g.mp4").exists()
