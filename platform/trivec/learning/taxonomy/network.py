"""The networks: a linear head per level, whose scores add up along each path; needs torch.

Both branches score every node of the taxonomy: one from a text's words and its sentence vector, one from a sentence
encoder that learns along. The loss is a cross-entropy on every level.
"""

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array

from trivec.learning.taxonomy.model import GAIN
from trivec.learning.taxonomy.tree import Taxonomy
from trivec.records import Floats2d

Floats = NDArray[np.float32]


class LevelHeads(torch.nn.Module):
    """A linear head per level over a unit vector; all start at zero, where every path is equally likely."""

    def __init__(self, dimension: int, taxonomy: Taxonomy) -> None:
        super().__init__()
        widths = [level.stop - level.start for level in taxonomy.levels]
        self.levels = torch.nn.ModuleList(torch.nn.Linear(dimension, width) for width in widths)
        for parameter in self.parameters():
            torch.nn.init.zeros_(parameter)

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        """Node scores, level by level, shape (texts, nodes)."""
        return torch.cat([head(GAIN * vectors) for head in self.levels], dim=1)

    def arrays(self) -> tuple[Floats, Floats]:
        """Weights, shape (dimension, nodes), and biases, shape (nodes,)."""
        weights = torch.cat([head.weight for head in self.levels]).detach().numpy().T
        return np.ascontiguousarray(weights), torch.cat([head.bias for head in self.levels]).detach().numpy()


class WordNetwork(torch.nn.Module):
    """Level heads over words and sentence vector.

    Args:
        rows: lexical features of all examples, shape (examples, features).
        vectors: sentence vectors of all examples, shape (examples, dimension).
        taxonomy: whose nodes are scored.
    """

    def __init__(self, rows: csr_array, vectors: Floats2d, taxonomy: Taxonomy) -> None:
        super().__init__()
        self.rows, self.vectors = rows, torch.from_numpy(vectors)
        widths = [level.stop - level.start for level in taxonomy.levels]
        self.tables = torch.nn.ModuleList(
            torch.nn.EmbeddingBag(rows.shape[1], width, mode="sum", _weight=torch.zeros(rows.shape[1], width))
            for width in widths
        )
        self.heads = LevelHeads(vectors.shape[1], taxonomy)

    def forward(self, examples: NDArray[np.int64]) -> torch.Tensor:
        """Node scores of some examples, shape (texts, nodes)."""
        some = self.rows[examples]
        columns, starts = (
            torch.from_numpy(some.indices.astype(np.int64)),
            torch.from_numpy(some.indptr[:-1].astype(np.int64)),
        )
        values = torch.from_numpy(some.data.astype(np.float32))
        words = [table(columns, starts, per_sample_weights=values) for table in self.tables]
        dense: torch.Tensor = self.heads(self.vectors[torch.from_numpy(examples)])
        return torch.cat(words, dim=1) + dense

    def table(self) -> Floats:
        """What each feature adds to each node, shape (features, nodes)."""
        return torch.cat([table.weight for table in self.tables], dim=1).detach().numpy()


class PathLoss:
    """Cross-entropy of the path's end, and of each node above it at the weight of an upper level.

    Args:
        taxonomy: whose paths they are.
        upper: weight of each upper level.
    """

    def __init__(self, taxonomy: Taxonomy, *, upper: float) -> None:
        self.ancestry = torch.from_numpy(taxonomy.ancestry.toarray().astype(np.float32))
        self.above = self.ancestry.clone()
        self.above[torch.arange(len(taxonomy.ends)), torch.tensor(taxonomy.ends)] = 0
        self.upper = upper

    def __call__(self, node_scores: torch.Tensor, ends: torch.Tensor) -> torch.Tensor:
        """Mean over the texts."""
        logs = torch.log_softmax(node_scores @ self.ancestry.T, dim=1)
        loss = torch.nn.functional.nll_loss(logs, ends)
        if self.upper and bool(self.above.any()):
            nodes = torch.log((logs.exp() @ self.ancestry).clamp(min=1e-9))
            loss = loss - self.upper * (self.above[ends] * nodes).sum(dim=1).mean()
        return loss

    def end_only(self, node_scores: torch.Tensor, ends: torch.Tensor) -> float:
        """Mean cross-entropy of the paths' ends alone, what training is judged by."""
        return float(torch.nn.functional.cross_entropy(node_scores @ self.ancestry.T, ends))


def copies(arrays: Mapping[str, Floats]) -> dict[str, Floats]:
    """Arrays that do not change with the network they come from."""
    return {name: np.array(array, np.float32) for name, array in arrays.items()}
