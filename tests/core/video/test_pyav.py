"""PyAV 18 and 19 give the same."""

from __future__ import annotations

import math
from fractions import Fraction
from pathlib import Path

import av
import pytest
from av.rational import AVRational
from av.video.stream import VideoStream

from core.video.pyav import as_fraction, open_input
from core.video.reader import VideoReader
from tests.conftest import VideoWriter, number_of

_TITLE = "A title of 20 bytes."


def _with_title(path: Path, title: bytes) -> Path:
    """The same video with a title of any bytes, as old cameras and tag editors write it."""
    titled = path.with_stem("titled")
    no_checksum = {"write_crc32": "0"} if path.suffix == ".mkv" else {}
    with av.open(str(path)) as source, av.open(str(titled), "w", options=no_checksum) as target:
        target.metadata["title"] = _TITLE
        video = source.streams.video[0]
        copy = target.add_stream_from_template(video)
        for packet in source.demux(video):
            if packet.size:  # not the one that ends a stream
                packet.stream = copy
                target.mux(packet)
    held = titled.read_bytes()
    assert held.count(_TITLE.encode()) == 1
    titled.write_bytes(held.replace(_TITLE.encode(), title.ljust(len(_TITLE))))
    return titled


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi"])
@pytest.mark.parametrize("title", ["Rückhand, Übung".encode("latin-1"), "Упражнение".encode("cp1251"), b"\xff\xfe\x00"])
def test_a_title_in_another_encoding_opens(write_video: VideoWriter, suffix: str, title: bytes) -> None:
    path = _with_title(write_video(f"video{suffix}", 5), title)
    with VideoReader(path) as reader:
        assert [number_of(reader[place].image) for place in range(len(reader))] == list(range(5))


def test_logging_that_another_library_turned_on_is_off_while_decoding(write_video: VideoWriter) -> None:
    av.logging.set_level(av.logging.ERROR)
    with open_input(write_video()):
        assert av.logging.get_level() is None


def test_rates_are_exact_fractions(write_video: VideoWriter) -> None:
    with open_input(write_video()) as container:
        stream = container.streams.video[0]
        assert isinstance(stream, VideoStream)
        for value in (stream.time_base, stream.average_rate, stream.guessed_rate, stream.base_rate):
            assert type(as_fraction(value)) is Fraction


def test_a_fraction_can_be_rounded_and_multiplied() -> None:
    tick = as_fraction(AVRational(1, 90_000))
    assert tick == Fraction(1, 90_000)
    assert tick * tick == Fraction(1, 8_100_000_000)
    assert round(90_000 * 3 * tick) == math.floor(3 + tick) == 3


@pytest.mark.parametrize("value", [None, Fraction(0), AVRational(0, 1), AVRational(0, 0), AVRational(1, 0)])
def test_a_rate_that_says_nothing_is_none(value: Fraction | AVRational | None) -> None:
    assert as_fraction(value) is None
