"""Several nodes of Ray on this computer, in a process of their own, whose parts can be killed.

python -m tests.core.cluster.ray_nodes: prints the head's address; then `add` on stdin starts a node, and prints its
raylet's id. The end of stdin ends them all.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

_STORE_BYTES = 150_000_000
_ENOUGH_SECONDS = 60


class RayNodes:
    """A head without CPUs, where the command runs, and nodes of one CPU each.

    Args:
        cache: the cache folder of the nodes, so that they share none with a run to compare with.
    """

    def __init__(self, count: int, cache: Path, log: Path, environment: dict[str, str] | None = None) -> None:
        self._log = log.open("wb")
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env={**os.environ, **(environment or {}), "CARL_CACHE": str(cache), "RAY_USAGE_STATS_ENABLED": "0"},
            start_new_session=True,
        )
        self.address = self._line()
        self.head = psutil.Process(int(self._line()))
        self.nodes: list[psutil.Process] = []
        """The raylet of each node."""
        for _ in range(count):
            self.add()

    def add(self) -> None:
        """Start a node."""
        assert self._process.stdin is not None
        print("add", file=self._process.stdin, flush=True)
        self.nodes.append(psutil.Process(int(self._line())))

    def kill_node(self, index: int) -> None:
        """Kill a raylet; its workers follow it."""
        self.nodes.pop(index).kill()

    def workers(self) -> list[psutil.Process]:
        """The processes of the nodes that run tasks, or wait for some."""
        return [child for node in self.nodes for child in children(node) if is_worker(child)]

    def _line(self) -> str:
        assert self._process.stdout is not None
        watchdog = threading.Timer(_ENOUGH_SECONDS, self._process.kill)
        watchdog.start()
        try:
            line = self._process.stdout.readline().strip()
        finally:
            watchdog.cancel()
        if not line:
            raise RuntimeError(f"Ray did not start: {Path(self._log.name).read_text(errors='replace')[-2000:]}")
        return line

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        below = children(psutil.Process(self._process.pid))
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()
        self._log.close()
        for child in below:
            if child.is_running():
                child.kill()


def children(process: psutil.Process) -> list[psutil.Process]:
    """All processes below one; none where it is gone."""
    try:
        found: list[psutil.Process] = process.children(recursive=True)
        return found
    except psutil.Error:
        return []


def is_worker(process: psutil.Process) -> bool:
    """Whether a process of Ray runs tasks of the pipeline."""
    try:
        name = process.name()
    except psutil.Error:
        return False
    return bool(name.startswith("ray::")) and not any(other in name for other in ("Agent", "RuntimeEnv", "Dashboard"))


def _serve() -> Iterator[str]:
    """Yield what is to be printed."""
    import ray._private.worker  # noqa: F401 - the cluster needs it
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 0, "object_store_memory": _STORE_BYTES, "include_dashboard": False}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    yield cluster.address
    yield str(cluster.head_node.all_processes["gcs_server"][0].process.pid)
    for line in sys.stdin:
        assert line == "add\n"
        node = cluster.add_node(num_cpus=1, object_store_memory=_STORE_BYTES)
        yield str(node.all_processes["raylet"][0].process.pid)


def main() -> None:
    """Serve until stdin ends, then end all that this has started."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in _serve():
        print(line, file=out, flush=True)
    for child in children(psutil.Process()):
        child.kill()
    os.kill(os.getpid(), signal.SIGKILL)  # Ray's own way out takes long where nodes were killed


if __name__ == "__main__":
    main()
