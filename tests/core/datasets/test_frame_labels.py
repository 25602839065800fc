"""Labels meet the frames that a video really has."""

from __future__ import annotations

import numpy as np
import pytest

from core.base.errors import LabelError
from core.datasets.frame_labels import FrameLabels, number_names, validate_classes
from tests.core.datasets.folders import Heard, edges


def laid(labels: list[int], num_frames: int, fps: float = 25.0, **how: object) -> tuple[list[int], list[str]]:
    heard = Heard()
    made = FrameLabels(np.array(labels), "x.txt", **how)  # type: ignore[arg-type]
    return made.on("x.mp4", edges(num_frames, fps), heard).tolist(), heard


def test_as_many_labels_as_frames_are_taken_as_they_are() -> None:
    assert laid([0, 1, -1], 3, 7.0, per_second=25.0) == ([0, 1, -1], [])


@pytest.mark.parametrize(
    ("num_frames", "fps", "expected"),
    [
        (20, 50.0, np.repeat(np.arange(10), 2)),  # twice the frames
        (5, 12.5, np.arange(1, 10, 2)),  # half of them: the label of each frame's middle
        (11, 25.0, [*range(10), -1]),  # no label for what comes after
        (9, 25.0, range(9)),
    ],
)
def test_labels_of_a_known_rate_go_by_time(num_frames: int, fps: float, expected: object) -> None:
    labels, heard = laid(list(range(10)), num_frames, fps, per_second=25.0)
    np.testing.assert_array_equal(labels, np.array(expected))
    assert heard == [
        f"x.txt has 10 labels, but x.mp4 has {num_frames} frames: each frame took the label of its time, at 25 "
        "labels per second."
    ]


def test_uneven_frames_take_the_label_of_their_time() -> None:
    uneven = np.array([0.0, 0.1, 0.5, 1.0])
    made = FrameLabels(np.arange(10), "x.txt", per_second=10.0).on("x.mp4", uneven, Heard())
    assert made.tolist() == [0, 3, 7]


def test_a_few_labels_too_many_or_too_few_are_cut_or_left_open() -> None:
    labels, heard = laid([1] * 100, 103)
    assert labels == [1] * 100 + [-1] * 3
    assert heard == ["x.txt has 100 labels, but x.mp4 has 103 frames: its last frames have no label."]
    labels, heard = laid([1] * 100, 97)
    assert labels == [1] * 97
    assert heard == ["x.txt has 100 labels, but x.mp4 has 97 frames: the last labels were cut."]
    assert laid([1] * 1010, 1000)[0] == [1] * 1000


def test_a_wrong_rate_does_not_hide_labels_that_fit_frame_by_frame() -> None:
    assert laid([1] * 200, 198, 10.0, per_second=25.0)[0] == [1] * 198


@pytest.mark.parametrize(("num_labels", "num_frames"), [(100, 94), (100, 106), (10, 12), (1, 2), (1020, 1000)])
def test_more_than_a_few_are_refused(num_labels: int, num_frames: int) -> None:
    with pytest.raises(LabelError) as caught:
        laid([0] * num_labels, num_frames)
    assert str(caught.value).startswith(f"x.txt has {num_labels} labels, but x.mp4 has {num_frames} frames (")
    assert "--labels-fps" in str(caught.value)


def test_another_duration_is_refused_with_both_durations() -> None:
    with pytest.raises(LabelError, match=r"100 frames \(10\.0 seconds\): at 25 per second they last 2\.0 seconds"):
        laid([0] * 50, 100, 10.0, per_second=25.0)


def test_labels_that_span_all_are_spread_evenly() -> None:
    labels, heard = laid([0, 1, 2], 6, spans_all=True)
    assert labels == [0, 0, 1, 1, 2, 2]
    assert heard == ["x.txt has 3 labels, but x.mp4 has 6 frames: they were spread over the whole video."]
    assert laid([0, 1, 2, 3], 2, spans_all=True)[0] == [0, 2]


def test_numbers_are_checked() -> None:
    assert validate_classes(np.array([0.0, -1.0, 3.0, -7.0], np.float32), "x").tolist() == [0, -1, 3, -1]
    for wrong in ([0.5], [np.nan], [np.inf], [[1, 2]], [], ["a"], 3, [True]):
        with pytest.raises(LabelError, match=r"^x: "):
            validate_classes(np.array(wrong), "x")


def test_classes_without_names_are_numbered() -> None:
    assert number_names([np.array([0, 2]), np.array([-1])], "phase", "x") == ("phase 0", "phase 1", "phase 2")
    for wrong in ([], [np.array([-1])], [np.array([2**40])]):
        with pytest.raises(LabelError, match="highest class"):
            number_names(wrong, "phase", "x")
