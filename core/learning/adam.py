"""Adam as torch has it, without torch's compiler."""

from __future__ import annotations

import inspect

import torch


class Adam(torch.optim.Adam):
    """Step as torch's own does, from a second and a half earlier on.

    torch wraps these methods, only to keep its compiler away from them: so the first call imports the compiler, which
    nothing here uses. The methods below are those that it wraps; `differentiable` is not for them.
    """

    add_param_group = inspect.unwrap(torch.optim.Adam.add_param_group)
    zero_grad = inspect.unwrap(torch.optim.Adam.zero_grad)
    state_dict = inspect.unwrap(torch.optim.Adam.state_dict)
    load_state_dict = inspect.unwrap(torch.optim.Adam.load_state_dict)
    step = torch.no_grad()(inspect.unwrap(torch.optim.Adam.step))
