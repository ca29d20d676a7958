"""The network's parts: a linear head per level, whose scores add up along each path; needs torch.

Both branches score every node of the taxonomy: one from a text's words and its sentence vector, one from a sentence
encoder that learns along. Words are told apart by margins, sentences by a cross-entropy on every level.
"""

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csr_array

from trivec.learning.taxonomy.model import Heads
from trivec.learning.taxonomy.tree import Taxonomy
from trivec.records import Floats2d

Rows = NDArray[np.int64]  # (some of the examples,)


class LevelHeads(torch.nn.Module):
    """A linear head per level over a unit vector, side by side in one matrix.

    All start at zero, where every path is equally likely.

    Args:
        dimension: of the vectors.
        taxonomy: whose nodes are scored.
        gain: unit vectors are scaled by this; the larger, the faster the heads learn.
    """

    def __init__(self, dimension: int, taxonomy: Taxonomy, *, gain: float) -> None:
        super().__init__()
        self.gain = gain
        self.weights = torch.nn.Parameter(torch.zeros(dimension, len(taxonomy.labels)))
        self.biases = torch.nn.Parameter(torch.zeros(len(taxonomy.labels)))

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        """Node scores, level by level, shape (texts, nodes)."""
        return self.gain * vectors @ self.weights + self.biases

    def arrays(self) -> Heads:
        """As they serve."""
        weights = np.asarray(self.gain * self.weights.detach().numpy(), np.float32)
        return Heads(weights, self.biases.detach().numpy().copy())


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
        self.table = torch.nn.Parameter(torch.zeros(rows.shape[1], len(taxonomy.labels)))
        self.heads = LevelHeads(vectors.shape[1], taxonomy, gain=1.0)

    def forward(self, examples: Rows) -> torch.Tensor:
        """Node scores of some examples, shape (texts, nodes)."""
        some = self.rows[examples]
        columns, starts = (
            torch.from_numpy(some.indices.astype(np.int64)),
            torch.from_numpy(some.indptr.astype(np.int64)),
        )
        values = torch.from_numpy(some.data.astype(np.float32))
        words = torch.nn.functional.embedding_bag(
            columns, self.table, starts, mode="sum", per_sample_weights=values, include_last_offset=True
        )
        dense: torch.Tensor = self.heads(self.vectors[torch.from_numpy(examples)])
        return words + dense


class MarginLoss:
    """Squared hinge of every path against the rest, and the squared lengths of the weights.

    What a linear support vector machine minimises (Cortes & Vapnik, 1995; squared: Fan et al., 2008), with the weights
    of a node shared by all paths through it. On words it is well ahead of the softmax: .834 against .794 on questions.

    Args:
        taxonomy: whose paths they are.
        decay: weight of the squared lengths.
    """

    def __init__(self, taxonomy: Taxonomy, *, decay: float) -> None:
        self.ancestry = torch.from_numpy(taxonomy.ancestry.toarray().astype(np.float32))
        self.decay = decay

    def __call__(self, network: WordNetwork, examples: Rows, ends: torch.Tensor) -> torch.Tensor:
        """Mean over the texts."""
        scores = network(examples) @ self.ancestry.T
        sides = 2 * torch.nn.functional.one_hot(ends, scores.shape[1]) - 1
        hinge = torch.clamp(1 - sides * scores, min=0).square().sum(dim=1).mean()
        lengths = sum(weights.square().sum() for weights in network.parameters())
        return hinge + self.decay * lengths


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
