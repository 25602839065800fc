"""Copies to a GPU that run beside its computing: from pinned memory, on a stream of their own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Protocol

import torch
from torch import Tensor


class Arrival(Protocol):
    """What was sent up to some moment."""

    def wait(self, *tensors: Tensor) -> None:
        """Let the device's work that follows in this thread wait until these tensors hold what was sent."""


class Uploader:
    """Sends tensors to a device from any number of threads. On a CPU everything is done at once.

    Everything sent goes one after the other on one stream, so that who waits for the last waits for all.
    """

    def __init__(self, device: torch.device) -> None:
        self.device = device
        self._stream = torch.cuda.Stream(device) if device.type == "cuda" else None  # type: ignore[no-untyped-call]

    @contextlib.contextmanager
    def beside(self) -> Iterator[None]:
        """Enqueue the device's work within the block beside that of other threads.

        Memory that is taken within it belongs to this stream: `Arrival.wait` lends it to another.
        """
        with contextlib.nullcontext() if self._stream is None else torch.cuda.stream(self._stream):
            yield

    def send(self, tensor: Tensor) -> Tensor:
        """Return the tensor on the device, within `beside`; the caller does not wait until it has arrived there."""
        if self._stream is None:
            return tensor.to(self.device)
        return tensor.pin_memory().to(self.device, non_blocking=True)

    def mark(self) -> Arrival | None:
        """Return what tells when all that was sent has arrived; None: it has."""
        return None if self._stream is None else _CudaArrival(self._stream)


class _CudaArrival:
    def __init__(self, stream: torch.cuda.Stream) -> None:
        self._event = stream.record_event()

    def wait(self, *tensors: Tensor) -> None:
        stream = torch.cuda.current_stream(tensors[0].device)
        stream.wait_event(self._event)
        for tensor in tensors:
            tensor.record_stream(stream)  # else its memory could be sent to again while it is read
