"""Optimisers by name, and groups of parameters that each learn at their own rate; a group of rate 0 is frozen."""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch.optim.optimizer import Optimizer

from trivec.errors import BadInput
from trivec.learning.training.lars import Lars

Name = Literal["adamw", "rmsprop", "lars"]


@dataclass(frozen=True)
class Group:
    """Parameters that learn alike.

    Attributes:
        name: for messages.
        parameters: of the network, each in one group only.
        rate: highest learning rate, reached after the warm-up; 0 freezes the group. AdamW and RMSprop: 1e-5 to 3e-3;
            LARS: about 1.
        weight_decay: AdamW: this times the rate is taken off the weights at each step; others: added to the gradient.
    """

    name: str
    parameters: Sequence[torch.nn.Parameter]
    rate: float
    weight_decay: float = 0.0


def make(name: Name, groups: Sequence[Group], *, momentum: float = 0.9, trust: float = 0.02) -> Optimizer:
    """An optimiser of the groups that learn; frozen ones are left out.

    Args:
        name: `adamw` (Loshchilov & Hutter, 2019), `rmsprop` (Hinton, 2012) or `lars` (You, Gitman & Ginsburg, 2017).
        groups: with their rates.
        momentum: of LARS; the first beta of AdamW; RMSprop goes without.
        trust: LARS's coefficient, the share of its own length that a layer moves at rate 1.

    Raises:
        BadInput: an unknown name, a rate that is negative or no number, a parameter in two groups, nothing to learn.
    """
    _check(groups)
    learning = [
        {"params": list(group.parameters), "lr": group.rate, "weight_decay": group.weight_decay}
        for group in groups
        if group.rate and len(group.parameters)
    ]
    if not learning:
        raise BadInput(f"nothing to train: every group is frozen ({', '.join(group.name for group in groups)})")
    if name == "adamw":
        return torch.optim.AdamW(learning, betas=(momentum, 0.999))
    if name == "rmsprop":
        return torch.optim.RMSprop(learning)
    if name == "lars":
        return Lars(learning, momentum=momentum, trust=trust)
    raise BadInput(f"no optimiser {name!r}; choose one of {', '.join(get_args(Name))}")


@contextmanager
def frozen(model: torch.nn.Module, groups: Sequence[Group]) -> Iterator[None]:
    """Within the block, whatever of the model is in no group, or in one of rate 0, takes no gradient."""
    learning = {id(parameter) for group in groups if group.rate for parameter in group.parameters}
    wanted = [(parameter, parameter.requires_grad) for parameter in model.parameters()]
    try:
        for parameter, before in wanted:
            parameter.requires_grad_(before and id(parameter) in learning)
        yield
    finally:
        for parameter, before in wanted:
            parameter.requires_grad_(before)


def _check(groups: Sequence[Group]) -> None:
    seen: set[int] = set()
    for group in groups:
        if not (math.isfinite(group.rate) and group.rate >= 0):
            raise BadInput(f"group {group.name!r}: a rate of {group.rate} is no learning rate; 0 freezes the group")
        ids = [id(parameter) for parameter in group.parameters]
        if len(set(ids)) < len(ids) or not seen.isdisjoint(ids):
            raise BadInput(f"group {group.name!r} holds a parameter twice, or one that another group holds")
        seen.update(ids)
