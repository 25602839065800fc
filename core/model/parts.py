"""Looking up between the smallest parts of a network while it works, forwards and backwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from torch import Tensor, nn


@contextmanager
def before_each_part(model: nn.Module, poll: Callable[[], None]) -> Iterator[None]:
    """Call `look` within the block before each module of `model` that holds no other, and before each one's gradient.

    What is computed is the same to the bit. What `look` raises ends the pass: of the gradients some are there then,
    and batch norms have told some of their statistics.

    Args:
        look: takes no time worth speaking of, or the pass waits for it. On a GPU it runs ahead of the work.
    """

    def forwards(module: nn.Module, inputs: object) -> None:
        poll()

    def backwards(gradients: object) -> None:
        poll()

    def prepare(module: nn.Module, inputs: object, output: object) -> None:
        if isinstance(output, Tensor) and output.grad_fn is not None:
            output.grad_fn.register_prehook(backwards)

    with ExitStack() as hooks:
        for part in model.modules():
            if next(part.children(), None) is None:
                hooks.callback(part.register_forward_pre_hook(forwards).remove)
                hooks.callback(part.register_forward_hook(prepare).remove)
        yield
