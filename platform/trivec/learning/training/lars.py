"""LARS: layer-wise adaptive rates (You, Gitman & Ginsburg, 2017, "Large Batch Training of Convolutional Networks").

Each layer moves by a share of its own length, whatever the size of its gradient, so large batches and deep stacks of
unlike layers train at one rate.
"""

from collections.abc import Callable, Iterable
from typing import Any, overload

import torch
from torch.optim.optimizer import Optimizer


class Lars(Optimizer):
    """Momentum with a local rate per tensor (equation 6 and algorithm 1).

        local  = trust * |w| / (|g| + weight_decay * |w|)
        v      = momentum * v + rate * local * (g + weight_decay * w)
        w      = w - v

    By usual practice, biases, scales and normalisation parameters (tensors of fewer than two dimensions) take plain
    momentum steps of the group's rate, without decay. A tensor that is all zero has no length to take a share of: the
    equation would hold it there for ever, so the ratio of lengths counts as 1 and its local rate is `trust`.

    Args:
        params: tensors, or groups of them with their own `lr`, `weight_decay`, `momentum`, `trust`.
        lr: the rate; 1 moves a layer by `trust` of its length.
        momentum: 0 to 1.
        weight_decay: 0 or more.
        trust: the paper's coefficient eta.
    """

    def __init__(
        self,
        params: Iterable[torch.Tensor] | Iterable[dict[str, Any]],
        lr: float = 1.0,
        *,
        momentum: float = 0.9,
        weight_decay: float = 0.0,
        trust: float = 0.001,
    ) -> None:
        defaults = {"lr": lr, "momentum": momentum, "weight_decay": weight_decay, "trust": trust}
        super().__init__(params, defaults)

    @overload
    def step(self, closure: None = None) -> None: ...

    @overload
    def step(self, closure: Callable[[], float]) -> float: ...

    def step(self, closure: Callable[[], float] | None = None) -> float | None:
        """One update of every tensor that has a gradient."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        with torch.no_grad():
            for group in self.param_groups:
                for weights in group["params"]:
                    if weights.grad is not None:
                        self._move(weights, weights.grad, group)
        return loss

    def _move(self, weights: torch.Tensor, gradient: torch.Tensor, group: dict[str, Any]) -> None:
        rate = group["lr"]
        if weights.ndim > 1:
            decay = group["weight_decay"]
            rate = rate * _local_rate(weights, gradient, trust=group["trust"], weight_decay=decay)
            gradient = gradient + decay * weights
        state = self.state[weights]
        velocity = state.setdefault("velocity", torch.zeros_like(weights))
        velocity.mul_(group["momentum"]).add_(gradient * rate)
        weights.sub_(velocity)


def _local_rate(weights: torch.Tensor, gradient: torch.Tensor, *, trust: float, weight_decay: float) -> torch.Tensor:
    """Equation 6; `trust` where the weights or what moves them are all zero."""
    length = torch.linalg.vector_norm(weights)
    pull = torch.linalg.vector_norm(gradient) + weight_decay * length
    return trust * torch.where((length > 0) & (pull > 0), length / pull, torch.ones_like(length))
