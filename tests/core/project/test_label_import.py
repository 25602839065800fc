"""Importing labels: a plan names every problem and changes nothing; carried out, it is one step that can be undone."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.base.errors import LabelError
from core.base.files import content_digest
from core.base.types import Span
from core.labels.formats.read_labels import FileVideo, ReadLabels
from core.labels.formats.table import FORMATS, read_labels
from core.labels.segments import Segment
from core.project.label_edits import IMPORT_MODES, ImportLabels, ImportMode
from core.project.label_files import write_phases
from core.project.label_plan import ImportPlan, plan_import
from core.project.label_videos import KnownVideo
from core.project.phase_edits import COLOURS, AddPhase
from core.project.rows import Found, VideoRow
from core.project.span_edits import ReplaceSpans
from core.project.store import Project
from core.video.frame_store import FrameStore
from tests.conftest import VideoWriter
from tests.core.project.projects import authored, filled, with_times

_HEAD = "video,phase,start_frame,end_frame_exclusive\n"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """Three videos of 20 frames at 10 a second; the phases `up` and `down`."""
    with filled(tmp_path / "p") as made:
        made.keep_facts({number: Found(20, 10.0, 2.0, 64, 48) for number in (1, 2, 3)})
        yield made


def known(project: Project, rows: Sequence[VideoRow] | None = None) -> list[KnownVideo]:
    spans = project.spans_by_video()
    return [
        KnownVideo(row, project.folder, tuple(spans.get(row.id, ())))
        for row in (project.videos() if rows is None else rows)
    ]


def planned(project: Project, *paths: Path, rows: Sequence[VideoRow] | None = None) -> ImportPlan:
    return plan_import(read_labels(paths), known(project, rows), project.phases())


def table(tmp_path: Path, *lines: str, head: str = _HEAD) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text(head + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def said(plan: ImportPlan) -> list[tuple[str, str]]:
    return [(problem.where, problem.sentence) for problem in plan.problems]


def test_every_problem_is_named_with_its_line_and_nothing_changes(project: Project, tmp_path: Path) -> None:
    before = authored(project.folder)
    path = table(
        tmp_path,
        "clip1.mp4,up,0,5",
        "clip1.mp4,down,3,8",  # overlaps, is cut
        "clip1.mp4,hold,3,5",  # overlaps, nothing is left
        "clip1.mp4,hold,15,30",  # ends past the end
        "clip1.mp4,hold,20,25",  # begins past the end
        "clip2.mp4,Hold,0,x",  # no number
        "clip2.mp4,HOLD,2,1",  # backwards
        "clip2.mp4,Up,0,3",  # known, in another spelling
        "other.mp4,up,0,3",  # not in the project
        "other.mp4,up,4,5",
        ",up,4,5",
    )
    plan = planned(project, path)
    assert said(plan) == [
        ("labels.csv, line 7", "end_frame_exclusive must be a number, not 'x'."),
        (
            "labels.csv, line 8",
            "'HOLD' of clip2.mp4 begins at 2 and ends at 1. The end must come after the start, and neither may be "
            "negative.",
        ),
        ("labels.csv, line 12", "the video is empty. Name it or remove the line."),
        ("labels.csv, line 10", "the project has no video 'other.mp4' (add it first); 2 labels are left out."),
        ("labels.csv, line 5", "'hold' ends at 30, but the video has 20 frames; it is cut there."),
        ("labels.csv, line 6", "'hold' begins at 20, but the video has 20 frames; it is left out."),
        ("labels.csv, line 3", "'down' overlaps 'up' (line 2) by 2 frames; it begins after them."),
        ("labels.csv, line 4", "'hold' overlaps 'down' (line 3) by 2 frames; it is left out."),
        ("labels.csv, line 9", "'Up' is used as the phase 'up'. Rename one if they differ."),
    ]
    assert [(video.row.id, video.spans, video.num_problems) for video in plan.videos] == [
        (1, (Span("up", 0, 5), Span("down", 5, 8), Span("hold", 15, 20)), 4),
        (2, (Span("up", 0, 3),), 3),
    ]
    assert [(one.name, one.spelled, one.is_new, one.num_spans) for one in plan.phases] == [
        ("up", "up", False, 2),
        ("down", "down", False, 1),
        ("hold", "hold", True, 1),
    ]
    assert plan.num_spans == 4
    assert authored(project.folder) == before


@pytest.mark.parametrize("mode", IMPORT_MODES)
def test_a_plan_is_one_step(mode: ImportMode, project: Project, tmp_path: Path) -> None:
    project.do(ReplaceSpans(1, (Span("down", 4, 6, 0.5, "probe"),)))
    project.do(ReplaceSpans(3, (Span("down", 0, 2),)))
    before, steps = authored(project.folder), len(project.steps())
    path = table(tmp_path, "clip1.mp4,up,0,10", "clip2.mp4,hold,0,3", "clip2.mp4,reach,3,5")
    changes = project.do(ImportLabels(planned(project, path), mode))
    assert changes.spans == {1, 2}
    assert len(changes.phases) == 2
    wanted = {
        "replace": [Span("up", 0, 10)],
        "fill": [Span("up", 0, 4), Span("down", 4, 6, 0.5, "probe"), Span("up", 6, 10)],
    }
    assert project.spans(1) == wanted[mode]
    assert project.spans(2) == [Span("hold", 0, 3), Span("reach", 3, 5)]
    assert project.spans(3) == [Span("down", 0, 2)], "a video that the file does not name stays"
    assert [phase.name for phase in project.phases()] == ["up", "down", "hold", "reach"]
    assert [phase.colour for phase in project.phases()] == list(COLOURS[:4])
    done = authored(project.folder)
    assert len(project.steps()) == steps + 1
    assert project.next_undo().label == "Import labels of 2 videos"
    project.undo()
    assert {**authored(project.folder), "step": []} == {**before, "step": []}
    project.redo()
    assert authored(project.folder) == done


def test_filling_adds_no_phase_that_finds_no_frame(project: Project, tmp_path: Path) -> None:
    project.do(ReplaceSpans(1, (Span("down", 0, 20),)))
    project.do(ImportLabels(planned(project, table(tmp_path, "clip1.mp4,hold,0,10")), "fill"))
    assert [phase.name for phase in project.phases()] == ["up", "down"]
    assert project.spans(1) == [Span("down", 0, 20)]


def test_new_phases_get_colours_that_no_other_has(project: Project, tmp_path: Path) -> None:
    project.do(AddPhase("third", COLOURS[5]))
    lines = [f"clip1.mp4,new {number},{number},{number + 1}" for number in range(12)]
    colours = [phase.colour for phase in planned(project, table(tmp_path, *lines)).phases]
    assert colours[:7] == [COLOURS[2], COLOURS[3], COLOURS[4], *COLOURS[6:]]
    assert set(colours) <= set(COLOURS)


def test_spellings_of_one_new_phase_are_one(project: Project, tmp_path: Path) -> None:
    plan = planned(project, table(tmp_path, "clip1.mp4,Reach out,0,1", "clip1.mp4,reach_out,1,2"))
    assert [where for where, _ in said(plan)] == ["labels.csv, line 3"]
    assert [(one.name, one.num_spans) for one in plan.phases] == [("Reach out", 2)]


def test_a_phase_that_is_taken_for_another_spelling_is_told_once(project: Project, tmp_path: Path) -> None:
    project.do(AddPhase("jump up"))
    lines = ("jump_up,0,1", "jump up,1,2", "JUMP_UP,2,3", "jump_up,3,4", "reach_out,4,5", "Reach out,5,6", " up ,6,7")
    plan = planned(project, table(tmp_path, *(f"clip1.mp4,{line}" for line in lines)))
    differ = ". Rename one if they differ."
    assert said(plan) == [
        ("labels.csv, line 2", f"'jump_up' is used as the phase 'jump up'{differ}"),
        ("labels.csv, line 4", f"'JUMP_UP' is used as the phase 'jump up'{differ}"),
        ("labels.csv, line 7", f"'Reach out' is used as the phase 'reach_out'{differ}"),
    ]
    project.do(AddPhase("jump_up"))
    (video,) = planned(project, table(tmp_path, "clip1.mp4,jump_up,0,1", "clip1.mp4,jump up,1,2")).videos
    assert video.spans == (Span("jump_up", 0, 1), Span("jump up", 1, 2)), "where both are known, they stay apart"


def test_blanks_that_the_format_cannot_write_are_no_other_spelling(project: Project, tmp_path: Path) -> None:
    project.do(AddPhase("jump up"))
    path = tmp_path / "clip1.txt"
    path.write_text("jump_up\n" * 10 + "Jump_up\n" * 10, encoding="utf-8")
    told = "'Jump_up' is used as the phase 'jump up'. Rename one if they differ."
    assert said(planned(project, path)) == [("clip1.txt, line 11", told)]


def test_the_frame_rate_is_compared(project: Project, tmp_path: Path) -> None:
    seconds = "video,phase,start_frame,end_frame_exclusive,start_seconds,end_seconds\n"
    plan = planned(project, table(tmp_path, "clip1.mp4,up,0,10,0.0,1.0", head=seconds))
    assert plan.problems == ()
    plan = planned(project, table(tmp_path, "clip1.mp4,up,0,10,0.0,0.4", head=seconds))
    ((_, sentence),) = said(plan)
    assert "frame 10 of clip1.mp4 is at 0.400 s in the file, but at 1.000 s in the video" in sentence
    assert plan.videos[0].spans == (Span("up", 0, 10),), "frames count"
    with_times(project.videos())
    boris = tmp_path / "events.tsv"
    head = "Observation id\tMedia file\tFPS\tBehavior\tBehavior type\tStart (s)\tStop (s)\n"
    boris.write_text(head + "o\tclip1.mp4\t25.0\tup\tSTATE\t0.0\t1.0\n", encoding="utf-8")
    plan = planned(project, boris)
    ((_, sentence),) = said(plan)
    assert "clip1.mp4 has 25 frames per second, but it has 10" in sentence
    assert plan.videos[0].spans == (Span("up", 0, 10),), "seconds count"
    folder = tmp_path / "groundTruth"
    folder.mkdir()
    (folder / "clip1.txt").write_text("up\n" * 10, encoding="utf-8")
    plan = planned(project, folder)
    ((where, sentence),) = said(plan)
    assert where == "clip1.txt"
    assert (
        "the file has 10 labels, but clip1.mp4 has 20 frames, as if it had 5 per second, not 10 (write one for every "
        "frame)"
    ) in sentence
    assert plan.videos == ()


def test_a_video_whose_frames_nobody_knows_gets_nothing(tmp_path: Path) -> None:
    with filled(tmp_path / "p") as project:
        plan = planned(project, table(tmp_path, "clip1.mp4,up,0,5"))
        assert plan.videos == ()
        assert "are not known yet" in plan.problems[0].sentence


@pytest.mark.parametrize(
    ("spelled", "found"),
    [
        ("clip.mp4", None),  # two have that name
        ("a/clip.mp4", 1),
        (r"b\clip.mp4", 2),
        ("b/clip", 2),
        ("other", 3),
        ("other.mov", 3),
        ("shown", 3),  # its name in the window
        ("/moved/far/a/clip.mp4", 1),
        (r"C:\moved\b\clip.mp4", 2),
        ("/moved/clip.mp4", None),
        ("c/clip.mp4", None),
        (f"{2:032x}", 2),
        ("clip2.mp4", None),
        ("", None),
    ],
)
def test_videos_are_found_by_path_name_and_digest(spelled: str, found: int | None, project: Project) -> None:
    places = {1: "/d/a/clip.mp4", 2: "/d/b/clip.mp4", 3: "/d/c/other.mov"}
    rows = [
        replace(row, name="shown.mov" if row.id == 3 else "clip.mp4", relative="", absolute=places[row.id])
        for row in project.videos()
    ]
    read = ReadLabels((Segment("f, line 2", spelled, "up", 0, 5, in_frames=True),))
    plan = plan_import(read, known(project, rows), project.phases())
    assert [video.row.id for video in plan.videos] == ([] if found is None else [found])
    assert len(plan.problems) == (found is None)


def _lying(project: Project, *places: str) -> list[VideoRow]:
    """The first videos of the project, at these places."""
    return [
        replace(row, name=Path(place).name, relative="", absolute=place)
        for row, place in zip(project.videos(), places, strict=False)
    ]


def test_a_relative_path_means_the_video_that_shares_its_end_and_says_so(project: Project, tmp_path: Path) -> None:
    path = table(tmp_path, "footage/pour_01.mp4,up,0,5", r"c\monday\clip.mp4,down,1,2")
    plan = planned(project, path, rows=_lying(project, "/d/flat/pour_01.mp4", "/d/monday/clip.mp4", "/d/clip.mp4"))
    assert {video.row.id: video.spans for video in plan.videos} == {1: (Span("up", 0, 5),), 2: (Span("down", 1, 2),)}
    asks = ". Check that it is right."
    assert said(plan) == [
        ("labels.csv, line 2", f"'footage/pour_01.mp4' was matched to /d/flat/pour_01.mp4 only by its name{asks}"),
        (
            "labels.csv, line 3",
            rf"'c\\monday\\clip.mp4' was matched to /d/monday/clip.mp4 only by its end 'monday/clip.mp4'{asks}",
        ),
    ]
    assert [video.num_problems for video in plan.videos] == [1, 1]


def test_a_relative_path_that_fits_several_names_them(project: Project, tmp_path: Path) -> None:
    plan = planned(project, table(tmp_path, "c/clip.mp4,up,0,5"), rows=_lying(project, "/a/clip.mp4", "/b/clip.mp4"))
    assert plan.videos == ()
    told = "'c/clip.mp4' may be /a/clip.mp4 or /b/clip.mp4; 1 label is left out."
    assert said(plan) == [("labels.csv, line 2", told)]


def test_videos_of_one_name_in_one_file_are_never_merged(project: Project, tmp_path: Path) -> None:
    both = table(tmp_path, "a/clip.mp4,up,0,5", "b/clip.mp4,down,5,9")
    plan = planned(project, both, rows=_lying(project, "/d/a/clip.mp4", "/d/b/clip.mp4"))
    assert plan.problems == ()
    assert {video.row.id: video.spans for video in plan.videos} == {1: (Span("up", 0, 5),), 2: (Span("down", 5, 9),)}
    plan = planned(project, both, rows=_lying(project, "/d/b/clip.mp4"))
    assert [video.spans for video in plan.videos] == [(Span("down", 5, 9),)]
    told = "the project has no video 'a/clip.mp4' (its /d/b/clip.mp4 may be 'b/clip.mp4' as well); add it first"
    assert said(plan) == [("labels.csv, line 2", f"{told}; 1 label is left out.")]
    for names in (("a/clip.mp4", "b/clip.mp4"), ("/old/a/clip.mp4", "/old/b/clip.mp4")):
        neither = table(tmp_path, *(f"{name},up,0,5" for name in names))
        plan = planned(project, neither, rows=_lying(project, "/flat/clip.mp4"))
        assert plan.videos == ()
        assert [where for where, _ in said(plan)] == ["labels.csv, line 2", "labels.csv, line 3"]


_INTEROP = Path(__file__).parents[2] / "data" / "cases" / "interop"


def _end(clip: PurePosixPath) -> str:
    """Its name, and its folder where two have that name."""
    return f"{clip.parent.name}/{clip.name}" if clip.name == "clip.mp4" else clip.name


@pytest.mark.parametrize(
    "name",
    [
        "agg_subjects.tsv",
        "agg_two_media_both.tsv",
        "agg_two_players.tsv",
        "boris_offset100.tsv",
        "elan_percent_hash_name.eaf",
        "elan_two_subjects.eaf",
        "interop.boris",
        "mstcn_one_label_more",
        "tab_plain_pour_01.mp4.csv",
    ],
)
def test_the_clips_of_other_programs_files_may_lie_in_any_folder(name: str, project: Project) -> None:
    read = read_labels([_INTEROP / name])
    clips = [PurePosixPath(one if PurePosixPath(one).suffix else f"{one}.mp4") for one in read.videos]
    first = project.videos()[0]
    rows = [
        replace(first, id=number, digest=f"{number:032x}", relative="", absolute=place, num_frames=129, fps=25.0)
        for number, place in enumerate(sorted({f"/flat/{_end(clip)}" for clip in clips}), 1)
    ]
    with_times(rows)
    plan = plan_import(read, known(project, rows), project.phases(), read.segments[0].track)
    assert plan.videos
    assert not [sentence for _, sentence in said(plan) if "add it first" in sentence or "may be" in sentence]


def test_a_video_is_found_by_what_lies_at_the_path(project: Project, tmp_path: Path) -> None:
    film = tmp_path / "renamed.mp4"
    film.write_bytes(b"frames")
    rows = [replace(row, digest=content_digest(film), num_bytes=6) if row.id == 2 else row for row in project.videos()]
    read = ReadLabels((Segment("f, line 2", str(film), "up", 0, 5, in_frames=True),))
    assert [video.row.id for video in plan_import(read, known(project, rows), project.phases()).videos] == [2]


@pytest.mark.parametrize("name", ["renamed.mp4", "footage/renamed.mp4", r"footage\renamed.mp4", "../renamed.mp4"])
def test_a_copy_seen_from_the_labels_is_found_by_its_content(name: str, project: Project, tmp_path: Path) -> None:
    labels = tmp_path / "labels"
    film = labels / name.replace("\\", "/")
    (labels / "footage").mkdir(parents=True)
    film.write_bytes(b"frames")
    (tmp_path / "labels" / "other.mp4").write_bytes(b"Frames")
    rows = [replace(row, digest=content_digest(film), num_bytes=6) if row.id == 2 else row for row in project.videos()]
    plan = planned(project, table(labels, f"{name},up,0,5", "other.mp4,up,5,9"), rows=rows)
    assert [(video.row.id, video.spans) for video in plan.videos] == [(2, (Span("up", 0, 5),))]
    told = "the project has no video 'other.mp4' (add it first); 1 label is left out."
    assert said(plan) == [("labels.csv, line 3", told)]


def test_of_several_videos_of_a_name_the_one_beside_the_labels_is_meant(project: Project, tmp_path: Path) -> None:
    rows = _lying(project, "/elsewhere/clip.mp4", str(tmp_path / "clip.mp4"))
    plan = planned(project, table(tmp_path, "clip.mp4,up,0,5"), rows=rows)
    assert [video.row.id for video in plan.videos] == [2]
    assert plan.problems == ()


def test_files_that_cannot_be_read_leave_the_others(project: Project, tmp_path: Path) -> None:
    good = table(tmp_path, "clip1.mp4,up,0,5")
    bad = tmp_path / "bad.eaf"
    bad.write_text("<!DOCTYPE a><a/>", encoding="utf-8")
    other = tmp_path / "notes.docx"
    other.write_bytes(b"PK")
    missing = [tmp_path / f"none{suffix}" for suffix in (".csv", ".xlsx", ".json", ".eaf", ".boris", ".txt", "")]
    plan = planned(project, bad, good, other, *missing)
    assert [where for where, _ in said(plan)] == ["bad.eaf", "notes.docx", *[""] * len(missing)]
    assert said(plan)[2:] == [("", f"There is no file {path}. Check its name.") for path in missing]
    assert plan.num_spans == 1


def test_an_edit_that_came_between_refuses_in_a_sentence(project: Project, tmp_path: Path) -> None:
    plan = planned(project, table(tmp_path, "clip1.mp4,hold,0,5"))
    project.do(AddPhase("hold"))
    before = authored(project.folder)
    with pytest.raises(LabelError, match="already a phase 'hold'"):
        project.do(ImportLabels(plan))
    assert authored(project.folder) == before


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 25), st.integers(1, 25)), max_size=15))
@settings(max_examples=60, deadline=None)
def test_what_is_planned_fits_and_each_frame_has_the_earliest_span(drawn: list[tuple[str, int, int]]) -> None:
    segments = [Segment(f"f, line {n}", "v.mp4", p, s, s + d, in_frames=True) for n, (p, s, d) in enumerate(drawn)]
    row = VideoRow(1, "v.mp4", "d", 1, "", "none", "", "/v.mp4", "", 20, 10.0, 2.0, 8, 8, 0, 0)
    plan = plan_import(ReadLabels(tuple(segments)), [KnownVideo(row, Path("/p"))], [])
    truth = [""] * 20
    for segment in sorted(segments, key=lambda one: one.start):
        for frame in range(int(segment.start), min(20, int(segment.end))):
            truth[frame] = truth[frame] or segment.phase
    found = [""] * 20
    for video in plan.videos:
        for span in video.spans:
            assert not any(found[span.start_frame : span.end_frame_exclusive])
            found[span.start_frame : span.end_frame_exclusive] = [span.phase] * len(span)
    assert found == truth


@pytest.mark.parametrize("form", ["segments", "ms-tcn", "boris", "elan"])
def test_a_project_comes_back_from_its_own_export(form: str, tmp_path: Path, write_video: VideoWriter) -> None:
    """Videos of uneven frame times, in the frame store; into a project without phases."""
    names = ("one.mp4", "two.mp4")
    rng = np.random.default_rng(0)
    times = [np.cumsum(np.round(rng.uniform(0.02, 0.3, 12), 3)) for _ in names]
    films = [write_video(name, 12, times=list(t - t[0])) for name, t in zip(names, times, strict=True)]
    stored = FrameStore(short_side=48, max_bytes=10**9).add(films)
    tracks = {1: [Span("reach out", 0, 4), Span("grasp", 4, 5), Span("reach out", 9, 12)], 2: [Span("grasp", 2, 11)]}
    with filled(tmp_path / "from", 2, phases=("reach out", "grasp")) as project:
        rows = [
            replace(row, name=one.path.name, digest=one.digest, absolute=str(one.path))
            for row, one in zip(project.videos(), stored, strict=True)
        ]
        out = tmp_path / f"out{FORMATS[form].suffix}"
        written = write_phases(out, rows, tracks, project.folder, form=form)
        assert written.left_out == ()
        paths = [out] if form != "elan" else sorted(out.rglob("*.eaf"))
        plan = planned(project, *paths, rows=rows)
    assert plan.problems == ()
    assert {video.row.id: list(video.spans) for video in plan.videos} == tracks
    assert not any(phase.is_new for phase in plan.phases)


def _of_tracks(*spans: tuple[str, str, int, int, str]) -> ReadLabels:
    """Spans of clip1.mp4: track, phase, first frame, end, source."""
    return ReadLabels(
        tuple(
            Segment(f"a.csv, line {line}", "clip1.mp4", phase, start, stop, True, source=source, track=track)
            for line, (track, phase, start, stop, source) in enumerate(spans, 2)
        )
    )


def test_of_several_tracks_none_is_imported_without_a_choice(project: Project) -> None:
    read = _of_tracks(("A", "up", 0, 5, "label"), ("B", "down", 3, 9, "label"), ("B", "up", 10, 12, "label"))
    plan = plan_import(read, known(project), project.phases())
    assert plan.videos == ()
    assert (plan.tracks, plan.choices) == (("A", "B"), {"A": 1, "B": 2})
    assert said(plan) == [
        (
            "a.csv, line 2",
            "'clip1.mp4' has 2 tracks ('A' (1), 'B' (2)), but a video has one. Choose one; 3 labels are left out.",
        )
    ]


def test_names_that_mean_one_video_share_its_one_track(project: Project) -> None:
    """Two people's files may each call it by another path: nothing is merged."""
    read = ReadLabels(
        tuple(
            Segment(f"{track}.csv, line 2", f"{track}/clip1.mp4", "up", start, start + 5, True, track=track)
            for track, start in (("A", 0), ("B", 3))
        ),
        {f"{track}/clip1.mp4": FileVideo(f"{track}.csv", path=f"/{track}/clip1.mp4") for track in "AB"},
    )
    plan = plan_import(read, known(project), project.phases())
    assert plan.videos == ()
    assert "has 2 tracks ('A' (1), 'B' (1))" in said(plan)[0][1]
    (video,) = plan_import(read, known(project), project.phases(), "B").videos
    assert video.spans == (Span("up", 3, 8),)


def test_files_with_a_track_each_leave_nothing_to_choose(project: Project) -> None:
    read = ReadLabels(
        tuple(
            Segment(f"{number}.csv, line 2", f"clip{number}.mp4", "up", 0, 5, True, track=f"t{number}")
            for number in (1, 2)
        )
    )
    plan = plan_import(read, known(project), project.phases())
    assert len(plan.videos) == 2
    assert (plan.tracks, plan.choices, plan.problems) == (("t1", "t2"), {}, ())


@pytest.mark.parametrize("track", ["B", "b "])
def test_the_chosen_track_alone_is_imported(project: Project, track: str) -> None:
    read = _of_tracks(("A", "up", 0, 5, "label"), ("B", "down", 3, 9, "label"), ("B", "up", 10, 12, "label"))
    plan = plan_import(read, known(project), project.phases(), track)
    (video,) = plan.videos
    assert video.spans == (Span("down", 3, 9), Span("up", 10, 12))
    assert plan.problems == ()


def test_a_track_that_is_not_there_is_a_problem_that_names_those_that_are(project: Project) -> None:
    read = _of_tracks(("A", "up", 0, 5, "label"))
    plan = plan_import(read, known(project), project.phases(), "C")
    assert plan.videos == ()
    assert said(plan) == [
        ("a.csv, line 2", "'clip1.mp4' has no track 'C', but 'A' (1): 1 label is left out. Choose one of these.")
    ]


def test_a_person_s_label_goes_before_a_method_s(project: Project) -> None:
    read = _of_tracks(("", "down", 0, 20, "probe"), ("", "up", 5, 10, "label"))
    plan = plan_import(read, known(project), project.phases())
    (video,) = plan.videos
    assert [(span.phase, span.start_frame, span.end_frame_exclusive, span.source) for span in video.spans] == [
        ("down", 0, 5, "probe"),
        ("up", 5, 10, "label"),
        ("down", 10, 20, "probe"),
    ]
    assert said(plan) == [("a.csv, line 2", "5 predicted frames also have a label by hand, which is used.")]


def test_the_digest_decides_which_video_is_meant(project: Project, tmp_path: Path) -> None:
    """One name, two videos: each has the lines with its digest; one that nobody has leaves the name, and is told."""
    first, second = (row.digest for row in project.videos()[:2])
    other = "e" * 32
    head = _HEAD.replace("\n", ",digest\n")
    rows = (f"take.mp4,up,0,5,{second}", f"take.mp4,down,5,9,{first.upper()}", f"clip3.mp4,up,1,2,{other}")
    plan = planned(project, table(tmp_path, *rows, head=head))
    assert {video.row.id: video.spans for video in plan.videos} == {
        1: (Span("down", 5, 9),),
        2: (Span("up", 0, 5),),
        3: (Span("up", 1, 2),),
    }
    third = project.videos()[2].digest
    told = f"the labels were made for another file than clip3.mp4 (digest eeeeeeee, not {third[:8]}); "
    assert said(plan) == [("labels.csv, line 4", told + "they were matched by name. Check that they fit.")]


def test_a_name_is_found_however_its_letters_are_composed(project: Project, tmp_path: Path) -> None:
    composed, apart = (unicodedata.normalize(form, "R\u00fcckhand.mp4") for form in ("NFC", "NFD"))
    rows = [replace(project.videos()[0], name=apart, absolute=f"/v/{apart}", relative="")]
    for name in (composed, apart, f"/old/{composed}", composed.removesuffix(".mp4")):
        (video,) = planned(project, table(tmp_path, f"{name},up,0,5"), rows=rows).videos
        assert video.spans == (Span("up", 0, 5),)
