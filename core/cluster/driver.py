"""`python -m core.cluster.driver`: the process that drives Ray for a command, which starts it (`core.cluster.child`).

Ray ends a process whose head it has lost, prints what nobody asked for, and may wait for long: all that stays in here.
The `Job` comes on stdin, whose end means stop; what becomes of its videos goes to stdout, pickled one by one.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
import traceback
from typing import BinaryIO

from core.base.errors import CarlError
from core.cluster.job import Broken, Connected, Ended, Job, Refused


def _drive(job: Job, out: BinaryIO) -> None:
    from core.cluster.pipeline import connect, plan_of, resources, stream  # Ray

    def put(message: object) -> None:
        pickle.dump(message, out, protocol=5)
        out.flush()

    try:
        connect(job.address)
        put(Connected(*resources()))
        for result in stream(job, plan_of(job)):
            put(result)
        put(Ended())
    except CarlError as error:
        put(Refused(str(error)))
    except Exception:  # noqa: BLE001 - the process begins here
        put(Broken(traceback.format_exc()))


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
