"""What Label Studio exports comes back; what is no span of time is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from core.base.errors import LabelError
from core.labels.formats import label_studio_reading
from core.labels.formats.read_labels import ReadLabels
from core.labels.formats.table import read_labels

Said = list[tuple[str, str, float, float, bool, str, str]]


def region(start: int, end: int, *labels: str, tag: str = "videoLabels") -> dict[str, Any]:
    value = {"ranges": [{"start": start, "end": end}], "timelinelabels": list(labels)}
    return {"id": "a", "from_name": tag, "to_name": "video", "type": "timelinelabels", "value": value}


def task(number: int, video: str, *annotations: Any, fps: Any = 25, **also: Any) -> dict[str, Any]:
    data = {"video": video} if fps is None else {"video": video, "fps": fps}
    return {"id": number, "data": data, "annotations": list(annotations), **also}


def annotation(number: int, who: object, *regions: Any, **also: Any) -> dict[str, Any]:
    return {"id": number, "completed_by": who, "result": list(regions), "was_cancelled": False, **also}


def read(folder: Path, *tasks: Any) -> ReadLabels:
    (folder / "export.json").write_text(json.dumps(tasks), encoding="utf-8")
    return read_labels([folder / "export.json"])


def said(found: ReadLabels) -> Said:
    return [(s.video, s.phase, s.start, s.end, s.in_frames, s.source, s.track) for s in found.segments]


def told(found: ReadLabels) -> list[tuple[str, str]]:
    return [(problem.where, problem.sentence) for problem in found.problems]


def test_ranges_count_from_1_and_hold_both_ends(tmp_path: Path) -> None:
    found = read(tmp_path, task(7, "a.mp4", annotation(1, 3, region(26, 75, "walk", "eat"))))
    assert said(found) == [(("a.mp4", phase, 1.0, 3.0, False, "label", "")) for phase in ("walk", "eat")]
    assert found.segments[0].where == "export.json, task 7"
    assert told(found) == []


@pytest.mark.parametrize(
    ("address", "upload", "name", "path", "others"),
    [
        ("https://h/films/a%20b.mp4?sig=1", "", "a b.mp4", "/films/a b.mp4", ()),
        ("s3://bucket/x/clip.mp4", "", "clip.mp4", "/x/clip.mp4", ()),
        ("/data/local-files/?d=day%201/clip.mp4", "", "clip.mp4", "/day 1/clip.mp4", ()),
        ("/data/upload/3/0a1b2c3d-clip.mp4", "0a1b2c3d-clip.mp4", "clip.mp4", "", ()),
        ("/data/upload/3/0a1b2c3d-deadbeef-x.mp4", "", "deadbeef-x.mp4", "", ()),
        ("0a1b2c3d-clip.mp4", "0a1b2c3d-clip.mp4", "clip.mp4", "", ()),
        ("0a1b2c3d-clip.mp4", "", "0a1b2c3d-clip.mp4", "", ("clip.mp4",)),
        ("123e4567-e89b-12d3-a456-426614174000-clip.mp4", "", None, "", ("clip.mp4",)),
        ("day 1/clip.mp4", "", "day 1/clip.mp4", "", ()),
    ],
)
def test_which_video_an_address_means(
    address: str, upload: str, name: str | None, path: str, others: tuple[str, ...], tmp_path: Path
) -> None:
    found = read(tmp_path, task(1, address, annotation(1, 1, region(1, 5, "up")), file_upload=upload))
    ((video, file),) = found.videos.items()
    assert (video, file.path, file.others) == (name or address, path, others)


def test_several_annotators_are_tracks(tmp_path: Path) -> None:
    ann, bob = {"id": 1, "email": "ann@x.org"}, {"id": 2, "email": "bob@x.org"}
    found = read(
        tmp_path,
        task(1, "a.mp4", annotation(1, ann, region(1, 5, "up")), annotation(2, bob, region(2, 6, "up"))),
        task(2, "b.mp4", annotation(3, 5, region(1, 5, "up")), annotation(4, 5, region(6, 7, "up"))),
        task(3, "c.mp4", annotation(5, None, region(1, 5, "up"))),
    )
    assert [one[-1] for one in said(found)] == [
        "ann@x.org",
        "bob@x.org",
        "annotator 5",
        "annotator 5 (2)",
        "annotation 5",
    ]


def test_several_tags_are_tracks(tmp_path: Path) -> None:
    regions = (region(1, 5, "up", tag="hand"), region(1, 9, "sit", tag="body"))
    assert [one[-1] for one in said(read(tmp_path, task(1, "a.mp4", annotation(1, 1, *regions))))] == ["hand", "body"]


def test_predictions_are_not_a_persons(tmp_path: Path) -> None:
    mine = {"model_version": "Probe", "result": [region(6, 7, "up")]}
    other = {"model_version": "yolo", "result": [region(8, 9, "up")]}
    found = read(
        tmp_path, task(1, "a.mp4", annotation(1, 1, region(1, 5, "up")), predictions=[mine, other, 17]), task(2, "b")
    )
    assert [one[-2:] for one in said(found)] == [("label", ""), ("probe", ""), ("yolo", "prediction of yolo")]
    ((where, sentence),) = told(found)
    assert (where, sentence.split(". ")[0]) == ("export.json, task 1", "an entry of predictions is only the number 17")


def test_seconds_of_an_audio_tag_are_seconds(tmp_path: Path) -> None:
    one = {"from_name": "tricks", "type": "labels", "value": {"start": 1.25, "end": 2.5, "labels": ["jump"]}}
    found = read(tmp_path, task(1, "a.mp4", annotation(1, 1, one), fps=None))
    assert said(found) == [("a.mp4", "jump", 1.25, 2.5, False, "label", "")]


def test_without_a_rate_numbers_are_frames_and_that_is_told_once(tmp_path: Path) -> None:
    found = read(
        tmp_path, *(task(n, f"{n}.mp4", annotation(n, 1, region(26, 75, "walk")), fps=None) for n in (1, 2, 3))
    )
    assert said(found)[0] == ("1.mp4", "walk", 25, 75, True, "label", "")
    ((where, sentence),) = told(found)
    assert where == "export.json, task 1"
    assert "used as the frames of 1.mp4; 2 more tasks do not either" in sentence
    assert "as fps" in sentence


def test_all_that_is_no_span_is_named(tmp_path: Path) -> None:
    box = {"from_name": "box", "type": "videorectangle", "value": {"sequence": [{"frame": 1}], "labels": ["car"]}}
    words = {"from_name": "text", "type": "textarea", "value": {"text": ["fine"]}}
    back, bare = region(9, 3, "up"), region(1, 3)
    found = read(
        tmp_path,
        task(1, "a.mp4", annotation(1, 1, box, words, back, bare)),
        task(2, "b.mp4", annotation(2, 4, region(1, 2, "up"), was_cancelled=True), drafts=[{"result": []}]),
        task(3, "", annotation(3, 1, region(1, 2, "up"))),
        task(4, "d.mp4", annotation(4, 1, region(1, 2, "up")), fps="fast"),
        5,
    )
    assert said(found) == []
    assert told(found) == [
        ("export.json, task 2", "annotator 4 skipped b.mp4, so this annotation is left out."),
        ("export.json, task 2", "b.mp4 has a draft that was not submitted; it is left out."),
        ("export.json, task 3", "the task names no video; it is left out."),
        ("export.json, task 4", "its fps must be above 0, not 'fast'; its annotations are left out."),
        ("export.json, task 5", "this is not a task; it is left out."),
        ("export.json, task 1", "a region of type 'videorectangle' is not a range of time; it is left out."),
        ("export.json, task 1", "a region of type 'textarea' is not a range of time; it is left out."),
        ("export.json, task 1", "'up' begins at 0.32 and ends at 0.12; it is left out."),
        ("export.json, task 1", "a region has no label; it is left out."),
    ]


def test_json_min(tmp_path: Path) -> None:
    """As the converter of label-studio-sdk 2.1.2 writes it."""
    one = {"ranges": [{"start": 6, "end": 20}], "timelinelabels": ["reach out"]}
    line = {"video": "/data/upload/1/0a1b2c3d-a.mp4", "fps": 25.0, "digest": "ab" * 16, "id": 1, "videoLabels": [one]}
    found = read(tmp_path, {**line, "annotator": "ann@x.org", "annotation_id": 11, "lead_time": 1.0})
    assert said(found) == [("a.mp4", "reach out", 0.2, 0.8, False, "label", "")]
    assert found.videos["a.mp4"].digest == "ab" * 16
    two = read(tmp_path, {**line, "annotator": "ann@x.org"}, {**line, "annotator": "bob@x.org"})
    assert [segment.track for segment in two.segments] == ["ann@x.org", "bob@x.org"]


def test_other_json_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"image": "a.png"}]', encoding="utf-8")
    (problem,) = read_labels([tmp_path / "a.json"]).problems
    assert "has no readable format" in problem.sentence
    with pytest.raises(LabelError, match=r"a\.json has no Label Studio tasks"):
        label_studio_reading.read(tmp_path / "a.json")


def test_two_files_of_one_name_stay_apart(tmp_path: Path) -> None:
    of_days = [f"https://host/day{day}/clip.mp4" for day in (1, 2)]
    found = read(tmp_path, *(task(n, at, annotation(n, 1, region(1, n, "up"))) for n, at in enumerate(of_days, 1)))
    paths = [found.videos[segment.video].path for segment in found.segments]
    assert paths == ["/day1/clip.mp4", "/day2/clip.mp4"]
    assert {segment.track for segment in found.segments} == {""}
