"""One pass over the video of a file: open, read packets, decode, and skip damaged parts."""

from __future__ import annotations

import contextlib
import itertools
from collections import deque
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Literal, cast

import av
from av.container.input import InputContainer
from av.packet import Packet
from av.stream import Disposition, Stream
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from core.base.errors import VideoError
from core.video.continuity import Continuity
from core.video.pyav import as_fraction, open_input

_DRAWN_TEXT = {"tty", "bin", "xbin", "idf", "adf"}
"""Formats by which FFmpeg would draw a text file as a picture."""
_FASTEST = 20_000
"""Frames a second that a header may well mean: high-speed cameras."""
_TS_DISCONT = 0x0200
"""FFmpeg's AVFMT_TS_DISCONT, a flag of a format."""
_MOST_KEPT = 64
_FEWEST_BYTES = 8
"""Of a frame in its file, with its entry in the index: a header that counts more frames is damaged."""
_ENCRYPTED_TAGS = {"encv", "drmi"}
_ENCRYPTED_PACKET: Literal["encryption_info"] = "encryption_info"
_SAME_BY_ONE_THREAD = {"mjpeg", "mpeg2video", "mpeg4", "vp8"}
"""Codecs whose damaged frames give no error, and depend on how many threads decode."""
_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
"""FFmpeg's own decoders of these codecs leave transparency out, and show the colours that it hides."""
_MOST_READ_ERRORS = 100
"""Unreadable packets in a row after which the rest of a file is given up."""


class Decoding:
    """The best video stream of a file, decoded forward from a position: the start, or where `seek` went.

    FFmpeg's errors do not leave this class: a packet that cannot be read or decoded is counted and passed over.
    """

    is_span = False
    """It gives the frames of a part of the file alone, whose own clock starts with the first of them."""

    def __init__(self, path: Path, *, threads: int = 0, careful: bool = False) -> None:
        """Open the file.

        Args:
            threads: decoding threads; 0 means one a processor core.
            careful: decode one frame after the other: slower, but an error costs no other frame.

        Raises:
            VideoError: the file is missing, unreadable or no video.
        """
        self.path = path
        self.num_errors = 0
        self._threads = threads
        self._open(careful)

    def _open(self, careful: bool) -> None:
        self._careful = careful
        self._container = _open(self.path)
        try:
            self.stream = _video_stream(self._container, self.path)
        except BaseException:
            self._container.close()
            raise
        self._decoder = self._choose_decoder()
        is_alone = careful or self.codec_name in _SAME_BY_ONE_THREAD
        self._decoder.thread_type = "SLICE" if is_alone else "AUTO"
        self._decoder.thread_count = 1 if is_alone else self._threads
        if self.codec_name == "mjpeg":  # else what is missing of a damaged picture is what the memory held before
            self._decoder.options = {"err_detect": "explode"}
        self.first_dts: list[int] = []
        """Decoding times of the first packets that were read: of more than any decoder keeps to put in order."""
        self._continuity = Continuity(starts_over=self.starts_over)
        self._start_counting()

    def _choose_decoder(self) -> VideoCodecContext:
        """Return what decodes the stream: one that knows transparency, where the file has it."""
        name = _ALPHA_DECODERS.get(self.codec_name)
        if name is None or self.stream.metadata.get("alpha_mode") != "1" or name not in av.codecs_available:
            return self.stream.codec_context
        decoder = av.CodecContext.create(name, "r")
        assert isinstance(decoder, VideoCodecContext)
        return decoder

    def _start_counting(self) -> None:
        self._pending: deque[VideoFrame] = deque()
        self._given = self._sent = self._discarded = 0
        self._shifts: dict[int, int] = {}

    @property
    def format_name(self) -> str:
        """FFmpeg's, such as `mov,mp4,m4a,3gp,3g2,mj2`."""
        return str(self._container.format.name)

    @property
    def start_micros(self) -> int | None:
        """When the earliest stream begins, in microseconds; None where that is not known."""
        return self._container.start_time

    @property
    def micros_from_header(self) -> int:
        """How long the longest stream is; 0 where that is not known."""
        return self._container.duration or 0

    @property
    def starts_over(self) -> bool:
        """The clock of this format may: recordings of it are joined end to end."""
        return bool(self._container.format.flags & _TS_DISCONT)

    def shift_of(self, frame: VideoFrame) -> int:
        """Return by how many ticks the frame's times were shifted to make the clock continuous (`Continuity`)."""
        return 0 if frame.pts is None else self._shifts.get(frame.pts, 0)

    @property
    def codec_name(self) -> str:
        return str(self.stream.codec_context.codec.canonical_name)

    @property
    def sample_aspect_ratio(self) -> Fraction | None:
        """Width of a pixel by its height; None where the file says nothing."""
        return as_fraction(self.stream.sample_aspect_ratio)

    @property
    def rate_from_header(self) -> Fraction | None:
        """Frames a second; None where the header says nothing.

        A raw DV stream is said to have a frame a tick, 60,000 a second: past `_FASTEST` a slower guess is believed.
        """
        stream = self.stream
        candidate_rates = (as_fraction(rate) for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate))
        rates = [rate for rate in candidate_rates if rate]
        return next((rate for rate in rates if rate <= _FASTEST), rates[0] if rates else None)

    @property
    def rate(self) -> Fraction:
        """Frames a second by the header; 25 where it says nothing."""
        return self.rate_from_header or Fraction(25)

    @property
    def time_base(self) -> Fraction:
        """Seconds a tick of the stream's time stamps; one frame where the header says nothing."""
        return as_fraction(self.stream.time_base) or 1 / self.rate

    @property
    def num_frames_from_header(self) -> int:
        """As the header counts them, or its duration times its rate; 0 where it says neither, or what cannot be. Often
        wrong."""
        duration = (self.stream.duration or 0) * self.time_base or Fraction(self._container.duration or 0, 1_000_000)
        counts = (self.num_frames_counted, round(duration * self.rate))
        return next((count for count in counts if 0 < count <= self._most_frames), 0)

    @property
    def num_frames_counted(self) -> int:
        """As the header counts them; 0 where it does not, or counts more than fit into the file."""
        return self.stream.frames if 0 < self.stream.frames <= self._most_frames else 0

    @property
    def _most_frames(self) -> int:
        return self.path.stat().st_size // _FEWEST_BYTES

    def seek(self, pts: int, shift: int = 0) -> bool:
        """Seek to a keyframe, at or before this presentation time if all is well; False if the file does not support
        it.

        Args:
            shift: by how many ticks that time was shifted (`shift_of`).
        """
        try:
            self._container.seek(pts - shift, stream=self.stream)
        except av.FFmpegError:
            return False
        self._start_counting()
        self._continuity.resume(shift, self.time_base)
        return True

    def reopen(self, *, careful: bool = False) -> None:
        """Reopen the file at its start, forgetting all state."""
        self.close()
        self._open(careful or self._careful)

    def frames(self) -> Iterator[VideoFrame]:
        """Yield the frames from the position on, in order of presentation."""
        packets = self._packets()
        while True:
            while self._pending:
                frame = self._pending.popleft()
                self._given += 1
                self.num_errors += frame.is_corrupt
                yield frame
            try:
                self._pending.extend(self._decoder.decode(next(packets)))
            except StopIteration:
                return
            except av.EOFError:
                continue
            except av.FFmpegError:
                self.num_errors += 1

    def every_frame(
        self, *, already: int = 0, last: int | None = None, key: tuple[int, int] | None = None
    ) -> Iterator[VideoFrame]:
        """Decode like `frames`, but do not lose frames because another is damaged.

        Several frames are decoded at once, and an error may take its neighbours with it. So at its first sign the
        decoding goes on, from where it is, one frame after the other; also where times are missing or out of order, so
        that counting from the start finds the same frames again.

        Args:
            already: frames of the file before the position.
            last: presentation time of the last of them; None where these times do not always grow.
            key: presentation time of the last keyframe among them, and its shift.
        """
        is_regular = not already or last is not None
        for frame in self.frames():
            is_regular &= frame.pts is not None and (last is None or frame.pts > last)
            if not self._careful and (self.num_errors or not is_regular):
                break
            already, last = already + 1, frame.pts
            if frame.key_frame and frame.pts is not None:
                key = frame.pts, self.shift_of(frame)
            yield frame
        if self._careful or (is_regular and not self.num_errors and self._given >= self._sent):
            return
        self.reopen(careful=True)
        if is_regular and last is not None:
            yield from self._after(last, key)
        else:
            yield from itertools.islice(self.frames(), already, None)

    def _after(self, last: int, key: tuple[int, int] | None) -> Iterator[VideoFrame]:
        """Yield the frames later than `last`, decoded from the keyframe `key` on, or from the start where that
        fails."""
        frames = self.frames()
        if key is not None and self.seek(*key):
            first = next(frames, None)
            if first is None or first.pts is None or first.pts > last:
                self.reopen()
        yield from (frame for frame in self.frames() if frame.pts is None or frame.pts > last)

    def _packets(self) -> Iterator[Packet[VideoStream] | None]:
        """Yield the packets from the position on; last an empty one, or None, which makes the decoder give what it
        holds."""
        errors_in_a_row = 0
        while errors_in_a_row < _MOST_READ_ERRORS:
            try:
                for packet in self._container.demux(self._streams()):
                    errors_in_a_row = 0
                    self._correct(packet)
                    if packet.stream is not self.stream:
                        continue
                    if packet.has_sidedata(_ENCRYPTED_PACKET):
                        raise _encrypted(self.path)
                    self._sent += packet.size > 0 and not packet.is_discard
                    self._discarded += packet.is_discard
                    yield cast("Packet[VideoStream]", packet)
                return
            except av.FFmpegError:
                errors_in_a_row += 1
                self.num_errors += 1
            except IndexError:  # PyAV's, now and then, at the end of a file in which further streams turned up
                break
        yield None

    def all_packets(self) -> Iterator[Packet[Stream]]:
        """Yield the packets of all streams from the position on, up to the first that cannot be read."""
        with contextlib.suppress(av.FFmpegError, IndexError):
            yield from self._container.demux()

    def _streams(self) -> list[Stream]:
        """Return the streams to read: with a clock that may restart, the sound also shows where."""
        sound = self._container.streams.best("audio") if self.starts_over else None
        return [self.stream] if sound is None else [self.stream, sound]

    def _correct(self, packet: Packet[Stream]) -> None:
        if not packet.size:
            return
        shift = self._continuity.correct(packet)
        if packet.stream is self.stream:
            if len(self.first_dts) < _MOST_KEPT and packet.dts is not None:
                self.first_dts.append(packet.dts)
            if shift and packet.pts is not None:
                self._shifts[packet.pts] = shift

    def close(self) -> None:
        self._container.close()


def count_frames_held(path: Path) -> int:
    """Count the frames a file should have: one per packet, or the number in its header if that is larger."""
    with contextlib.closing(Decoding(path)) as other:
        for _ in other._packets():
            pass
        # In AVI the header counts ticks of the clock, of which a frame may last several.
        counted = 0 if other.format_name == "avi" else other.num_frames_counted
        return max(other._sent, counted - other._discarded)


def _open(path: Path) -> InputContainer:
    if path.is_dir():
        raise VideoError(f"{path} is a folder, not a video. Name a video file.")
    if not path.exists():
        raise VideoError(f"There is no file {path}. Check its name.")
    if not path.is_file():
        raise VideoError(f"{path} is not a regular file. Name a video file.")
    try:
        with path.open("rb") as file:
            if not file.read(1):
                raise VideoError(f"{path} is empty (0 bytes). Copy or download it again.")
    except PermissionError:
        raise VideoError(f"No permission to read {path}. Change its permissions, or copy it elsewhere.") from None
    except OSError as error:
        raise VideoError(f"{path} cannot be read ({error.strerror}). Check the disk, or copy it again.") from None
    try:
        return open_input(path)
    except (av.FFmpegError, ValueError, UnicodeError):
        raise VideoError(
            f"{path} cannot be opened as a video: it is damaged, incomplete or not a video. Copy it again, or "
            "convert it to MP4 (H.264)."
        ) from None


def _video_stream(container: InputContainer, path: Path) -> VideoStream:
    # A song's cover is no video.
    moving = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    if not moving or container.format.name in _DRAWN_TEXT:
        raise VideoError(f"{path} has no video stream. Name a video file.")
    best = container.streams.best("video")
    stream = best if isinstance(best, VideoStream) and best in moving else moving[0]
    if stream.codec_context is None:
        raise VideoError(f"{path} uses an unsupported codec. Convert it to MP4 (H.264).")
    if stream.codec_context.codec_tag in _ENCRYPTED_TAGS:
        raise _encrypted(path)
    return stream


def _encrypted(path: Path) -> VideoError:
    return VideoError(f"{path} is encrypted. Decrypt it, or export it again without copy protection.")
