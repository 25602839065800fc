"""`python -m core.cluster.driver`: the process that drives Ray for a command, which starts it (`core.cluster.child`).

Ray ends a process whose head it has lost, prints what nobody asked for, and may wait for long: all that stays in here.
The `Job` comes on stdin, whose end means stop; what becomes of its videos goes to stdout, pickled one by one.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import BinaryIO

from core.base.errors import CarlError
from core.cluster.job import Broken, Connected, Ended, Job, Refused

_LOOK_SECONDS, _WITHOUT_NODES_SECONDS = 5.0, 60.0


def _drive(job: Job, out: BinaryIO) -> None:
    from core.cluster.pipeline import connect, plan_of, resources, stream  # Ray

    one_at_a_time = threading.Lock()

    def put(message: object) -> None:
        with one_at_a_time:
            pickle.dump(message, out, protocol=5)
            out.flush()

    try:
        connect(job.address)
        put(Connected(*resources()))
        plan = plan_of(job)
        threading.Thread(target=_watch_nodes, args=(put, plan.device == "cuda"), daemon=True).start()
        for result in stream(job, plan):
            put(result)
        put(Ended())
    except CarlError as error:
        put(Refused(str(error)))
    except Exception:  # noqa: BLE001 - the process begins here
        put(Broken(traceback.format_exc()))


def _watch_nodes(put: Callable[[object], None], on_gpu: bool) -> None:
    """Give up where the cluster has nothing left to compute with for a while: Ray would wait for ever."""
    from core.cluster.pipeline import resources

    left = _WITHOUT_NODES_SECONDS
    while left > 0:
        time.sleep(_LOOK_SECONDS)
        num_nodes, _, num_gpus = resources()
        left = _WITHOUT_NODES_SECONDS if (num_gpus if on_gpu else num_nodes) else left - _LOOK_SECONDS
    put(Refused(f"The cluster has no node with a {'GPU' if on_gpu else 'CPU'} left. Add one: ray start --address=HEAD"))


def _stop_at_the_end_of(pipe: BinaryIO) -> None:
    """Leave the cluster when the command ends, or asks for it."""
    pipe.read()
    import ray

    try:
        ray.shutdown()
    finally:
        os._exit(0)


def main() -> None:
    """Run the job that stdin holds."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what Ray prints goes into the log
    job: Job = pickle.load(sys.stdin.buffer)  # noqa: S301 - of our own command
    threading.Thread(target=_stop_at_the_end_of, args=(sys.stdin.buffer,), daemon=True).start()
    _drive(job, out)
    out.close()
    import ray

    ray.shutdown()
    os._exit(0)


if __name__ == "__main__":
    main()
