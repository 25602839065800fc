"""Both detectors: padding changes nothing, seeds decide everything, and they learn."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from core.base.control import Control, Stopped
from core.base.errors import TrainingError
from core.base.events import Event, Progress
from core.localise.detecting import detect
from core.localise.detectors import DETECTORS, Detector, build
from core.localise.examples import Example, Scale, Segments, pad
from core.localise.learning import Learning, learn
from core.metrics.localisation import mean_average_precision
from tests.core.localise.made import CLASSES, rows_and_spans

WIDTH = 12
LENGTHS = st.lists(st.integers(1, 40), min_size=1, max_size=3)
every_detector = pytest.mark.parametrize("name", DETECTORS)


def some(lengths: list[int], seed: int) -> tuple[list[Tensor], list[Segments]]:
    """Rows and segments of so many steps each."""
    generator = torch.Generator().manual_seed(seed)
    rows = [torch.nn.functional.normalize(torch.randn(n, WIDTH, generator=generator), dim=1) for n in lengths]
    segments = [
        Segments(torch.tensor([[0.0, max(1.0, n / 2)], [n / 3, float(n)]]), torch.tensor([0, 1])) for n in lengths
    ]
    return rows, segments


def longer(rows: list[Tensor], multiple: int, more: int) -> tuple[Tensor, Tensor]:
    """The batch with so many more multiples of padding."""
    batch, valid = pad(rows, multiple)
    extra = more * multiple
    return torch.nn.functional.pad(batch, (0, 0, 0, extra)), torch.nn.functional.pad(valid, (0, extra))


def ready(name: str) -> Detector:
    """Without dropout, and with offsets large enough that whatever is not masked shows."""
    detector = build(name, WIDTH, len(CLASSES), seed=4).eval()
    with torch.no_grad():
        for parameter in detector.parameters():
            scale = 1.0 if parameter.ndim == 1 else 0.05
            parameter.add_(scale * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(1)))
    return detector


@every_detector
@settings(max_examples=15)
@given(lengths=LENGTHS, more=st.integers(1, 9), seed=st.integers(0, 99))
def test_padding_changes_neither_loss_nor_gradient(name: str, lengths: list[int], more: int, seed: int) -> None:
    detector = ready(name)
    rows, segments = some(lengths, seed)
    told = []
    for batch, valid in (pad(rows, detector.multiple), longer(rows, detector.multiple, more)):
        detector.zero_grad()
        loss = detector.loss(batch, valid, segments, torch.Generator().manual_seed(2))
        loss.backward()  # type: ignore[no-untyped-call]
        told.append((loss.detach(), [p.grad.clone() for p in detector.parameters() if p.grad is not None]))
    torch.testing.assert_close(told[0][0], told[1][0], rtol=1e-4, atol=1e-5)
    for one, other in zip(told[0][1], told[1][1], strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-4)


@every_detector
@settings(max_examples=15)
@given(lengths=LENGTHS, more=st.integers(1, 9), seed=st.integers(0, 99))
def test_a_video_is_seen_alike_alone_and_in_a_batch(name: str, lengths: list[int], more: int, seed: int) -> None:
    detector = ready(name)
    rows, _ = some(lengths, seed)
    together = detector.candidates(*longer(rows, detector.multiple, more))
    for own, among in zip(rows, together, strict=True):
        (alone,) = detector.candidates(*pad([own], detector.multiple))
        assert np.array_equal(alone.classes, among.classes)
        np.testing.assert_allclose(alone.bounds, among.bounds, rtol=1e-4, atol=1e-4)
        np.testing.assert_allclose(alone.scores, among.scores, rtol=1e-4, atol=1e-5)


@every_detector
def test_what_lies_behind_the_end_is_not_looked_at(name: str) -> None:
    detector = ready(name)
    rows, _ = some([20, 33], 5)
    batch, valid = pad(rows, detector.multiple)
    clean = detector.candidates(batch, valid)
    dirty = detector.candidates(batch + 7.0 * ~valid[..., None], valid)
    for one, other in zip(clean, dirty, strict=True):
        np.testing.assert_allclose(one.scores, other.scores, rtol=1e-5, atol=1e-6)


@every_detector
def test_the_seed_decides_everything(name: str) -> None:
    examples = [Example.of(*rows_and_spans(seed), CLASSES, 100) for seed in range(9)]
    torch.manual_seed(11)
    one = learn(examples, 2, Learning(name, steps=3, seed=5)).state_dict()
    torch.manual_seed(12)
    same = learn(examples, 2, Learning(name, steps=3, seed=5)).state_dict()
    other = learn(examples, 2, Learning(name, steps=3, seed=6)).state_dict()
    assert all(torch.equal(one[key], same[key]) for key in one)
    assert not all(torch.equal(one[key], other[key]) for key in one)


@pytest.mark.parametrize(("name", "steps"), [("points", 120), ("graph", 60)])
def test_it_finds_segments_of_videos_it_never_saw(name: str, steps: int) -> None:
    known = [rows_and_spans(seed) for seed in range(24)]
    others = [rows_and_spans(seed) for seed in range(100, 116)]
    examples = [Example.of(rows, spans, CLASSES, DETECTORS[name].most_steps) for rows, spans in known]
    detector = learn(examples, len(CLASSES), Learning(name, steps=steps))
    found = detect(detector, [rows for rows, _ in others], CLASSES)
    untrained = detect(build(name, WIDTH, 2, seed=1).eval(), [rows for rows, _ in others], CLASSES)
    truth = [spans for _, spans in others]
    assert mean_average_precision(truth, found).mean > 0.6
    assert mean_average_precision(truth, untrained).mean < 0.2


@every_detector
def test_a_long_video_is_seen_in_steps_of_several_frames(name: str) -> None:
    detector = ready(name)
    size = 2 * detector.most_steps + 5
    rows = np.random.default_rng(1).normal(size=(size, WIDTH)).astype(np.float32)
    (found,) = detect(detector, [rows], CLASSES, most=20)
    assert found
    assert max(span.end_frame_exclusive for span in found) <= size
    assert Scale.of(size, detector.most_steps).frames_per_step == 3


def test_progress_is_told_with_rate_and_time_to_go() -> None:
    heard: list[Event] = []
    learn([Example.of(*rows_and_spans(0), CLASSES, 100)], 2, Learning(steps=3), sink=heard.append)
    last = [event for event in heard if isinstance(event, Progress)][-1]
    assert (last.stage, last.done, last.total, last.eta_seconds) == ("learn", 3, 3, 0)
    assert last.rate > 0


def test_stopped_it_ends_between_two_steps() -> None:
    control = Control()
    heard: list[Event] = []

    def sink(event: Event) -> None:
        heard.append(event)
        control.stop()

    with pytest.raises(Stopped):
        learn([Example.of(*rows_and_spans(0), CLASSES, 100)], 2, Learning(steps=50), sink=sink, control=control)
    assert len(heard) == 1


def test_a_loss_that_is_not_finite_is_said() -> None:
    example = Example.of(*rows_and_spans(0), CLASSES, 100)
    broken = Example(example.rows * np.nan, example.segments)
    with pytest.raises(TrainingError, match=r"loss is nan after step 0\. Lower --learning-rate, which is 0\.001"):
        learn([broken], 2, Learning(steps=2))
