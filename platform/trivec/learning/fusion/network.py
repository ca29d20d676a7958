"""The fusion network: any subset of a text's named vectors and its weighted stems in, one unit vector out.

    source  -> x + x W -> unit -> times its scale --+
    source  -> x + x W -> unit -> times its scale --+-- side by side -> unit -> + dense layers -> (projection) -> unit
    stems   -> sum of table rows -> unit -> scale --+

Every W and the last dense layer start at zero, so the untrained network is the plain weighted concatenation. A missing
source is a block of zeros, in training and in service alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from trivec.encoders.rows import SHORTEST, checked_part
from trivec.encoders.term_table import Bags
from trivec.errors import BadInput
from trivec.learning.fusion.layers import dense_layers, dropped, only, output_projection, unit
from trivec.learning.fusion.options import FusionOptions
from trivec.records import DenseVectors, Floats2d, TextVectors


@dataclass(frozen=True)
class Inputs:
    """A batch of texts, as the network reads them.

    Attributes:
        sources: of each source in the options' order, shape (texts, its dimension); rows of missing ones are ignored.
        present: which sources a text has, shape (texts, sources); with a term side, that is the last column.
        terms: the term side's unit sums, shape (texts, table dimension); None if the network has no term side.
    """

    sources: Sequence[Tensor]
    present: Tensor
    terms: Tensor | None = None


class FusionNetwork(nn.Module):
    """See the module; deterministic for the seed in its options.

    Args:
        options: the architecture.
        table: the term side's start, shape (words, table dimension), copied; zeros if not given.
    """

    def __init__(self, options: FusionOptions, *, table: Floats2d | None = None) -> None:
        super().__init__()
        self.options = options
        weights = [source.weight for source in options.sources] + ([options.terms.weight] if options.terms else [])
        self.scales = nn.Parameter(torch.tensor(weights, dtype=torch.float32))
        self.changes = nn.ParameterList(torch.zeros(source.dimension, source.dimension) for source in options.sources)
        self.table = _table(options, table)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(options.seed)
            self.dense = dense_layers(options)
            self.projection = output_projection(options)

    def forward(self, inputs: Inputs, *, drop: bool = True) -> Tensor:
        """Unit vectors, shape (texts, dimension); a text without any source is all zeros.

        Args:
            inputs: the texts.
            drop: in training mode, whether these texts lose sources by chance; False spares them.
        """
        there = inputs.present
        if self.training and drop and self.options.source_dropout:
            there = dropped(there, self.options.source_dropout)
        fused = unit(torch.cat(self._blocks(inputs, there), dim=1))
        if self.dense is not None:
            fused = fused + self.dense(fused)
        if self.projection is not None:
            fused = self.projection(fused)
        return only(unit(fused), there.any(dim=1))

    def _blocks(self, inputs: Inputs, there: Tensor) -> list[Tensor]:
        """Each source as a unit vector times its scale, zeros where it is missing."""
        known = [only(values, there[:, number]) for number, values in enumerate(inputs.sources)]
        blocks = [unit(values + values @ change) for values, change in zip(known, self.changes, strict=True)]
        if inputs.terms is not None:
            blocks.append(only(inputs.terms, there[:, -1]))
        return [block * scale for block, scale in zip(blocks, self.scales, strict=True)]

    def inputs(self, parts: Mapping[str, TextVectors], bags: Bags | None = None) -> Inputs:
        """Named vectors of texts (and their weighted stems) as a batch; a source that is not among them is missing.

        Raises:
            BadInput: a part of another shape, nothing to read, or stems for a network without term side.
        """
        if bags is not None:
            count = int(bags.matrix.shape[0])
        elif lengths := [len(parts[source.name].present) for source in self.options.sources if source.name in parts]:
            count = lengths[0]
        else:
            raise BadInput(f"none of the sources {[source.name for source in self.options.sources]} is given")
        found = [
            _part(source.name, parts.get(source.name), (count, source.dimension)) for source in self.options.sources
        ]
        sources, present = [values for values, _ in found], [there for _, there in found]
        if self.options.terms is None:
            return Inputs(sources, torch.stack(present, dim=1))
        nothing = torch.zeros(count, self.options.terms.dimension)
        terms = nothing if bags is None else self.sum_terms(bags)
        has_terms = torch.linalg.vector_norm(terms.detach(), dim=1) > 0.5  # unit, or nothing
        return Inputs(sources, torch.stack([*present, has_terms], dim=1), terms)

    def sum_terms(self, bags: Bags) -> Tensor:
        """The term side of texts, unit or all zeros, shape (texts, table dimension); differentiable in the table.

        Stems without a row add their random signs, which nothing trains.
        """
        if self.table is None or self.options.terms is None:
            raise BadInput("this fusion network has no term side")
        words, known = self.options.terms.words, bags.matrix[:, : self.options.terms.words]
        sums: Tensor = self.table(
            torch.from_numpy(known.indices.astype(np.int64)),
            torch.from_numpy(known.indptr.astype(np.int64)),
            per_sample_weights=torch.from_numpy(known.data.astype(np.float32)),
        )
        if bags.strangers:
            rows = self.options.terms.signs.rows(bags.strangers, dimension=self.options.terms.dimension)
            sums = sums + torch.from_numpy(np.asarray(bags.matrix[:, words:] @ rows, np.float32))
        long_enough = torch.linalg.vector_norm(sums.detach(), dim=1) > SHORTEST
        return only(unit(sums), long_enough)

    def fuse(self, parts: Mapping[str, TextVectors], bags: Bags | None = None) -> DenseVectors:
        """Fused vectors as they will be served; leaves the network in evaluation mode."""
        self.eval()
        with torch.no_grad():
            values = self(self.inputs(parts, bags)).numpy()
        return DenseVectors(values, values.any(axis=1))

    def parameter_groups(self) -> dict[str, list[nn.Parameter]]:
        """All parameters by kind: `table`, `changes` (the W of the sources), `dense`, `projection`, `scales`."""
        kinds = {"table": self.table, "changes": self.changes, "dense": self.dense, "projection": self.projection}
        groups = {name: list(module.parameters()) for name, module in kinds.items() if module is not None}
        return groups | {"scales": [self.scales]}


def _table(options: FusionOptions, start: Floats2d | None) -> nn.EmbeddingBag | None:
    if options.terms is None:
        return None
    shape = (options.terms.words, options.terms.dimension)
    if start is not None and start.shape != shape:
        raise BadInput(f"a term table of shape {start.shape}, where the options say {shape}")
    values = torch.zeros(shape) if start is None else torch.tensor(start, dtype=torch.float32)
    return nn.EmbeddingBag.from_pretrained(values, freeze=False, mode="sum", include_last_offset=True)


def _part(name: str, part: TextVectors | None, shape: tuple[int, int]) -> tuple[Tensor, Tensor]:
    """A source's values and presence."""
    if part is None:
        return torch.zeros(shape), torch.zeros(shape[0], dtype=torch.bool)
    block = checked_part(part, name=name, of="the fusion network", shape=shape)
    values = np.require(block.values, np.float32, ["C", "W"])  # torch warns of arrays that it may not write to
    return torch.from_numpy(values), torch.from_numpy(np.require(block.present, np.bool_, ["W"]))
