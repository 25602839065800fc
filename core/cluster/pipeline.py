"""Videos -> stored frames -> embeddings by Ray Data: decoding on CPUs, and a pool of encoders, one a GPU or a node.

A block holds one video. A task is not repeated by Ray: what is lost with a worker or a node does not come out, and
whoever runs the pipeline gives it another one. So a video that kills its worker cannot hold up the others.
"""

from __future__ import annotations

import logging
import pickle
import platform
import traceback
import warnings
from collections.abc import Iterator
from typing import Any

import ray
import ray.data
import ray.exceptions

from core.base.errors import CarlError, ConfigError, VideoError
from core.cluster.job import AUTO, Broken, Job, Refused
from core.cluster.stages import (
    Decoded,
    Embedded,
    Encoder,
    Plan,
    decode,
    num_threads,
    read_encoder,
)

Row = dict[str, Any]
"""Bytes by name, which Ray moves without a look at them: `made` a pickled result, `files` a video's frames."""

_DECODE_CPUS, _ENCODE_CPUS = 0.5, 0.1
"""Two videos a core, so that one is fetched while the other is decoded. Little for an encoder, which takes all cores:
else encoders would fill small nodes and leave nothing to decode with. Unlike numbers also keep Ray Data from running
both stages in one process."""
_MOST_FRAME_BYTES = 256_000_000
_PARTS_OF_STORE = 8
"""A video's frames take at most so much of a node's object store, shared by its cores."""


def connect(address: str) -> None:
    """Join a cluster, or start one here. ConfigError: it cannot be reached."""
    warnings.filterwarnings("ignore", category=DeprecationWarning)
    try:
        # Without an address Ray joins what runs here, or what RAY_ADDRESS names, or else starts.
        at = None if address == AUTO else address
        ray.init(at, log_to_driver=False, logging_level=logging.ERROR, include_dashboard=False)
    except (ray.exceptions.RayError, RuntimeError, ValueError, OSError) as error:
        reason = str(error).strip().partition("\n")[0].rstrip(".")
        raise ConfigError(
            f"No Ray cluster can be joined at {address} from here ({reason}). Check that this computer is a node of "
            f"it (ray start --address={address}) and has its token (~/.ray/auth_token)."
        ) from error


def resources() -> tuple[int, int, int]:
    """Return nodes, CPUs and GPUs of the cluster; nodes without either do not count."""
    alive = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    working = [found for found in alive if found.get("CPU", 0) >= _DECODE_CPUS or found.get("GPU", 0) >= 1]
    return len(working), int(sum(one.get("CPU", 0) for one in working)), int(sum(one.get("GPU", 0) for one in working))


def plan_of(job: Job) -> Plan:
    """Return what the workers of this cluster are to know.

    Raises:
        ConfigError: CUDA is asked for, and the cluster has no GPU.
        CheckpointError: the encoder cannot be read.
    """
    from core.model.checkpoint import config_of, read_card

    _, _, num_gpus = resources()
    if job.device == "cuda" and not num_gpus:
        raise ConfigError("--device cuda: the cluster has no GPU. Use --device auto or cpu.")
    people = job.people
    stores = [
        node["Resources"].get("object_store_memory", 0) / max(node["Resources"].get("CPU", 1), 1)
        for node in ray.nodes()
        if node["Alive"]
    ]
    return Plan(
        read_encoder(job.encoder),
        job.encoder_digest,
        job.frames,
        config_of(read_card(job.encoder), job.encoder).frames.short_side,
        "cuda" if num_gpus and job.device != "cpu" else "cpu",
        num_threads(),
        (people.suffix, people.read_bytes()) if people else None,
        job.most_frame_bytes or int(min(_MOST_FRAME_BYTES, *(store / _PARTS_OF_STORE for store in stores))),
        job.held,
    )


def stream(job: Job, plan: Plan) -> Iterator[Decoded | Embedded | Refused | Broken]:
    """Yield what becomes of the videos, in any order; of those that are lost with a worker nothing.

    A `Decoded` is one that needs no embedding.
    """
    _quieten()
    nodes, _, num_gpus = resources()
    on_gpu = plan.device == "cuda"
    rows = [{"made": pickle.dumps(source), "files": b""} for source in job.sources]
    shared = ray.put(plan)  # workers map its arrays, and copy none
    embedded = (
        ray.data.from_items(rows, override_num_blocks=len(rows))
        .map(_decode, fn_args=[shared], num_cpus=_DECODE_CPUS, max_retries=0)
        .map(
            _Encode,
            fn_constructor_args=[shared],
            compute=ray.data.ActorPoolStrategy(min_size=1, max_size=num_gpus if on_gpu else nodes),
            num_cpus=_ENCODE_CPUS,
            num_gpus=1 if on_gpu else None,
            max_task_retries=0,
        )
    )
    for row in embedded.iter_rows():
        yield pickle.loads(row["made"])  # noqa: S301 - of our own workers


def _quieten() -> None:
    """Leave progress to us, and let what is lost with a worker not end the work."""
    context = ray.data.DataContext.get_current()
    context.enable_progress_bars = False
    context.print_on_execution_start = False
    context.max_errored_blocks = -1
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)


def _decode(row: Row, shared: Any) -> Row:
    source = pickle.loads(row["made"])  # noqa: S301
    try:
        made, files = decode(source, _plan(shared))
        return {"made": pickle.dumps(made), "files": pickle.dumps(files)}
    except Exception:  # noqa: BLE001 - the process begins here
        return {"made": pickle.dumps(Broken(traceback.format_exc())), "files": b""}


class _Encode:
    """An actor: loads the encoder once."""

    def __init__(self, shared: Any) -> None:
        self._plan = _plan(shared)
        self._encoder: Encoder | None = None

    def __call__(self, row: Row) -> Row:
        made = pickle.loads(row["made"])  # noqa: S301
        if isinstance(made, Decoded) and not (made.is_held or made.refused or made.failed):
            made = self._embed(made, row)
        return {"made": pickle.dumps(made)}

    def _embed(self, made: Decoded, row: Row) -> Decoded | Embedded | Refused | Broken:
        try:
            self._encoder = self._encoder or Encoder(self._plan)
            return self._encoder.embed(made, pickle.loads(row["files"]))  # noqa: S301
        except VideoError as error:
            return Decoded(made.source, refused=str(error))
        except CarlError as error:
            return Refused(f"{platform.node()}: {error}")
        except Exception:  # noqa: BLE001 - the process begins here
            return Broken(traceback.format_exc())


_PLANS: dict[Any, Plan] = {}


def _plan(shared: Any) -> Plan:
    """Return the plan that the driver shares, fetched once a process."""
    if shared not in _PLANS:
        _PLANS.clear()
        _PLANS[shared] = ray.get(shared)
    return _PLANS[shared]
