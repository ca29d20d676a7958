"""Fused, before a network is trained: the weighted concatenation of the other vectors.

Unit parts in, one unit vector out. The weights are the best of those measured without labels on small collections:
word2vec 0.5 : glove 0.25 : bert 1 (mean nDCG@10 .575, bert alone .544).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from trivec.encoders.base import EncoderSpec
from trivec.encoders.rows import checked_part, unit_rows
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

    def fuse(
        self, texts: Sequence[AnalysedText], parts: Mapping[str, TextVectors], *, question: bool = False
    ) -> DenseVectors:
        """One unit vector per text, documents and questions alike; missing only where every part is."""
        values = np.zeros((len(texts), self.spec.dimension), np.float32)
        present = np.zeros(len(texts), np.bool_)
        ends = list(accumulate(self._dimension(name) for name in self.spec.parts))
        for name, end in zip(self.spec.parts, ends, strict=True):
            part = parts.get(name)
            if part is None:
                continue
            block = checked_part(part, name=name, of=self.spec.name, shape=(len(texts), self._dimension(name)))
            values[:, end - self._dimension(name) : end] = block.values * block.present[:, None] * self._weight(name)
            present |= block.present
        return unit_rows(values, present=present)

    def _dimension(self, name: str) -> int:
        return int(self.spec.options[f"dimension.{name}"])

    def _weight(self, name: str) -> np.float32:
        return np.float32(self.spec.options.get(f"weight.{name}", 1.0))
