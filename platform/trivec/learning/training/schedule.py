"""How fast to learn when: a linear warm-up, then half a cosine down. Each group of parameters keeps its own peak."""

import math
from dataclasses import dataclass

from torch.optim.optimizer import Optimizer

from trivec.errors import BadInput


@dataclass(frozen=True)
class Schedule:
    """Rates over a training, as a share of each group's peak.

    Stateless: the rate depends on how much of the training is done and on nothing else, so a resumed training needs
    no more than its epoch.

    Attributes:
        warmup: share of the training in which the rate rises from 0 to the peak, 0 to 1.
        floor: share of the peak where the cosine ends; 1 keeps the rate constant after the warm-up.
    """

    warmup: float = 0.1
    floor: float = 0.0

    def __post_init__(self) -> None:
        if not (0 <= self.warmup < 1 and 0 <= self.floor <= 1):
            raise BadInput(f"a warm-up of {self.warmup} and a floor of {self.floor}: give shares between 0 and 1")

    def factor(self, done: float) -> float:
        """The share of the peak when this much of the training is done, both 0 to 1.

        >>> [round(Schedule(warmup=0.5).factor(done), 3) for done in (0, 0.25, 0.5, 0.75, 1)]
        [0.0, 0.5, 1.0, 0.5, 0.0]
        """
        if done < self.warmup:
            return done / self.warmup
        falling = (done - self.warmup) / (1 - self.warmup)
        return self.floor + (1 - self.floor) * 0.5 * (1 + math.cos(math.pi * falling))

    def apply(self, optimiser: Optimizer, done: float) -> None:
        """Set the rate of every group of an optimiser; its peak is what the group was made with."""
        for group in optimiser.param_groups:
            group["lr"] = group.setdefault("initial_lr", group["lr"]) * self.factor(done)
