"""Order of the videos within an epoch, for objectives that pair videos of one action."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def paired_order(actions: Sequence[int], size: int, repeats: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Return the videos of an epoch, batch after batch of `size`, each batch of one action, in random order.

    An action's last batch is filled up with videos of the same action, of which those that it has already come last. An
    action of one video is left out: it has no partner.

    Args:
        actions: of each video.
        repeats: how often each is shown.

    Returns:
        (N * size,) places of videos; empty where no action has two.
    """
    batches = list[NDArray[np.int64]]()
    for action in sorted(set(actions)):
        members = np.flatnonzero(np.asarray(actions) == action)
        if len(members) < 2:
            continue
        order = np.concatenate([generator.permutation(members) for _ in range(repeats)])
        for start in range(0, len(order), size):
            chosen = order[start : start + size]
            others = generator.permutation(np.setdiff1d(members, chosen))
            batches.append(np.concatenate((chosen, np.resize(np.concatenate((others, chosen)), size - len(chosen)))))
    if not batches:
        return np.empty(0, np.int64)
    return np.concatenate([batches[place] for place in generator.permutation(len(batches))])
