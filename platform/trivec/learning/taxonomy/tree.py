"""The taxonomy itself: root-to-leaf paths of any mix of depths in, numbered nodes and the sums along paths out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from trivec.errors import BadInput

Path = tuple[str, ...]  # root first
Floats = NDArray[np.float64]  # (texts, ends) or (texts, nodes)


@dataclass(frozen=True)
class Taxonomy:
    """Where a text can belong. An *end* is a node at which paths may stop: every leaf, and whatever else does.

    Attributes:
        labels: of the nodes, level by level, so parents stand before their children.
        parents: node above each node, -1 at the first level.
        ends: nodes at which paths may stop.
    """

    labels: tuple[str, ...]
    parents: tuple[int, ...]
    ends: tuple[int, ...]

    @classmethod
    def of(cls, paths: Iterable[Sequence[str]]) -> "Taxonomy":
        """The smallest taxonomy that holds these paths, in the same order whatever the order of the paths.

        Raises:
            BadInput: an empty path or label, a label with two parents, or a taxonomy with one end only.
        """
        ends = sorted({tuple(path) for path in paths})
        above = _parents(ends)
        labels = tuple(sorted(above, key=lambda label: (above[label][0], above[label][1], label)))
        rows = {label: row for row, label in enumerate(labels)}
        parents = tuple(rows[above[label][1]] if above[label][1] else -1 for label in labels)
        if len(ends) < 2:
            raise BadInput(f"there is nothing to tell apart: all examples have the path {ends[0] if ends else ()}")
        return cls(labels, parents, tuple(rows[path[-1]] for path in ends))

    @cached_property
    def depth(self) -> NDArray[np.int64]:
        """Level of each node, 0 at the top, shape (nodes,)."""
        depths: list[int] = []
        for parent in self.parents:
            depths.append(0 if parent < 0 else depths[parent] + 1)
        return np.array(depths, np.int64)

    @cached_property
    def levels(self) -> tuple[slice, ...]:
        """The nodes of each level."""
        borders = np.searchsorted(self.depth, np.arange(int(self.depth[-1]) + 2))
        return tuple(slice(int(a), int(b)) for a, b in pairwise(borders))

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """The path to each end."""
        return tuple(self.path(node) for node in self.ends)

    @cached_property
    def rows(self) -> Mapping[Path, int]:
        """Which end a path is."""
        return {path: row for row, path in enumerate(self.paths)}

    @cached_property
    def ancestry(self) -> csr_array:
        """1 where a node lies on the path to an end, shape (ends, nodes)."""
        pairs = [(row, node) for row, end in enumerate(self.ends) for node in self.line(end)]
        rows, nodes = np.array(pairs, np.int64).T
        return csr_array((np.ones(len(rows)), (rows, nodes)), shape=(len(self.ends), len(self.labels)))

    def line(self, node: int) -> list[int]:
        """The nodes from the first level down to a node."""
        found = [node]
        while (parent := self.parents[found[-1]]) >= 0:
            found.append(parent)
        return found[::-1]

    def path(self, node: int) -> Path:
        """The labels from the first level down to a node."""
        return tuple(self.labels[step] for step in self.line(node))

    def end(self, path: Sequence[str]) -> int:
        """Which end a path is.

        Raises:
            BadInput: it is not one of this taxonomy's.
        """
        if (row := self.rows.get(tuple(path))) is not None:
            return row
        strange = [label for label in path if label not in self.labels]
        what = f"label {strange[0]!r} is not in this taxonomy" if strange else f"no path of this taxonomy is {path!r}"
        raise BadInput(f"{what}: train with examples of it first; known are {', '.join(map('/'.join, self.paths[:5]))}")

    def path_scores(self, node_scores: Floats) -> Floats:
        """Each end's score: the sum over the nodes on its path; shape (texts, ends)."""
        return np.asarray(node_scores @ self.ancestry.T, np.float64)

    def node_probabilities(self, end_probabilities: Floats) -> Floats:
        """Each node's probability: that of all ends at or below it, so no child is likelier than its parent."""
        return np.minimum(np.asarray(end_probabilities @ self.ancestry, np.float64), 1.0)


def _parents(paths: Sequence[Path]) -> dict[str, tuple[int, str]]:
    """Level and parent of every label."""
    above: dict[str, tuple[int, str]] = {}
    for path in paths:
        if not path or not all(label.strip() for label in path):
            raise BadInput(f"path {path!r} has no label, or an empty one: give every example a root-to-leaf path")
        for level, label in enumerate(path):
            place = (level, path[level - 1] if level else "")
            if (known := above.setdefault(label, place)) != place:
                where = " and ".join(f"under {parent!r}" if parent else "at the top" for _, parent in (known, place))
                raise BadInput(
                    f"label {label!r} stands {where}: a label has one place; rename one, as in 'parent/label'"
                )
    return above
