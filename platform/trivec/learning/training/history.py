"""What a training went through, epoch by epoch, and whether it is over."""

from dataclasses import dataclass
from typing import Literal

from trivec.errors import BadInput

Stop = Literal["", "epochs", "patience", "guard"]


@dataclass(frozen=True)
class Stopping:
    """When to stop.

    Attributes:
        epochs: most passes over the data.
        patience: epochs in a row that may pass without a better held-out score; 0 for as many as there are.
        guard: how far the held-out score may fall below the best so far (the untrained network's included) before the
            training is broken off at once; None for any distance.
    """

    epochs: int = 8
    patience: int = 0
    guard: float | None = None

    def __post_init__(self) -> None:
        if self.epochs < 1 or self.patience < 0 or (self.guard is not None and self.guard < 0):
            raise BadInput(f"{self}: give at least one epoch, and no negative patience or guard")


@dataclass(frozen=True)
class History:
    """The curves of a training.

    Attributes:
        losses: mean loss over the batches of each epoch.
        scores: held-out score, higher is better: first the untrained network's, then one after each epoch.
    """

    losses: tuple[float, ...] = ()
    scores: tuple[float, ...] = ()

    @property
    def best_epoch(self) -> int:
        """The epoch with the best held-out score, 0 for the untrained network; the earliest of equals."""
        return self.scores.index(max(self.scores))

    @property
    def best_score(self) -> float:
        """The score of the weights that are kept."""
        return max(self.scores)

    def over(self, stopping: Stopping) -> Stop:
        """Why the training ends here; "" if it goes on."""
        if stopping.guard is not None and self.scores[-1] < self.best_score - stopping.guard:
            return "guard"
        if stopping.patience and len(self.losses) - self.best_epoch >= stopping.patience:
            return "patience"
        return "epochs" if len(self.losses) >= stopping.epochs else ""
