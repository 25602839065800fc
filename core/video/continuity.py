"""Continuous time stamps where a file's clock restarts or jumps, as in ffmpeg's own tools.

Recordings joined end to end (.ts, .vob, AVCHD) have a clock that starts anew with every part. This is the correction
that the command `ffmpeg` does by default (fftools/ffmpeg_demux.c: `ts_discontinuity_process`, `ist_dts_update`), on the
same streams: the picture and the sound.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from av.packet import Packet
from av.stream import Stream

from core.video.pyav import as_fraction

_MICRO = 1_000_000
_JUMP = 10 * _MICRO
"""A step of the decoding time, either way, that is none of the film's (ffmpeg's `dts_delta_threshold`)."""
_BACK = _MICRO // 10
"""A step back that is none of the film's."""
_WILD = 30 * 3600 * _MICRO
"""In formats whose clock never starts over, a stamp so far off is wrong (ffmpeg's `dts_error_threshold`)."""


@dataclass
class _Stream:
    time_base: Fraction
    dts: int | None = None
    """Of the packet before, in microseconds; so is the next one."""
    next_dts: int | None = None


class Continuity:
    """Corrects the time stamps of packets, in file order."""

    def __init__(self, *, starts_over: bool) -> None:
        """`starts_over`: the clock of this format may (FFmpeg's flag AVFMT_TS_DISCONT)."""
        self._starts_over = starts_over
        self.resume(0, Fraction(1))

    def resume(self, shift: int, time_base: Fraction) -> None:
        """Continue anywhere in the file, where stamps are shifted by this many ticks."""
        self._streams: dict[int, _Stream] = {}
        self._last: int | None = None
        self._offset = _in_micros(shift, time_base)

    def correct(self, packet: Packet[Stream]) -> int:
        """Change the packet's time stamps where they need it; returns by how many ticks they are shifted."""
        stream = self._streams.setdefault(packet.stream.index, _Stream(as_fraction(packet.time_base) or Fraction(1)))
        if self._starts_over:
            shift = self._shift_of(packet, stream)
            if shift:
                packet.dts = None if packet.dts is None else packet.dts + shift
                packet.pts = None if packet.pts is None else packet.pts + shift
        else:
            shift = 0
            _drop_wild(packet, stream)
        self._predict(packet, stream)
        return shift

    def _shift_of(self, packet: Packet[Stream], stream: _Stream) -> int:
        shift = _in_ticks(self._offset, stream.time_base)
        if packet.dts is None or packet.stream.type not in ("video", "audio"):
            return shift
        dts = _in_micros(packet.dts + shift, stream.time_base)
        jump = 0
        if stream.next_dts is not None:
            is_back = stream.dts is not None and dts + _BACK < stream.dts
            if abs(dts - stream.next_dts) > _JUMP or is_back:
                jump = dts - stream.next_dts
        elif self._last is not None and abs(dts - self._last) > _JUMP:
            jump = dts - self._last
        self._offset -= jump
        self._last = dts - jump
        return _in_ticks(self._offset, stream.time_base)

    def _predict(self, packet: Packet[Stream], stream: _Stream) -> None:
        now = packet.dts if packet.dts is not None else packet.pts if stream.next_dts is None else None
        if now is not None:
            stream.next_dts = _in_micros(now, stream.time_base)
        stream.dts = stream.next_dts
        if stream.next_dts is not None:
            stream.next_dts += _in_micros(packet.duration or 0, stream.time_base) or _lasts(packet.stream)


def _drop_wild(packet: Packet[Stream], stream: _Stream) -> None:
    if stream.next_dts is None:
        return
    if packet.dts is not None and abs(_in_micros(packet.dts, stream.time_base) - stream.next_dts) > _WILD:
        packet.dts = None
    if packet.pts is not None and abs(_in_micros(packet.pts, stream.time_base) - stream.next_dts) > _WILD:
        packet.pts = None


def _lasts(stream: Stream) -> int:
    """Return microseconds of a packet that does not say how long it lasts; 0 where the header does not either."""
    rate = as_fraction(getattr(stream, "average_rate", None))
    return round(_MICRO / rate) if rate else 0


def _in_micros(ticks: int, time_base: Fraction) -> int:
    return _round(ticks * time_base.numerator * _MICRO, time_base.denominator)


def _in_ticks(micros: int, time_base: Fraction) -> int:
    return _round(micros * time_base.denominator, time_base.numerator * _MICRO)


def _round(numerator: int, denominator: int) -> int:
    """Return the nearest whole number, halves away from 0, as FFmpeg rounds."""
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return size if numerator >= 0 else -size
