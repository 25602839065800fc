"""ELAN documents of real situations: what is imported of them, on which frames, and what is said."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from core.labels.formats.table import read_labels
from core.project.label_plan import ImportPlan, plan_import
from core.project.label_videos import KnownVideo
from core.project.rows import Found
from core.project.store import Project
from tests.core.project.projects import filled, with_times

CASES = Path(__file__).parents[3] / "data" / "cases"

Spans = list[tuple[str, int, int]]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    """A video of 250 frames, 25 a second."""
    with filled(tmp_path / "p", 1) as made:
        made.keep_facts({1: Found(250, 25.0, 10.0, 64, 48)})
        yield made


def planned(project: Project, path: Path, *videos: str, track: str | None = None) -> ImportPlan:
    """Of a project with these videos, which no disk holds."""
    (row,) = project.videos()
    rows = [
        replace(row, id=number, name=Path(video).name, digest=f"{number:032x}", relative="", absolute=video)
        for number, video in enumerate(videos, 1)
    ]
    return plan_import(read_labels([path]), [KnownVideo(one, project.folder) for one in with_times(rows)], (), track)


def spans(plan: ImportPlan) -> dict[str, Spans]:
    return {
        video.row.absolute: [(span.phase, span.start_frame, span.end_frame_exclusive) for span in video.spans]
        for video in plan.videos
    }


def said(plan: ImportPlan) -> list[str]:
    return [f"{problem.where.removeprefix('a.eaf, ')}: {problem.sentence}" for problem in plan.problems]


def test_the_time_of_a_medium_is_the_annotation_s_and_its_origin(project: Project) -> None:
    plan = planned(project, CASES / "eaf_time_origin" / "origin.eaf", "/v/v1.mp4")
    assert spans(plan) == {"/v/v1.mp4": [("walk", 75, 125), ("eat", 125, 175)]}
    assert plan.problems == ()


@pytest.mark.parametrize(("track", "phase"), [(None, "walk"), ("Phase", "walk"), ("Utt", "u1")])
def test_an_annotation_that_refers_to_another_has_its_time(project: Project, track: str | None, phase: str) -> None:
    """Without a choice the tier that says a word of every interval is taken, and the other one is named."""
    plan = planned(project, CASES / "eaf_child_tiers" / "symbolic.eaf", "/v/v1.mp4", track=track)
    assert spans(plan) == {"/v/v1.mp4": [(phase, 25, 100)]}
    assert plan.problems == ()
    assert plan.choices == {"Utt": 1, "Phase": 1}
    assert plan.told_of_tracks.startswith(f"Track {track or 'Phase'!r} is used. Left out: ")


def test_a_child_tier_that_leaves_an_interval_out_may_be_a_comment(project: Project, tmp_path: Path) -> None:
    text = (CASES / "eaf_child_tiers" / "symbolic.eaf").read_text(encoding="utf-8")
    more = text.replace(
        "</TIER>\n<TIER",
        '<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a9" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2">'
        "<ANNOTATION_VALUE>u2</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION></TIER>\n<TIER",
    )
    assert more != text
    (tmp_path / "more.eaf").write_text(more, encoding="utf-8")
    plan = planned(project, tmp_path / "more.eaf", "/v/v1.mp4")
    assert plan.videos == ()
    assert plan.told_of_tracks == "Choose a track: 'Utt' (2), 'Phase' (1)."


@pytest.mark.parametrize(
    ("path", "video", "of_tracks"),
    [
        (
            "eaf_child_tiers/tiers.eaf",
            "v1.mp4",
            {
                "subject 1 phase": [("walk", 0, 150)],
                "subject 2 phase": [("eat", 25, 100), ("sit", 125, 225)],
                "Notes": [("camera shakes", 0, 50)],
            },
        ),
        (
            "interop/elan_two_subjects.eaf",
            "pour_01.mp4",
            {"Subject A": [("walk", 0, 25), ("run", 25, 50)], "Subject B": [("look", 12, 37), ("look", 75, 100)]},
        ),
    ],
)
def test_a_tier_is_chosen(project: Project, path: str, video: str, of_tracks: dict[str, Spans]) -> None:
    """Without a choice nothing is imported, and the tiers are named; with one, that tier alone."""
    plan = planned(project, CASES / path, f"/v/{video}")
    assert plan.videos == ()
    assert plan.choices == {name: len(wanted) for name, wanted in of_tracks.items()}
    assert all(repr(name) in said(plan)[0] for name in of_tracks)
    for name, wanted in of_tracks.items():
        plan = planned(project, CASES / path, f"/v/{video}", track=name)
        assert spans(plan) == {f"/v/{video}": wanted}
        assert plan.problems == ()
        assert all(repr(other) in plan.told_of_tracks for other in of_tracks)


def test_a_person_s_tier_goes_before_a_method_s(project: Project) -> None:
    plan = planned(project, CASES / "interop" / "elan_person_over_probe.eaf", "/v/pour_01.mp4")
    (video,) = plan.videos
    assert [(span.phase, span.start_frame, span.end_frame_exclusive, span.source) for span in video.spans] == [
        ("reach", 0, 25, "probe"),
        ("lift", 25, 50, "label"),
        ("reach", 50, 100, "probe"),
    ]
    assert plan.choices == {}, "our tiers are one track"
    another, told = said(plan)
    assert "made for another file than pour_01.mp4 (digest 7555d3b8, not " in another
    assert "25 predicted frames also have a label by hand" in told


@pytest.mark.parametrize("video", ["/v/50% done #2.mp4", "/old/footage/50% done #2.mp4"])
def test_a_name_with_a_hash_and_a_percent_sign_is_found(project: Project, video: str) -> None:
    plan = planned(project, CASES / "interop" / "elan_percent_hash_name.eaf", "/v/50.mp4", video)
    assert spans(plan) == {video: [("walk", 0, 25)]}
    assert plan.problems == ()


def _document(folder: Path, media: str, body: str, slots: Sequence[int | None] = (1000, 2000), types: str = "") -> Path:
    """With slots t1, t2, ...; `None` has no value."""
    values = ["" if time is None else f' TIME_VALUE="{time}"' for time in slots]
    order = "".join(f'<TIME_SLOT TIME_SLOT_ID="t{number}"{value}/>' for number, value in enumerate(values, 1))
    path = folder / "a.eaf"
    path.write_text(
        f'<ANNOTATION_DOCUMENT><HEADER TIME_UNITS="milliseconds">\n{media}</HEADER>\n<TIME_ORDER>{order}</TIME_ORDER>\n'
        f"{body}{types}</ANNOTATION_DOCUMENT>",
        encoding="utf-8",
    )
    return path


def _medium(url: str, mime: str = "video/mp4", **more: str) -> str:
    told = "".join(f' {name}="{value}"' for name, value in more.items())
    return f'<MEDIA_DESCRIPTOR MEDIA_URL="{url}" MIME_TYPE="{mime}"{told}/>\n'


def _one(number: int, first: int, last: int, value: str = "up") -> str:
    return (
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a{number}" TIME_SLOT_REF1="t{first}" '
        f'TIME_SLOT_REF2="t{last}"><ANNOTATION_VALUE>{value}</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>\n'
    )


def _ref(number: int, parent: int, value: str, previous: int = 0) -> str:
    more = f' PREVIOUS_ANNOTATION="a{previous}"' if previous else ""
    return (
        f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a{number}" ANNOTATION_REF="a{parent}"{more}>'
        f"<ANNOTATION_VALUE>{value}</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>\n"
    )


def _tier(name: str, *annotations: str, parent: str = "", kind: str = "lt") -> str:
    more = f' PARENT_REF="{parent}"' if parent else ""
    return f'<TIER TIER_ID="{name}" LINGUISTIC_TYPE_REF="{kind}"{more}>\n{"".join(annotations)}</TIER>\n'


def test_sound_comes_first_and_two_cameras_have_each_its_own_clock(project: Project, tmp_path: Path) -> None:
    media = (
        _medium("file:///v/talk.wav", "audio/x-wav")
        + _medium("file:///v/left.mp4")
        + _medium("file:///v/right.mp4", TIME_ORIGIN="-1500")
    )
    path = _document(tmp_path, media, _tier("t", _one(1, 1, 2), _one(2, 2, 3, "down")), (1000, 2000, 3000))
    plan = planned(project, path, "/v/left.mp4", "/v/right.mp4")
    assert spans(plan) == {
        "/v/left.mp4": [("up", 25, 50), ("down", 50, 75)],
        "/v/right.mp4": [("up", 0, 12), ("down", 12, 37)],
    }
    assert said(plan) == [
        "a.eaf: 2 videos are linked ('left.mp4' at 0, 'right.mp4' at -1.5 seconds); each gets these labels, at its "
        "own time. Add those that you want labelled to the project.",
        "line 8, annotation a1: 'up' begins 0.5 seconds before 'right.mp4' does; it is cut there.",
    ]


def test_what_lies_wholly_before_a_video_is_left_out_and_named(project: Project, tmp_path: Path) -> None:
    path = _document(tmp_path, _medium("file:///v/v.mp4", TIME_ORIGIN="-2000"), _tier("t", _one(1, 1, 2)))
    plan = planned(project, path, "/v/v.mp4")
    assert plan.videos == ()
    assert said(plan) == ["line 6, annotation a1: 'up' begins 1 seconds before 'v.mp4' does; it is left out."]


@pytest.mark.parametrize(
    ("media", "wanted"),
    [
        (_medium("file:///v/talk.wav", "audio/x-wav", EXTRACTED_FROM="file:///v/v.mp4"), []),
        (
            _medium("file:///v/talk.wav", "audio/x-wav"),
            ["line 2: no video is linked, only the sound 'talk.wav'. Link the video in ELAN (Edit, Linked Files)."],
        ),
        (
            _medium("file:///v/v.mp4", TIME_ORIGIN="soon"),
            ["line 2: the TIME_ORIGIN of 'v.mp4' is 'soon', not a number of milliseconds; its labels are left out."],
        ),
        (
            _medium("file:///v/v.mp4") + _medium("file:///v/v.mp4", TIME_ORIGIN="40"),
            ["line 3: 'v.mp4' is linked twice, at origins 0 and 0.04 seconds; the first is used."],
        ),
    ],
)
def test_media_that_leave_a_question(media: str, wanted: list[str], project: Project, tmp_path: Path) -> None:
    plan = planned(project, _document(tmp_path, media, _tier("t", _one(1, 1, 2))), "/v/v.mp4")
    assert said(plan) == wanted
    is_any = not wanted or "the first is used" in wanted[0]
    assert spans(plan) == ({"/v/v.mp4": [("up", 25, 50)]} if is_any else {})


@pytest.mark.parametrize(
    ("url", "video"),
    [
        ("file:///v/50%20done%20%232.mp4", "/v/50 done #2.mp4"),  # encoded, as programs do that follow the rules
        ("file:///v/50%20done.mp4", "/v/50%20done.mp4"),  # raw, as ELAN does
        ("file:///v/Rückhand 注ぐ?.mp4", "/v/Rückhand 注ぐ?.mp4"),
        ("file:///v/R%C3%BCckhand.mp4", "/v/Rückhand.mp4"),
        ("file:///v/100%.mp4", "/v/100%.mp4"),
        ("file:///v/%FF.mp4", "/v/%FF.mp4"),
        ("file://server/share/v.mp4", "/mnt/share/v.mp4"),
        ("file:///C:/Users/me/v.mp4", "/home/me/v.mp4"),
        ("C:\\Users\\me\\v.mp4", "/home/me/v.mp4"),
        ("https://example.org/films/v.mp4?x=1#t=3", "/home/me/v.mp4"),
        ("file:/v/v.mp4", "/v/v.mp4"),
    ],
)
def test_addresses_are_read_raw_and_encoded(url: str, video: str, project: Project, tmp_path: Path) -> None:
    plan = planned(project, _document(tmp_path, _medium(url), _tier("t", _one(1, 1, 2))), video)
    assert spans(plan) == {video: [("up", 25, 50)]}
    assert plan.problems == ()


def test_an_address_that_means_two_videos_is_not_guessed(project: Project, tmp_path: Path) -> None:
    path = _document(tmp_path, _medium("file:///v/a%20b.mp4"), _tier("t", _one(1, 1, 2)))
    plan = planned(project, path, "/v/a b.mp4", "/v/a%20b.mp4")
    assert plan.videos == ()
    assert "may be /v/a b.mp4 or /v/a%20b.mp4" in said(plan)[0]


def test_the_relative_address_helps_where_the_other_one_does_not(project: Project, tmp_path: Path) -> None:
    """Of another computer, with two videos of that name here."""
    media = _medium("file:///C:/old/clip.mp4", RELATIVE_MEDIA_URL="../day 2/clip.mp4")
    folder = tmp_path / "elan"
    folder.mkdir()
    videos = [str(tmp_path / day / "clip.mp4") for day in ("day 1", "day 2")]
    plan = planned(project, _document(folder, media, _tier("t", _one(1, 1, 2))), *videos)
    assert spans(plan) == {videos[1]: [("up", 25, 50)]}
    assert plan.problems == ()


_TYPES = "".join(
    f'<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="{kind}" CONSTRAINTS="{kind}"/>'
    for kind in ("Time_Subdivision", "Included_In", "Symbolic_Subdivision", "Symbolic_Association")
)


def test_children_of_every_kind_lie_where_elan_shows_them(project: Project, tmp_path: Path) -> None:
    body = (
        _tier("parent", _one(1, 1, 6, "whole"))
        + _tier(
            "time", _one(2, 1, 2, "x"), _one(3, 2, 3, "y"), _one(4, 3, 6, "z"), parent="parent", kind="Time_Subdivision"
        )
        + _tier("in", _one(5, 4, 5, "x"), parent="parent", kind="Included_In")
        + _tier(
            "parts",
            _ref(8, 1, "z", 7),
            _ref(6, 1, "x"),
            _ref(7, 1, "y", 6),
            parent="parent",
            kind="Symbolic_Subdivision",
        )
        + _tier("same", _ref(9, 7, "q"), parent="parts", kind="Symbolic_Association")
    )
    path = _document(tmp_path, _medium("file:///v/v.mp4"), body, (1000, None, None, 1400, 1920, 2200), _TYPES)
    found = {track: spans(planned(project, path, "/v/v.mp4", track=track)) for track in ("time", "in", "parts", "same")}
    thirds = [("x", 25, 35), ("y", 35, 45), ("z", 45, 55)]
    assert {track: of_video["/v/v.mp4"] for track, of_video in found.items()} == {
        "time": thirds,
        "in": [("x", 35, 48)],
        "parts": thirds,
        "same": [("q", 35, 45)],
    }
    assert said(planned(project, path, "/v/v.mp4", track="time")) == [
        "line 8, tier 'time': 3 annotations have no times; placed evenly between the neighbours, as in ELAN.",
        "line 16, tier 'parts': 3 annotations have only part of another one's time; divided equally, as in ELAN.",
        "line 21, tier 'same': 1 annotation has only part of another one's time; divided equally, as in ELAN.",
    ]


def test_times_that_are_missing_on_a_tier_without_parent_lie_evenly_among_all(project: Project, tmp_path: Path) -> None:
    body = _tier("t", _one(1, 1, 3, "x"), _one(2, 3, 5, "y")) + _tier("other", _one(3, 2, 4))
    path = _document(tmp_path, _medium("file:///v/v.mp4"), body, (1000, None, None, None, 2601))
    plan = planned(project, path, "/v/v.mp4", track="t")
    assert spans(plan) == {"/v/v.mp4": [("x", 25, 45), ("y", 45, 65)]}
    plan = planned(project, path, "/v/v.mp4", track="other")
    assert spans(plan) == {"/v/v.mp4": [("up", 35, 55)]}
    assert "line 9, tier 'other': 1 annotation has no times; placed evenly" in said(plan)[1]


def test_tiers_without_text_are_phases_of_one_track(project: Project, tmp_path: Path) -> None:
    body = (
        _tier("reach", _one(1, 1, 2, "")) + _tier("grasp", _one(2, 2, 3, " ")) + _tier("Notes", _one(3, 1, 3, "dark"))
    )
    path = _document(tmp_path, _medium("file:///v/v.mp4"), body, (0, 1000, 2000))
    plan = planned(project, path, "/v/v.mp4", track="tiers without text")
    assert spans(plan) == {"/v/v.mp4": [("reach", 0, 25), ("grasp", 25, 50)]}
    assert plan.choices == {"tiers without text": 2, "Notes": 1}
    assert said(plan) == [
        f"line {line}, tier {tier!r}: there is no text; the tier's name is used as the phase of its annotation."
        for line, tier in ((5, "reach"), (8, "grasp"))
    ]


def test_the_entry_of_a_vocabulary_stands_for_missing_text(project: Project, tmp_path: Path) -> None:
    words = (
        '<CONTROLLED_VOCABULARY CV_ID="c"><CV_ENTRY_ML CVE_ID="e1"><CVE_VALUE LANG_REF="und">reach</CVE_VALUE>'
        "</CV_ENTRY_ML></CONTROLLED_VOCABULARY>"
    )
    named = _one(1, 1, 2, "").replace("ALIGNABLE_ANNOTATION ", 'ALIGNABLE_ANNOTATION CVE_REF="e1" ', 1)
    outside = _one(2, 2, 3, "").replace("ALIGNABLE_ANNOTATION ", 'ALIGNABLE_ANNOTATION CVE_REF="e9" ', 1)
    body = _tier("t", named, outside, _one(3, 3, 4, ""))
    path = _document(tmp_path, _medium("file:///v/v.mp4"), body, (0, 1000, 2000, 3000), words)
    plan = planned(project, path, "/v/v.mp4")
    assert spans(plan) == {"/v/v.mp4": [("reach", 0, 25)]}
    assert said(plan) == [
        "line 7, annotation a2: its text is the entry 'e9' of a vocabulary in another file; it is left out. Write "
        "it in ELAN.",
        "line 8, annotation a3: it has no text, so its phase is unknown; it is left out. Write its phase in ELAN.",
    ]
