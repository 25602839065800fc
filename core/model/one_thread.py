"""Threads that each compute on one processor core.

Networks for single frames are small: several threads that share the work of each layer wait for one another at its end,
and for long where other programs run too. So each piece of work has one thread, and as many pieces are in work as torch
may use threads. A piece's result is then the same to the bit, whatever the number of cores.
"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import torch


def one_thread_each(size: int, name: str) -> ThreadPoolExecutor:
    """Return an executor of `size` threads in each of which torch uses one; elsewhere it uses as many as before."""
    executor = ThreadPoolExecutor(size, thread_name_prefix=name)
    threads = torch.get_num_threads()
    all_there = threading.Barrier(size + 1)

    def start() -> None:
        torch.get_num_threads()  # a new thread takes the number of all when it is first asked, so not later
        torch.set_num_threads(1)
        all_there.wait()

    for _ in range(size):
        executor.submit(start)
    all_there.wait()
    torch.set_num_threads(threads)  # of threads that are new later, too
    return executor
