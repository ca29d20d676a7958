"""What a fusion network looks like, as plain values; needs no torch."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from itertools import accumulate
from typing import Any

from trivec.encoders.term_table import Signs
from trivec.errors import BadInput, Broken


@dataclass(frozen=True)
class SourceOptions:
    """A named vector that goes in.

    Attributes:
        name: of the vector, as in the generation's specs.
        dimension: of the vector.
        weight: learnable scale's start, above 0; two texts that have all sources start at the mean of the sources'
            cosines, weighted by the squares of these.
    """

    name: str
    dimension: int
    weight: float = 1.0


@dataclass(frozen=True)
class TermOptions:
    """The term side: a trainable table of stem vectors, summed per text.

    Attributes:
        words: rows of the table.
        dimension: columns of the table.
        weight: learnable scale's start, above 0.
        signs: which columns start as random signs, for stems that have no row.
    """

    words: int
    dimension: int
    weight: float = 0.8
    signs: Signs = field(default_factory=Signs)


@dataclass(frozen=True)
class FusionOptions:
    """The architecture.

    Attributes:
        sources: the named vectors that go in, in the order in which they stand in the concatenation.
        terms: the term side, which stands last; None for none.
        hidden: widths of the dense layers of the residual path; none for no such path.
        dropout: share of the dense layers' units dropped in training, 0 to below 1.
        source_dropout: share of sources dropped from a text in training, 0 to below 1; never all of them.
        output: dimension of the fused vector; 0 for that of the concatenation.
        seed: of whatever starts at random.
    """

    sources: tuple[SourceOptions, ...]
    terms: TermOptions | None = None
    hidden: tuple[int, ...] = ()
    dropout: float = 0.1
    source_dropout: float = 0.15
    output: int = 0
    seed: int = 1

    def __post_init__(self) -> None:
        names = [source.name for source in self.sources]
        if len(set(names)) < len(names) or not (names or self.terms):
            raise BadInput(f"a fusion of {names}: give each source once, and at least one source or the term side")
        sizes = [*(source.dimension for source in self.sources), *([self.terms.dimension] if self.terms else [])]
        weights = [*(source.weight for source in self.sources), *([self.terms.weight] if self.terms else [])]
        if min(*sizes, *self.hidden, 1) < 1 or min(*weights, 1) <= 0 or self.output < 0:
            raise BadInput(f"a fusion with dimensions {sizes}, weights {weights}, hidden {self.hidden}: all above 0")
        if not (0 <= self.dropout < 1 and 0 <= self.source_dropout < 1):
            raise BadInput(f"dropout {self.dropout} and source dropout {self.source_dropout}: from 0 to below 1")

    @property
    def inner(self) -> int:
        """Dimension of the concatenation."""
        return sum(source.dimension for source in self.sources) + (self.terms.dimension if self.terms else 0)

    @property
    def dimension(self) -> int:
        """Dimension of the fused vector."""
        return self.output or self.inner

    @property
    def blocks(self) -> dict[str, slice]:
        """Where each source (and `terms`) stands in the concatenation."""
        sizes = {source.name: source.dimension for source in self.sources}
        sizes |= {"terms": self.terms.dimension} if self.terms else {}
        ends = accumulate(sizes.values())
        return {name: slice(end - size, end) for (name, size), end in zip(sizes.items(), ends, strict=True)}

    def as_dict(self) -> dict[str, Any]:
        """Plain values, ready for JSON."""
        return {**asdict(self), "sources": [asdict(source) for source in self.sources], "hidden": list(self.hidden)}

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "FusionOptions":
        """The options that `as_dict` described.

        Raises:
            Broken: a key is missing or unknown.
        """
        try:
            terms = values.get("terms")
            return cls(
                **{
                    **values,
                    "sources": tuple(SourceOptions(**source) for source in values["sources"]),
                    "hidden": tuple(values.get("hidden", ())),
                    "terms": TermOptions(**{**terms, "signs": Signs(**terms["signs"])}) if terms else None,
                }
            )
        except (TypeError, KeyError) as error:
            raise Broken(f"stored fusion options {dict(values)!r} cannot be read: {error}") from error
