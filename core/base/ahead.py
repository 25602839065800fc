"""Do work on items one after the other in threads, a limited number ahead of whoever takes the results."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, wait
from typing import TypeVar

from core.base.control import Control

_POLL_SECONDS = 0.1
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def run_ahead(
    function: Callable[[_Item], _Result],
    items: Iterable[_Item],
    executor: Executor,
    *,
    at_once: int,
    control: Control,
    workers: Control,
    poll: Callable[[], None] = lambda: None,
) -> Iterator[_Result]:
    """Yield `function(item)` of each item, in order; of at most `at_once` items there is work, or a result, at a time.

    Left before its end, however that comes, it stops `workers` and waits until nobody works.

    Args:
        executor: its threads do the work.
        control: of the caller; obeyed while waiting.
        workers: what `function` obeys: led by `control`, and stopped by the first error.
        poll: called while waiting, several times a second, in the caller's thread.

    Raises:
        Stopped: `control` asked for it.
        Exception: the first of what the calls raise, in the order of the items.
    """
    waiting: deque[Future[_Result]] = deque()

    def first() -> _Result:
        control.lead(workers)
        while wait([waiting[0]], timeout=_POLL_SECONDS).not_done:
            poll()
            control.lead(workers)
        poll()
        return waiting.popleft().result()

    try:
        for item in items:
            waiting.append(executor.submit(function, item))
            if len(waiting) >= at_once:
                yield first()
        while waiting:
            yield first()
    except BaseException:
        workers.stop()
        for future in waiting:
            future.cancel()
        wait(waiting)
        raise
