"""How anomalies are learned: plain values."""

from dataclasses import dataclass


@dataclass(frozen=True)
class AnomalyOptions:
    """Settings that suit corpora of hundreds to millions of texts; none is meant for one corpus.

    Attributes:
        vector: the dense vector in which meaning is judged; others that are there are judged beside it and shown.
        detector: of the dense vectors, a name in `detectors.CATALOGUE`.
        neighbours: how many nearest normal texts a text is held against.
        reference: most texts that are learned from, drawn by chance; bounds the time that scoring takes.
        trim: leave out texts that are plainly odd, so that they do not shelter others like them.
        seed: of everything drawn by chance.
    """

    vector: str = "bert"
    detector: str = "relative"
    neighbours: int = 10
    reference: int = 16_384
    trim: bool = True
    seed: int = 1
