"""Labels as a second lesson: the fused vector of a labelled passage has to tell each level of its document's path."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

if TYPE_CHECKING:
    from trivec.learning.fusion.export import FusionModel
    from trivec.learning.fusion.recipe import FusionTraining

Rows = NDArray[np.int64]
_UNKNOWN = -1
_SHARPNESS = 10.0  # a cosine is too small for a softmax


class LabelHeads(nn.Module):
    """One linear layer per level of the label paths; cross-entropy is averaged over levels (hierarchical).

    Args:
        dimension: of the fused vector.
        targets: number of the label at each level, shape (passages, levels), -1 where a passage has none.
    """

    def __init__(self, dimension: int, targets: Rows, *, seed: int) -> None:
        super().__init__()
        self.targets = torch.from_numpy(targets)
        sizes = targets.max(axis=0) + 1
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.levels = nn.ModuleList(nn.Linear(dimension, int(size)) for size in sizes)

    @classmethod
    def of(
        cls, labels: Sequence[tuple[str, ...]], model: "FusionModel", training: "FusionTraining"
    ) -> "LabelHeads | None":
        """Heads for these labels; None where there are none or they are not to be learned."""
        depth = max(map(len, labels), default=0)
        if not (depth and training.label_weight):
            return None
        targets = np.full((len(labels), depth), _UNKNOWN, np.int64)
        for level in range(depth):
            names = sorted({path[: level + 1] for path in labels if len(path) > level})
            numbers = {name: number for number, name in enumerate(names)}
            for row, path in enumerate(labels):
                if len(path) > level:
                    targets[row, level] = numbers[path[: level + 1]]
        return cls(model.network.options.dimension, targets, seed=training.seed)

    def loss(self, fused: Tensor, rows: Rows) -> Tensor:
        """Mean cross-entropy over levels of the passages in `rows`, whose fused vectors are given in that order."""
        targets = self.targets[torch.from_numpy(rows)]
        losses = [
            functional.cross_entropy(head(_SHARPNESS * fused), targets[:, level], ignore_index=_UNKNOWN)
            for level, head in enumerate(self.levels)
            if (targets[:, level] != _UNKNOWN).any()
        ]
        return torch.stack(losses).mean() if losses else fused.sum() * 0
