"""Embed videos on a cluster into a packed folder: each once, whatever happens to workers, nodes and the head."""

from __future__ import annotations

import importlib.util
import os
import socket
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from core.base.control import Control
from core.base.errors import ClusterError, ConfigError, VideoError
from core.base.events import Notice, Sink, ignore
from core.base.files import content_digest
from core.base.listing import count_noun
from core.base.progress import Meter
from core.cluster.child import Child
from core.cluster.job import AUTO, LOCAL, Broken, Connected, Ended, Job, Refused
from core.cluster.out_folder import open_out
from core.cluster.sources import INSTALL, Source, find_sources
from core.cluster.stages import Decoded, Embedded, as_keys
from core.embedding.embedded_video import encoder_path
from core.embedding.folder import is_packed
from core.embedding.library import follows_people
from core.embedding.packed import PackedVideos
from core.embedding.packing import PackedWriter
from core.settings.config import FramesConfig

_MOST_AT_ONCE = 10_000
"""Videos that are given to Ray at once, which keeps something of each."""
_MOST_LOSSES = 5
"""A video that is lost with its worker so often is left out: it may be what kills them."""
_MOST_BREAKDOWNS = 2
"""Times in a row that all of Ray is lost before any video is embedded."""
_HERE = ("", AUTO, LOCAL)
_PROBE_SECONDS, _START_SECONDS = 5.0, 90.0


class ClusterEmbedding:
    """One run.

    Args:
        inputs: as of `core.cluster.sources.find_sources`.
        encoder: its file, or the folder of its run.
        out: a packed folder, made if it is missing, or its URL.
        address: `auto`, or host and port of the head of a running cluster.
        most_frame_bytes: of a video that goes from node to node; 0: what their object stores allow.
    """

    def __init__(
        self,
        inputs: Sequence[Path],
        encoder: Path,
        out: Path,
        address: str = AUTO,
        *,
        device: str = "auto",
        frames: FramesConfig | None = None,
        people: Path | None = None,
        precision: str = "float32",
        most_frame_bytes: int = 0,
        sink: Sink = ignore,
        control: Control | None = None,
    ) -> None:
        self._inputs, self._encoder, self._out, self._address = inputs, encoder_path(encoder), out, address
        self._device, self._frames, self._people = device, frames or FramesConfig(), people
        self._precision, self._most_frame_bytes = precision, most_frame_bytes
        self._sink, self._control = sink, control or Control()
        self._is_connected = False
        self._first_refusal = ""

    def run(self) -> None:
        """Embed what the folder does not hold yet.

        Raises:
            ConfigError: Ray is not installed, or there are no videos.
            ClusterError: the cluster cannot be reached, or was lost; what was embedded is kept.
            CheckpointError, StorageError: as `PackedWriter`; a node cannot use the encoder, or its disk is full.
            VideoError: no video is left.
            Stopped: asked to; what was embedded is kept.
        """
        check(self._address)
        sources = find_sources(self._inputs, self._sink)
        digest = content_digest(self._encoder)
        with open_out(self._out) as out, PackedWriter(out.folder, digest, self._precision) as writer:
            known = {} if self._people and follows_people(self._encoder) else _known(out.folder)
            todo = {one.name: one for one in sources if known.get(one.name, ("",))[1:] != one.state}
            meter = Meter(self._sink, "embed", len(sources), "video")
            meter.skip(len(sources) - len(todo))
            held = {one for one, *_ in known.values()}
            for result in self._each(todo, digest, held):
                if isinstance(result, Embedded) and not (out.is_elsewhere and writer.holds(result.digest)):
                    writer.add(result.video(digest), result.identity)
                meter.add()
                out.push_now_and_then()
            num_held = len(writer)
        if not num_held:
            raise VideoError(self._first_refusal or "No video could be embedded. Check the videos.")

    def _each(self, todo: dict[str, Source], digest: str, held: set[str]) -> Iterator[Decoded | Embedded]:
        """Yield what becomes of each video, once; what Ray loses is given to it again."""
        losses = Counter[str]()
        breakdowns = 0
        while todo:
            asked = list(todo.values())[:_MOST_AT_ONCE]
            job = Job(
                tuple(asked),
                self._encoder,
                digest,
                live_address(self._address),
                self._device,
                self._frames,
                self._people,
                as_keys(list(held)),
                self._most_frame_bytes,
            )
            is_whole = False
            before = len(todo)
            with Child(job) as child:
                for message in self._messages(child):
                    is_whole = isinstance(message, Ended)
                    if isinstance(message, Decoded | Embedded) and message.source.name in todo:
                        del todo[message.source.name]
                        held.add(message.digest)
                        self._note(message)
                        yield message
            is_left = self._control.paused or self._control.stop_requested
            self._control.obey()
            if is_left:
                continue
            if not self._is_connected:
                raise ClusterError(
                    f"No Ray cluster can be joined at {self._address}; {child.log} may say why. Check it: ray status"
                )
            if is_whole:
                losses.update(one.name for one in asked if one.name in todo)
                for name in [name for name in todo if losses[name] >= _MOST_LOSSES]:
                    yield self._give_up(todo.pop(name))
            breakdowns = 0 if is_whole or len(todo) < before else breakdowns + 1
            if breakdowns >= _MOST_BREAKDOWNS or not (is_whole or _answers(self._address)):
                raise ClusterError(
                    f"The Ray cluster at {self._address} was lost; {child.log} may say why. "
                    "What was embedded is kept. Run the same command again to resume."
                )

    def _messages(self, child: Child) -> Iterator[object]:
        """Yield what the driver says, but its failures. CarlError: one of them."""
        try:
            for message in child.messages(self._control, _START_SECONDS):
                match message:
                    case Refused(sentence):
                        raise ClusterError(sentence)
                    case Decoded(failed=sentence) if sentence:
                        raise ClusterError(sentence)
                    case Broken(trace):
                        raise RuntimeError(f"in the cluster:\n{trace}")
                    case Connected() if not self._is_connected:
                        self._is_connected = True
                        nodes, cpus, gpus = message.num_nodes, message.num_cpus, message.num_gpus
                        parts = [count_noun(nodes, "node"), count_noun(cpus, "CPU"), count_noun(gpus, "GPU")]
                        self._sink(Notice(f"Ray: {', '.join(parts)}."))
                yield message
        except TimeoutError as error:
            raise ClusterError(
                f"The Ray cluster at {self._address} does not answer within {_START_SECONDS:.0f} s; {child.log} may "
                "say why. Check it with: ray status"
            ) from error

    def _note(self, result: Decoded | Embedded) -> None:
        for notice in result.notices:
            self._sink(Notice(notice))
        if isinstance(result, Decoded) and result.refused:
            self._first_refusal = self._first_refusal or result.refused
            self._sink(Notice(f"Left out: {result.refused}"))

    def _give_up(self, source: Source) -> Decoded:
        refused = Decoded(
            source,
            refused=f"{source.name} was lost {_MOST_LOSSES} times with the worker that had it. Check the video, or run "
            "the same command again.",
        )
        self._note(refused)
        return refused


def live_address(address: str) -> str:
    """Return the address to connect to: a local cluster of its own where the one that Ray would join here is dead.

    Ray notes in a file which cluster runs on a computer. A head that was killed leaves the note, and Ray would try to
    join it until it gives up.
    """
    if address != AUTO or os.environ.get("RAY_ADDRESS"):
        return address
    temporary = os.environ.get("RAY_TMPDIR") or os.environ.get("TMPDIR") or tempfile.gettempdir()
    try:
        noted = (Path(temporary) / "ray" / "ray_current_cluster").read_text(encoding="utf-8").strip()
    except OSError:
        return address
    return address if not noted or _answers(noted) else LOCAL


def _answers(address: str) -> bool:
    try:
        check(address)
    except ClusterError:
        return False
    return True


def check(address: str) -> None:
    """Refuse early what cannot work.

    Raises:
        ConfigError: Ray is not installed, or the address is not one.
        ClusterError: nothing answers there.
    """
    if importlib.util.find_spec("ray") is None:
        raise ConfigError(f"--cluster needs Ray, which is not installed. Install it: {INSTALL}")
    address = os.environ.get("RAY_ADDRESS", "") if address == AUTO else address
    if address in _HERE:
        return
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdecimal() or int(port) >= 1 << 16:
        raise ConfigError(f"--cluster is auto or HOST:PORT of the head, such as 10.0.0.1:6379, not {address!r}.")
    try:
        socket.create_connection((host.strip("[]"), int(port)), _PROBE_SECONDS).close()
    except OSError as error:
        reason = error.strerror or "no answer"
        raise ClusterError(
            f"The head of the cluster at {address} cannot be reached ({reason}). Check the address, and that Ray runs "
            "there: ray start --head"
        ) from error


def _known(folder: Path) -> dict[str, tuple[str, int, int]]:
    """Return digest, size and time of change of the embedded videos, by name."""
    if not is_packed(folder):
        return {}
    entries = PackedVideos.open(folder).entries()
    return {one["path"]: (one["digest"], one.get("num_bytes", 0), one.get("modified_ns", 0)) for one in entries}
