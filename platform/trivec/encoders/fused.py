"""Fused, before a network is trained: the weighted concatenation of the other vectors.

Unit parts in, one unit vector out. The weights are the best of those measured without labels on small collections:
word2vec 0.5 : glove 0.25 : bert 1 (mean nDCG@10 .575, bert alone .544).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from trivec.encoders.base import EncoderSpec
from trivec.encoders.rows import unit_rows
from trivec.errors import BadInput
from trivec.records import AnalysedText, DenseVectors, TextVectors

WEIGHTS = {"word2vec": 0.5, "glove": 0.25, "bert": 1.0}


def spec(parts: Sequence[EncoderSpec], *, name: str = "fused") -> EncoderSpec:
    """Describe the concatenation of these encoders; the weights travel in the options as `weight.NAME`."""
    return EncoderSpec(
        name=name,
        family="concat",
        kind="dense",
        dimension=sum(part.dimension for part in parts),
        options={f"weight.{part.name}": WEIGHTS.get(part.name, 1.0) for part in parts}
        | {f"dimension.{part.name}": part.dimension for part in parts},
        parts=tuple(part.name for part in parts),
        licence="",
    )


@dataclass(frozen=True)
class Concatenation:
    """Each part times its weight, side by side, scaled to unit length; a missing part is a block of zeros.

    Two texts that both have all parts score the weighted mean of their parts' cosines, with squared weights.
    """

    spec: EncoderSpec

    def fuse(self, texts: Sequence[AnalysedText], parts: Mapping[str, TextVectors]) -> DenseVectors:
        """One unit vector per text; missing only where every part is."""
        values = np.zeros((len(texts), self.spec.dimension), np.float32)
        present = np.zeros(len(texts), np.bool_)
        ends = list(accumulate(self._dimension(name) for name in self.spec.parts))
        for name, end in zip(self.spec.parts, ends, strict=True):
            part = parts.get(name)
            if part is None:
                continue
            block = self._checked(name, part, texts=len(texts))
            values[:, end - self._dimension(name) : end] = block.values * block.present[:, None] * self._weight(name)
            present |= block.present
        return unit_rows(values, present=present)

    def _dimension(self, name: str) -> int:
        return int(self.spec.options[f"dimension.{name}"])

    def _weight(self, name: str) -> np.float32:
        return np.float32(self.spec.options.get(f"weight.{name}", 1.0))

    def _checked(self, name: str, part: TextVectors, *, texts: int) -> DenseVectors:
        shape = (texts, self._dimension(name))
        if not isinstance(part, DenseVectors) or part.values.shape != shape:
            got = part.values.shape if isinstance(part, DenseVectors) else "a sparse one"
            raise BadInput(f"{self.spec.name!r} wants part {name!r} of shape {shape}, got {got}")
        return part
