"""The question as vectors: encoded by the very encoders that wrote the generation which answers."""

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from threading import Lock
from typing import Protocol

from trivec.errors import BadQuery, Unavailable
from trivec.records import AnalysedText, TextVectors
from trivec.store.generation import Generation
from trivec.store.vectors import QueryVector, query_vectors

_BEST = ("fused", "bert")  # dense vectors, the best first
# Of the sparse vectors in a hybrid, chosen on cranfield, medline and cacm: a fused vector knows words already.
_SPARSE_SHARE = 0.4
_SPARSE_SHARE_BESIDE_FUSED = 0.3
_KEPT = 16  # generations whose encoders stay in memory; the models themselves are shared between them


class QueryEncoders(Protocol):
    """What is needed of an encoder set."""

    def encode_queries(
        self, texts: Sequence[AnalysedText], names: Sequence[str] | None = None
    ) -> Mapping[str, TextVectors]:
        """One vector per text and name."""
        ...


class QuestionVectors:
    """Encodes questions, keeping the encoders of each generation at hand.

    Args:
        build: the encoders of a generation.
    """

    def __init__(self, build: Callable[[Generation], QueryEncoders]) -> None:
        self._build = build
        self._kept: OrderedDict[tuple[str, object], QueryEncoders] = OrderedDict()
        self._lock = Lock()

    def encode(
        self, generation: Generation, text: AnalysedText, names: Sequence[str]
    ) -> tuple[dict[str, QueryVector], tuple[str, ...]]:
        """The question's vectors by name, and for each that is missing a sentence that says why."""
        encoded, problems = self._encoded(generation, text, names)
        vectors = query_vectors(encoded)
        unknown = [name for name in encoded if name not in vectors]
        problems += [f"{name}: it knows none of the question's words, so it was left out" for name in unknown]
        return {name: vectors[name] for name in names if name in vectors}, tuple(problems)

    def encoders(self, generation: Generation) -> QueryEncoders:
        """The encoders of a generation, built at most once while they are in use."""
        key = (generation.collection, generation.created_at)
        with self._lock:
            if key not in self._kept:
                self._kept[key] = self._build(generation)
            self._kept.move_to_end(key)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return self._kept[key]

    def _encoded(
        self, generation: Generation, text: AnalysedText, names: Sequence[str]
    ) -> tuple[dict[str, TextVectors], list[str]]:
        encoders = self.encoders(generation)
        try:
            return dict(encoders.encode_queries([text], names)), []
        except Unavailable as error:
            if len(names) == 1:
                return {}, [f"{names[0]}: {error}"]
        found: dict[str, TextVectors] = {}
        problems = []
        for name in names:  # one of them is down: the others may still answer
            try:
                found.update(encoders.encode_queries([text], [name]))
            except Unavailable as error:
                problems.append(f"{name}: {error}")
        return found, problems


def chosen(generation: Generation, using: Sequence[str] | None) -> tuple[str, ...]:
    """The vectors to ask: those named, or the best hybrid this generation has.

    Raises:
        BadQuery: a name that it does not have.
    """
    if using:
        unknown = [name for name in using if name not in generation.names]
        if unknown:
            raise BadQuery(
                f"corpus {generation.corpus!r} has no vectors {unknown}: choose among {list(generation.names)}"
            )
        return tuple(dict.fromkeys(using))
    sparse = [spec.name for spec in generation.specs if spec.kind == "sparse"][:1]
    dense = [spec.name for spec in generation.specs if spec.kind == "dense"]
    best = next((name for name in _BEST if name in dense), None)
    return (*sparse, best) if best else (*sparse, *dense[:1])


def default_weights(generation: Generation, names: Sequence[str]) -> dict[str, float]:
    """The best hybrid we measured without labels: a share for the sparse vectors, the rest for the dense."""
    specs = [spec for name in names if (spec := generation.spec(name))]
    sparse = [spec.name for spec in specs if spec.kind == "sparse"]
    dense = [name for name in names if name not in sparse]
    if not (sparse and dense):
        return dict.fromkeys(names, 1.0)
    share = _SPARSE_SHARE_BESIDE_FUSED if any(spec.parts for spec in specs) else _SPARSE_SHARE
    return dict.fromkeys(sparse, share / len(sparse)) | dict.fromkeys(dense, (1 - share) / len(dense))
