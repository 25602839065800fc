"""Events survive their line of JSON, and no line of rubbish stops a reader."""

from __future__ import annotations

import json
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.base.events import (
    Event,
    Notice,
    StepDone,
    VideoChecked,
    VideoDecoded,
    VideoProgress,
    VideoRefused,
    decode,
    encode,
    ignore,
)

events = st.one_of([st.from_type(kind) for kind in get_args(Event)]).filter(
    lambda event: all(type(value) is not int or abs(value) < 2**63 for value in vars(event).values())
)


@given(events)
def test_an_event_comes_back_from_its_line(event: Event) -> None:
    line = encode(event)
    assert "\n" not in line
    assert line.isascii()
    assert repr(decode(line)) == repr(event)  # by repr: NaN is not itself


@pytest.mark.parametrize(
    "event",
    [
        Notice("clip\udcff 跑步.mp4 \u2028 is damaged"),
        VideoChecked("/v/\udcff\udce4 🏃.mp4", "d", 3),
        VideoProgress("/v/\udcff\udce4 🏃.mp4", 1, 2),
        VideoDecoded("/v/\udcff\udce4 🏃.mp4", "d", 2, 29.97, 0.07, 64, 48, 0),
        VideoRefused("/v/\udcff\udce4 🏃.mp4", "/v/\udcff\udce4 🏃.mp4 is empty"),
    ],
)
def test_a_file_name_that_is_no_text_passes(event: Event) -> None:
    assert encode(event).isascii()
    assert decode(encode(event)) == event


@given(events, st.data())
def test_a_torn_line_is_no_event(event: Event, data: st.DataObject) -> None:
    line = encode(event)
    assert decode(line[: data.draw(st.integers(0, len(line) - 1))]) is None


@given(st.one_of(st.text(), st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps)))
def test_rubbish_is_no_event(line: str) -> None:
    assert decode(line) is None


def test_a_line_of_another_version_is_no_event() -> None:
    known = json.loads(encode(Notice("x")))
    assert decode(json.dumps(known | {"colour": "red"})) is None
    assert decode(json.dumps(known | {"event": "danced"})) is None
    assert decode(json.dumps({"event": "notice"})) is None
    assert decode("[" * 100_000) is None


def test_a_loss_that_is_no_number_is_written_and_read() -> None:
    step = decode(encode(StepDone(0, 1, 2, float("nan"), 1e-4, float("inf"), 1.0, 0.0, 0)))
    assert isinstance(step, StepDone)
    assert step.loss != step.loss
    ignore(step)


@pytest.mark.parametrize(
    "field", [{"loss": "1.5"}, {"loss": [1.5]}, {"gpu_bytes": 10**30}, {"step": True}, {"step": 1.5}, {"loss": None}]
)
def test_a_field_of_another_type_is_no_event(field: dict[str, object]) -> None:
    step = json.loads(encode(StepDone(0, 1, 3, 1.5, 1e-3, 0.5, 100.0, 1.0, 0)))
    assert decode(json.dumps(step)) is not None
    assert decode(json.dumps(step | field)) is None
